"""Fields, validation rules and naming rules in JSON."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate

from crm_chassis.paging import PageIn
from crm_chassis.web import Name, RecordOut
from crm_contacts.model.rule import Casing, NamingSeverity, Severity
from crm_contacts.schemas.values import choice
from crm_fields.holding import schemas as asking
from crm_fields.objects import Held
from crm_fields.types import FieldType

_KEY = validate.Regexp(
    r"^[a-z][a-z0-9_]{0,59}$", error="Small letters, digits and _, beginning with a letter."
)
_MOST_OPTIONS, _MOST_WORDS, _LONGEST_MESSAGE = 500, 500, 300


class OptionIn(Schema):
    """A value that can be chosen; without a label it is shown as it is."""

    value = Name(required=True, longest=100)
    label = Name(longest=200)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, str]:
        """Have a label in any case."""
        return {"value": found["value"], "label": found.get("label") or found["value"]}


class FieldPatchIn(Schema):
    """What of a field can change; its object, key, type and sensitivity stay."""

    label = Name()
    options = fields.List(fields.Nested(OptionIn), validate=validate.Length(max=_MOST_OPTIONS))
    required = fields.Boolean()
    unique = fields.Boolean()
    searchable = fields.Boolean()
    group = Name(allow_none=True, longest=100)
    position = fields.Integer(validate=validate.Range(0, 10_000))
    help = Name(allow_none=True, longest=500)

    @pre_load
    def refuse_lasting(self, given: Any, **_: Any) -> Any:
        """Say of what never changes that it does not, rather than that it is unknown."""
        lasting = {"object", "key", "type", "sensitive"} & set(given or ())
        if lasting and type(self) is FieldPatchIn:
            raise ValidationError({name: ["Cannot change."] for name in sorted(lasting)})
        return given


class FieldIn(FieldPatchIn):
    """A field for records of a kind."""

    object = choice(Held, required=True)
    key = fields.String(required=True, validate=_KEY)
    label = Name(required=True)
    type = choice(FieldType, required=True)
    sensitive = fields.Boolean()


class FieldsIn(PageIn):
    """Query parameters of the list of fields."""

    object = choice(Held)
    archived = fields.Boolean(load_default=False)


class OptionOut(Schema):
    """A value that can be chosen."""

    value = fields.String(required=True)
    label = fields.String(required=True)


class FieldOut(RecordOut):
    """A field of the company's own."""

    object = fields.String(required=True)
    key = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True)
    options = fields.List(fields.Nested(OptionOut), required=True)
    required = fields.Boolean(required=True)
    unique = fields.Boolean(required=True)
    searchable = fields.Boolean(required=True)
    sensitive = fields.Boolean(required=True)
    group = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True)
    help = fields.String(required=True, allow_none=True)


class FieldsOut(Schema):
    """A page of fields."""

    items = fields.List(fields.Nested(FieldOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ValidationRulePatchIn(asking.CheckIn):
    """What of a validation rule can change."""

    name = Name()
    message = Name(longest=_LONGEST_MESSAGE)
    severity = choice(Severity)
    active = fields.Boolean()


class ValidationRuleIn(ValidationRulePatchIn):
    """A rule: where `when` holds, exactly one of require, forbid, match, range, unique."""

    object = choice(Held, required=True)
    name = Name(required=True)
    message = Name(required=True, longest=_LONGEST_MESSAGE)


class TrialIn(ValidationRulePatchIn):
    """A rule to try on what is there; it need not exist, nor have a name."""

    object = choice(Held, required=True)
    name = Name(load_default="trial")
    message = Name(load_default="trial")


class RulesIn(PageIn):
    """Query parameters of lists of rules."""

    object = choice(Held)
    active = fields.Boolean()
    archived = fields.Boolean(load_default=False)


class ValidationRuleOut(RecordOut):
    """A validation rule."""

    object = fields.String(required=True)
    name = fields.String(required=True)
    when = fields.Dict(required=True, allow_none=True)
    require = fields.List(fields.String(), required=True, allow_none=True)
    forbid = fields.List(fields.String(), required=True, allow_none=True)
    match = fields.Dict(required=True, allow_none=True)
    range = fields.Dict(required=True, allow_none=True)
    unique = fields.List(fields.String(), required=True, allow_none=True)
    message = fields.String(required=True)
    severity = fields.String(required=True)
    active = fields.Boolean(required=True)


class ValidationRulesOut(Schema):
    """A page of validation rules."""

    items = fields.List(fields.Nested(ValidationRuleOut), required=True)
    next = fields.String(required=True, allow_none=True)


_SPELLINGS = fields.Dict(
    keys=Name(longest=200),
    values=fields.List(Name(longest=200), validate=validate.Length(max=_MOST_WORDS)),
    validate=validate.Length(1, _MOST_WORDS),
    allow_none=True,
)


class NamingRulePatchIn(Schema):
    """What of a naming rule can change."""

    name = Name()
    field = Name(longest=100)
    casing = choice(Casing, allow_none=True)
    legal_suffix = _SPELLINGS
    forbidden = asking.named(_MOST_WORDS)
    standard = _SPELLINGS
    severity = choice(NamingSeverity)
    position = fields.Integer(validate=validate.Range(0, 10_000))
    active = fields.Boolean()

    @post_load
    def write_casing(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Keep a casing as it is written."""
        casing = found.get("casing")
        return found | ({"casing": casing.value} if isinstance(casing, Casing) else {})


class NamingRuleIn(NamingRulePatchIn):
    """A naming rule: exactly one of casing, legal_suffix, forbidden, standard."""

    object = choice(Held, load_default=Held.ACCOUNT)
    name = Name(required=True)
    field = Name(load_default="name", longest=100)


class NamingRuleOut(RecordOut):
    """A naming rule."""

    object = fields.String(required=True)
    name = fields.String(required=True)
    field = fields.String(required=True)
    casing = fields.String(required=True, allow_none=True)
    legal_suffix = fields.Dict(required=True, allow_none=True)
    forbidden = fields.List(fields.String(), required=True, allow_none=True)
    standard = fields.Dict(required=True, allow_none=True)
    severity = fields.String(required=True)
    position = fields.Integer(required=True)
    active = fields.Boolean(required=True)


class NamingRulesOut(Schema):
    """A page of naming rules."""

    items = fields.List(fields.Nested(NamingRuleOut), required=True)
    next = fields.String(required=True, allow_none=True)


class BreachesIn(asking.BreachesIn):
    """Query parameters of the list of rules that are broken."""

    object = choice(Held)
