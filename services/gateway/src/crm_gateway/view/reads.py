"""Who looked at which customer: noted for the audit trail, for as long as the deployment says."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from crm_chassis import clock, db
from crm_chassis.audit import Entry, Looks
from crm_chassis.auth import Principal
from crm_chassis.problems import Unavailable

ACTION = "customer.read"
# What a service tells of one person or company: the record itself, its past, its consents.
_OF_SOMEBODY = re.compile(
    r"/v1/(contacts|accounts|leads)/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?:/.*)?"
)
_ACTIONS = {"leads": "lead.read"}


class Reads:
    """Takes every answer that tells of a customer; an answer that nothing changed tells nothing."""

    def __init__(self, looks: Looks, *, days: int) -> None:
        """`days`: how long a read is kept."""
        self._looks, self._kept = looks, timedelta(days=days)

    def note_answer(
        self, who: Principal, method: str, path: str, status: int, origin: Callable[[], db.Origin]
    ) -> None:
        """Note what a service told of somebody, if that is what it did. Raises Unavailable."""
        if method != "GET" or status != HTTPStatus.OK:
            return
        found = _OF_SOMEBODY.fullmatch(path)
        if found is None:
            return
        try:
            action = _ACTIONS.get(found[1], ACTION)
            self.note(who, UUID(found[2]), origin(), action=action)
        except (SQLAlchemyError, psycopg.Error) as error:
            raise Unavailable(detail="who reads cannot be noted now") from error

    def note_passed(
        self, environ: Mapping[str, Any], who: Principal, status: int, request_id: str
    ) -> None:
        """Note what a service told of somebody in front of Flask. Raises Unavailable."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.note_answer(who, method, path, status, lambda: origin_of(environ, who, request_id))

    def note(
        self, who: Principal, customer_id: UUID, origin: db.Origin, *, action: str = ACTION
    ) -> None:
        """Note that somebody was told of a customer. May raise what the database does."""
        if not self._looks.is_new(action, who.actor, customer_id, origin):
            return
        now = clock.now()
        entry = Entry(
            action=action,
            actor=who.actor,
            on_behalf_of=who.on_behalf_of,
            at=now,
            origin=origin,
            object_id=customer_id,
            expires_at=now + self._kept,
        )
        self._looks.note(entry)


def origin_of(environ: Mapping[str, Any], who: Principal, request_id: str) -> db.Origin:
    """Return where a request is from that is answered in front of Flask."""
    return db.Origin(
        credential=who.credential, address=environ.get("REMOTE_ADDR"),
        agent=environ.get("HTTP_USER_AGENT"), request_id=request_id,
    )  # fmt: skip
