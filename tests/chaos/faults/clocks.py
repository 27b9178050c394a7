"""Clocks that are an hour wrong."""

import time

from tests.chaos.faults import Fault
from tests.chaos.stage import KINDS, SERVICES, Stage


def jump(stage: Stage, service: str) -> None:
    """Run a service an hour ahead or behind for a while, then right again."""
    offset = stage.dice.choice(("3600", "-3600"))
    _set(stage, service, {"CRM_CLOCK_OFFSET_SECONDS": offset})
    time.sleep(max(stage.seconds(20), 2.0))
    _set(stage, service, {})


def _set(stage: Stage, service: str, extra: dict[str, str]) -> None:
    for kind in KINDS:
        stage.keeper.restart(f"{service}-{kind}", extra=extra)


FAULTS = (Fault("clock.jump", jump, SERVICES, touches_reads=True, cost_seconds=10),)
