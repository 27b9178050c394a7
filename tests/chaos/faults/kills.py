"""Processes that end or stand still from one moment to the next."""

import signal
import time

from tests.chaos.faults import Fault
from tests.chaos.keeper import Role
from tests.chaos.stage import KINDS, SERVICES, Stage

HOWS = ("group", "group", "parent", "child")
_TAKEOVER_SECONDS = 12.0


def burst(stage: Stage, kind: str) -> None:
    """Kill every role of a kind, each in another way, one after the other."""
    names = [f"{service}-{kind}" for service in SERVICES]
    stage.dice.shuffle(names)
    for name in names:
        stage.keeper.kill(name, how=stage.dice.choice(HOWS))
        time.sleep(stage.dice.uniform(0, 0.3))


def all_at_once(stage: Stage, _: str) -> None:
    """Kill every role at the same time, as a machine that loses power."""
    for name in stage.roles:
        stage.keeper.kill(name)


def zombie(stage: Stage, service: str) -> None:
    """Stop a relay that leads, let another take over, and let the first go on."""
    first = f"{service}-relay"
    second = twin(stage, first)
    stage.keeper.signal(first, signal.SIGSTOP)
    time.sleep(max(stage.seconds(30), _TAKEOVER_SECONDS))
    stage.keeper.signal(first, signal.SIGCONT)
    time.sleep(1)
    stage.keeper.stop(second)


def twin(stage: Stage, name: str) -> str:
    """Start a second replica of a role, with an ops port of its own; return its name."""
    role, second = stage.keeper.roles[name], f"{name}-2"
    if second not in stage.keeper.roles:
        port = stage.spare_port()
        env = role.env | {"CRM_OPS_PORT": str(port)}
        readyz = f"http://127.0.0.1:{port}/readyz"
        log = role.log.with_name(f"{second}.log")
        stage.keeper.add(Role(name=second, words=role.words, env=env, log=log, readyz=readyz))
    else:
        stage.keeper.start(second)
    return second


FAULTS = (
    Fault("kill.burst", burst, KINDS, touches_reads=True, cost_seconds=1),
    Fault("kill.all", all_at_once, touches_reads=True),
    Fault("stop.relay", zombie, SERVICES, cost_seconds=15),
)
