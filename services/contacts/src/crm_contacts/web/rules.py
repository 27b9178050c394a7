"""Routes of fields, of validation rules and of naming rules."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Response

from crm_chassis import clock, web
from crm_chassis.problems import Invalid
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import rules as commands
from crm_contacts.commands import trials as trying
from crm_contacts.model.rule import NamingRule, ValidationRule
from crm_contacts.queries import rules, trials
from crm_contacts.schemas.rules import (
    BreachesIn,
    BreachesOut,
    NamingRuleIn,
    NamingRuleOut,
    NamingRulePatchIn,
    NamingRulesOut,
    RulesIn,
    TrialIn,
    TrialOut,
    ValidationRuleIn,
    ValidationRuleOut,
    ValidationRulePatchIn,
    ValidationRulesOut,
)
from crm_contacts.web.jobs import accepted

validation = Blueprint(
    "validation-rules", __name__, url_prefix="/v1/validation-rules", kind="validation_rule"
)
naming = Blueprint("naming-rules", __name__, url_prefix="/v1/naming-rules", kind="naming_rule")
breaches = Blueprint(
    "rule-breaches", __name__, url_prefix="/v1/rule-breaches", kind="validation_rule"
)
Fields = Mapping[str, Any]


def _create(kind: type[commands.Rule], fields: Fields) -> Response:
    return web.write(
        commands.create_rule, commands.CreateRule(kind=kind, fields=fields), status=201
    )


def _update(kind: type[commands.Rule], rule_id: UUID, changes: Fields) -> Response:
    command = commands.UpdateRule(
        kind=kind, rule_id=rule_id, expected_version=web.if_match(), changes=changes
    )
    return web.write(commands.update_rule, command)


def _archive(kind: type[commands.Rule], rule_id: UUID) -> Response:
    command = commands.ArchiveRule(kind=kind, rule_id=rule_id, expected_version=web.if_match())
    return web.write(commands.archive_rule, command)


def _restore(kind: type[commands.Rule], rule_id: UUID) -> Response:
    command = commands.RestoreRule(kind=kind, rule_id=rule_id, expected_version=web.if_match())
    return web.write(commands.restore_rule, command)


def _listing(kind: Any, name: str, filters: Fields, default: str) -> Response:
    return web.listing(
        rules.listed(kind, filters), kind=name, id_column=kind.id, sorts=rules.sorts(kind),
        args=filters, default=default,
    )  # fmt: skip


@validation.post("")
@validation.arguments(ValidationRuleIn)
@validation.response(201, ValidationRuleOut)
@web.needs(special="manage_rules")
def create_validation_rule(fields: Fields) -> Response:
    """Have a rule that records are held to from now on."""
    return _create(ValidationRule, fields)


@validation.get("")
@validation.arguments(RulesIn, location="query")
@validation.response(200, ValidationRulesOut)
def list_validation_rules(filters: Fields) -> Response:
    """List validation rules."""
    return _listing(ValidationRule, "validation_rule", filters, "-created_at")


@validation.get("/<uuid:rule_id>")
@validation.response(200, ValidationRuleOut)
def read_validation_rule(rule_id: UUID) -> Response:
    """Read a validation rule."""
    return web.read("validation_rule", rule_id)


@validation.patch("/<uuid:rule_id>")
@validation.arguments(ValidationRulePatchIn)
@validation.response(200, ValidationRuleOut)
@web.needs(special="manage_rules")
def update_validation_rule(changes: Fields, rule_id: UUID) -> Response:
    """Change a validation rule; naming another check replaces the one there is."""
    return _update(ValidationRule, rule_id, changes)


@validation.delete("/<uuid:rule_id>")
@validation.response(200, ValidationRuleOut)
@web.needs(special="manage_rules")
def archive_validation_rule(rule_id: UUID) -> Response:
    """Put a validation rule away."""
    return _archive(ValidationRule, rule_id)


@validation.put("/<uuid:rule_id>/restoration")
@validation.response(200, ValidationRuleOut)
@web.needs(special="manage_rules")
def restore_validation_rule(rule_id: UUID) -> Response:
    """Have a validation rule count again."""
    return _restore(ValidationRule, rule_id)


@validation.post("/dry-run")
@validation.arguments(TrialIn)
@validation.response(200, TrialOut)
@web.needs("bulk")
def try_validation_rule(fields: Fields) -> Response:
    """Count what breaks a rule, kept or not; 202 and a job where there are very many records."""
    with web.sessions()() as session:
        part, rule = trying.readable(session, fields)
        limit = trying.LARGEST_AT_ONCE + 1
        is_large = trials.size(session, part, up_to=limit) >= limit
        if not is_large:
            found = trials.tried(session, part, rule, now=clock.now())
            return Response(orjson.dumps(found.told), mimetype="application/json")
    command = trying.TryRule(fields=fields, owner_id=web.principal().user_id)
    return accepted(web.write(trying.try_rule, command, status=202))


@naming.post("")
@naming.arguments(NamingRuleIn)
@naming.response(201, NamingRuleOut)
@web.needs(special="manage_rules")
def create_naming_rule(fields: Fields) -> Response:
    """Have a text written in a certain way from now on."""
    return _create(NamingRule, fields)


@naming.get("")
@naming.arguments(RulesIn, location="query")
@naming.response(200, NamingRulesOut)
def list_naming_rules(filters: Fields) -> Response:
    """List naming rules, in the order in which they are applied."""
    return _listing(NamingRule, "naming_rule", filters, "position")


@naming.get("/<uuid:rule_id>")
@naming.response(200, NamingRuleOut)
def read_naming_rule(rule_id: UUID) -> Response:
    """Read a naming rule."""
    return web.read("naming_rule", rule_id)


@naming.patch("/<uuid:rule_id>")
@naming.arguments(NamingRulePatchIn)
@naming.response(200, NamingRuleOut)
@web.needs(special="manage_rules")
def update_naming_rule(changes: Fields, rule_id: UUID) -> Response:
    """Change a naming rule; naming another style replaces the one there is."""
    return _update(NamingRule, rule_id, changes)


@naming.delete("/<uuid:rule_id>")
@naming.response(200, NamingRuleOut)
@web.needs(special="manage_rules")
def archive_naming_rule(rule_id: UUID) -> Response:
    """Put a naming rule away."""
    return _archive(NamingRule, rule_id)


@naming.put("/<uuid:rule_id>/restoration")
@naming.response(200, NamingRuleOut)
@web.needs(special="manage_rules")
def restore_naming_rule(rule_id: UUID) -> Response:
    """Have a naming rule count again."""
    return _restore(NamingRule, rule_id)


@breaches.get("")
@breaches.arguments(BreachesIn, location="query")
@breaches.response(200, BreachesOut)
@web.needs(special="manage_rules")
def list_breaches(filters: Fields) -> Response:
    """List which rules records break since they were last written; for admins."""
    with web.sessions()() as session:
        found = rules.breaches(
            session, filters, after=_after(filters["cursor"]), limit=filters["limit"] + 1
        )
    shown = found[: filters["limit"]]
    last = shown[-1] if len(found) > len(shown) else None
    after = f"{last['record_id']}|{last['rule_id']}|{last['field']}" if last else None
    body = orjson.dumps({"items": shown, "next": after}, option=orjson.OPT_UTC_Z)
    return Response(body, mimetype="application/json")


def _after(cursor: str | None) -> list[str] | None:
    if cursor is None:
        return None
    parts = cursor.split("|", 2)
    try:
        return [str(UUID(parts[0])), str(UUID(parts[1])), parts[2]]
    except (ValueError, IndexError) as error:
        raise Invalid({"cursor": ["not a cursor of this list"]}) from error
