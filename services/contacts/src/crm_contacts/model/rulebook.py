"""All fields and rules of the company, as records are held to them; no database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crm_chassis.problems import Invalid
from crm_contacts.model.field import Field
from crm_contacts.model.naming import written
from crm_contacts.model.rule import NamingRule, ValidationRule
from crm_contacts.model.vocabulary import WRITABLE, rewritten
from crm_fields import rulebook
from crm_fields.judging import BLOCK, CORRECT, Finding, InvalidRule, Rule, read_rule
from crm_fields.objects import FIELDS, Held
from crm_fields.types import FieldType, Spec

_TEXTS = frozenset({FieldType.STRING, FieldType.TEXT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(rulebook.Part):
    """What records of a kind have and are held to; `namings` where they are ours."""

    namings: tuple[NamingRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Everything, as it stood at one moment."""

    of: Mapping[Held, Part] = field(
        default_factory=lambda: {held: Part(held=held) for held in Held}
    )


def compiled(
    fields: Sequence[Field], rules: Sequence[ValidationRule], namings: Sequence[NamingRule]
) -> Rulebook:
    """Return the rulebook of all fields and of the live rules; those that are not active rest."""
    return Rulebook(of={held: _part(held, fields, rules, namings) for held in Held})


def _part(
    held: Held,
    fields: Sequence[Field],
    rules: Sequence[ValidationRule],
    namings: Sequence[NamingRule],
) -> Part:
    specs = {each.key: each.spec for each in fields if each.object is held}
    active = [each for each in rules if each.object is held and each.active]
    return Part(
        held=held, specs=specs, rules=rulebook.rules_that_count(held, active, specs),
        namings=tuple(each for each in namings if each.object is held and each.active),
    )  # fmt: skip


def understood(rule: ValidationRule, specs: Mapping[str, Spec]) -> Rule:
    """Return a rule as it is judged by. Raises Invalid for one that cannot be understood."""
    try:
        return read_rule(rule, FIELDS[rule.object], specs)
    except InvalidRule as error:
        raise Invalid(error.errors) from error


def check_naming(rule: NamingRule, specs: Mapping[str, Spec]) -> None:
    """Raise Invalid unless the rule's field is a text that can be written otherwise."""
    if rule.object not in WRITABLE:
        raise Invalid({"object": [f"One of {', '.join(sorted(WRITABLE))}."]})
    texts = {s.name for s in specs.values() if s.type in _TEXTS and not (s.archived or s.sensitive)}
    known = WRITABLE[rule.object] | texts
    if rule.field not in known:
        raise Invalid({"field": [f"Not one of {', '.join(sorted(known))}."]})


def renamed(part: Part, fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """Return fields with their texts as the naming rules write them, and what they said.

    Rules that block or warn change nothing; their finding suggests the text that keeps all rules.
    """
    found, findings = dict(fields), []
    for rule in part.namings:
        found, changed = rewritten(part.held, found, rule.field, _writer(rule))
        findings += [_naming_finding(rule, new) for _, new in changed]
    if all(each.severity == CORRECT for each in findings):
        return found, findings
    return _only_corrected(part, fields), _suggesting_all(findings)


def _suggesting_all(findings: Sequence[Finding]) -> list[Finding]:
    """Have each finding of a text suggest what keeps the rules behind its own as well."""
    last = {
        each.field: each.suggestion for each in findings if not each.field.startswith("address")
    }
    return [
        replace(each, suggestion=last.get(each.field, each.suggestion)) if each.suggestion else each
        for each in findings
    ]


def _writer(rule: NamingRule, *, keeps: bool = False) -> Callable[[str], str]:
    """How a rule writes a text; one that `keeps` leaves a text of which nothing would be left."""

    def write(text: str) -> str:
        new = written(rule.style, rule.argument, text)
        return new or text if keeps else new

    return write


def _only_corrected(part: Part, fields: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(fields)
    for rule in part.namings:
        if rule.severity == CORRECT:
            found, _ = rewritten(part.held, found, rule.field, _writer(rule, keeps=True))
    return found


def _naming_finding(rule: NamingRule, suggestion: str) -> Finding:
    if not suggestion:
        message = f"{rule.name}: nothing is left of this."
        severity = BLOCK if rule.severity == CORRECT else str(rule.severity)
        return Finding(rule_id=rule.id, field=rule.field, message=message, severity=severity)
    return Finding(
        rule_id=rule.id, field=rule.field, message=f"{rule.name}: to be written otherwise.",
        severity=str(rule.severity), suggestion=suggestion,
    )  # fmt: skip
