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
from crm_gateway.queries import search
from crm_gateway.queries import view as queries
from crm_gateway.view import render
from crm_gateway.view.documents import documents_of
from crm_gateway.view.live import Live
from crm_gateway.view.render import Freshness, Stored
from crm_gateway.view.shapes import (
    SEARCHED_KINDS,
    SECTION_KINDS,
    SECTIONS,
    fold_text,
    is_found_wholly,
    is_named,
)
from crm_gateway.view.sight import Sight

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

    def look(
        self, customer_id: UUID, who: Principal, *, written: str = "", live: bool = False
    ) -> Seen | None:
        """Return a customer as `who` sees it, how its sections stand, and which were asked for live.

        `written`: the X-CRM-Version values of the caller's writes; the view is waited for 0.3 s,
        then the sections still behind are asked for live, as is an id nobody has told us of. The
        id of an absorbed contact answers its survivor.
        """
        sections: Sequence[str] = SECTIONS if live else self.behind(written)
        stored, standing = self.stored(customer_id), self.standing()
        if stored is not None and (survivor_id := stored.merged_into) is not None:
            seen = self.look(survivor_id, who, written=written, live=live)
            return (seen[0].merged_from(customer_id), *seen[1:]) if seen else None
        if stored is None or not stored.known:
            sections = SECTIONS
        elif not (stored := self.seen_by(who, customer_id, stored)).known:
            return None
        if sections:
            named, sight = self._named(customer_id), self.sight(who)
            stored, fresher = self.live.document(
                customer_id, stored, sight=sight, only=sections, named=named
            )
            standing |= fresher
            if not stored.known and standing["contacts"].status != "ok":
                raise Unavailable(detail="nobody can say now whether there is such a customer")
        return (stored, standing, sections) if stored and stored.known else None

    def page(
        self, customer_id: UUID, who: Principal, *, written: str = ""
    ) -> dict[str, Any] | None:
        """Return a customer as its answer's members."""
        seen = self.look(customer_id, who, written=written)
        if seen is None:
            return None
        return orjson.loads(render.render(seen[0], seen[1]))  # type: ignore[no-any-return]

    def etag(self, customer_id: UUID, who: Principal) -> str | None:
        """Return the entity tag of the projected answer: what an open page polls."""
        stored, shown_id = self.stored(customer_id), customer_id
        if stored is not None and (survivor_id := stored.merged_into) is not None:
            stored, shown_id = self.stored(survivor_id), survivor_id
        if stored is None:
            return None
        stored = self.seen_by(who, shown_id, stored)
        if shown_id != customer_id:
            stored = stored.merged_from(customer_id)
        return render.etag(stored, self.standing())

    def seen_by(self, who: Principal, customer_id: UUID, stored: Stored) -> Stored:
        """Return a customer as somebody sees it: as it is kept ready, or composed for them."""
        if render.is_ready_for(stored, who):
            return stored
        sight = self.sight(who)
        made = self.read(lambda connection: documents_of(connection, [customer_id], sight=sight)[0])
        return Stored.of_document(made)

    def sight(self, who: Principal) -> Sight:
        """Return what somebody sees."""
        return Sight(
            who, lambda: self.read(lambda connection: queries.people_of(connection, who.team_ids))
        )

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
        """Return a page of timeline bodies and the next cursor. Raises ValueError.

        Whose page one may not see has nothing to tell.
        """
        if not self._is_seen(customer_id, who):
            return [], None
        named = self._named(customer_id)
        sight = self.sight(who)
        bodies, next_ = self.read(
            lambda connection: queries.timeline(
                connection, named, kinds=kinds, before=cursor, limit=limit, seen=sight.seen
            )
        )
        return (bodies if who.rights.is_open_to_all else sight.timeline(bodies)), next_

    def search(
        self, text: str, who: Principal, *, kinds: Sequence[str] = (), limit: int = 20
    ) -> list[dict[str, Any]]:
        """Return the records found by names, words, beginnings of words, or likeness; best first."""
        folded, hidden = " ".join(fold_text(text).split()), who.rights.hidden
        named = [each for each in kinds or SEARCHED_KINDS if is_named(each, hidden(each))]
        wholly = [each for each in named if is_found_wholly(each, hidden(each))]
        seen = self.sight(who).seen
        rows = self.read(
            lambda connection: search.search(
                connection, folded, kinds=named, wholly=wholly, limit=limit, seen=seen
            )
        )
        names = ("service", "kind", "id", "title", "customer_ids")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _is_seen(self, customer_id: UUID, who: Principal) -> bool:
        stored = self.stored(customer_id)
        if stored is not None and (survivor_id := stored.merged_into) is not None:
            return self._is_seen(survivor_id, who)
        if stored is None or render.is_ready_for(stored, who):
            return True
        return self.seen_by(who, customer_id, stored).known

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
