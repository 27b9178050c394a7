"""Links that stall, crawl, break, or end on one side only."""

import time
from functools import partial

from tests.chaos.faults import Fault
from tests.chaos.stage import SERVICES, Stage

MODES = {"stall": 0, "delay": 0.05, "throttle": 20_000, "cut": 0, "reset": 0, "half-open": 0,
         "one-way": 0}  # fmt: skip
KINDS = ("postgres", "amqp", "http", "ops", "smtp")
_LINKS = tuple(
    f"{service}.{kind}"
    for kind in KINDS
    for service in SERVICES
    if (kind, service) != ("http", "gateway") and (kind != "smtp" or service == "marketing")
)


def misbehave(stage: Stage, link: str, *, mode: str) -> None:
    """Put one link into a mode for a while."""
    stage.smtp_faults += link.endswith(".smtp")
    stage.links.become(link, mode, MODES[mode])
    try:
        time.sleep(max(stage.seconds(20), 1.0))
    finally:
        stage.links.become(link, "pass")


def flap(stage: Stage, _: str) -> None:
    """Reset every connection of the platform, several times."""
    for _again in range(3):
        stage.smtp_faults += 1
        stage.links.become("*", "reset")
        time.sleep(stage.dice.uniform(0.2, 1.0))


FAULTS = (
    *(
        Fault(
            f"link.{mode}", partial(misbehave, mode=mode), _LINKS, touches_reads=True,
        )
        for mode in MODES
    ),
    Fault("link.reset_all", flap, touches_reads=True),
)  # fmt: skip
