"""Lists of records as tables: which columns there are, and what the address says is shown."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from crm_chassis import web
from crm_gateway.console import formats

PAGE_SIZE, LONGEST_TRAIL = 50, 12
_PAGING = frozenset({"view", "cursor", "trail"})
_MINE = "me"
_DAYS = {
    "created_since": formats.start_of_day,
    "created_before": formats.start_of_next_day,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One kind of record in a list: `choices` are filters with the values they may have."""

    kind: str
    plural: str
    title: str
    columns: Mapping[str, str]
    first_columns: tuple[str, ...]
    sorts: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]
    texts: tuple[str, ...]
    batch_fields: tuple[str, ...] = ("tag", "untag", "assign", "archive")

    @property
    def filters(self) -> tuple[str, ...]:
        """Every query parameter of the API's list that the page knows."""
        own = (*self.texts, *self.choices)
        return ("q", "owner_id", "tag", "created_since", "created_before", "archived", *own)


CONTACTS = Sheet(
    kind="contact", plural="contacts", title="Contacts",
    columns={
        "name": "Name", "emails": "E-mail", "phones": "Phone", "account": "Account",
        "job_title": "Job title", "department": "Department", "lifecycle": "Stage",
        "owner": "Owner", "tags": "Tags", "source": "Source", "language": "Language",
        "birthday": "Birthday", "created_at": "Created", "updated_at": "Changed",
        "public_no": "No.",
    },
    first_columns=("name", "emails", "account", "lifecycle", "owner", "tags"),
    sorts={
        "-created_at": "Newest first", "created_at": "Oldest first", "name": "Name",
        "-name": "Name, from the end", "-updated_at": "Changed last", "public_no": "Number",
    },
    choices={
        "lifecycle": (
            "subscriber", "lead", "mql", "sql", "opportunity", "customer", "evangelist", "other",
        ),
    },
    texts=("account_id",),
    batch_fields=("tag", "untag", "assign", "export", "archive"),
)  # fmt: skip
ACCOUNTS = Sheet(
    kind="account", plural="accounts", title="Accounts",
    columns={
        "name": "Name", "domain": "Domain", "industry": "Industry", "type": "Type",
        "lifecycle": "Stage", "owner": "Owner", "tags": "Tags", "size_band": "Size",
        "parent": "Part of", "customer_since": "Customer since", "renewal_date": "Renewal",
        "created_at": "Created", "updated_at": "Changed", "public_no": "No.",
    },
    first_columns=("name", "domain", "type", "lifecycle", "owner", "renewal_date"),
    sorts=CONTACTS.sorts,
    choices={
        "lifecycle": ("lead", "opportunity", "customer", "churned"),
        "type": ("customer", "prospect", "partner", "supplier", "competitor", "other"),
    },
    texts=("industry",),
)  # fmt: skip
SHEETS = {each.plural: each for each in (CONTACTS, ACCOUNTS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a page of a list shows; `filter` as the API takes it, but for an owner `me`."""

    sheet: Sheet
    filter: Mapping[str, str] = field(default_factory=dict)
    sort: str = "-created_at"
    columns: tuple[str, ...] = ()
    view_id: str = ""
    cursor: str = ""
    trail: tuple[str, ...] = ()

    @property
    def asked(self) -> dict[str, Any]:
        """The query of the API's list."""
        mine = {"owner_id": str(web.principal().user_id)}
        own = mine if self.filter.get("owner_id") == _MINE else {}
        paging = {"sort": self.sort, "cursor": self.cursor, "limit": PAGE_SIZE}
        return {**self.filter, **own, **paging}

    @property
    def saved(self) -> dict[str, Any]:
        """What a saved view keeps of it."""
        return {"filter": dict(self.filter), "sort": self.sort, "columns": list(self.columns)}

    def query(self, **changes: Any) -> str:
        """Return the address of this state with changes, as a query."""
        new = replace(self, **changes)
        pairs = [*new.filter.items(), ("sort", new.sort), *(("column", c) for c in new.columns)]
        named = [("view", new.view_id), ("cursor", new.cursor), *(("trail", t) for t in new.trail)]
        return "?" + urlencode([*pairs, *((name, value) for name, value in named if value)])

    def after(self, cursor: str) -> str:
        """Return the address of the page behind this one."""
        trail = (*self.trail, self.cursor)[-LONGEST_TRAIL:] if self.cursor else self.trail
        return self.query(cursor=cursor, trail=trail)

    @property
    def before(self) -> str | None:
        """Return the address of the page in front of this one; None on the first."""
        if not self.cursor:
            return None
        cursor = self.trail[-1] if self.trail else ""
        return self.query(cursor=cursor, trail=self.trail[:-1])


def state(sheet: Sheet, given: MultiDict[str, str], view: Mapping[str, Any] | None) -> State:
    """Return what an address or a form says; an address that only names a view says what it keeps."""
    if view is not None and not set(given) - _PAGING:
        found = State(
            sheet=sheet, filter=dict(view["filter"]), sort=view["sort"] or "-created_at",
            columns=_columns(sheet, view["columns"]), view_id=view["id"],
        )  # fmt: skip
    else:
        sort = given.get("sort", "")
        found = State(
            sheet=sheet, filter=_filter(sheet, given),
            sort=sort if sort in sheet.sorts else "-created_at",
            columns=_columns(sheet, given.getlist("column")), view_id=view["id"] if view else "",
        )  # fmt: skip
    return replace(found, cursor=given.get("cursor", ""), trail=tuple(given.getlist("trail")))


def _filter(sheet: Sheet, given: MultiDict[str, str]) -> dict[str, str]:
    known = (*sheet.filters, "where", *(name for name in given if name.startswith("custom.")))
    found = {name: given[name].strip() for name in known if given.get(name, "").strip()}
    for name, reader in _DAYS.items():
        day = given.get(f"{name}_day")
        if day:
            found[name] = _instant(day, reader)
    return found


def _instant(day: str, reader: Callable[[str], str | None]) -> str:
    """Return the instant a day stands for, or as it was typed, for the service to refuse."""
    try:
        return reader(day) or day
    except (ValueError, OverflowError):
        return day


def _columns(sheet: Sheet, wanted: Iterable[str]) -> tuple[str, ...]:
    chosen = [each for each in dict.fromkeys(wanted) if each in sheet.columns]
    if not chosen:
        return sheet.first_columns
    return tuple(chosen) if "name" in chosen else ("name", *chosen)
