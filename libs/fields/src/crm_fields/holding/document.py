"""The OpenAPI document with the company's own fields in it."""

import copy
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, logs
from crm_fields.holding.books import stamp
from crm_fields.objects import Held
from crm_fields.rulebook import Part
from crm_fields.types import schema_of

log = logs.get(__name__)
_MASK = {
    "type": ["object", "null"],
    "description": "Sensitive: that it is set, and when; the value is read apart",
    "properties": {
        "sensitive": {"type": "boolean"},
        "set_at": {"type": "string", "format": "date-time"},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """The schemas of the document that take the fields of a kind of record, and the one that shows."""

    taken: tuple[str, ...]
    shown: str


class OwnDocument:
    """The document as it is now; while the database is away, as it was."""

    def __init__(
        self,
        plain: dict[str, Any],
        sessions: sessionmaker[Session],
        parts: Callable[[Session], Mapping[Held, Part]],
        shapes: Mapping[Held, Shapes],
    ) -> None:
        """Take the document that knows no fields of the company, and where they come from."""
        self._plain, self._sessions = plain, sessions
        self._parts, self._shapes = parts, shapes
        self._lock = threading.Lock()
        self._stamp: UUID | None = None
        self._now = plain

    def __call__(self) -> dict[str, Any]:
        """Return the document; it is made anew only when a field or rule changed."""
        try:
            with self._sessions() as session:
                found = stamp(session)
                if found != self._stamp:
                    made = self._described(self._parts(session))
                    with self._lock:
                        self._stamp, self._now = found, made
        except SQLAlchemyError as error:
            db.report(log, "document not renewed", error)
        return self._now

    def _described(self, parts: Mapping[Held, Part]) -> dict[str, Any]:
        """Return the document with a property for each field that is not archived."""
        document = copy.deepcopy(self._plain)
        schemas = document["components"]["schemas"]
        for held, shapes in self._shapes.items():
            taken = _properties(parts[held], is_shown=False)
            for name in shapes.taken:
                custom = {"type": "object", "properties": taken, "additionalProperties": False}
                schemas[name]["properties"]["custom"] = custom
            shown = {"type": "object", "properties": _properties(parts[held], is_shown=True)}
            schemas[shapes.shown]["properties"]["custom"] = shown
        return document


def _properties(part: Part, *, is_shown: bool) -> dict[str, Any]:
    live = {key: spec for key, spec in part.specs.items() if not spec.archived}
    return {
        key: _MASK if is_shown and spec.sensitive else schema_of(spec) for key, spec in live.items()
    }
