"""Holding what is written to the company's fields and rules, on every path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_contacts.model.errors import RulesBroken, ValueTaken
from crm_contacts.model.field import Held
from crm_contacts.model.judging import BLOCK, CORRECT, Finding, Rule
from crm_contacts.model.rulebook import Part, breaches, read_custom, renamed
from crm_contacts.model.vocabulary import values_of
from crm_contacts.queries import own_values
from crm_contacts.queries.rulebook import rulebook
from crm_fields.types import PREFIX


@dataclass(slots=True, kw_only=True)
class Holding:
    """One write of a record: its fields as they are kept, and what was found on the way."""

    part: Part
    fields: dict[str, Any]
    before: Mapping[str, Any] | None
    now: datetime
    findings: list[Finding] = field(default_factory=list)

    def judge(self, session: Session, record: Any, *, may_refuse: bool = True) -> None:
        """Check the record as it is now, and keep what it breaks.

        What others' facts, merges and their undoing change is never refused, only kept.
        """
        self.check(session, record, may_refuse=may_refuse)
        self.keep(session, record)

    def check(self, session: Session, record: Any, *, may_refuse: bool = True) -> None:
        """Find what the record breaks. Raises RulesBroken where a rule blocks, ValueTaken."""
        if not self._judges:
            return
        values = values_of(self.part.held, record)
        self.findings += breaches(self.part, values, before=self.before, now=self.now)
        self.findings += _twins(session, self.part, values, but=record.id, now=self.now)
        if may_refuse:
            refuse(self.findings)
            _refuse_taken(session, self.part, self.fields, but=record.id)

    def keep(self, session: Session, record: Any) -> None:
        """Note what was found, in place of what was, and tell it beside the answer."""
        if not self._judges:
            return
        found, is_new = {record.id: self.findings}, record.version == 0
        note(session, self.part.held, found, now=self.now, are_new=is_new)
        db.tell_beside(session, record.id, [each.told for each in self.findings])

    @property
    def _judges(self) -> bool:
        return bool(self.part.judges or self.findings or self.part.specs)


def begin(
    session: Session,
    held: Held,
    fields: Mapping[str, Any],
    *,
    now: datetime,
    record: Any = None,
) -> Holding:
    """Read the fields of a write; call it before the record changes, `judge` after.

    Raises Invalid with `custom.<key>` for what is not a field of the company, or no value of it.
    """
    part = rulebook(session, is_held=bool(fields.get("custom"))).of[held]
    before = values_of(held, record) if record is not None and part.rules else None
    if record is not None and before is None:
        before = {}
    kept, findings = read(part, fields, now=now)
    return Holding(part=part, fields=kept, before=before, now=now, findings=findings)


def read(
    part: Part, fields: Mapping[str, Any], *, now: datetime
) -> tuple[dict[str, Any], list[Finding]]:
    """Return fields as they are kept, and what the naming rules said. Raises Invalid."""
    kept = dict(fields)
    if "custom" in kept:
        kept["custom"], secret = read_custom(part, kept["custom"] or {}, at=now)
        if secret:
            kept["secret"] = secret
    return renamed(part, kept) if part.namings else (kept, [])


def refuse(found: list[Finding]) -> None:
    """Raise RulesBroken where one of these blocks; it names all of them."""
    if any(each.severity == BLOCK for each in found):
        raise RulesBroken([each.told for each in found if each.severity != CORRECT])


def unique_values(part: Part, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (key, value in small letters) of what these fields hold that must be unique."""
    custom: Mapping[str, Any] = fields.get("custom") or {}
    return [
        (key, str(value).lower())
        for key, value in custom.items()
        if value is not None and part.specs[key].unique
    ]


def _refuse_taken(session: Session, part: Part, fields: Mapping[str, Any], *, but: UUID) -> None:
    """The database would refuse it too, but could not say which field."""
    taken = own_values.taken(session, part.held, unique_values(part, fields), but=but)
    if taken:
        reason = f"taken by another {part.held.value}"
        raise ValueTaken(errors={PREFIX + key: [reason] for key, _ in taken})


def _twins(
    session: Session, part: Part, values: Mapping[str, Any], *, but: UUID, now: datetime
) -> list[Finding]:
    """What other records have as well; who writes the same values meanwhile waits for us."""
    found = []
    for rule in part.rules:
        if rule.check == "unique" and rule.applies(values, None, now):
            _lock(session, rule, values)
            if own_values.twin(session, part, rule, values, but=but, now=now):
                found.append(
                    Finding(rule_id=rule.id, field=rule.fields[0], message=rule.message,
                            severity=rule.severity)
                )  # fmt: skip
    return found


def _lock(session: Session, rule: Rule, values: Mapping[str, Any]) -> None:
    key = "\x1f".join([str(rule.id), *(str(values.get(name)) for name in rule.fields)])
    db.cursor(session).execute("select pg_advisory_xact_lock(hashtextextended(%s, 1))", (key,))


def note(
    session: Session,
    held: Held,
    found: Mapping[UUID, Sequence[Finding]],
    *,
    now: datetime,
    are_new: bool,
) -> None:
    """Keep what records break from now on, in place of what they broke until now."""
    cursor = db.cursor(session)
    if not are_new:
        cursor.execute(_FORGET, (held.value, list(found)))
    rows = [
        (held.value, record_id, each.rule_id, each.field, each.message, each.severity,
         each.suggestion, now)
        for record_id, findings in found.items()
        for each in findings if each.severity != CORRECT
    ]  # fmt: skip
    if rows:
        cursor.executemany(_NOTE, rows)


_FORGET = "delete from rule_breach where object = %s and record_id = any(%s)"
_NOTE = """
insert into rule_breach (object, record_id, rule_id, field, message, severity, suggestion, noted_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (object, record_id, rule_id, field) do update set
    message = excluded.message, severity = excluded.severity, suggestion = excluded.suggestion,
    noted_at = excluded.noted_at
"""
