"""Routes of the quality of data: of one record, of all."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Response
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock, db, web
from crm_chassis.auth import Principal
from crm_chassis.rights import Range
from crm_chassis.web.blueprints import Blueprint
from crm_contacts.commands import quality as commands
from crm_contacts.model.quality import FRESH_DAYS, RULES, QualityAudit, scores, weight_of
from crm_contacts.queries import quality as queries
from crm_contacts.schemas.quality import (
    AuditIn,
    AuditOut,
    AuditsIn,
    AuditsOut,
    FindingFilterIn,
    FindingsIn,
    FindingsOut,
    QualityOut,
    RulesOut,
    TeamsOut,
    WeightsIn,
)
from crm_contacts.web import survivors
from crm_interchange.tables import guarded

blueprint = Blueprint("quality", __name__, url_prefix="/v1/quality-audits", kind="quality_audit")
records_blueprint = Blueprint("record_quality", __name__, url_prefix="/v1")
Fields = Mapping[str, Any]
_ADVICE = {rule.reason: rule.advice for rules in RULES.values() for rule in rules}
_NUMBERS = ("checked", "findings", "scores")
_COLUMNS = ("kind", "record_id", "public_no", "name", "reason", "advice", "owner_id", "team_id")


@records_blueprint.get("/contacts/<uuid:contact_id>/quality")
@records_blueprint.response(200, QualityOut)
@web.needs("read", kind="contact", subject="contact_id")
def read_contact_quality(contact_id: UUID) -> dict[str, Any]:
    """Say how good a contact's data are, and what to do about it."""
    return _quality("contact", survivors.living("contact", contact_id))


@records_blueprint.get("/accounts/<uuid:account_id>/quality")
@records_blueprint.response(200, QualityOut)
@web.needs("read", kind="account", subject="account_id")
def read_account_quality(account_id: UUID) -> dict[str, Any]:
    """Say how good an account's data are, and what to do about it."""
    return _quality("account", survivors.living("account", account_id))


@blueprint.post("")
@blueprint.arguments(AuditIn)
@blueprint.response(202, AuditOut)
def audit_quality(fields: Fields) -> Response:
    """Look at every contact and account in the background."""
    command = commands.AuditQuality(owner_id=web.principal().user_id, **fields)
    response = web.write(commands.audit_quality, command, status=202)
    if response.status_code == 202 and isinstance(response.json, dict):
        response.headers["Location"] = f"/v1/jobs/contacts/{response.json['job_id']}"
    return response


@blueprint.get("")
@blueprint.arguments(AuditsIn, location="query")
@blueprint.response(200, AuditsOut)
def list_audits(filters: Fields) -> Response:
    """List audits, the newest first; the findings of the last three are kept."""
    return _without_numbers(
        web.listing(
            queries.audits(filters),
            kind="quality_audit",
            id_column=QualityAudit.id,
            sorts=queries.AUDIT_SORTS,
            args=filters,
        )
    )


@blueprint.get("/weights")
@blueprint.response(200, RulesOut)
@web.needs("read", kind="validation_rule")
def read_weights() -> Response:
    """Read what every rule weighs."""
    return _weights()


@blueprint.put("/weights")
@blueprint.arguments(WeightsIn)
@blueprint.response(200, RulesOut)
@web.needs(special="manage_rules")
def set_weights(fields: Fields) -> Response:
    """Say what rules weigh; only an admin may."""
    with db.transaction(web.sessions(), web.context()) as session:
        commands.set_weights(session, fields["weights"])
    return _weights()


@blueprint.get("/<uuid:audit_id>")
@blueprint.response(200, AuditOut)
def read_audit(audit_id: UUID) -> Response:
    """Read an audit in numbers; they are of everybody, so who sees some only is told none."""
    return _without_numbers(web.read("quality_audit", audit_id, conditional=_sees_all()))


@blueprint.get("/<uuid:audit_id>/teams")
@blueprint.response(200, TeamsOut)
def list_teams(audit_id: UUID) -> dict[str, Any]:
    """Say how well each team keeps its records; who sees some only is told of none."""
    web.read("quality_audit", audit_id, conditional=False)
    if not _sees_all():
        return {"items": []}
    with web.sessions()() as session:
        return {"items": queries.team_scores(session, audit_id)}


@blueprint.get("/<uuid:audit_id>/findings")
@blueprint.arguments(FindingsIn, location="query")
@blueprint.response(200, FindingsOut)
def list_findings(filters: Fields, audit_id: UUID) -> Response:
    """List what is to be looked at, and why."""
    web.read("quality_audit", audit_id, conditional=False)
    limit = filters["limit"]
    with web.sessions()() as session:
        found = queries.findings(session, audit_id, filters, who=web.principal(), limit=limit + 1)
    shown = found[:limit]
    after = str(shown[-1]["number"]) if len(found) > limit else None
    body = orjson.dumps({"items": [*map(_advised, shown)], "next": after})
    return Response(body, mimetype="application/json")


@blueprint.get("/<uuid:audit_id>/findings/file")
@blueprint.arguments(FindingFilterIn, location="query")
@blueprint.response(200, content_type="text/csv", schema={"type": "string"})
def export_findings(filters: Fields, audit_id: UUID) -> Response:
    """Fetch all of them as a table."""
    web.read("quality_audit", audit_id, conditional=False)
    web.note("quality_audit.fetched", audit_id)
    lines = _lines(web.sessions(), audit_id, filters, web.principal())
    response = Response(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="quality.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _quality(kind: str, record_id: UUID) -> dict[str, Any]:
    with web.sessions()() as session:
        weights = queries.weights(session)
        found = queries.reasons_of(session, kind, record_id, fresh_days=FRESH_DAYS, now=clock.now())
    broken = [
        {
            "reason": rule.reason,
            "dimension": rule.dimension.value,
            "weight": weight_of(kind, rule, weights),
            "advice": rule.advice,
        }
        for rule in RULES[kind]
        if rule.reason in found and weight_of(kind, rule, weights)
    ]
    broken.sort(key=lambda each: -int(each["weight"]))
    return {**scores(kind, found, weights), "reasons": broken}


def _sees_all() -> bool:
    """Say whether the caller reads every contact and account, but for private ones."""
    ranges = {web.principal().rights.range_of(kind, "read") for kind in RULES}
    return ranges == {Range.ALL}


def _without_numbers(response: Response) -> Response:
    """Leave out what would tell somebody of records that they do not see."""
    if _sees_all():
        return response
    found = orjson.loads(response.get_data())
    for each in found.get("items", [found]):
        each.update((name, {}) for name in _NUMBERS if name in each)
    response.headers.pop("ETag", None)
    response.set_data(orjson.dumps(found))
    return response


def _weights() -> Response:
    with web.sessions()() as session:
        known = queries.weights(session)
    every = {
        kind: {rule.reason: weight_of(kind, rule, known) for rule in rules}
        for kind, rules in RULES.items()
    }
    return Response(orjson.dumps({"weights": every}), mimetype="application/json")


def _advised(finding: Fields) -> dict[str, Any]:
    return {**finding, "advice": _ADVICE[finding["reason"]]}


def _lines(
    make: sessionmaker[Session], audit_id: UUID, filters: Fields, who: Principal
) -> Iterator[str]:
    yield _line(_COLUMNS)
    with make() as session:
        for finding in queries.every_finding(session, audit_id, filters, who=who):
            advised = _advised(finding)
            yield _line("" if advised[name] is None else str(advised[name]) for name in _COLUMNS)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([guarded(cell) for cell in cells])
    return text.getvalue()
