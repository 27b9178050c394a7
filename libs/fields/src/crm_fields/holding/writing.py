"""Holding what is written to the company's fields and rules, on every path."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_chassis import db
from crm_chassis.problems import Invalid
from crm_fields.holding import values as own_values
from crm_fields.holding.asking import Records
from crm_fields.holding.books import Books, Parts
from crm_fields.holding.errors import RulesBroken, ValueTaken
from crm_fields.judging import BLOCK, CORRECT, Finding, Rule
from crm_fields.objects import Held
from crm_fields.rulebook import InvalidValues, Part, breaches, merged, read_custom, unique_values
from crm_fields.types import PREFIX

Fields = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Holding:
    """One write of a record: its fields as they are kept, and what was found on the way."""

    records: Records
    part: Part
    fields: dict[str, Any]
    before: Fields | None
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
        values = self.records.values(record)
        self.findings += breaches(self.part, values, before=self.before, now=self.now)
        self.findings += self._twins(session, values, but=record.id)
        if may_refuse:
            refuse(self.findings)
            _refuse_taken(session, self.part, self.fields, but=record.id)

    def keep(self, session: Session, record: Any) -> None:
        """Note what was found, in place of what was, and tell it beside the answer."""
        if not self._judges:
            return
        found, is_new = {record.id: self.findings}, not record.version
        note(session, self.part.held, found, now=self.now, are_new=is_new)
        db.tell_beside(session, record.id, [each.told for each in self.findings])

    @property
    def _judges(self) -> bool:
        return bool(self.part.judges or self.findings or self.part.specs)

    def _twins(self, session: Session, values: Fields, *, but: UUID) -> list[Finding]:
        """What other records have as well; who writes the same values meanwhile waits for us."""
        found = []
        for rule in self.part.rules:
            if rule.check == "unique" and rule.applies(values, None, self.now):
                _lock(session, rule, values)
                if own_values.twin(
                    session, self.part, self.records, rule, values, but=but, now=self.now
                ):
                    found.append(
                        Finding(rule_id=rule.id, field=rule.fields[0], message=rule.message,
                                severity=rule.severity)
                    )  # fmt: skip
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Holds the records of a service that keeps copies of fields and rules."""

    books: Books[Parts]
    records: Mapping[Held, Records]

    def start(
        self, session: Session, held: Held, fields: Fields, *, now: datetime, record: Any = None
    ) -> Holding:
        """Read the fields of a write; call it before the record changes, `judge` after.

        In them `custom` is what the record keeps of it from now on, and `secret` what stands
        apart. Raises Invalid with `custom.<key>` for what is not a field, or no value of it.
        """
        part = self.books.now(session, is_held=bool(fields.get("custom")))[held]
        before: Fields | None = None
        if record is not None:
            before = self.records[held].values(record) if part.rules else {}
        kept = _whole(read(part, fields, now=now, record=record), record)
        return Holding(records=self.records[held], part=part, fields=kept, before=before, now=now)

    @contextmanager
    def held(
        self, session: Session, held: Held, record: Any, *, now: datetime, may_refuse: bool = True
    ) -> Iterator[None]:
        """Hold a change of a record's other fields, which is done within."""
        holding = self.start(session, held, {}, now=now, record=record)
        yield
        holding.judge(session, record, may_refuse=may_refuse)


def read(part: Part, fields: Fields, *, now: datetime, record: Any = None) -> dict[str, Any]:
    """Return fields with a patch of `custom` as it is kept, and of `secret`. Raises Invalid."""
    kept = dict(fields)
    if "custom" in kept:
        known = record.custom if record is not None else None
        try:
            patch, apart = read_custom(part, kept["custom"] or {}, at=now, kept=known)
        except InvalidValues as error:
            raise Invalid(error.errors) from error
        kept["custom"] = patch
        if apart:
            kept["secret"] = apart
    return kept


def _whole(fields: dict[str, Any], record: Any) -> dict[str, Any]:
    """The same, with `custom` and `secret` as they are together with what the record has."""
    for name in {"custom", "secret"} & fields.keys():
        fields[name] = merged(getattr(record, name) if record is not None else {}, fields[name])
    return fields


def refuse(found: Sequence[Finding]) -> None:
    """Raise RulesBroken where one of these blocks; it names all of them."""
    if any(each.severity == BLOCK for each in found):
        raise RulesBroken([each.told for each in found if each.severity != CORRECT])


def _refuse_taken(session: Session, part: Part, fields: Fields, *, but: UUID) -> None:
    """The database would refuse it too, but could not say which field."""
    taken = own_values.taken(session, part.held, unique_values(part, fields), but=but)
    if taken:
        reason = f"taken by another {part.held.value}"
        raise ValueTaken(errors={PREFIX + key: [reason] for key, _ in taken})


def _lock(session: Session, rule: Rule, values: Fields) -> None:
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
