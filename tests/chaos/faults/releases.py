"""Releases: every role restarted in its turn, and one that will not start."""

import time
from pathlib import Path

from tests.chaos.faults import Fault
from tests.chaos.faults.kills import twin
from tests.chaos.stage import KINDS, SERVICES, Stage

from crm_chassis.testing import wait_until

GRACE_SECONDS = 20.0
_LISTEN = "0A"


def rolling(stage: Stage, _: str) -> None:
    """Restart every role in order, each when the one before is ready."""
    with stage.peace():
        stage.keeper.wait_ready(seconds=60)
        began = time.monotonic()
        _roll(stage)
        stage.rolls.append((began, time.monotonic()))


def _roll(stage: Stage) -> None:
    for service in SERVICES:
        for kind in KINDS:
            if (service, kind) == ("gateway", "serve"):
                _roll_listener(stage, f"{service}-{kind}")
                continue
            took = stage.keeper.restart(f"{service}-{kind}")
            if took > GRACE_SECONDS:
                stage.tally.found("drain", [f"{service}-{kind} took {took:.0f} s to end"])
            stage.keeper.wait_ready(seconds=60)


def _roll_listener(stage: Stage, name: str) -> None:
    """Replace the only public listener: a second one shares its port before the first leaves."""
    second = twin(stage, name)
    _wait_listening(stage, 2)
    stage.keeper.restart(name)
    _wait_listening(stage, 2)
    stage.keeper.stop(second)


def _wait_listening(stage: Stage, wanted: int) -> None:
    port = stage.platform.ports["gateway.http"]
    wait_until(lambda: listeners(port) == wanted, timeout=60, what=f"{wanted} listeners")
    stage.keeper.wait_ready(seconds=60)


def listeners(port: int) -> int:
    """Return how many processes listen on a port that they share."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(words[3] == _LISTEN and words[1].endswith(f":{port:04X}") for words in lines)


def crash_looping(stage: Stage, role: str) -> None:
    """A release that ends as soon as it starts."""
    stage.keeper.restart(role, extra={"CRM_OPS_PORT": "none"})
    time.sleep(max(stage.seconds(20), 2.0))
    stage.keeper.restart(role, extra={})


def stop_without_broker(stage: Stage, _: str) -> None:
    """Stop roles in order while the broker is away: they end within their grace all the same."""
    stage.platform.stop("servers:rabbitmq")
    names = [f"{stage.dice.choice(SERVICES)}-{kind}" for kind in ("relay", "work")]
    for name in names:
        took = stage.keeper.stop(name, seconds=GRACE_SECONDS + 5)
        late = [f"{name} took {took:.0f} s to end without the broker"]
        stage.tally.found("drain", late if took > GRACE_SECONDS else [])
    stage.platform.start("servers:rabbitmq")
    for name in names:
        stage.keeper.start(name)
    stage.wait_broker()


FAULTS = (
    Fault("release.rolling", rolling, touches_reads=True, is_in_short_run=False),
    Fault("release.crash_looping", crash_looping, tuple(f"{s}-{k}" for s in SERVICES[:4] for k in KINDS), cost_seconds=6),
    Fault("release.stop_without_broker", stop_without_broker, is_in_short_run=False),
)  # fmt: skip
