"""Who looked at which customer: noted for the audit trail, for as long as the deployment says."""

from datetime import timedelta
from uuid import UUID

from crm_chassis import clock, db
from crm_chassis.audit import Entry, Looks
from crm_chassis.auth import Principal

ACTION = "customer.read"


class Reads:
    """Takes every answer that tells of a customer; an answer that nothing changed tells nothing."""

    def __init__(self, looks: Looks, *, days: int) -> None:
        """`days`: how long a read is kept."""
        self._looks, self._kept = looks, timedelta(days=days)

    def note(self, who: Principal, customer_id: UUID, origin: db.Origin) -> None:
        """Note that somebody was told of a customer. May raise what the database does."""
        if not self._looks.is_new(ACTION, who.actor, customer_id, origin):
            return
        now = clock.now()
        entry = Entry(
            action=ACTION,
            actor=who.actor,
            on_behalf_of=who.on_behalf_of,
            at=now,
            origin=origin,
            object_id=customer_id,
            expires_at=now + self._kept,
        )
        self._looks.note(entry)
