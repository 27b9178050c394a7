"""Nothing grows: connections, channels, threads and memory are back to where they were."""

from collections.abc import Mapping

# What a platform at rest may differ by from one measurement to the next: factor, and some more.
SLACK = {
    "broker connections": (1.0, 6.0),
    "broker channels": (1.1, 12.0),
    "database connections": (1.2, 15.0),
    "threads": (1.2, 20.0),
    "memory_mb": (1.5, 100.0),
}


def check(before: Mapping[str, float], after: Mapping[str, float]) -> list[str]:
    """Return what has grown beyond its slack."""
    return [
        f"{name} grew from {before[name]:.0f} to {after[name]:.0f}"
        for name, (factor, more) in SLACK.items()
        if after[name] > before[name] * factor + more
    ]
