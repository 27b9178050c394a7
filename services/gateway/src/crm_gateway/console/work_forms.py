"""Reading the forms of deals, leads and tickets."""

from collections.abc import Callable, Mapping
from typing import Any

from crm_gateway.console.editing import Editor, Image
from crm_gateway.console.finding import Unclear, account_named, contact_named
from crm_gateway.console.typing_in import own, pointer, tags, text

Record = Mapping[str, Any]
_DEAL = ("name", "expected_close_on", "source", "next_step", "owner_id")
_LEAD = (
    "first_name", "last_name", "email", "phone", "company", "job_title", "source", "medium",
    "rating",
)  # fmt: skip
_TICKET = ("subject", "kind", "channel")
_FINDERS: Mapping[str, Callable[[str], Mapping[str, Any]]] = {
    "account": account_named, "primary_contact": contact_named, "requester": contact_named,
}  # fmt: skip


def deal_image(record: Record) -> Image:
    """What a deal's form holds."""
    return {
        **{name: record[name] for name in _DEAL},
        "amount": record["amount"],
        "account_id": record["account_id"],
        "primary_contact_id": record["primary_contact_id"],
        "custom": dict(record["custom"]),
    }


def typed_deal() -> tuple[Image, Unclear | None]:
    """What was typed into a deal's form."""
    amount, currency = text("amount"), text("currency")
    worth = {"amount": amount, "currency": (currency or "EUR").upper()} if amount else None
    image = {**{name: text(name) for name in _DEAL}, "amount": worth}
    return _pointing(image, ("account", "primary_contact"), "deal")


def lead_image(record: Record) -> Image:
    """What a lead's form holds."""
    return {**{name: record[name] for name in _LEAD}, "custom": dict(record["custom"])}


def typed_lead() -> tuple[Image, Unclear | None]:
    """What was typed into a lead's form."""
    return {**{name: text(name) for name in _LEAD}, "custom": own("lead")}, None


def ticket_image(record: Record) -> Image:
    """What a ticket's form holds."""
    return {
        **{name: record[name] for name in _TICKET},
        "tags": list(record["tags"]),
        "requester_id": record["requester_id"],
        "account_id": record["account_id"],
        "custom": dict(record["custom"]),
    }


def typed_ticket() -> tuple[Image, Unclear | None]:
    """What was typed into a ticket's form; `body` only of a new one."""
    image: Image = {**{name: text(name) for name in _TICKET}, "tags": tags()}
    if (body := text("body")) is not None:
        image["body"] = body
    return _pointing(image, ("requester", "account"), "ticket")


def _pointing(image: Image, names: tuple[str, ...], of: str) -> tuple[Image, Unclear | None]:
    """The same with the ids of those who were named, and with the company's own fields."""
    unclear = None
    for name in names:
        try:
            image[f"{name}_id"] = pointer(name, _FINDERS[name])
        except Unclear as refusal:
            unclear = refusal
    return {**image, "custom": own(of)}, unclear


DEAL = Editor(
    kind="deal", plural="deals", service="sales", image=deal_image, typed=typed_deal,
    blank={
        **dict.fromkeys(_DEAL), "amount": None, "account_id": None, "primary_contact_id": None,
        "custom": {},
    },
)  # fmt: skip
LEAD = Editor(
    kind="lead",
    plural="leads",
    service="sales",
    image=lead_image,
    typed=typed_lead,
    blank={**dict.fromkeys(_LEAD), "custom": {}},
)
TICKET = Editor(
    kind="ticket", plural="tickets", service="support", image=ticket_image, typed=typed_ticket,
    blank={
        "subject": None, "kind": "question", "channel": "web", "tags": [], "requester_id": None,
        "account_id": None, "custom": {},
    },
)  # fmt: skip
