"""Processes that die at a named place: every crash point, in every role that passes it."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from tests.chaos.faults import Fault, messages
from tests.chaos.keeper import is_ready
from tests.chaos.stage import SHORT_SCALE, Stage

from crm_chassis import crashpoints
from crm_chassis.testing import wait_until
from crm_client.errors import ClientError

PATIENCE_SECONDS, FULL_PATIENCE_SECONDS = 8.0, 90.0
# Which roles pass a point under the workload as it is; the rest needs a fault beside it.
PLACES: dict[str, tuple[str, ...]] = {
    "write": ("contacts-serve", "sales-serve", "support-serve"),
    "relay": ("contacts-relay", "sales-relay", "marketing-relay", "support-relay"),
    "seal": ("contacts-relay", "sales-relay", "support-relay", "gateway-relay"),
    "reaction": ("contacts-work", "sales-work", "marketing-work", "support-work"),
    "copy": ("contacts-relay", "sales-relay", "marketing-relay", "support-relay", "gateway-relay"),
    "reconcile": ("contacts-work", "sales-work", "marketing-work", "support-work"),
    "resync": ("contacts-relay", "sales-relay", "support-relay", "gateway-relay"),
    "outside": ("marketing-work",),
    "rebuild": ("gateway-serve",),
}
# One point at a time: a single role passes them.
ALONE = {"outside", "rebuild"}
# At the first passing: the next may be long in coming.
AT_ONCE = ALONE | {"resync", "reconcile", "write"}
POINTS: dict[str, tuple[str, ...]] = {
    "write": ("after_effect", "before_commit", "after_commit"),
    "relay": ("before_publish", "after_publish", "after_mark"),
    "seal": ("before_link", "after_link"),
    "reaction": ("after_inbox", "after_effect", "after_commit", "after_ack"),
    "copy": ("before_fold", "after_fold", "after_commit", "after_ack"),
    "reconcile": ("after_facts", "after_handled", "after_advance"),
    "outside": ("after_claim", "after_call", "after_record"),
    "resync": ("before_page", "after_page", "before_done"),
    "rebuild": ("after_records", "after_ghosts", "after_page"),
}


def die_at(stage: Stage, step: str) -> None:
    """Let roles die at each point of a step, as many at a time as there are roles to pass them."""
    roles, before = list(PLACES[step]), stage.keeper.reached()
    stage.dice.shuffle(roles)
    wanted = {f"{step}.{point}" for point in POINTS[step]}
    at_once = len(roles) if step not in ALONE else 1
    left = sorted(wanted)
    while left:
        some, left = left[:at_once], left[at_once:]
        armed = dict(zip(some, roles, strict=False))
        for name, role in armed.items():
            _arm(stage, step, name, role)
        with suppress(TimeoutError):
            wait_until(partial(_have_died, stage, armed, before, step), timeout=_patience(stage))
        for role in armed.values():
            stage.keeper.disarm(role)
        roles = roles[1:] + roles[:1]


def _patience(stage: Stage) -> float:
    """Return how long a point is waited for: what nobody passes in a short run, a full one meets."""
    return PATIENCE_SECONDS if stage.scale <= SHORT_SCALE else FULL_PATIENCE_SECONDS


def _have_died(stage: Stage, armed: Mapping[str, str], before: Counter[str], step: str) -> bool:
    """Disarm the roles that died where they were told: others may live by what they serve."""
    reached = stage.keeper.reached()
    met = {name for name in armed if reached[name] > before[name]}
    for name in met:
        stage.keeper.disarm(armed[name])
    if step == "rebuild" and not met:
        _rebuild(stage)
    return met == set(armed)


def _arm(stage: Stage, step: str, name: str, role: str) -> None:
    if step == "resync":
        _forget_copies(stage, role)
    stage.keeper.arm(role, name if step in AT_ONCE else f"{name}:{stage.dice.randint(1, 3)}")


def _forget_copies(stage: Stage, role: str) -> None:
    """Delete the queues of a role's copies: it fills them anew from their owners."""
    service = role.partition("-")[0]
    kind = "view" if service == "gateway" else "copy"
    for queue in stage.platform.queues(service):
        if queue.startswith(f"{service}.{kind}."):
            stage.delete("queues", queue)


def _rebuild(stage: Stage) -> None:
    """Ask for a rebuild, once everybody is there whom it asks; who dies of it does not answer."""
    serving = [role for name, role in stage.keeper.roles.items() if name.endswith("-serve")]
    if all(is_ready(role) for role in serving):
        with suppress(ClientError):
            stage.platform.ops.post("gateway", "/internal/view/rebuild", {})


def _die_at(stage: Stage, _: str, *, step: str) -> None:
    with stage.peace():  # who is killed by chance does not die where it was told
        die_at(stage, step)


def die_parking(stage: Stage, _: str) -> None:
    """Let a process die at each point of parking, retrying and taking dead letters."""
    with stage.peace():
        for name in sorted(LONELY):
            before, step = stage.keeper.reached(), name.partition(".")[0]
            stage.keeper.arm(LONELY_ROLE, name)
            _lead_to(stage, step)
            with suppress(TimeoutError):
                wait_until(
                    partial(_have_died, stage, {name: LONELY_ROLE}, before, step),
                    timeout=_patience(stage),
                )
            stage.keeper.disarm(LONELY_ROLE)


def _lead_to(stage: Stage, step: str) -> None:
    """Have the role pass a step: a message that cannot be read is parked, mended, or given up."""
    good = messages.copied(stage, "sales.deal.won.v1")
    broken = messages.as_bytes(good | {"data": {"record": {"id": "?"}}})
    stage.poisoned.add(good["id"])
    queue = "support.dead" if step == "dead" else "support.on.sales.deal.won.v1"
    messages.publish(stage, "", [(queue, broken)])
    if step == "retry":
        wait_until(partial(messages.parked_as, stage, "support", good["id"]), timeout=60)
        parked_id = messages.parked_as(stage, "support", good["id"])
        order = {"action": "edit", "ids": [parked_id], "body": messages.as_bytes(good).decode()}
        stage.platform.ops.post("support", "/internal/parked", order)


LONELY_ROLE = "support-work"
LONELY = frozenset(
    name for name in crashpoints.NAMES if name.partition(".")[0] in {"park", "retry", "dead"}
)
FAULTS = (
    Fault("crash.park", die_parking, cost_seconds=30, is_in_short_run=False),
    *(Fault(f"crash.{step}", partial(_die_at, step=step),
          touches_reads=step == "rebuild", cost_seconds=24 if step in ALONE else 8)
    for step in POINTS),
)  # fmt: skip
