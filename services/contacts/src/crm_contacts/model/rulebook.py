"""All fields and rules of the company, as records are held to them; no database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crm_chassis.problems import Invalid
from crm_contacts.model.field import Field, Held
from crm_contacts.model.judging import BLOCK, CORRECT, Finding, Rule, read_rule
from crm_contacts.model.naming import written
from crm_contacts.model.rule import NamingRule, ValidationRule
from crm_contacts.model.vocabulary import FIELDS, WRITABLE, rewritten
from crm_fields import Language
from crm_fields.types import PREFIX, FieldType, Spec, kinds_of, read

_TEXTS = frozenset({FieldType.STRING, FieldType.TEXT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What contacts, or accounts, have and are held to."""

    held: Held
    fields: Mapping[str, Field] = field(default_factory=dict)
    specs: Mapping[str, Spec] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    namings: tuple[NamingRule, ...] = ()

    @property
    def language(self) -> Language:
        """What lists may ask of the records."""
        return Language(fields={**FIELDS[self.held], **kinds_of(self.specs.values())})

    @property
    def judges(self) -> bool:
        """Whether there is anything that records could break."""
        return bool(self.rules) or any(
            spec.required and not spec.archived for spec in self.specs.values()
        )


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
    own = {each.key: each for each in fields if each.object is held}
    specs = {key: each.spec for key, each in own.items()}
    return Part(
        held=held, fields=own, specs=specs,
        rules=tuple(filter(None, (_readable(each, specs) for each in rules if each.object is held))),
        namings=tuple(each for each in namings if each.object is held and each.active),
    )  # fmt: skip


def _readable(rule: ValidationRule, specs: Mapping[str, Spec]) -> Rule | None:
    """A rule that counts: nobody can keep to one about a field that was put away."""
    put_away = {spec.name for spec in specs.values() if spec.archived}
    if not rule.active or put_away.intersection(rule.argument):
        return None
    return read_rule(rule, specs, is_old=True)


def check_naming(rule: NamingRule, specs: Mapping[str, Spec]) -> None:
    """Raise Invalid unless the rule's field is a text that can be written otherwise."""
    texts = {s.name for s in specs.values() if s.type in _TEXTS and not (s.archived or s.sensitive)}
    known = WRITABLE[rule.object] | texts
    if rule.field not in known:
        raise Invalid({"field": [f"Not one of {', '.join(sorted(known))}."]})


def read_custom(
    part: Part, given: Mapping[str, Any], *, at: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a patch of the company's own fields as it is kept, and what is kept apart of it.

    A sensitive value stands apart; in its place stands when it was set. Raises Invalid with
    `custom.<key>` for what is not a field, or no value of it.
    """
    errors: dict[str, list[str]] = {}
    kept: dict[str, Any] = {}
    apart: dict[str, Any] = {}
    for key, value in given.items():
        spec = part.specs.get(key)
        if spec is None or spec.archived:
            errors[PREFIX + key] = ["There is no such field." if spec is None else "Put away."]
        elif spec.sensitive and is_mask(value):
            continue  # as it was read: nothing changes
        elif value is None:
            kept[key] = None
            apart |= {key: None} if spec.sensitive else {}
        else:
            try:
                found = read(spec, value)
            except ValueError as error:
                errors[PREFIX + key] = [str(error)]
                continue
            kept[key] = mask(at) if spec.sensitive else found
            apart |= {key: found} if spec.sensitive else {}
    if errors:
        raise Invalid(errors)
    return kept, apart


def mask(at: datetime) -> dict[str, Any]:
    """Return what stands in the place of a sensitive value."""
    return {"sensitive": True, "set_at": at.isoformat().replace("+00:00", "Z")}


def is_mask(value: Any) -> bool:
    """Say whether this stands in the place of a sensitive value."""
    return isinstance(value, Mapping) and value.get("sensitive") is True


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


def breaches(
    part: Part, values: Mapping[str, Any], *, before: Mapping[str, Any] | None, now: datetime
) -> list[Finding]:
    """Return what a record's values break; what must be unique is not judged here."""
    needed = [
        Finding(rule_id=part.fields[key].id, field=spec.name, message=f"{spec.label} is needed.",
                severity=BLOCK)
        for key, spec in part.specs.items()
        if spec.required and not spec.archived and values.get(spec.name) in (None, "", [])
    ]  # fmt: skip
    broken = [
        Finding(rule_id=rule.id, field=name, message=rule.message, severity=rule.severity)
        for rule in part.rules
        for name in rule.broken_at(values, before, now)
    ]
    return needed + broken
