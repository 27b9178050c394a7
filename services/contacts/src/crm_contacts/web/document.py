"""The OpenAPI document with the company's own fields in it."""

import copy
import threading
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, logs
from crm_contacts.model.field import Held
from crm_contacts.model.rulebook import Part, Rulebook
from crm_contacts.queries.rulebook import rulebook, stamp
from crm_fields.types import schema_of

log = logs.get(__name__)
_TAKEN_IN = {
    Held.CONTACT: ("ContactIn", "ContactPatchIn"),
    Held.ACCOUNT: ("AccountIn", "AccountPatchIn"),
}
_SHOWN = {Held.CONTACT: "ContactOut", Held.ACCOUNT: "AccountOut"}
_MASK = {
    "type": ["object", "null"],
    "description": "Sensitive: that it is set, and when; the value is read apart",
    "properties": {
        "sensitive": {"type": "boolean"},
        "set_at": {"type": "string", "format": "date-time"},
    },
}


class OwnDocument:
    """The document as it is now; while the database is away, as it was."""

    def __init__(self, plain: dict[str, Any], sessions: sessionmaker[Session]) -> None:
        """Take the document that knows no fields of the company."""
        self._plain, self._sessions = plain, sessions
        self._lock = threading.Lock()
        self._stamp: UUID | None = None
        self._now = plain

    def __call__(self) -> dict[str, Any]:
        """Return the document; it is made anew only when a field or rule changed."""
        try:
            with self._sessions() as session:
                found = stamp(session)
                if found != self._stamp:
                    made = described(self._plain, rulebook(session))
                    with self._lock:
                        self._stamp, self._now = found, made
        except SQLAlchemyError as error:
            db.report(log, "document not renewed", error)
        return self._now


def described(plain: Mapping[str, Any], book: Rulebook) -> dict[str, Any]:
    """Return the document with a property for each field that is not archived."""
    document = copy.deepcopy(dict(plain))
    schemas = document["components"]["schemas"]
    for held, part in book.of.items():
        taken = _properties(part, is_shown=False)
        for name in _TAKEN_IN[held]:
            custom = {"type": "object", "properties": taken, "additionalProperties": False}
            schemas[name]["properties"]["custom"] = custom
        shown = {"type": "object", "properties": _properties(part, is_shown=True)}
        schemas[_SHOWN[held]]["properties"]["custom"] = shown
    return document


def _properties(part: Part, *, is_shown: bool) -> dict[str, Any]:
    live = {key: spec for key, spec in part.specs.items() if not spec.archived}
    return {
        key: _MASK if is_shown and spec.sensitive else schema_of(spec) for key, spec in live.items()
    }
