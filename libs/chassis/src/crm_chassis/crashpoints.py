"""Named places to die at, for fault drills: `CRM_CRASHPOINT=relay.after_publish:3` (the third passing).

Several are separated by commas; `name@id` dies whenever that subject passes. A process that dies
here says so on its standard error first.
"""

import os
import signal
from collections.abc import Callable

NAMES = frozenset({
    "write.after_effect", "write.before_commit", "write.after_commit",
    "relay.before_publish", "relay.after_publish", "relay.after_mark",
    "reaction.after_inbox", "reaction.after_effect", "reaction.after_commit", "reaction.after_ack",
    "copy.before_fold", "copy.after_fold", "copy.after_commit", "copy.after_ack",
    "park.before", "park.after", "park.after_commit", "retry.after_effect", "retry.after_commit",
    "dead.after_try",
    "outside.after_claim", "outside.after_call", "outside.after_record",
    "rebuild.after_records", "rebuild.after_ghosts", "rebuild.after_page",
    "resync.before_page", "resync.after_page", "resync.before_done",
    "seal.before_link", "seal.after_link",
    "reconcile.after_facts", "reconcile.after_handled", "reconcile.after_advance",
})  # fmt: skip


def armed(order: str) -> dict[str, int]:
    """Return name -> passing to die at. Raises ValueError naming what is no crash point."""
    found = {}
    for each in filter(None, order.split(",")):
        place, _, times = each.strip().partition(":")
        name = place.partition("@")[0]
        if name not in NAMES:
            raise ValueError(f"CRM_CRASHPOINT: there is no {name}")
        found[place] = int(times or 1)
    return found


def _die_at(left: dict[str, int]) -> Callable[..., None]:
    def reach(name: str, subject: object = None) -> None:
        for place in (name, f"{name}@{subject}"):
            if place in left:
                left[place] -= 1
                if left[place] <= 0:
                    os.write(2, f"crash point {place}\n".encode())
                    os.kill(os.getpid(), signal.SIGKILL)

    return reach


def _go_on(name: str, subject: object = None) -> None:
    """Cost one call and nothing else."""


_ARMED = armed(os.environ.get("CRM_CRASHPOINT", ""))
reach = _die_at(_ARMED) if _ARMED else _go_on
