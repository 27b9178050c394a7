"""The fields and rules of one kind of record, and values held to them; no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm_fields.judging import BLOCK, Finding, Given, InvalidRule, Rule, read_rule
from crm_fields.kinds import Kind
from crm_fields.language import Language
from crm_fields.objects import FIELDS, Held
from crm_fields.types import PREFIX, Spec, kinds_of, read


class InvalidValues(ValueError):
    """What was given for fields is no value of them; `errors` says why, by `custom.<key>`."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        """Keep the reasons."""
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What records of a kind have and are held to."""

    held: Held
    specs: Mapping[str, Spec] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    @property
    def own(self) -> Mapping[str, Kind]:
        """The fields that every record of the kind has."""
        return FIELDS[self.held]

    @property
    def language(self) -> Language:
        """What lists may ask of the records."""
        return Language(fields={**self.own, **kinds_of(self.specs.values())})

    @property
    def judges(self) -> bool:
        """Whether there is anything that records could break."""
        return bool(self.rules) or any(
            spec.required and not spec.archived for spec in self.specs.values()
        )

    @property
    def searched(self) -> list[str]:
        """The keys of the fields whose words are searched."""
        return [key for key, spec in self.specs.items() if spec.searchable and not spec.archived]


def rules_that_count(
    held: Held, rules: Iterable[Given], specs: Mapping[str, Spec]
) -> tuple[Rule, ...]:
    """Return the rules that can be kept to: none about a field that was put away.

    Nor one that is not understood here: it may be of a newer release, which knows more fields.
    """
    put_away = {spec.name for spec in specs.values() if spec.archived}
    found = []
    for rule in rules:
        if put_away.intersection(rule.argument):
            continue
        try:
            found.append(read_rule(rule, FIELDS[held], specs, is_old=True))
        except InvalidRule:
            continue
    return tuple(found)


def read_custom(
    part: Part, given: Mapping[str, Any], *, at: datetime, kept: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a patch of the company's own fields as it is kept, and what is kept apart of it.

    A sensitive value stands apart; in its place stands when it was set. What is sent as it is
    `kept` already passes: an option may have been taken away since. Raises InvalidValues for what
    is not a field, or no value of it.
    """
    errors: dict[str, list[str]] = {}
    patch: dict[str, Any] = {}
    apart: dict[str, Any] = {}
    for key, value in given.items():
        spec = part.specs.get(key)
        if spec is None or spec.archived:
            errors[PREFIX + key] = ["There is no such field." if spec is None else "Put away."]
        elif spec.sensitive and is_mask(value):
            continue  # as it was read: nothing changes
        elif value is None:
            patch[key] = None
            apart |= {key: None} if spec.sensitive else {}
        elif kept is not None and key in kept and kept[key] == value:
            patch[key] = value
        else:
            try:
                found = read(spec, value)
            except ValueError as error:
                errors[PREFIX + key] = [str(error)]
                continue
            patch[key] = mask(at) if spec.sensitive else found
            apart |= {key: found} if spec.sensitive else {}
    if errors:
        raise InvalidValues(errors)
    return patch, apart


def merged(custom: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return values after a patch: null takes one away."""
    together = {**custom, **patch}
    return {key: value for key, value in together.items() if value is not None}


def mask(at: datetime) -> dict[str, Any]:
    """Return what stands in the place of a sensitive value."""
    return {"sensitive": True, "set_at": at.isoformat().replace("+00:00", "Z")}


def is_mask(value: Any) -> bool:
    """Say whether this stands in the place of a sensitive value."""
    return isinstance(value, Mapping) and value.get("sensitive") is True


def custom_values(custom: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the company's own fields by the names that rules use."""
    found = {f"{PREFIX}{key}": value for key, value in custom.items()}
    for key, value in custom.items():
        if isinstance(value, Mapping) and "currency" in value:
            found[f"{PREFIX}{key}.currency"] = value["currency"]
    return found


def unique_values(part: Part, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (key, value in small letters) of what these fields hold that must be unique."""
    custom: Mapping[str, Any] = fields.get("custom") or {}
    return [
        (key, str(value).lower())
        for key, value in custom.items()
        if value is not None and key in part.specs
        and part.specs[key].unique and not part.specs[key].archived
    ]  # fmt: skip


def breaches(
    part: Part, values: Mapping[str, Any], *, before: Mapping[str, Any] | None, now: datetime
) -> list[Finding]:
    """Return what a record's values break; what must be unique is not judged here."""
    needed = [
        Finding(rule_id=spec.id, field=spec.name, message=f"{spec.label} is needed.",
                severity=BLOCK)
        for spec in part.specs.values()
        if spec.required and not spec.archived and spec.id is not None
        and values.get(spec.name) in (None, "", [])
    ]  # fmt: skip
    broken = [
        Finding(rule_id=rule.id, field=name, message=rule.message, severity=rule.severity)
        for rule in part.rules
        for name in rule.broken_at(values, before, now)
    ]
    return needed + broken
