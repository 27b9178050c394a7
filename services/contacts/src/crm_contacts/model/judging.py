"""Validation rules, read: whether a record's values keep to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_chassis.problems import Invalid
from crm_contacts.model.rule import ValidationRule
from crm_contacts.model.vocabulary import FIELDS
from crm_fields import Any_, Condition, InvalidPredicate, Kind, Language, Node, holds, parse
from crm_fields.patterns import InvalidPattern, check, is_match
from crm_fields.types import Spec, kinds_of

BLOCK, WARN, CORRECT = "block", "warn", "correct"


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


def read_rule(rule: ValidationRule, specs: Mapping[str, Spec], *, is_old: bool = False) -> Rule:
    """Return a rule as it is judged by. Raises Invalid for fields, patterns, bounds that are none.

    One that `is_old` may speak of fields that were put away since.
    """
    own = kinds_of(specs.values(), with_archived=is_old)
    language = Language(fields={**FIELDS[rule.object], **own}, has_past=True)
    when = _when(rule.when, language)
    named = list(rule.argument)
    unknown = [name for name in named if name not in language.fields]
    if unknown:
        known = ", ".join(sorted(language.fields))
        raise Invalid({rule.kind_of_check: [f"{unknown[0]} is not one of {known}"]})
    broken = _broken(rule, language)
    return Rule(
        id=rule.id, message=rule.message, severity=str(rule.severity), check=rule.kind_of_check,
        argument=rule.argument, fields=tuple(named), when=when, broken=broken,
    )  # fmt: skip


def _when(given: Any, language: Language) -> Node | None:
    if given is None:
        return None
    try:
        return parse(given, language, path="when")
    except InvalidPredicate as error:
        raise Invalid({error.path: [error.reason]}) from error


def _broken(rule: ValidationRule, language: Language) -> Node | None:
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
            raise Invalid({"unique": ["Lists are not compared as a whole."]})
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
        raise Invalid({error.path: [error.reason]}) from error


def _check_patterns(patterns: Mapping[str, str], fields: Mapping[str, Kind]) -> None:
    for name, pattern in patterns.items():
        if fields[name] is not Kind.TEXT:
            raise Invalid({"match": [f"{name} is not a text."]})
        try:
            check(pattern)
        except InvalidPattern as error:
            raise Invalid({f"match.{name}": [str(error)]}) from error
