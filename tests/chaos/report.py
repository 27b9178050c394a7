"""What a run says: its result as JSON, a summary for people, and RELIABILITY.md from results."""

import os
import platform
import statistics
import subprocess
import time
from typing import Any

from tests.chaos.stage import Stage
from tests.chaos.workload import Workload
from tests.running import ROOT

from crm_chassis import crashpoints


def result(
    stage: Stage, workload: Workload, *, seed: int, kind: str, began: float
) -> dict[str, Any]:
    """Return everything a run has to say."""
    tally, keeper, history = stage.tally, stage.keeper, stage.history
    recoveries = [seconds for _, seconds in tally.recoveries]
    absences = sorted(ended - since for _, since, ended in keeper.absences)
    return {
        "seed": seed,
        "kind": kind,
        "commit": commit(),
        "machine": machine(),
        "seconds": round(time.monotonic() - began),
        "faults": dict(sorted(tally.faults.items())),
        "skipped": tally.skipped,
        "kills": kills(stage),
        "kills_by_role": dict(sorted(keeper.kills.items())),
        "crash_points": dict(sorted(keeper.reached().items())),
        "server_kills": tally.server_kills,
        "requests": dict(history.counts),
        "acknowledged_versions": sum(c.version is not None for c in history.calls),
        "stories": dict(sorted(workload.stories.items())),
        "reads": workload.reads,
        "failed_reads": len(workload.failed_reads),
        "lost_with_backups": len(stage.losses.facts),
        "backup_age_seconds": _spread(stage.losses.ages()),
        "boot_seconds": round(stage.boot_seconds, 1),
        "recovery_seconds": _spread(recoveries),
        "role_away_seconds": _spread(absences),
        "role_end_seconds": _spread([seconds for _, seconds in keeper.stops]),
        "slowest_request_seconds": round(max((c.seconds for c in history.calls), default=0), 1),
        "checks": dict(sorted(tally.checks.items())),
        "findings": tally.findings,
    }


def kills(stage: Stage) -> int:
    """Return how many processes were ended by force so far."""
    keeper = stage.keeper
    ended = sum(keeper.kills.values()) + sum(keeper.reached().values())
    return ended + stage.tally.server_kills


def missed_points(stage: Stage) -> list[str]:
    """Return the crash points where nobody died."""
    reached = {name.partition("@")[0] for name in stage.keeper.reached()}
    return [f"nobody died at {name}" for name in sorted(crashpoints.NAMES - reached)]


def summary(found: dict[str, Any]) -> str:
    """Return a few lines for people."""
    lines = [
        (
            f"chaos {found['kind']} seed {found['seed']}: {found['seconds']} s, {found['kills']} kills,"
            f" {sum(found['faults'].values())} faults, requests {found['requests']}"
        ),
        f"booted in {found['boot_seconds']} s, recovery {found['recovery_seconds']}, role away {found['role_away_seconds']}",
    ]
    for check, problems in found["findings"].items():
        lines.append(f"BROKEN {check} ({len(problems)})")
        lines += [f"    {problem}" for problem in problems[:8]]
    return "\n".join([*lines, "PASSED" if not found["findings"] else "FAILED"])


def commit() -> str:
    """Return the commit the run was made with."""
    words = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def machine() -> str:
    """Return what the run was made on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    return {
        "n": len(values), "median": round(statistics.median(values), 1),
        "max": round(max(values), 1),
    }  # fmt: skip
