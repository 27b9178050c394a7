"""docs/metrics.md, written from the instruments themselves: `python -m crm_chassis.metrics`."""

from collections.abc import Iterator
from typing import NamedTuple

from prometheus_client.metrics import MetricWrapperBase

from crm_chassis.metrics import instruments
from crm_chassis.metrics.standing import Standing

_HEAD = """# Metrics

Written by `python -m crm_chassis.metrics > docs/metrics.md`; do not edit. Every role shows what it measures at
`/metrics` of its ops port. Names are OpenTelemetry's where it has one (HTTP and messaging), in Prometheus' spelling.
Labels are bounded: queues, handlers, types of facts, route templates, causes. Never an id, never a person.

| metric | kind | labels | what it says |
|---|---|---|---|
"""


class Entry(NamedTuple):
    """One metric as Prometheus knows it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    says: str


def entries() -> list[Entry]:
    """Return every metric of the platform, by name."""
    return sorted({*_instruments(), *_standing()})


def page() -> str:
    """Return the whole of docs/metrics.md."""
    return _HEAD + "".join(
        f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels) or '-'} | {says} |\n"
        for name, kind, labels, says in entries()
    )


def _instruments() -> Iterator[Entry]:
    for each in vars(instruments).values():
        if isinstance(each, MetricWrapperBase):
            (found,) = each.describe()
            suffix = "_total" if found.type == "counter" else ""
            labels = tuple(each._labelnames)  # noqa: SLF001 - the library does not tell otherwise
            yield Entry(found.name + suffix, found.type, labels, found.documentation)


def _standing() -> Iterator[Entry]:
    for family in Standing.families():
        labels = tuple(family._labelnames)  # noqa: SLF001 - the library does not tell otherwise
        yield Entry(family.name, family.type, labels, family.documentation)
