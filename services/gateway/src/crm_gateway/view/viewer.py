"""Reading customers: ready bytes, what the caller has just written, else the owners themselves."""

import re
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from crm_chassis import clock
from crm_chassis.auth import Principal
from crm_chassis.db import Reader
from crm_chassis.problems import Unavailable
from crm_gateway.queries import view as queries
from crm_gateway.view import render
from crm_gateway.view.live import Live
from crm_gateway.view.render import Freshness, Stored
from crm_gateway.view.shapes import SECTION_KINDS, SECTIONS, fold_text

WAIT_SECONDS = 0.3
_MOST_VERSIONS = 20
_VERSION = re.compile(
    r"\b([a-z_]{1,40})/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([0-9]{1,18})\b"
)
_WATERMARKS_FOR_SECONDS = 0.5
Seen = tuple[Stored, dict[str, Freshness], Sequence[str]]


class Viewer:
    """What the API's and the console's pages read customers with."""

    def __init__(self, read: Reader, live: Live) -> None:
        """`read` runs functions over a connection to the gateway's database."""
        self.read, self.live = read, live
        self._marks: tuple[float, dict[str, Any]] = (0.0, {})

    def look(self, customer_id: UUID, *, written: str = "", live: bool = False) -> Seen | None:
        """Return a customer, how its sections stand, and which were asked for live.

        `written`: the X-CRM-Version values of the caller's writes; the view is waited for 0.3 s,
        then the sections still behind are asked for live, as is an id nobody has told us of. The
        id of an absorbed contact answers its survivor.
        """
        sections: Sequence[str] = SECTIONS if live else self.behind(written)
        stored, standing = self.stored(customer_id), self.standing()
        if stored is not None and (survivor_id := stored.merged_into) is not None:
            seen = self.look(survivor_id, written=written, live=live)
            return (seen[0].merged_from(customer_id), *seen[1:]) if seen else None
        if stored is None or not stored.known:
            sections = SECTIONS
        if sections:
            named = self._named(customer_id)
            stored, fresher = self.live.document(customer_id, stored, only=sections, named=named)
            standing |= fresher
            if not stored.known and standing["contacts"].status != "ok":
                raise Unavailable(detail="nobody can say now whether there is such a customer")
        return (stored, standing, sections) if stored and stored.known else None

    def page(
        self, customer_id: UUID, who: Principal, *, written: str = ""
    ) -> dict[str, Any] | None:
        """Return a customer as its answer's members."""
        seen = self.look(customer_id, written=written)
        if seen is None or not render.is_for(seen[0], who):
            return None
        return orjson.loads(render.render(seen[0], seen[1], who))  # type: ignore[no-any-return]

    def etag(self, customer_id: UUID, who: Principal) -> str | None:
        """Return the entity tag of the projected answer: what an open page polls."""
        stored = self.stored(customer_id)
        if stored is not None and (survivor_id := stored.merged_into) is not None:
            survivor = self.stored(survivor_id)
            stored = survivor.merged_from(customer_id) if survivor else None
        return render.etag(stored, self.standing(), who) if stored else None

    def stored(self, customer_id: UUID) -> Stored | None:
        """Return a customer's document as it is kept: one primary-key read."""
        row = self.read.hot(lambda cursor: queries.document(cursor, customer_id))
        return Stored.of_row(row) if row else None

    def behind(self, written: str) -> Sequence[str]:
        """Wait for the versions written, 0.3 s at most; return the sections still without them."""
        wanted = _VERSION.findall(written)[:_MOST_VERSIONS]
        until = time.monotonic() + WAIT_SECONDS
        behind = self._missing(wanted) if wanted else []
        while behind and time.monotonic() < until:
            time.sleep(0.01)
            behind = self._missing(behind)
        kinds = {kind for kind, _, _ in behind}
        return tuple(name for name in SECTIONS if kinds.intersection(SECTION_KINDS[name]))

    def standing(self) -> dict[str, Freshness]:
        """Return how each section stands; watermarks are read twice a second at most."""
        until, marks = self._marks
        if time.monotonic() > until:
            marks = self.read(queries.watermarks)
            self._marks = (time.monotonic() + _WATERMARKS_FOR_SECONDS, marks)
        return render.freshness(marks, now=clock.now())

    def timeline(
        self, customer_id: UUID, who: Principal, *, kinds: Sequence[str], cursor: str | None,
        limit: int,
    ) -> tuple[list[str], str | None]:  # fmt: skip
        """Return a page of timeline bodies and the next cursor. Raises ValueError."""
        named = self._named(customer_id)
        return self.read(
            lambda connection: queries.timeline(
                connection, named, kinds=kinds, before=cursor, limit=limit, seen=_seen(who)
            )
        )

    def search(
        self, text: str, who: Principal, *, kinds: Sequence[str] = (), limit: int = 20
    ) -> list[dict[str, Any]]:
        """Return the records found by words, beginnings of words, or likeness; best first."""
        folded = fold_text(text).strip()
        rows = self.read(
            lambda connection: queries.search(
                connection, folded, kinds=kinds or None, limit=limit, seen=_seen(who)
            )
        )
        names = ("service", "kind", "id", "title", "customer_ids")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _named(self, customer_id: UUID) -> list[UUID]:
        """Return the ids by which records may name a customer."""
        absorbed = self.read(lambda connection: queries.absorbed(connection, [customer_id]))
        return [customer_id, *absorbed.get(customer_id, ())]

    def _missing(self, wanted: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        def read(connection: Any) -> list[tuple[str, str, str]]:
            return [
                (kind, id_, version)
                for kind, id_, version in wanted
                if queries.record_version(connection, kind, UUID(id_)) < int(version)
            ]

        return self.read(read)


def _seen(who: Principal) -> tuple[bool, UUID | None, tuple[UUID, ...]]:
    return who.is_admin, who.user_id, who.team_ids
