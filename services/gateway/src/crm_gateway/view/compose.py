"""Composing customers' documents: the same function for the projected and the live answer.

A document is kept in parts, so that a read adds the freshness of each section to ready bytes.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from crm_chassis.auth import RESTRICTED
from crm_gateway.view.shapes import LISTS, SECTION_KINDS, SECTIONS

NEWEST = 50
COUNTED_KINDS = ("deal", "ticket", "sla_clock", "message", "invoice")


@dataclass(frozen=True, slots=True)
class Shown:
    """A record on a page."""

    kind: str
    id: UUID
    version: int
    body: str
    visibility: str = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What is counted over all of a customer's records, not just the newest."""

    open_amounts: Mapping[str, Decimal] = field(default_factory=dict)
    weighted_amounts: Mapping[str, Decimal] = field(default_factory=dict)
    open_tickets: int = 0
    sla_at_risk: int = 0
    messages_sent: int = 0
    messages_opened: int = 0
    open_invoices: Mapping[str, Decimal] = field(default_factory=dict)
    overdue_invoices: Mapping[str, Decimal] = field(default_factory=dict)
    overdue_count: int = 0
    limited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A composed customer, in parts."""

    customer_id: UUID
    known: bool
    restricted: bool
    head: str
    sections: Mapping[str, str]
    timeline: str
    versions: Mapping[str, int]

    @property
    def etag(self) -> str:
        """Return the hash of everything composed."""
        parts = (self.head, *(self.sections[name] for name in SECTIONS), self.timeline)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def compose(
    customer_id: UUID, shown: Iterable[Shown], sums: Sums, timeline_next: str | None
) -> Document:
    """Return the document of one customer. `shown`: newest first within each kind."""
    by_kind: dict[str, list[Shown]] = {}
    for record in shown:
        by_kind.setdefault(record.kind, []).append(record)
    contact = next((r for r in by_kind.get("contact", ()) if r.id == customer_id), None)
    account = next((r for r in by_kind.get("account", ()) if r.id == customer_id), None)
    subject = contact or account
    every = [record for records in by_kind.values() for record in records]
    data = {
        "contacts": _contacts(customer_id, by_kind, contact, account, sums),
        "sales": _object(_lists(by_kind, "sales") | _money(sums)),
        "marketing": _object(_lists(by_kind, "marketing") | {"engagement": _engagement(sums)}),
        "support": _object(_lists(by_kind, "support") | _support(sums)),
    }
    return Document(
        customer_id=customer_id,
        known=subject is not None,
        restricted=sums.limited or any(record.visibility in RESTRICTED for record in every),
        head=_head(customer_id, subject),
        sections={name: _section(name, data[name], every) for name in SECTIONS},
        timeline=_timeline(by_kind.get("timeline", ()), timeline_next),
        versions={f"{record.kind}/{record.id}": record.version for record in every},
    )


def _section(name: str, data: str, every: Iterable[Shown]) -> str:
    """Return a section's members but for its freshness; `version` rises with any of its records."""
    kinds = SECTION_KINDS[name]
    version = sum(record.version for record in every if record.kind in kinds)
    return f'"version":{version},"data":{data}'


def _head(customer_id: UUID, subject: Shown | None) -> str:
    body = orjson.loads(subject.body) if subject else {}
    head = {
        "id": customer_id,
        "kind": subject.kind if subject else None,
        "name": body.get("name"),
        "archived_at": body.get("archived_at"),
        "merged_into_id": body.get("merged_into_id"),
    }
    return orjson.dumps(head).decode()


def _contacts(
    customer_id: UUID, by_kind: Mapping[str, Sequence[Shown]],
    contact: Shown | None, account: Shown | None, sums: Sums,
) -> str:  # fmt: skip
    lists = _lists(by_kind, "contacts")
    others = [r for r in by_kind.get("contact", ()) if r.id != customer_id]
    lists |= {
        "contact": contact.body if contact else "null",
        "account": account.body if account else "null",
        "contacts": _array(others),
        "open_invoice_amounts": orjson.dumps(_every(sums.open_invoices)).decode(),
        "overdue_invoice_amounts": orjson.dumps(_every(sums.overdue_invoices)).decode(),
        "overdue_invoices": str(sums.overdue_count),
    }
    return _object(lists)


