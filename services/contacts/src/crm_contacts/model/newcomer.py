"""A contact that comes in with many others: a `Contact` without the mapping, ready to be copied.

Everything that is computed of a contact is computed here as `Contact.change` does it; a test holds
the two together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from crm_contacts.model import recognition
from crm_contacts.model.reach import NUMBERING_PLAN, Quality, phone_quality
from crm_contacts.model.values import ContactLifecycle, PointKind, merged, search_words, sort_key
from crm_matching import Person
from crm_matching.keys import keys_of


@dataclass(slots=True, kw_only=True)
class NewPoint:
    """An e-mail address or telephone number."""

    kind: PointKind
    value: str
    label: str | None
    position: int
    is_primary: bool
    deliverability: str = "unknown"
    opted_out: bool = False
    quality: Quality = Quality.UNKNOWN
    judged_at: datetime | None = None
    judged_by: str | None = None
    judged_why: str | None = None


@dataclass(slots=True, kw_only=True)
class NewLink:
    """The place in the one account a newcomer belongs to."""

    account_id: UUID
    role: str | None = None
    position: int = 0
    is_primary: bool = True
    is_active: bool = True


@dataclass(slots=True, kw_only=True)
class Newcomer:
    """A contact of version 1 that nobody has seen yet."""

    id: UUID
    public_no: int = 0
    version: int = 1
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    archived_at: datetime | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    visibility: str = "all"
    first_name: str | None = None
    last_name: str | None = None
    job_title: str | None = None
    department: str | None = None
    language: str | None = None
    time_zone: str | None = None
    birthday: str | None = None
    lifecycle: ContactLifecycle = ContactLifecycle.LEAD
    source: str | None = None
    tags: list[str] = field(default_factory=list)
    do_not_call: bool = False
    addresses: list[dict[str, Any]] = field(default_factory=list)
    custom: dict[str, Any] = field(default_factory=dict)
    secret: dict[str, Any] = field(default_factory=dict)
    preferences: dict[str, Any] = field(default_factory=dict)
    merged_into_id: UUID | None = None
    points: list[NewPoint] = field(default_factory=list)
    links: list[NewLink] = field(default_factory=list)
    sort_name: str = ""
    search_text: str = ""
    match_keys: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        fields: Mapping[str, Any],
        *,
        contact_id: UUID,
        owner_id: UUID | None,
        account_id: UUID | None,
        actor: str,
        at: datetime,
    ) -> Self:
        """Build one of checked fields in JSON."""
        values = dict(fields)
        emails, phones = values.pop("emails", ()), values.pop("phones", ())
        for name in ("custom", "secret"):
            values[name] = merged({}, values.get(name) or {})
        if "lifecycle" in values:
            values["lifecycle"] = ContactLifecycle(values["lifecycle"])
        made = cls(
            id=contact_id, owner_id=owner_id, created_at=at, updated_at=at, created_by=actor,
            updated_by=actor, points=[*_points(PointKind.EMAIL, emails),
            *_points(PointKind.PHONE, phones)], **values,
        )  # fmt: skip
        if account_id is not None:
            made.links.append(NewLink(account_id=account_id))
        made.index()
        return made

    @property
    def name(self) -> str:
        """What people call the contact."""
        spoken = " ".join(filter(None, (self.first_name, self.last_name)))
        return spoken or next((point.value for point in self.points), "")

    @property
    def account_id(self) -> UUID | None:
        """The account it belongs to."""
        return self.links[0].account_id if self.links else None

    @property
    def person(self) -> Person:
        """The contact as it is recognised."""
        return recognition.person(
            first_name=self.first_name,
            last_name=self.last_name,
            birthday=self.birthday,
            emails=[point.value for point in self.points_of(PointKind.EMAIL)],
            phones=[
                point.value
                for point in self.points_of(PointKind.PHONE)
                if point.quality is not Quality.INCORRECT
            ],
            account_ids=[link.account_id for link in self.links],
            addresses=self.addresses,
        )

    def points_of(self, kind: PointKind) -> list[NewPoint]:
        """Its e-mail addresses, or its telephone numbers, in order."""
        return [point for point in self.points if point.kind is kind]

    def index(self) -> None:
        """Compute what it is sorted, searched and recognised by."""
        surname_first = " ".join(filter(None, (self.last_name, self.first_name)))
        self.sort_name = sort_key(surname_first or self.name)
        values = (point.value for point in self.points)
        self.search_text = search_words(self.first_name, self.last_name, self.job_title, *values)
        self.match_keys = sorted(keys_of(self.person))


def _points(kind: PointKind, wanted: Sequence[Mapping[str, Any]]) -> Iterable[NewPoint]:
    """Each value once, where it stands first; the first that is called so is the primary."""
    first = {each["value"]: each for each in reversed(wanted)}
    ordered = list(dict.fromkeys(each["value"] for each in wanted))
    primary = next((value for value in ordered if first[value].get("primary")), None)
    for position, value in enumerate(ordered):
        is_primary = value == primary or (primary is None and position == 0)
        quality = phone_quality(value) if kind is PointKind.PHONE else Quality.UNKNOWN
        yield NewPoint(
            kind=kind, value=value, label=first[value].get("label"), position=position,
            is_primary=is_primary, quality=quality,
            judged_why=None if quality is Quality.UNKNOWN else NUMBERING_PLAN,
        )  # fmt: skip
