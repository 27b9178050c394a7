"""What we tell of fields and of the rules records are held to."""

from typing import Any

from crm_chassis.outbox import Announcement, record_fields
from crm_contacts.model.field import Field
from crm_contacts.model.rule import NamingRule, ValidationRule
from crm_contracts import contacts as contracts


def field_created(field: Field) -> Announcement:
    return Announcement(contracts.FieldCreated, field_record(field))


def field_updated(field: Field) -> Announcement:
    return Announcement(contracts.FieldUpdated, field_record(field))


def field_archived(field: Field) -> Announcement:
    return Announcement(contracts.FieldArchived, field_record(field))


def field_restored(field: Field) -> Announcement:
    return Announcement(contracts.FieldRestored, field_record(field))


def validation_rule_created(rule: ValidationRule) -> Announcement:
    return Announcement(contracts.ValidationRuleCreated, validation_rule_record(rule))


def validation_rule_updated(rule: ValidationRule) -> Announcement:
    return Announcement(contracts.ValidationRuleUpdated, validation_rule_record(rule))


def validation_rule_archived(rule: ValidationRule) -> Announcement:
    return Announcement(contracts.ValidationRuleArchived, validation_rule_record(rule))


def validation_rule_restored(rule: ValidationRule) -> Announcement:
    return Announcement(contracts.ValidationRuleRestored, validation_rule_record(rule))


def naming_rule_created(rule: NamingRule) -> Announcement:
    return Announcement(contracts.NamingRuleCreated, naming_rule_record(rule))


def naming_rule_updated(rule: NamingRule) -> Announcement:
    return Announcement(contracts.NamingRuleUpdated, naming_rule_record(rule))


def naming_rule_archived(rule: NamingRule) -> Announcement:
    return Announcement(contracts.NamingRuleArchived, naming_rule_record(rule))


def naming_rule_restored(rule: NamingRule) -> Announcement:
    return Announcement(contracts.NamingRuleRestored, naming_rule_record(rule))


def field_record(field: Field) -> contracts.Field:
    """The published shape of a field."""
    return contracts.Field(
        **record_fields(field),
        object=field.object,
        key=field.key,
        label=field.label,
        type=field.type,
        options=tuple(contracts.FieldOption(**each) for each in field.options),
        required=field.required,
        unique=field.unique,
        searchable=field.searchable,
        sensitive=field.sensitive,
        group=field.group,
        position=field.position,
        help=field.help,
    )


def validation_rule_record(rule: ValidationRule) -> contracts.ValidationRule:
    """The published shape of a validation rule."""
    argument: Any = tuple(rule.argument) if isinstance(rule.argument, list) else rule.argument
    given: dict[str, Any] = {rule.kind_of_check: argument}
    return contracts.ValidationRule(
        **record_fields(rule),
        object=rule.object,
        name=rule.name,
        when=rule.when,
        message=rule.message,
        severity=rule.severity,
        active=rule.active,
        **given,
    )


def naming_rule_record(rule: NamingRule) -> contracts.NamingRule:
    """The published shape of a naming rule."""
    argument = rule.argument
    if isinstance(argument, list):
        argument = tuple(argument)
    elif isinstance(argument, dict):
        argument = {form: tuple(others) for form, others in argument.items()}
    given: dict[str, Any] = {rule.style: argument}
    return contracts.NamingRule(
        **record_fields(rule),
        object=rule.object,
        name=rule.name,
        field=rule.field,
        severity=rule.severity,
        position=rule.position,
        active=rule.active,
        **given,
    )
