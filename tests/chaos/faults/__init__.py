"""The faults, by name: each breaks something for a while and mends it before it returns."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.stage import Stage


@dataclass(frozen=True, slots=True)
class Fault:
    """`run(stage, argument)` breaks and mends; `arguments` are what the dice choose from.

    `cost_seconds` is what it takes in the short run.
    """

    name: str
    run: Callable[[Stage, str], None]
    arguments: tuple[str, ...] = ("",)
    touches_reads: bool = False
    cost_seconds: float = 3.0
    is_in_short_run: bool = True


def all_faults() -> dict[str, Fault]:
    """Return every fault by name."""
    from tests.chaos.faults import (
        broker,
        clocks,
        crashes,
        database,
        kills,
        messages,
        network,
        releases,
        restores,
    )

    rooms = (kills, crashes, broker, database, network, messages, releases, clocks, restores)
    return {fault.name: fault for room in rooms for fault in room.FAULTS}
