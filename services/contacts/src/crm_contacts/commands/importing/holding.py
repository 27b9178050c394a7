"""Rows held to the company's fields and rules, before anything is written of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import ids
from crm_chassis.problems import Invalid
from crm_contacts.commands.holding import read
from crm_contacts.commands.importing.changing import grown_points
from crm_contacts.commands.importing.planned import Planned
from crm_contacts.model.account import Account
from crm_contacts.model.contact import Contact
from crm_contacts.model.interchange import Import, RowStatus
from crm_contacts.model.newcomer import Newcomer
from crm_contacts.model.rulebook import Part, Rulebook
from crm_contacts.model.values import PointKind, company_key, merged
from crm_contacts.model.vocabulary import values_of
from crm_contacts.queries import imports, records
from crm_contacts.queries.rulebook import rulebook
from crm_fields.holding import values as own_values
from crm_fields.judging import BLOCK, Finding
from crm_fields.objects import Held
from crm_fields.rulebook import breaches, custom_values, unique_values
from crm_fields.types import PREFIX, FieldType
from crm_interchange import DayOrder
from crm_interchange.days import birthday

_ACTING = frozenset({RowStatus.CREATE, RowStatus.UPDATE})
_POINTS = {"emails": PointKind.EMAIL, "phones": PointKind.PHONE}


@dataclass(slots=True, kw_only=True)
class _Base:
    """What rows are held to, and whom those that change somebody change."""

    book: Rulebook
    people: Mapping[UUID, Contact]
    days: DayOrder
    now: datetime
    companies: dict[str, list[str]] = field(default_factory=dict)

    @property
    def part(self) -> Part:
        return self.book.of[Held.CONTACT]


def hold(session: Session, file: Import, planned: Sequence[Planned], *, now: datetime) -> None:
    """Read the fields of rows as the API reads them, and refuse what the rules do not allow."""
    book = rulebook(session, is_held=True)
    acting = [each for each in planned if each.action in _ACTING]
    part = book.of[Held.CONTACT]
    if not (part.specs or part.rules or part.namings or book.of[Held.ACCOUNT].judges
            or book.of[Held.ACCOUNT].namings):  # fmt: skip
        _refuse_own(acting)
        return
    changed = [each.contact_id for each in acting if each.contact_id and part.judges]
    people = {each.id: each for each in records.contacts_of(session, changed)}
    base = _Base(
        book=book, people=people, now=now, days=DayOrder(file.date_order or "day-month-year")
    )
    for each in acting:
        _hold(each, base)
    _hold_companies(session, acting, base)
    _refuse_taken(session, acting, part)


def _refuse_own(acting: Sequence[Planned]) -> None:
    for each in acting:
        if each.fields.get("custom"):
            _refuse(
                each, [f"{PREFIX}{key}: There is no such field." for key in each.fields["custom"]]
            )


def _hold(each: Planned, base: _Base) -> None:
    fields = dict(each.fields)
    if "custom" in fields:
        fields["custom"] = _with_days(base, fields["custom"])
    try:
        each.fields, findings = read(base.part, fields, now=base.now)
    except Invalid as invalid:
        _refuse(each, _told(invalid.errors or {}))
        return
    if base.part.judges and each.newcomer is None:
        values, before = _foreseen(each, base)
        findings += breaches(base.part, values, before=before, now=base.now)
    each.findings = findings
    if reasons := _blocking(findings):
        _refuse(each, reasons)


def _with_days(base: _Base, custom: Mapping[str, Any]) -> dict[str, Any]:
    """Dates as the file writes them."""
    found = dict(custom)
    for key, value in custom.items():
        spec = base.part.specs.get(key)
        if spec is not None and spec.type is FieldType.DATE and isinstance(value, str):
            found[key] = birthday(value, base.days, this_year=base.now.year) or value
    return found


def _foreseen(each: Planned, base: _Base) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What the contact's values would be, and what they are; None: it would be new."""
    contact = base.people.get(each.contact_id) if each.contact_id else None
    if contact is None:
        made = Newcomer.of(
            each.fields, contact_id=ids.new(), owner_id=None, account_id=None, actor="", at=base.now
        )
        return values_of(Held.CONTACT, made), None
    before = values_of(Held.CONTACT, contact)
    values = {**before, **{name: each.fields[name] for name in before.keys() & each.fields.keys()}}
    for name, kind in _POINTS.items():
        grown = grown_points(contact.points_of(kind), each.fields.get(name) or ())
        if grown is not None:
            values[name] = [point.value for point in grown]
            values[kind.value] = before[kind.value] or grown[0].value
    if custom := each.fields.get("custom"):
        values |= custom_values(merged(contact.custom, custom))
    return values, before


def _hold_companies(session: Session, acting: Sequence[Planned], base: _Base) -> None:
    """Refuse rows whose company would be a new account that the rules do not allow."""
    part = base.book.of[Held.ACCOUNT]
    named = {each.row.body["company"] for each in acting if each.row.body.get("company")}
    if not named or not (part.judges or part.namings):
        return
    keys = {name: company_key(name) or name for name in named}
    known = imports.live_accounts(session, list(keys.values()))
    for name in (each for each in sorted(named) if keys[each] not in known):
        kept, findings = read(part, {"name": name}, now=base.now)
        account = Account(**kept)
        findings += breaches(part, values_of(Held.ACCOUNT, account), before=None, now=base.now)
        base.companies[name] = _blocking(findings)
    for each in acting:
        reasons = base.companies.get(each.row.body.get("company", ""))
        if reasons and each.action in _ACTING:
            _refuse(each, [f"company {reason}" for reason in reasons])


def _refuse_taken(session: Session, acting: Sequence[Planned], part: Part) -> None:
    """Refuse rows with a value that must be unique and that somebody has, or an earlier row."""
    wanted = {id(each): unique_values(part, each.fields) for each in acting
              if each.action in _ACTING}  # fmt: skip
    taken = own_values.taken(
        session, part.held, [pair for pairs in wanted.values() for pair in pairs]
    )
    seen: dict[tuple[str, str], Planned] = {}
    for each in acting:
        for pair in wanted.get(id(each), ()):
            holder, earlier = taken.get(pair), seen.get(pair)
            is_other = holder is not None and holder != each.contact_id
            if is_other or (earlier is not None and earlier is not each.newcomer):
                _refuse(each, [f"{PREFIX}{pair[0]}: taken by another contact"])
                break
            seen[pair] = each


def _blocking(findings: Sequence[Finding]) -> list[str]:
    return [f"{found.field}: {found.message}" for found in findings if found.severity == BLOCK]


def _refuse(each: Planned, reasons: list[str]) -> None:
    each.action, each.reasons, each.contact_id = RowStatus.REFUSED, reasons, None


def _told(errors: Mapping[str, Sequence[str]]) -> list[str]:
    return [f"{name}: {' '.join(why)}" for name, why in errors.items()]
