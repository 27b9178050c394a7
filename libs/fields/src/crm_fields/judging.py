"""Validation rules, read: whether a record's values keep to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from crm_fields.evaluation import holds
from crm_fields.kinds import Kind
from crm_fields.language import Any_, Condition, Language, Node
from crm_fields.patterns import InvalidPattern, check, is_match
from crm_fields.predicate import InvalidPredicate, parse
from crm_fields.types import Spec, kinds_of

CHECKS = ("require", "forbid", "match", "range", "unique")
BLOCK, WARN, CORRECT = "block", "warn", "correct"


class InvalidRule(ValueError):
    """The rule cannot be understood; `errors` says why, by field of the rule."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Keep the reasons."""
        super().__init__("; ".join(f"{name}: {' '.join(why)}" for name, why in errors.items()))
        self.errors = {name: list(why) for name, why in errors.items()}


class Given(Protocol):
    """A rule as it is kept: `kind_of_check` is one of CHECKS, `argument` what that takes."""

    @property
    def id(self) -> Any: ...
    @property
    def kind_of_check(self) -> Any: ...
    @property
    def argument(self) -> Any: ...
    @property
    def message(self) -> Any: ...
    @property
    def when(self) -> Any: ...
    @property
    def severity(self) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a record breaks: a rule (or a field that is needed), where, and what would keep it."""

    rule_id: UUID
    field: str
    message: str
    severity: str
    suggestion: str | None = None

    @property
    def told(self) -> dict[str, Any]:
        """For a header or a problem's body."""
        said = {"rule_id": str(self.rule_id), "field": self.field, "message": self.message,
                "severity": self.severity}  # fmt: skip
        return said | ({"suggestion": self.suggestion} if self.suggestion is not None else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A validation rule, read: it is broken where `when` holds and `broken` does too.

    `match` and `unique` cannot be said by a predicate; `argument` says them.
    """

    id: UUID
    message: str
    severity: str
    check: str
    argument: Any
    fields: tuple[str, ...]
    when: Node | None = None
    broken: Node | None = None

    def applies(self, values: Mapping[str, Any], before: Any, now: datetime) -> bool:
        """Say whether the rule speaks of a record like this."""
        return self.when is None or holds(self.when, values, now=now, before=before)

    def broken_at(self, values: Mapping[str, Any], before: Any, now: datetime) -> list[str]:
        """Return the fields at fault; what must be unique is not judged here."""
        if self.check == "unique" or not self.applies(values, before, now):
            return []
        if self.check == "match":
            texts = {name: values.get(name) for name in self.argument}
            return [
                name for name, text in texts.items()
                if text not in (None, "") and not is_match(self.argument[name], str(text))
            ]  # fmt: skip
        parts = self.broken.parts if isinstance(self.broken, Any_) else ()
        at_fault = (
            part.field for part in parts
            if isinstance(part, Condition) and holds(part, values, now=now, before=before)
        )  # fmt: skip
        return list(dict.fromkeys(at_fault))


def parted(fields: Mapping[str, Any], kinds: Sequence[str]) -> tuple[dict[str, Any], str, Any]:
    """Return the other fields, and which one of `kinds` is given with what. Raises InvalidRule."""
    rest = {name: value for name, value in fields.items() if name not in kinds}
    given = {name: fields[name] for name in kinds if fields.get(name) is not None}
    if len(given) != 1:
        reason = f"Exactly one of {', '.join(kinds)} is needed."
        raise InvalidRule({name: [reason] for name in given or kinds[:1]})
    kind, argument = next(iter(given.items()))
    return rest, kind, argument


def read_rule(
    rule: Given, own: Mapping[str, Kind], specs: Mapping[str, Spec], *, is_old: bool = False
) -> Rule:
    """Return a rule as it is judged by; `own` are the fields that every record has.

    Raises InvalidRule for fields, patterns, bounds that are none. One that `is_old` may speak of
    fields that were put away since.
    """
    fields = {**own, **kinds_of(specs.values(), with_archived=is_old)}
    language = Language(fields=fields, has_past=True)
    when = _when(rule.when, language)
    named = list(rule.argument)
    unknown = [name for name in named if name not in language.fields]
    if unknown:
        known = ", ".join(sorted(language.fields))
        raise InvalidRule({rule.kind_of_check: [f"{unknown[0]} is not one of {known}"]})
    return Rule(
        id=rule.id, message=rule.message, severity=str(rule.severity), check=rule.kind_of_check,
        argument=rule.argument, fields=tuple(named), when=when, broken=_broken(rule, language),
    )  # fmt: skip


def _when(given: Any, language: Language) -> Node | None:
    if given is None:
        return None
    try:
        return parse(given, language, path="when")
    except InvalidPredicate as error:
        raise InvalidRule({error.path: [error.reason]}) from error


def _broken(rule: Given, language: Language) -> Node | None:
    """What is true of a record that breaks the rule, as far as a predicate can say it."""
    fields = language.fields
    if rule.kind_of_check in {"require", "forbid"}:
        op = "empty" if rule.kind_of_check == "require" else "not_empty"
        return Any_(tuple(Condition(name, op, None, fields[name]) for name in rule.argument))
    if rule.kind_of_check == "match":
        _check_patterns(rule.argument, fields)
        return None
    if rule.kind_of_check == "unique":
        if any(fields[name] is Kind.WORDS for name in rule.argument):
            raise InvalidRule({"unique": ["Lists are not compared as a whole."]})
        return None
    parts = []
    for name, bounds in rule.argument.items():
        for bound, op in (("min", "lt"), ("max", "gt")):
            if bound in bounds:
                parts.append(_bound(name, op, bounds[bound], language))
    return Any_(tuple(parts))


def _bound(name: str, op: str, value: Any, language: Language) -> Node:
    try:
        return parse({"field": name, "op": op, "value": value}, language, path=f"range.{name}")
    except InvalidPredicate as error:
        raise InvalidRule({error.path: [error.reason]}) from error


def _check_patterns(patterns: Mapping[str, str], fields: Mapping[str, Kind]) -> None:
    for name, pattern in patterns.items():
        if fields[name] is not Kind.TEXT:
            raise InvalidRule({"match": [f"{name} is not a text."]})
        try:
            check(pattern)
        except InvalidPattern as error:
            raise InvalidRule({f"match.{name}": [str(error)]}) from error
