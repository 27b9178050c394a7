"""From a document's parts to the bytes a viewer gets."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from crm_chassis.auth import RESTRICTED, Principal
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
        """The contact or account that this one was merged into."""
        if self.head.endswith('"merged_into_id":null}'):
            return None
        survivor = orjson.loads(self.head)["merged_into_id"]
        return UUID(survivor) if survivor else None

    def merged_from(self, absorbed_id: UUID) -> "Stored":
        """The same, as the answer for the id of what was merged into this one."""
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


def render(stored: Stored, standing: Mapping[str, Freshness], viewer: Principal) -> bytes:
    """Return the answer: ready bytes, filtered only where a record is not for everybody."""
    sections, timeline = stored.sections, stored.timeline
    if stored.restricted and not viewer.is_admin:
        sections = {name: _filtered_section(part, viewer) for name, part in sections.items()}
        timeline = _filtered_timeline(timeline, viewer)
    degraded = [name for name in SECTIONS if standing[name].status != "ok"]
    shown = ",".join(f'"{n}":{{{_standing_json(standing[n])},{sections[n]}}}' for n in SECTIONS)
    head = stored.head[:-1]
    return (
        f'{head},"version":"{stored.etag}","degraded":{orjson.dumps(degraded).decode()},'
        f'"sections":{{{shown}}},"timeline":{timeline}}}'
    ).encode()


def etag(stored: Stored, standing: Mapping[str, Freshness], viewer: Principal) -> str:
    """Return the entity tag: what is shown, how it stands, to whom if that matters."""
    marks = "".join(standing[name].status[0] for name in SECTIONS)
    whom = f"-{viewer.actor}" if stored.restricted and not viewer.is_admin else ""
    return f"{stored.etag}-{marks}{whom}"


def is_for(stored: Stored, viewer: Principal) -> bool:
    """Say whether a customer is shown to this viewer at all."""
    if not stored.restricted or viewer.is_admin:
        return True
    contacts = orjson.loads("{" + stored.sections["contacts"] + "}")["data"]
    subject = contacts["contact"] or contacts["account"]
    return subject is None or _may_see(subject, viewer)


def _standing(as_of: datetime | None, now: datetime) -> Freshness:
    if as_of is None:
        return Freshness("unavailable", None)
    return Freshness("ok" if now - as_of <= STALE_AFTER else "stale", as_of)


def _standing_json(standing: Freshness) -> str:
    as_of = orjson.dumps(standing.as_of, option=orjson.OPT_UTC_Z).decode()
    return f'"status":"{standing.status}","as_of":{as_of}'


def _filtered_section(part: str, viewer: Principal) -> str:
    section = orjson.loads("{" + part + "}")
    section["data"] = {name: _visible(value, viewer) for name, value in section["data"].items()}
    return orjson.dumps(section).decode()[1:-1]


def _filtered_timeline(text: str, viewer: Principal) -> str:
    timeline = orjson.loads(text)
    return orjson.dumps(timeline | {"items": _visible(timeline["items"], viewer)}).decode()


def _visible(value: Any, viewer: Principal) -> Any:
    """Leave out records that are not for this viewer; what is inside a record is its own affair."""
    if isinstance(value, list):
        return [each for each in value if _may_see(each, viewer)]
    if isinstance(value, dict):
        return value if _may_see(value, viewer) else None
    return value


def _may_see(record: Mapping[str, Any], viewer: Principal) -> bool:
    visibility = record.get("visibility")
    if visibility not in RESTRICTED:
        return True
    owner, team = record.get("owner_id"), record.get("team_id")
    return viewer.may_see(visibility, UUID(owner) if owner else None, UUID(team) if team else None)
