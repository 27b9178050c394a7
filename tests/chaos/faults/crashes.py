"""Processes that die at a named place: every crash point, in every role that passes it."""

import time
from contextlib import suppress

from tests.chaos.faults import Fault
from tests.chaos.stage import Stage

from crm_chassis.testing import wait_until

PATIENCE_SECONDS = 12.0
# Which roles pass a point under the workload as it is; the rest needs a fault beside it.
PLACES: dict[str, tuple[str, ...]] = {
    "write": ("contacts-serve", "sales-serve", "support-serve"),
    "relay": ("contacts-relay", "sales-relay", "marketing-relay", "support-relay"),
    "reaction": ("contacts-work", "sales-work", "marketing-work", "support-work"),
    "copy": ("contacts-relay", "sales-relay", "marketing-relay", "support-relay", "gateway-relay"),
    "reconcile": ("contacts-work", "sales-work", "marketing-work", "support-work"),
    "resync": ("contacts-relay", "sales-relay", "support-relay", "gateway-relay"),
    "outside": ("marketing-work",),
    "rebuild": ("gateway-serve",),
}
POINTS: dict[str, tuple[str, ...]] = {
    "write": ("after_effect", "before_commit", "after_commit"),
    "relay": ("before_publish", "after_publish", "after_mark"),
    "reaction": ("after_inbox", "after_effect", "after_commit", "after_ack"),
    "copy": ("before_fold", "after_fold", "after_commit", "after_ack"),
    "reconcile": ("after_facts", "after_handled", "after_advance"),
    "outside": ("after_claim", "after_call", "after_record"),
    "resync": ("before_page", "after_page", "before_done"),
    "rebuild": ("after_records", "after_ghosts", "after_page"),
}


def die_at(stage: Stage, step: str) -> None:
    """Let roles die at each point of a step, one point after the other."""
    for point in POINTS[step]:
        role = stage.dice.choice(PLACES[step])
        name = f"{step}.{point}"
        before = stage.keeper.reached()[name]
        if step == "resync":
            _forget_copies(stage, role)
        stage.keeper.arm(role, f"{name}:{stage.dice.randint(1, 3) if step != 'resync' else 1}")
        if step == "rebuild":
            _rebuild(stage)
        with suppress(TimeoutError):
            wait_until(
                lambda n=name, b=before: stage.keeper.reached()[n] > b, timeout=PATIENCE_SECONDS
            )
        stage.keeper.disarm(role)


def _forget_copies(stage: Stage, role: str) -> None:
    """Delete the queues of a role's copies: it fills them anew from their owners."""
    service = role.partition("-")[0]
    kind = "view" if service == "gateway" else "copy"
    for queue in stage.platform.queues(service):
        if queue.startswith(f"{service}.{kind}."):
            stage.delete("queues", queue)


def _rebuild(stage: Stage) -> None:
    stage.keeper.wait_ready(seconds=30)
    with suppress(Exception):
        stage.platform.ops.post("gateway", "/internal/view/rebuild", {})
    time.sleep(0.1)


FAULTS = tuple(
    Fault(f"crash.{step}", lambda stage, _, step=step: die_at(stage, step),
          touches_reads=step == "rebuild")
    for step in POINTS
)  # fmt: skip
