"""The company's rules: what records must keep to, how texts are written, and trying them first."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking, own_fields
from crm_gateway.console import pages as rendering

CHECKS = {
    "require": "These fields must be filled in", "forbid": "These fields must be empty",
    "match": "This field must look like a pattern", "range": "This field lies between",
    "unique": "No two have the same in these fields",
}  # fmt: skip
STYLES = {
    "casing": "Capitals", "legal_suffix": "Legal forms", "forbidden": "Words that are not used",
    "standard": "Standard values",
}  # fmt: skip
SEVERITIES = {"block": "Refuse it", "warn": "Take it, and say so"}
NAMING = {"correct": "Write it as it should be", **SEVERITIES}
OPS = {
    "": "always", "eq": "is", "ne": "is not", "not_empty": "is filled in", "empty": "is empty",
    "gt": "is more than", "lt": "is less than", "contains": "contains",
    "changed": "was changed", "changed_to": "was changed to",
}  # fmt: skip
_WITHOUT_VALUE = frozenset({"empty", "not_empty", "changed"})
_OWN = {
    "contact": (
        "first_name", "last_name", "job_title", "department", "email", "phone", "lifecycle",
        "source", "language", "birthday", "do_not_call", "account_id", "tags", "address.country",
        "address.postcode", "address.city",
    ),
    "account": (
        "name", "legal_name", "domain", "industry", "size_band", "type", "lifecycle",
        "parent_id", "renewal_date", "tags",
    ),
    "deal": (
        "name", "amount", "amount.currency", "stage_name", "status", "probability",
        "expected_close_on", "account_id", "primary_contact_id", "owner_id", "source", "next_step",
        "lost_reason",
    ),
    "lead": (
        "first_name", "last_name", "email", "phone", "company", "job_title", "source", "medium",
        "status", "rating", "owner_id",
    ),
    "ticket": (
        "subject", "status", "priority", "kind", "channel", "requester_id", "account_id",
        "assignee_id", "tags", "reopen_count",
    ),
}  # fmt: skip
# Whose texts naming rules write; who tries a rule on other records; where these have pages.
_NAMED = frozenset({"contact", "account"})
_TRIED_BY = {"deal": "sales", "lead": "sales", "ticket": "support"}
_PATHS = {"validation": "/v1/validation-rules", "naming": "/v1/naming-rules"}

pages = Blueprint("rules", __name__, url_prefix="/settings/rules")


@pages.get("")
def index() -> Response:
    """List the rules for a kind of record."""
    return _listed()


@pages.post("/validation")
def create_validation() -> Any:
    """Try a rule on what is there, or have it."""
    try:
        body = _validation()
    except ValueError as error:
        return _listed(draft=rendering.draft("validation", str(error)), status=422)
    if request.form.get("then") == "try":
        trial = _trial(body)
        draft = rendering.draft("validation", "" if trial.is_good else trial.reason)
        return _listed(draft=draft, trial=trial, status=200 if trial.is_good else trial.status)
    return _created("validation", body)


@pages.post("/naming")
def create_naming() -> Any:
    """Have a naming rule."""
    return _created("naming", _naming())


@pages.post("/<any(validation, naming):kind>/<uuid:rule_id>/rest")
def rest(kind: str, rule_id: UUID) -> Any:
    """Have a rule rest, or count again."""
    return _changed(kind, rule_id, "PATCH", {"active": request.form.get("active") == "yes"})


@pages.post("/<any(validation, naming):kind>/<uuid:rule_id>/archive")
def archive(kind: str, rule_id: UUID) -> Any:
    """Put a rule away."""
    return _changed(kind, rule_id, "DELETE")


def _created(kind: str, body: Mapping[str, Any]) -> Any:
    outcome = asking.write("contacts", "POST", _PATHS[kind], body)
    if not outcome.is_good:
        return _listed(draft=rendering.draft(kind, outcome.reason), status=outcome.status)
    return redirect(url_for(".index", object=body["object"]), 303)


def _changed(kind: str, rule_id: UUID, method: str, body: Mapping[str, Any] | None = None) -> Any:
    path, version = f"{_PATHS[kind]}/{rule_id}", request.form.get("version")
    outcome = asking.write("contacts", method, path, body, version=version)
    if not outcome.is_good:
        return _listed(draft=rendering.draft("list", outcome.reason), status=outcome.status)
    return redirect(url_for(".index", object=outcome.body["object"]), 303)


def _validation() -> dict[str, Any]:
    """The rule a form means. Raises ValueError with the reason."""
    given, check = request.form, request.form.get("check", "require")
    fields = given.getlist("fields")
    if not fields:
        raise ValueError("Choose at least one field.")
    argument: Any = fields
    if check == "match":
        argument = dict.fromkeys(fields, given.get("pattern", ""))
    elif check == "range":
        bounds = {
            name: given[name].strip() for name in ("min", "max") if given.get(name, "").strip()
        }
        argument = dict.fromkeys(fields, bounds)
    return {
        "object": _object(), "name": given.get("name", ""), "message": given.get("message", ""),
        "severity": given.get("severity", "block"), "when": _when(), check: argument,
    }  # fmt: skip


def _when() -> dict[str, Any] | None:
    """The condition of a form: by its three boxes, or as a predicate in JSON."""
    given = request.form
    if text := given.get("predicate", "").strip():
        try:
            found: dict[str, Any] = orjson.loads(text)
        except ValueError as error:
            raise ValueError("The condition is not JSON.") from error
        return found
    op = given.get("when_op", "")
    if op not in OPS or not op:
        return None
    condition: dict[str, Any] = {"field": given.get("when_field", ""), "op": op}
    if op not in _WITHOUT_VALUE:
        value = given.get("when_value", "").strip()
        condition["value"] = {"true": True, "false": False}.get(value.lower(), value)
    return condition


def _trial(body: Mapping[str, Any]) -> asking.Outcome:
    """Have the rule tried by whoever keeps the records."""
    given = {name: value for name, value in body.items() if value}
    owner = _TRIED_BY.get(body["object"])
    if owner is None:
        return asking.write("contacts", "POST", "/v1/validation-rules/dry-run", given)
    check = {name: given[name] for name in ("when", *CHECKS) if name in given}
    return asking.write(owner, "POST", f"/v1/{body['object']}s/dry-run", check)


def _naming() -> dict[str, Any]:
    given, style = request.form, request.form.get("style", "casing")
    lines = [line.strip() for line in given.get("words", "").splitlines() if line.strip()]
    argument: Any = lines
    if style == "casing":
        argument = given.get("casing", "title")
    elif style in {"legal_suffix", "standard"}:
        argument = dict(map(_spellings, lines))
    return {
        "object": _object(), "name": given.get("name", ""), "field": given.get("field", "name"),
        "severity": given.get("severity", "warn"), style: argument,
    }  # fmt: skip


def _spellings(line: str) -> tuple[str, list[str]]:
    """`GmbH = gmbh, g.m.b.h.`"""
    form, _, others = line.partition("=")
    return form.strip(), [each.strip() for each in others.split(",") if each.strip()]


def _object() -> str:
    wanted = request.values.get("object", "")
    return wanted if wanted in own_fields.OBJECTS else "contact"


def _listed(
    *, draft: rendering.Draft = rendering.NO_DRAFT, trial: asking.Outcome | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    chosen = _object()
    outcome = asking.read("contacts", "/v1/validation-rules", object=chosen, limit=200)
    namings = asking.read("contacts", "/v1/naming-rules", object=chosen, limit=200)
    pages_of = f"/{chosen}s" if chosen in _TRIED_BY else "/customers"
    own = [f"custom.{each['key']}" for each in own_fields.known(chosen) if not each["sensitive"]]
    return rendering.page(
        "rules.html", status=status, draft=draft, trial=trial, outcome=outcome, chosen=chosen,
        rules=outcome.body.get("items", []), namings=namings.body.get("items", []),
        fields=[*_OWN[chosen], *own], objects=own_fields.OBJECTS, checks=CHECKS, styles=STYLES,
        severities=SEVERITIES, naming=NAMING, ops=OPS, is_named=chosen in _NAMED, pages_of=pages_of,
        chosen_fields=request.form.getlist("fields"),
    )  # fmt: skip
