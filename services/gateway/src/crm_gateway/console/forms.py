"""Reading the forms of contacts and accounts, row by row where there are several of something."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from crm_gateway.console.editing import Editor, Image
from crm_gateway.console.finding import Unclear, account_named
from crm_gateway.console.typing_in import own, tags, text
from crm_gateway.console.work_forms import DEAL, LEAD, TICKET

_CONTACT_TEXTS = (
    "first_name", "last_name", "job_title", "department", "language", "time_zone", "birthday",
    "source", "lifecycle", "owner_id",
)  # fmt: skip
_ACCOUNT_TEXTS = (
    "name", "legal_name", "domain", "industry", "size_band", "type", "lifecycle", "renewal_date",
    "owner_id",
)  # fmt: skip
_ADDRESS = ("street", "postcode", "city", "region", "country", "label")
_MOST_ROWS = 60
Record = Mapping[str, Any]


def contact_image(record: Record) -> Image:
    """What a contact's form holds."""
    return {
        **{name: record[name] for name in _CONTACT_TEXTS},
        "emails": [_point(each) for each in record["emails"]],
        "phones": [_point(each) for each in record["phones"]],
        "channels": [dict(each) for each in record.get("channels", ())],
        "account_links": [dict(each) for each in record["account_links"]],
        "addresses": [{name: each.get(name) for name in _ADDRESS} for each in record["addresses"]],
        "tags": list(record["tags"]),
        "do_not_call": record["do_not_call"],
        "custom": dict(record["custom"]),
    }


def account_image(record: Record) -> Image:
    """What an account's form holds."""
    plain = {name: record[name] for name in _ACCOUNT_TEXTS}
    return {**plain, "parent_id": record["parent_id"], "tags": list(record["tags"]),
            "custom": dict(record["custom"])}  # fmt: skip


def typed_contact() -> tuple[Image, Unclear | None]:
    """What was typed into a contact's form."""
    links, unclear = _links()
    image = {
        **{name: text(name) for name in _CONTACT_TEXTS},
        "emails": _points("email"),
        "phones": _points("phone"),
        "channels": _channels(),
        "account_links": links,
        "addresses": _addresses(),
        "tags": tags(),
        "do_not_call": "do_not_call" in request.form,
        "custom": own("contact"),
    }
    return image, unclear


def typed_account() -> tuple[Image, Unclear | None]:
    """What was typed into an account's form."""
    typed, parent_id, unclear = text("parent"), text("parent_id"), None
    if typed is None:
        parent_id = None
    elif typed != text("parent_was"):
        try:
            parent_id = account_named(typed)["id"]
        except Unclear as refusal:
            unclear = refusal
    plain = {name: text(name) for name in _ACCOUNT_TEXTS}
    image = {**plain, "parent_id": parent_id, "tags": tags(), "custom": own("account")}
    return image, unclear


CONTACT = Editor(
    kind="contact", plural="contacts", image=contact_image, typed=typed_contact,
    blank={
        **dict.fromkeys(_CONTACT_TEXTS), "lifecycle": "lead", "emails": [], "phones": [],
        "channels": [], "account_links": [], "addresses": [], "tags": [], "do_not_call": False,
        "custom": {},
    },
)  # fmt: skip
ACCOUNT = Editor(
    kind="account", plural="accounts", image=account_image, typed=typed_account,
    blank={
        **dict.fromkeys(_ACCOUNT_TEXTS), "type": "prospect", "lifecycle": "lead",
        "parent_id": None, "tags": [], "custom": {},
    },
)  # fmt: skip
EDITORS = {each.plural: each for each in (CONTACT, ACCOUNT, DEAL, LEAD, TICKET)}


def _rows(prefix: str, needed: str) -> Sequence[str]:
    """The names of those rows of a form in which the field needed is filled in."""
    numbered = (f"{prefix}.{number}" for number in range(_MOST_ROWS))
    return [row for row in numbered if text(f"{row}.{needed}")]


def _points(kind: str) -> list[dict[str, Any]]:
    """E-mail addresses or telephone numbers: one of them is primary, the first unless chosen."""
    rows = _rows(kind, "value")
    chosen = f"{kind}.{request.form.get(f'{kind}.primary', '')}"
    primary = chosen if chosen in rows else next(iter(rows), "")
    return [
        {"value": text(f"{row}.value"), "label": text(f"{row}.label"), "primary": row == primary}
        for row in rows
    ]


def _channels() -> list[dict[str, Any]]:
    """What a contact is called on other channels."""
    return [
        {
            "channel": text(f"{row}.channel") or "chat",
            "value": text(f"{row}.value"),
            "label": text(f"{row}.label"),
            "primary": bool(text(f"{row}.primary")),
        }
        for row in _rows("channel", "value")
    ]


def _links() -> tuple[list[dict[str, Any]], Unclear | None]:
    """The accounts a contact belongs to, with one that is named anew."""
    rows = [row for row in _rows("link", "account_id") if f"{row}.remove" not in request.form]
    links = [_link(row, str(text(f"{row}.account_id"))) for row in rows]
    typed = text("link.new.account")
    if typed is None:
        return links, None
    try:
        account_id = account_named(typed)["id"]
    except Unclear as unclear:
        return links, unclear
    if all(each["account_id"] != account_id for each in links):
        links.append(_link("link.new", account_id))
    return links, None


def _link(row: str, account_id: str) -> dict[str, Any]:
    is_new = row == "link.new"
    is_primary = request.form.get("link.primary", "") == row.rpartition(".")[2]
    return {
        "account_id": account_id,
        "role": text(f"{row}.role"),
        "is_primary": is_primary,
        "active": is_new or f"{row}.active" in request.form,
    }


def _addresses() -> list[dict[str, Any]]:
    rows = (f"address.{number}" for number in range(_MOST_ROWS))
    found = [{name: text(f"{row}.{name}") for name in _ADDRESS} for row in rows]
    return [each for each in found if any(value for value in each.values())]


def _point(point: Record) -> dict[str, Any]:
    return {name: point[name] for name in ("value", "label", "primary")}
