"""What contacts publishes of fields made at run time, and of the rules records are held to."""

from dataclasses import dataclass
from typing import Any, ClassVar

from crm_contracts.base import Fact, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOption:
    """A value that can be chosen, and how it is shown."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Record):
    """A field the company gave records of a kind; its values stand in their `custom`.

    What is in a sensitive one is never published: its place is taken by when it was set.
    """

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "field"
    plural: ClassVar[str] = "fields"

    object: str
    key: str
    label: str
    type: str
    options: tuple[FieldOption, ...] = ()
    required: bool = False
    unique: bool = False
    searchable: bool = False
    sensitive: bool = False
    group: str | None = None
    position: int = 0
    help: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRule(Record):
    """What records of a kind must keep to; one of require, forbid, match, range, unique is given."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "validation_rule"
    plural: ClassVar[str] = "validation-rules"

    object: str
    name: str
    when: dict[str, Any] | None = None
    require: tuple[str, ...] | None = None
    forbid: tuple[str, ...] | None = None
    match: dict[str, str] | None = None
    range: dict[str, Any] | None = None
    unique: tuple[str, ...] | None = None
    message: str
    severity: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingRule(Record):
    """How a text is to be written; one of casing, legal_suffix, forbidden, standard is given."""

    service: ClassVar[str] = "contacts"
    kind: ClassVar[str] = "naming_rule"
    plural: ClassVar[str] = "naming-rules"

    object: str
    name: str
    field: str
    casing: str | None = None
    legal_suffix: dict[str, tuple[str, ...]] | None = None
    forbidden: tuple[str, ...] | None = None
    standard: dict[str, tuple[str, ...]] | None = None
    severity: str
    position: int = 0
    active: bool = True


class FieldCreated(Fact[Field], type="contacts.field.created.v1"):
    """Records of a kind have a field more."""


class FieldUpdated(Fact[Field], type="contacts.field.updated.v1"):
    """A field is shown or checked otherwise; its type stays."""


class FieldArchived(Fact[Field], type="contacts.field.archived.v1"):
    """A field was put away; values it holds are kept and no longer written."""


class FieldRestored(Fact[Field], type="contacts.field.restored.v1"):
    """A field that was put away is back, with its values."""


class ValidationRuleCreated(Fact[ValidationRule], type="contacts.validation_rule.created.v1"):
    """Records are held to one rule more."""


class ValidationRuleUpdated(Fact[ValidationRule], type="contacts.validation_rule.updated.v1"):
    """A rule asks for something else."""


class ValidationRuleArchived(Fact[ValidationRule], type="contacts.validation_rule.archived.v1"):
    """A rule was put away."""


class ValidationRuleRestored(Fact[ValidationRule], type="contacts.validation_rule.restored.v1"):
    """A rule that was put away counts again."""


class NamingRuleCreated(Fact[NamingRule], type="contacts.naming_rule.created.v1"):
    """A text is to be written in a certain way."""


class NamingRuleUpdated(Fact[NamingRule], type="contacts.naming_rule.updated.v1"):
    """A text is to be written otherwise."""


class NamingRuleArchived(Fact[NamingRule], type="contacts.naming_rule.archived.v1"):
    """A naming rule was put away."""


class NamingRuleRestored(Fact[NamingRule], type="contacts.naming_rule.restored.v1"):
    """A naming rule that was put away counts again."""
