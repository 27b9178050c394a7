"""Routes of fields, of validation rules and of naming rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from flask import Response
from marshmallow import Schema

from crm_chassis import clock, web
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import rules as commands
from crm_contacts.commands import trials as trying
from crm_contacts.model.rule import NamingRule, ValidationRule
from crm_contacts.queries import rules
from crm_contacts.schemas.rules import (
    BreachesIn,
    NamingRuleIn,
    NamingRuleOut,
    NamingRulePatchIn,
    NamingRulesOut,
    RulesIn,
    TrialIn,
    ValidationRuleIn,
    ValidationRuleOut,
    ValidationRulePatchIn,
    ValidationRulesOut,
)
from crm_contacts.web.imports import acting
from crm_contacts.web.jobs import accepted
from crm_fields.holding import past
from crm_fields.holding.schemas import BreachesOut, TrialOut

breaches = Blueprint(
    "rule-breaches", __name__, url_prefix="/v1/rule-breaches", kind="validation_rule"
)
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One of the two kinds of rules: how it is asked for, answered and listed."""

    name: str
    kind: Any
    body: type[Schema]
    patch: type[Schema]
    answer: type[Schema]
    page: type[Schema]
    order: str

    @property
    def record_kind(self) -> str:
        """The kind of its records."""
        return str(self.kind.__tablename__)


def _routes(resource: Resource) -> Blueprint:
    """The routes of one of the two."""
    blueprint = Blueprint(
        resource.name, __name__, url_prefix=f"/v1/{resource.name}", kind=resource.record_kind
    )
    _reading(blueprint, resource)
    _writing(blueprint, resource)
    _shelving(blueprint, resource)
    return blueprint


def _reading(blueprint: Blueprint, resource: Resource) -> None:
    @blueprint.get("")
    @blueprint.arguments(RulesIn, location="query")
    @blueprint.response(200, resource.page)
    def list_rules(filters: Fields) -> Response:
        """List these rules; naming rules in the order in which they are applied."""
        return web.listing(
            rules.listed(resource.kind, filters), kind=resource.record_kind,
            id_column=resource.kind.id, sorts=rules.sorts(resource.kind), args=filters,
            default=resource.order,
        )  # fmt: skip

    @blueprint.get("/<uuid:rule_id>")
    @blueprint.response(200, resource.answer)
    def read_rule(rule_id: UUID) -> Response:
        """Read a rule."""
        return web.read(resource.record_kind, rule_id)


def _writing(blueprint: Blueprint, resource: Resource) -> None:
    @blueprint.post("")
    @blueprint.arguments(resource.body)
    @blueprint.response(201, resource.answer)
    @web.needs(special="manage_rules")
    def create_rule(fields: Fields) -> Response:
        """Have a rule that what is written is held to from now on."""
        command = commands.CreateRule(kind=resource.kind, fields=fields)
        return web.write(commands.create_rule, command, status=201)

    @blueprint.patch("/<uuid:rule_id>")
    @blueprint.arguments(resource.patch)
    @blueprint.response(200, resource.answer)
    @web.needs(special="manage_rules")
    def update_rule(changes: Fields, rule_id: UUID) -> Response:
        """Change a rule; naming another check, or style, replaces the one there is."""
        command = commands.UpdateRule(
            kind=resource.kind, rule_id=rule_id, expected_version=web.if_match(), changes=changes
        )
        return web.write(commands.update_rule, command)


def _shelving(blueprint: Blueprint, resource: Resource) -> None:
    @blueprint.delete("/<uuid:rule_id>")
    @blueprint.response(200, resource.answer)
    @web.needs(special="manage_rules")
    def archive_rule(rule_id: UUID) -> Response:
        """Put a rule away."""
        command = commands.ArchiveRule(
            kind=resource.kind, rule_id=rule_id, expected_version=web.if_match()
        )
        return web.write(commands.archive_rule, command)

    @blueprint.put("/<uuid:rule_id>/restoration")
    @blueprint.response(200, resource.answer)
    @web.needs(special="manage_rules")
    def restore_rule(rule_id: UUID) -> Response:
        """Have a rule count again."""
        command = commands.RestoreRule(
            kind=resource.kind, rule_id=rule_id, expected_version=web.if_match()
        )
        return web.write(commands.restore_rule, command)


validation = _routes(
    Resource(
        name="validation-rules", kind=ValidationRule, body=ValidationRuleIn,
        patch=ValidationRulePatchIn, answer=ValidationRuleOut, page=ValidationRulesOut,
        order="-created_at",
    )
)  # fmt: skip
naming = _routes(
    Resource(
        name="naming-rules", kind=NamingRule, body=NamingRuleIn, patch=NamingRulePatchIn,
        answer=NamingRuleOut, page=NamingRulesOut, order="position",
    )
)  # fmt: skip


@validation.post("/dry-run")
@validation.arguments(TrialIn)
@validation.response(200, TrialOut)
@web.needs("bulk")
def try_validation_rule(fields: Fields) -> Response:
    """Count what breaks a rule, kept or not, of what one sees; 202 and a job for very many records."""
    with web.sessions()() as session:
        part, rule = trying.readable(session, fields)
        if not trying.is_large(session, part):
            found = trying.tried(session, part, rule, web.principal(), now=clock.now())
            return Response(orjson.dumps(found.told), mimetype="application/json")
    owner_id = web.principal().user_id
    command = trying.TryRule(fields=fields, acting=acting(), owner_id=owner_id)
    return accepted(web.write(trying.try_rule, command, status=202))


@breaches.get("")
@breaches.arguments(BreachesIn, location="query")
@breaches.response(200, BreachesOut)
@web.needs(special="manage_rules")
def list_breaches(filters: Fields) -> Response:
    """List which rules records break since they were last written; for admins."""
    return past.broken_rules(filters)
