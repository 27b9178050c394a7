"""Trying a validation rule on all that is there; nothing is written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from crm_chassis import ids, rights
from crm_chassis.auth import Principal
from crm_chassis.problems import Invalid
from crm_fields.holding.asking import Records, condition, live, scalar
from crm_fields.judging import CHECKS, InvalidRule, Rule, parted, read_rule
from crm_fields.kinds import PAST
from crm_fields.language import Reference, conditions
from crm_fields.patterns import is_match
from crm_fields.rulebook import Part

MOST_OFFENDERS = 20
_AT_ONCE = 5_000
Found = tuple[UUID, str]


@dataclass(slots=True, kw_only=True)
class Trial:
    """How many records a rule speaks of and how many break it; the first of those, by name."""

    checked: int = 0
    broken: int = 0
    offenders: list[Found] = field(default_factory=list)

    @property
    def told(self) -> dict[str, Any]:
        """For an answer."""
        named = [{"id": str(id_), "name": name} for id_, name in self.offenders]
        return {"checked": self.checked, "broken": self.broken, "offenders": named}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """A rule that is kept nowhere."""

    id: UUID
    kind_of_check: str
    argument: Any
    when: Any = None
    message: str = "trial"
    severity: str = "block"


def readable(part: Part, given: Mapping[str, Any]) -> Rule:
    """Return a rule to be tried, of `when` and one check. Raises Invalid where it cannot be."""
    try:
        rest, check, argument = parted(given, CHECKS)
        tried = _Tried(id=ids.new(), kind_of_check=check, argument=argument, when=rest.get("when"))
        rule = read_rule(tried, part.own, part.specs)
    except InvalidRule as error:
        raise Invalid(error.errors) from error
    refuse_past(rule)
    return rule


def refuse_past(rule: Rule) -> None:
    """Raise Invalid for a rule about what changes."""
    if rule.when is not None and any(each.op in PAST for each in conditions(rule.when)):
        raise Invalid({"when": ["What changed cannot be told of what is there."]})


def size(session: Session, records: Records, *, up_to: int) -> int:
    """Return how many records there are, counted no further than `up_to`."""
    rows = select(records.model.id).where(*live(records)).limit(up_to).subquery()
    return session.scalar(select(func.count()).select_from(rows)) or 0


def tried(
    session: Session, part: Part, records: Records, rule: Rule, who: Principal, *, now: datetime
) -> Trial:
    """Count over sets what `who` sees; only patterns are held against each text here.

    Raises Forbidden where the rule speaks of a field that is hidden from them.
    """
    rights.refuse_asked(dict.fromkeys(_named(rule), ""), who.rights.hidden(records.held))
    spoken_of = [*live(records), *_seen(records, who)]
    if rule.when is not None:
        spoken_of.append(condition(part, records, rule.when, now=now))
    model = records.model
    counted = select(func.count()).select_from(model).where(*spoken_of)
    trial = Trial(checked=session.scalar(counted) or 0)
    if rule.check == "match":
        return _matched(rule, _texts(session, part, records, rule, spoken_of), trial)
    broken = _shared(part, records, rule, spoken_of)
    if rule.broken is not None:
        broken = condition(part, records, rule.broken, now=now)
    found = (*spoken_of, broken)
    trial.broken = session.scalar(select(func.count()).select_from(model).where(*found)) or 0
    first = select(model.id, records.name()).where(*found).order_by(model.id).limit(MOST_OFFENDERS)
    trial.offenders = [(row[0], row[1]) for row in session.execute(first)]
    return trial


def _named(rule: Rule) -> Iterator[str]:
    """Yield every field that a rule speaks of."""
    yield from rule.fields
    for node in (rule.when, rule.broken):
        for each in conditions(node) if node is not None else ():
            yield each.field
            if isinstance(each.value, Reference):
                yield each.value.field


def _seen(records: Records, who: Principal) -> Iterator[ColumnElement[bool]]:
    """Yield the condition of the records that somebody sees; an administrator sees all."""
    if who.is_admin:
        return
    record = rights.RECORD
    found = select(record.c.id).where(
        record.c.kind == records.held.value, rights.visible(who, records.held)
    )
    yield records.model.id.in_(found)


def _shared(
    part: Part, records: Records, rule: Rule, spoken_of: list[ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Those whose values of all the fields another has as well."""
    model, kinds = records.model, part.language.fields
    columns = [scalar(part, records, name, kinds[name]) for name in rule.fields]
    rows = select(
        model.id.label("id"), *(each.label(f"v{n}") for n, each in enumerate(columns))
    ).where(*spoken_of)
    inner = rows.subquery()
    values = [inner.c[f"v{n}"] for n in range(len(columns))]
    counted = select(inner.c.id, func.count().over(partition_by=values).label("n")).where(
        *(each.is_not(None) for each in values)
    )
    many = counted.subquery()
    return model.id.in_(select(many.c.id).where(many.c.n > 1))  # type: ignore[no-any-return]


def _matched(rule: Rule, found: Iterable[tuple[Found, tuple[Any, ...]]], trial: Trial) -> Trial:
    for record, texts in found:
        if any(
            text not in (None, "") and not is_match(rule.argument[name], text)
            for name, text in zip(rule.fields, texts, strict=True)
        ):
            trial.broken += 1
            if len(trial.offenders) < MOST_OFFENDERS:
                trial.offenders.append(record)
    return trial


def _texts(
    session: Session,
    part: Part,
    records: Records,
    rule: Rule,
    spoken_of: list[ColumnElement[bool]],
) -> Iterator[tuple[Found, tuple[Any, ...]]]:
    model, kinds = records.model, part.language.fields
    columns = [scalar(part, records, name, kinds[name]) for name in rule.fields]
    statement = select(model.id, records.name(), *columns).where(*spoken_of).order_by(model.id)
    for row in session.execute(statement.execution_options(yield_per=_AT_ONCE)):
        yield (row[0], row[1]), tuple(row[2:])
