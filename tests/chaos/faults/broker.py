"""What may befall the broker: killed, stopped, out of memory, robbed of queues and exchanges."""

import os
import signal
import subprocess
import time
from contextlib import suppress

from tests.chaos.faults import Fault
from tests.chaos.keeper import children
from tests.chaos.stage import SERVICES, Stage

_ALARMED, _CALM = ("0.0000001",), ("absolute", "1073741824")


def kill(stage: Stage, _: str) -> None:
    """Kill the node; the supervisor starts it anew."""
    pid = stage.server_pid("rabbitmq")
    for number in (pid, *children(pid)):
        with suppress(ProcessLookupError):  # a child may end by itself, or with its parent
            os.kill(number, signal.SIGKILL)
    stage.tally.server_kills += 1
    stage.wait_broker()


def stop(stage: Stage, _: str) -> None:
    """Stop the node, wait, start it."""
    stage.platform.stop("servers:rabbitmq")
    time.sleep(stage.seconds(20))
    stage.platform.start("servers:rabbitmq")
    stage.wait_broker()


def memory_alarm(stage: Stage, _: str) -> None:
    """Let the node refuse publishers for want of memory."""
    _control(stage, "set_vm_memory_high_watermark", *_ALARMED)
    try:
        time.sleep(stage.seconds(60))
    finally:
        _control(stage, "set_vm_memory_high_watermark", *_CALM)


def delete_queues(stage: Stage, service: str) -> None:
    """Delete every queue of a service, its dead letters' included."""
    for queue in stage.platform.queues(service):
        stage.delete("queues", queue)


def delete_queue_twice(stage: Stage, service: str) -> None:
    """Delete a service's queues, and again while it fills its copies."""
    for _ in range(2):
        delete_queues(stage, service)
        time.sleep(stage.dice.uniform(0.2, 1.5))


def break_queues(stage: Stage, service: str) -> None:
    """Take the files of a service's queues away: the broker knows them and cannot serve them.

    So it ends when it is killed just after a queue was deleted: the queue is back, its log is not.
    """
    names = ", ".join(f'"{stage.vhost}_{queue}"' for queue in stage.platform.queues(service))
    delete = "ra:force_delete_server(quorum_queues, {list_to_atom(Name), node()})"
    _control(stage, "eval", f"[{delete} || Name <- [{names}]].")
    for kind in ("relay", "work"):  # who has a consumer there is not told
        stage.keeper.kill(f"{service}-{kind}")


def delete_exchanges(stage: Stage, service: str) -> None:
    """Delete a service's exchanges, and apply the topology after a while."""
    for kind in ("events", "bulk"):
        stage.delete("exchanges", f"{service}.{kind}")
    time.sleep(stage.seconds(20))
    stage.apply_topology()


def _control(stage: Stage, *words: str) -> None:
    """Run rabbitmqctl against the platform's own node."""
    from rapport import rabbitmq, rabbitmq_packages

    binaries = rabbitmq_packages.ensure()
    folder = stage.platform.home / "rabbitmq"
    env = rabbitmq.environment(folder, binaries, stage.platform.ports)
    program = binaries.scripts / "rabbitmqctl"
    subprocess.run([program, *words], env=env, check=True, capture_output=True, timeout=60)


FAULTS = (
    Fault("broker.kill", kill, cost_seconds=15),
    Fault("broker.stop", stop, is_in_short_run=False),
    Fault("broker.memory_alarm", memory_alarm, cost_seconds=15),
    Fault("broker.delete_queues", delete_queues, SERVICES),
    Fault("broker.delete_queues_twice", delete_queue_twice, SERVICES),
    Fault("broker.break_queues", break_queues, SERVICES, cost_seconds=20, is_in_short_run=False),
    Fault("broker.delete_exchanges", delete_exchanges, SERVICES[:4], cost_seconds=6),
)