def _lists(by_kind: Mapping[str, Sequence[Shown]], section: str) -> dict[str, str]:
    return {
        name: _array(by_kind.get(kind, ()))
        for kind, (where, name) in LISTS.items()
        if where == section
    }


def _array(records: Iterable[Shown]) -> str:
    return "[" + ",".join(record.body for record in records) + "]"


def _object(members: Mapping[str, str]) -> str:
    return "{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}"


def _money(sums: Sums) -> dict[str, str]:
    return {
        "quotes": "[]",
        "open_amount": orjson.dumps(_only(sums.open_amounts)).decode(),
        "weighted_amount": orjson.dumps(_only(sums.weighted_amounts)).decode(),
        "open_amounts": orjson.dumps(_every(sums.open_amounts)).decode(),
        "weighted_amounts": orjson.dumps(_every(sums.weighted_amounts)).decode(),
    }


def _only(amounts: Mapping[str, Decimal]) -> dict[str, str] | None:
    """Return the sum where there is one currency; several are never added up."""
    every = _every(amounts)
    return every[0] if len(every) == 1 else None


def _every(amounts: Mapping[str, Decimal]) -> list[dict[str, str]]:
    cents = Decimal("0.01")
    return [
        {"amount": str(amounts[currency].quantize(cents)), "currency": currency}
        for currency in sorted(amounts)
    ]


def _engagement(sums: Sums) -> str:
    counts = {"messages_sent": sums.messages_sent, "messages_opened": sums.messages_opened}
    return orjson.dumps(counts).decode()


def _support(sums: Sums) -> dict[str, str]:
    return {
        "open_tickets": str(sums.open_tickets),
        "sla_at_risk": str(sums.sla_at_risk),
        "csat": "null",
    }


def _timeline(entries: Sequence[Shown], next_: str | None) -> str:
    return _object({"items": _array(entries), "next": orjson.dumps(next_).decode()})


def sums_of(bodies: Iterable[tuple[str, Mapping[str, Any]]]) -> Sums:
    """Return the sums over given records, for the live answer; SQL does the same for the view."""
    opened: dict[str, Decimal] = {}
    weighted: dict[str, Decimal] = {}
    owed: dict[str, Decimal] = {}
    overdue: dict[str, Decimal] = {}
    counts = {"ticket": 0, "sla_clock": 0, "sent": 0, "opened": 0, "overdue": 0}
    limited = False
    for kind, body in bodies:
        if body.get("archived_at"):
            continue
        limited = limited or (kind in COUNTED_KINDS and body.get("visibility") in RESTRICTED)
        if kind == "deal" and body.get("status") == "open":
            _add(opened, body.get("amount"))
            _add(weighted, body.get("weighted_amount"))
        elif kind == "ticket":
            counts["ticket"] += body.get("status") not in {"resolved", "closed", "spam"}
        elif kind == "sla_clock":
            counts["sla_clock"] += body.get("state") in {"breached", "warned"}
        elif kind == "message":
            counts["sent"] += body.get("sent_at") is not None
            counts["opened"] += body.get("opened_at") is not None
        elif kind == "invoice" and body.get("status") in {"open", "overdue"}:
            _add(owed, body.get("open_amount"))
            if body["status"] == "overdue":
                _add(overdue, body.get("open_amount"))
                counts["overdue"] += 1
    return Sums(
        open_amounts=opened, weighted_amounts=weighted, open_tickets=counts["ticket"],
        sla_at_risk=counts["sla_clock"], messages_sent=counts["sent"],
        messages_opened=counts["opened"], open_invoices=owed, overdue_invoices=overdue,
        overdue_count=counts["overdue"], limited=limited,
    )  # fmt: skip


def _add(into: dict[str, Decimal], money: Mapping[str, str] | None) -> None:
    if money:
        currency = money["currency"]
        into[currency] = into.get(currency, Decimal(0)) + Decimal(money["amount"])
