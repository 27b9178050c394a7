"""What one person sees of customers: which records, of these which fields, and what they sum up to."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson

from crm_chassis import rights
from crm_chassis.auth import Principal
from crm_chassis.rights import Range
from crm_contracts import objects
from crm_gateway.view.compose import Shown, Sums

TIMELINE = objects.TIMELINE
Body = Mapping[str, Any]


class Sight:
    """Somebody's view; made anew for each request."""

    def __init__(self, who: Principal, mates: Callable[[], Collection[UUID]]) -> None:
        """`mates` looks up who is in the teams of `who`, for records that came past the database."""
        self._who, self._mates = who, mates
        self._rights = who.rights

    @property
    def seen(self) -> dict[str, Any]:
        """The values by which statements leave out what is not seen."""
        return rights.seen_of_all(self._who)

    def whole(self, every: Iterable[Shown]) -> list[Shown]:
        """Return the records without hidden fields."""
        return [self._whole(each) for each in every]

    def timeline(self, bodies: Iterable[str]) -> list[str]:
        """Return entries; the title of one whose subject hides something is but what happened."""
        return [self._entry(body) for body in bodies]

    def whole_sums(self, sums: Sums) -> Sums:
        """Return the sums without those that tell of hidden fields."""
        hidden = self._rights.hidden
        gone: dict[str, Any] = {}
        if hidden("deal") & {"amount", "status"}:
            gone["open_amounts"] = {}
        if hidden("deal") & {"amount", "weighted_amount", "status"}:
            gone["weighted_amounts"] = {}
        if hidden("invoice") & {"open_amount", "status"}:
            gone |= {"open_invoices": {}, "overdue_invoices": {}, "overdue_count": 0}
        if "status" in hidden("ticket"):
            gone["open_tickets"] = 0
        return replace(sums, **gone)

    def among(self, items: Sequence[tuple[str, UUID, Body]]) -> set[tuple[str, UUID]]:
        """Return which of these records, just told by their owners, are seen."""
        known = {(kind, id_): body for kind, id_, body in items}
        return {key for key, body in known.items() if self._sees(key[0], body, known)}

    def _sees(self, kind: str, body: Body, known: Mapping[tuple[str, UUID], Body]) -> bool:
        if self._who.is_admin:
            return True
        if self._rights.is_open_to_all:
            return self._is_open(body)
        if kind == TIMELINE:
            whole = (str(body["subject_kind"]), UUID(body["subject_id"]))
            return whole in known and self._is_within(whole[0], known[whole])
        range_ = self._rights.range_of(kind, "read")
        if range_ in {Range.OWN, Range.TEAM} and kind in objects.PARTS:
            of, field = objects.PARTS[kind]
            return (of, UUID(body[field])) in known and self._is_within(
                of, known[of, UUID(body[field])]
            )
        return self._is_within(kind, body)

    def _is_within(self, kind: str, body: Body) -> bool:
        range_ = self._rights.range_of(kind, "read")
        if range_ is Range.NONE or not self._is_open(body):
            return False
        if range_ is Range.ALL:
            return True
        owner, team, assignee = _whose(body)
        if self._who.user_id is not None and self._who.user_id in (owner, assignee):
            return True
        return range_ is Range.TEAM and (team in self._who.team_ids or owner in self._team_mates)

    def _is_open(self, body: Body) -> bool:
        return self._who.may_see(str(body.get("visibility", "all")), *_whose(body))

    @cached_property
    def _team_mates(self) -> Collection[UUID]:
        return self._mates()

    def _whole(self, record: Shown) -> Shown:
        if record.kind == TIMELINE:
            return replace(record, body=self._entry(record.body))
        hidden = self._rights.hidden(record.kind)
        if not hidden:
            return record
        body = rights.whole(orjson.loads(record.body), hidden)
        return replace(record, body=orjson.dumps(body).decode())

    def _entry(self, body: str) -> str:
        entry = orjson.loads(body)
        if not self._rights.hidden(entry["subject_kind"]):
            return body
        return orjson.dumps(entry | {"title": entry["entry_kind"]}).decode()


def _whose(body: Body) -> tuple[UUID | None, UUID | None, UUID | None]:
    """Return owner, team and assignee of a record."""
    owner, team, assignee = (
        UUID(value) if (value := body.get(name)) else None
        for name in ("owner_id", "team_id", "assignee_id")
    )
    return owner, team, assignee
