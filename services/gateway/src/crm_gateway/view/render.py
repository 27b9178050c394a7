"""From a document's parts to the bytes a viewer gets."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from crm_chassis.auth import Principal
from crm_gateway.view.compose import Document
from crm_gateway.view.shapes import SECTIONS

STALE_AFTER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How a section stands: ok, stale or unavailable, and as of when."""

    status: str
    as_of: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A document as it is read: parts, and its etag."""

    etag: str
    known: bool
    restricted: bool
    head: str
    sections: Mapping[str, str]
    timeline: str

    @property
    def merged_into(self) -> UUID | None:
        """The contact that this one was merged into."""
        if self.head.endswith('"merged_into_id":null}'):
            return None
        survivor = orjson.loads(self.head)["merged_into_id"]
        return UUID(survivor) if survivor else None

    def merged_from(self, absorbed_id: UUID) -> "Stored":
        """The same, as the answer for the id of a contact that was merged into this one."""
        head = f'{self.head[:-1]},"merged_from":"{absorbed_id}"}}'
        return replace(self, head=head, etag=f"{self.etag}-{str(absorbed_id)[-12:]}")

    @classmethod
    def of_row(cls, row: tuple[Any, ...]) -> "Stored":
        """Return what `queries.view.document` found."""
        etag, known, restricted, head, *sections, timeline = row
        named = dict(zip(SECTIONS, sections, strict=True))
        return cls(
            etag=etag, known=known, restricted=restricted, head=head, sections=named,
            timeline=timeline,
        )  # fmt: skip

    @classmethod
    def of_document(cls, made: Document) -> "Stored":
        """Return a document composed just now."""
        return cls(
            etag=made.etag, known=made.known, restricted=made.restricted, head=made.head,
            sections=made.sections, timeline=made.timeline,
        )  # fmt: skip


def freshness(watermarks: Mapping[str, datetime], *, now: datetime) -> dict[str, Freshness]:
    """Return how each section stands by its service's last watermark."""
    return {name: _standing(watermarks.get(name), now) for name in SECTIONS}


def render(stored: Stored, standing: Mapping[str, Freshness]) -> bytes:
    """Return the answer: ready bytes and how fresh they are."""
    degraded = [name for name in SECTIONS if standing[name].status != "ok"]
    sections = stored.sections
    shown = ",".join(f'"{n}":{{{_standing_json(standing[n])},{sections[n]}}}' for n in SECTIONS)
    head = stored.head[:-1]
    return (
        f'{head},"version":"{stored.etag}","degraded":{orjson.dumps(degraded).decode()},'
        f'"sections":{{{shown}}},"timeline":{stored.timeline}}}'
    ).encode()


def etag(stored: Stored, standing: Mapping[str, Freshness]) -> str:
    """Return the entity tag: what is shown and how it stands; what is shown says to whom it is."""
    marks = "".join(standing[name].status[0] for name in SECTIONS)
    return f"{stored.etag}-{marks}"


def is_ready_for(stored: Stored, viewer: Principal) -> bool:
    """Say whether somebody sees all of a customer as it is kept ready."""
    return viewer.is_admin or (not stored.restricted and viewer.rights.is_open_to_all)


def _standing(as_of: datetime | None, now: datetime) -> Freshness:
    if as_of is None:
        return Freshness("unavailable", None)
    return Freshness("ok" if now - as_of <= STALE_AFTER else "stale", as_of)


def _standing_json(standing: Freshness) -> str:
    as_of = orjson.dumps(standing.as_of, option=orjson.OPT_UTC_Z).decode()
    return f'"status":"{standing.status}","as_of":{as_of}'
