"""The company's own fields: their editor, and how other pages show and take their values."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from crm_gateway.console import asking
from crm_gateway.console import pages as rendering

OBJECTS = {
    "contact": "Contacts", "account": "Accounts", "deal": "Deals", "lead": "Leads",
    "ticket": "Tickets",
}  # fmt: skip
TYPES = {
    "string": "Text, one line", "text": "Text, several lines", "number": "Number",
    "bool": "Yes or no", "date": "Date", "datetime": "Date and time", "enum": "One of a list",
    "multi_enum": "Several of a list", "phone": "Telephone", "email": "E-mail",
    "url": "Web address", "money": "Money",
}  # fmt: skip
FLAGS = {
    "required": "Must be filled in", "unique": "No two have the same",
    "searchable": "Found by search", "sensitive": "Sensitive: never told to other services",
}  # fmt: skip
_MOST = 200
_LASTING = frozenset({"object", "key", "type", "sensitive"})
Form = Mapping[str, Any]

pages = Blueprint("own_fields", __name__, url_prefix="/settings/fields")


def known(of: str) -> list[dict[str, Any]]:
    """Return the fields of a kind of record in the order of forms; none where it is unknown."""
    outcome = asking.read("contacts", "/v1/fields", object=of, limit=_MOST)
    found = outcome.body.get("items", []) if outcome.is_good else []
    return [{**each, "group": each.get("group") or ""} for each in found]


def posted(fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a form says of own fields, as `custom` of a write: what is empty is cleared."""
    found: dict[str, Any] = {}
    for field in fields:
        name = f"custom.{field['key']}"
        if field["type"] == "multi_enum" and f"{name}.shown" in request.form:
            found[field["key"]] = request.form.getlist(name) or None
        elif field["sensitive"] and not request.form.get(name):
            continue  # an empty box is not what is kept
        elif name in request.form:
            found[field["key"]] = request.form[name].strip() or None
    return found


def errors_of(outcome: asking.Outcome) -> dict[str, str]:
    """Return why values were refused, by key."""
    errors: Mapping[str, Sequence[str]] = outcome.body.get("errors") or {}
    return {
        name.removeprefix("custom."): " ".join(why)
        for name, why in errors.items()
        if name.startswith("custom.")
    }


@pages.get("")
def index() -> Response:
    """List the fields of a kind of record."""
    return _listed()


@pages.post("")
def create() -> Any:
    """Add a field."""
    body = {name: request.form.get(name, "") for name in ("object", "label", "type")}
    # Not `key`: that is what a form is sent once by.
    body["key"] = request.form.get("field_key", "").strip() or _key_of(body["label"])
    outcome = asking.write("contacts", "POST", "/v1/fields", body | _settings())
    if not outcome.is_good:
        return _listed(draft=rendering.draft("field", outcome.reason), status=outcome.status)
    return redirect(url_for(".index", object=body["object"]), 303)


@pages.get("/<uuid:field_id>")
def show(field_id: UUID) -> Response:
    """Show a field to be changed."""
    return _shown(field_id)


@pages.post("/<uuid:field_id>")
def change(field_id: UUID) -> Any:
    """Change a field."""
    body = {name: value for name, value in _settings().items() if name not in _LASTING}
    body["label"] = request.form.get("label", "")
    outcome = _write("PATCH", field_id, body)
    if not outcome.is_good:
        draft = rendering.draft("field", outcome.reason)
        return _shown(field_id, draft=draft, status=outcome.status)
    return redirect(url_for(".index", object=outcome.body["object"]), 303)


@pages.post("/<uuid:field_id>/archive")
def archive(field_id: UUID) -> Any:
    """Put a field away."""
    return _moved(field_id, _write("DELETE", field_id))


@pages.post("/<uuid:field_id>/restoration")
def restore(field_id: UUID) -> Any:
    """Bring a field back."""
    return _moved(field_id, _write("PUT", field_id, tail="/restoration"))


@pages.post("/<uuid:field_id>/move")
def move(field_id: UUID) -> Any:
    """Show a field one place earlier or later: those whose place changes are numbered anew."""
    of = request.form.get("object", "")
    fields = known(of if of in OBJECTS else "contact")
    ids = [each["id"] for each in fields]
    if str(field_id) in ids:
        place = ids.index(str(field_id))
        other = place + (1 if request.form.get("where") == "later" else -1)
        if 0 <= other < len(fields):
            fields[place], fields[other] = fields[other], fields[place]
    for place, field in enumerate(fields, start=1):
        if field["position"] != place * 10:
            path, version = f"/v1/fields/{field['id']}", str(field["version"])
            outcome = asking.write(
                "contacts", "PATCH", path, {"position": place * 10}, version=version, once=False
            )
            if not outcome.is_good:
                draft = rendering.draft("list", outcome.reason)
                return _listed(draft=draft, status=outcome.status)
    return redirect(url_for(".index", object=of, _anchor=f"field-{field_id}"), 303)


def _moved(field_id: UUID, outcome: asking.Outcome) -> Any:
    if not outcome.is_good:
        draft = rendering.draft("field", outcome.reason)
        return _shown(field_id, draft=draft, status=outcome.status)
    return redirect(url_for(".index", object=outcome.body["object"]), 303)


def _write(
    method: str, field_id: UUID, body: Form | None = None, *, tail: str = ""
) -> asking.Outcome:
    version = request.form.get("version")
    return asking.write("contacts", method, f"/v1/fields/{field_id}{tail}", body, version=version)


def _settings() -> dict[str, Any]:
    """What a form says of how a field is shown and checked."""
    given = request.form
    options = []
    for line in given.get("options", "").splitlines():
        value, _, label = (part.strip() for part in line.partition("="))
        if value:
            options.append({"value": value, "label": label or value})
    return {
        "options": options, "group": given.get("group", "").strip() or None,
        "help": given.get("help", "").strip() or None, **{name: name in given for name in FLAGS},
    }  # fmt: skip


def _key_of(label: str) -> str:
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in label.lower()).split()
    key = "_".join(words)[:60]
    return key if key[:1].isalpha() else f"field_{key}"[:60]


def _listed(*, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200) -> Response:
    wanted = request.values.get("object", "")
    chosen = wanted if wanted in OBJECTS else "contact"
    outcome = asking.read("contacts", "/v1/fields", object=chosen, limit=_MOST)
    archived = asking.read("contacts", "/v1/fields", object=chosen, archived="true", limit=_MOST)
    return rendering.page(
        "fields.html", status=status, draft=draft, outcome=outcome, chosen=chosen,
        fields=outcome.body.get("items", []), archived=archived.body.get("items", []),
        objects=OBJECTS, types=TYPES, flags=FLAGS,
    )  # fmt: skip


def _shown(
    field_id: UUID, *, draft: rendering.Draft = rendering.NO_DRAFT, status: int = 200
) -> Response:
    outcome = asking.read("contacts", f"/v1/fields/{field_id}")
    return rendering.page(
        "field.html", status=status, draft=draft, outcome=outcome,
        field=outcome.body if outcome.is_good else None, objects=OBJECTS, types=TYPES, flags=FLAGS,
    )  # fmt: skip
