"""Rules as data: what records must keep to, and how texts are written."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_chassis.problems import Invalid
from crm_contacts.model.root import Base
from crm_fields import judging
from crm_fields.judging import CHECKS
from crm_fields.objects import Held

STYLES = ("casing", "legal_suffix", "forbidden", "standard")


class Severity(StrEnum):
    """What becomes of a write that breaks a rule: refused, or told and done all the same."""

    BLOCK = "block"
    WARN = "warn"


class NamingSeverity(StrEnum):
    """The same, or: written as the rule says, and told."""

    BLOCK = "block"
    WARN = "warn"
    CORRECT = "correct"


class Casing(StrEnum):
    """Capitals and small letters; `title` leaves words alone that have capitals inside."""

    TITLE = "title"
    UPPER = "upper"
    LOWER = "lower"


class ValidationRule(Aggregate, Base):
    """What records of a kind must keep to, where `when` (a predicate, or null: always) holds.

    `kind_of_check` is one of CHECKS, `argument` what it takes: fields that must be there (require),
    must not (forbid), are together unlike any other's (unique); a pattern by field (match); the
    smallest and largest by field, each a value or another field (range).
    """

    __tablename__ = "validation_rule"

    object: Mapped[Held]
    name: Mapped[str]
    kind_of_check: Mapped[str]
    argument: Mapped[Any] = mapped_column(JSONB)
    message: Mapped[str]
    when: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    severity: Mapped[Severity] = mapped_column(default=Severity.BLOCK)
    active: Mapped[bool] = mapped_column(default=True)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named. Raises Invalid unless one check is left."""
        _change(self, changes, CHECKS, "kind_of_check")


class NamingRule(Aggregate, Base):
    """How a text is written: `style` is one of STYLES, `argument` what it takes."""

    __tablename__ = "naming_rule"

    object: Mapped[Held]
    name: Mapped[str]
    field: Mapped[str]
    style: Mapped[str]
    argument: Mapped[Any] = mapped_column(JSONB)
    severity: Mapped[NamingSeverity] = mapped_column(default=NamingSeverity.WARN)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over the fields named. Raises Invalid unless one style is left."""
        _change(self, changes, STYLES, "style")


def parted(fields: Mapping[str, Any], kinds: tuple[str, ...]) -> tuple[dict[str, Any], str, Any]:
    """Return the other fields, and which one of `kinds` is given with what. Raises Invalid."""
    try:
        return judging.parted(fields, kinds)
    except judging.InvalidRule as error:
        raise Invalid(error.errors) from error


def _change(rule: Any, changes: Mapping[str, Any], kinds: tuple[str, ...], where: str) -> None:
    """Naming another kind of check replaces the one there is."""
    named = {name: changes[name] for name in kinds if changes.get(name) is not None}
    current = getattr(rule, where)
    if not named and current not in changes:
        named = {current: rule.argument}
    others = {name: value for name, value in changes.items() if name not in kinds}
    rest, kind, argument = parted({**others, **named}, kinds)
    for name, value in {**rest, where: kind, "argument": argument}.items():
        if value != getattr(rule, name):
            setattr(rule, name, value)
