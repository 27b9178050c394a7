"""What the view reads out of a record: when it sorts, how it is found, which section shows it."""

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_chassis.project import Source
from crm_contracts import RECORDS, SERVICES, Record, objects

SECTIONS = ("contacts", "sales", "marketing", "support")
# kind -> (section, name of the list in the section's data)
LISTS: Mapping[str, tuple[str, str]] = {
    "account": ("contacts", "accounts"),
    "task": ("contacts", "tasks"),
    "note": ("contacts", "notes"),
    "interaction": ("contacts", "interactions"),
    "consent": ("contacts", "consents"),
    "order": ("contacts", "orders"),
    "invoice": ("contacts", "invoices"),
    "subscription": ("contacts", "subscriptions"),
    "document": ("contacts", "documents"),
    "relationship": ("contacts", "relationships"),
    "identity": ("contacts", "identities"),
    "lead": ("sales", "leads"),
    "deal": ("sales", "deals"),
    "segment_membership": ("marketing", "segments"),
    "enrollment": ("marketing", "enrollments"),
    "message": ("marketing", "messages"),
    "ticket": ("support", "tickets"),
    "ticket_message": ("support", "messages"),
    "sla_clock": ("support", "clocks"),
}
CUSTOMER_KINDS = ("contact", "account")
PAGE_KINDS = ("contact", *LISTS, "timeline")
SECTION_KINDS: Mapping[str, tuple[str, ...]] = {
    section: tuple(kind for kind, (where, _) in LISTS.items() if where == section)
    + (("contact",) if section == "contacts" else ())
    for section in SECTIONS
}
_HAPPENED = ("at", "placed_at", "issued_at")
_LONGEST_SEARCH_TEXT, _LONGEST_KEY = 2000, 200


def sources(service: str) -> tuple[Source, ...]:
    """Return every kind of record a service publishes."""
    return tuple(Source(of, kind) for of, kind in sorted(RECORDS) if of == service)


def all_sources() -> tuple[Source, ...]:
    """Return every kind of record of every service."""
    return tuple(source for service in SERVICES for source in sources(service))


def sort_at(record: Record) -> datetime:
    """Return the instant a record is ordered by on a page."""
    named = (getattr(record, name, None) for name in _HAPPENED)
    happened: datetime | None = next((at for at in named if at is not None), None)
    return happened or record.created_at


def title(record: Record) -> str | None:
    """Return the line that names a record; None: it has none, or another's."""
    maker = _TITLES.get(record.kind)
    return maker(record) if maker and not _is_merged(record) else None


def search_text(record: Record, *, own: Collection[str] = ()) -> str | None:
    """Return the folded text a record is found by; `own`: the company's fields that are searched.

    What was put away is not searched.
    """
    maker = _SEARCHED.get(record.kind)
    if maker is None or _is_merged(record) or record.archived_at is not None:
        return None
    words = [*filter(None, maker(record)), *_own_words(record, own)]
    return fold_text(" ".join(words))[:_LONGEST_SEARCH_TEXT]


def _own_words(record: Record, keys: Collection[str]) -> Iterator[str]:
    custom: Mapping[str, Any] = getattr(record, "custom", {})
    for key in sorted(keys):
        value = custom.get(key)
        yield from (str(each) for each in (value if isinstance(value, list) else [value]) if each)


def alias_of(record: Record) -> UUID | None:
    """The customer that a record's id is another name of: its survivor, or whom a visitor is."""
    other: UUID | None = getattr(record, "merged_into_id", None)
    return getattr(record, "contact_id", None) if record.kind == "identity" else other


def _is_merged(record: Record) -> bool:
    return getattr(record, "merged_into_id", None) is not None


def title_key(record: Record) -> str | None:
    """Return the folded title: what a name begins with."""
    named = title(record) if record.archived_at is None else None
    return _key(named) if named else None


def name_key(record: Record) -> str | None:
    """Return a person's folded name, the family name first; None where it says nothing new."""
    first, last = getattr(record, "first_name", None), getattr(record, "last_name", None)
    is_named = first and last and record.archived_at is None
    return _key(f"{last} {first}") if is_named else None


def _key(text: str) -> str:
    return " ".join(fold_text(text).split())[:_LONGEST_KEY]


def fold_text(text: str) -> str:
    """Return text without case and accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


_TITLES: Mapping[str, Callable[[Any], str]] = {
    "contact": lambda r: r.name,
    "account": lambda r: r.name,
    "deal": lambda r: r.name,
    "lead": lambda r: r.name,
    "ticket": lambda r: f"#{r.public_no} {r.subject}",
    "campaign": lambda r: r.name,
    "segment": lambda r: r.name,
    "task": lambda r: r.title,
    "document": lambda r: r.title,
}
_SEARCHED: Mapping[str, Callable[[Any], list[str | None]]] = {
    "contact": lambda r: [
        r.name, *(e.value for e in r.emails), *(p.value for p in r.phones), r.job_title,
    ],
    "account": lambda r: [r.name, r.legal_name, r.domain],
    "deal": lambda r: [r.name, str(r.public_no)],
    "lead": lambda r: [r.name, r.email, r.company],
    "ticket": lambda r: [r.subject, str(r.public_no)],
    "campaign": lambda r: [r.name],
    "segment": lambda r: [r.name],
    "task": lambda r: [r.title],
    "document": lambda r: [r.title, r.folder, r.description],
}  # fmt: skip
SEARCHED_KINDS = tuple(_TITLES)
_PERSON = frozenset({"name", "first_name", "last_name"})
# The fields a record is named by; who may not see them does not find it.
_NAMED_BY: Mapping[str, frozenset[str]] = {
    "contact": _PERSON, "lead": _PERSON, "ticket": frozenset({"subject"}),
    "task": frozenset({"title"}), "document": frozenset({"title"}),
}  # fmt: skip


def is_named(kind: str, hidden: Collection[str]) -> bool:
    """Say whether a kind may be found by its name where these fields are hidden."""
    return not _NAMED_BY.get(kind, frozenset({"name"})).intersection(hidden)


def is_found_wholly(kind: str, hidden: Collection[str]) -> bool:
    """Say whether a kind may be found by its whole text where these fields are hidden."""
    told = any(field.startswith("custom") for field in hidden)
    return not told and not objects.sought_in(kind).intersection(hidden)
