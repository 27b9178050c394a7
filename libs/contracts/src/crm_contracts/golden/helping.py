"""The tickets of the golden samples, and those who work on them."""

from crm_contracts import gateway, support
from crm_contracts.base import Record
from crm_contracts.golden.rows import ACCOUNT, ANNA, CONTACT, TEAM, TICKET, at, id_, row

SUPPORT: list[Record] = [
    support.Repointing(
        **(row(id_(84), 14, version=1) | {"owner_id": None, "team_id": None}),
        absorbed_id=id_(36),
        absorbed_version=4,
        survivor_id=CONTACT,
        counts={"ticket": 2},
    ),
    support.Ticket(
        **row(TICKET, 2207),
        subject="Invoice shows the wrong address",
        requester_id=CONTACT,
        account_id=ACCOUNT,
        channel="email",
        ticket_kind="question",
        status="open",
        priority="high",
        assignee_id=ANNA,
        tags=("billing",),
    ),
    support.TicketMessage(
        **row(id_(61), 8120, version=1),
        ticket_id=TICKET,
        requester_id=CONTACT,
        direction="in",
        audience="public",
        author=f"contact:{CONTACT}",
        body="The invoice of October names our old office.",
        sent_at=at(2, 11, 40),
    ),
    support.SlaClock(
        **row(id_(62), 2610, version=1),
        ticket_id=TICKET,
        requester_id=CONTACT,
        metric="first_response",
        state="running",
        started_at=at(2, 11, 40),
        target_seconds=14400,
        due_at=at(2, 15, 40),
    ),
]
GATEWAY: list[Record] = [
    gateway.User(
        **(row(ANNA, 4) | {"owner_id": None}),
        email="anna.lindqvist@rapport.example",
        name="Anna Lindqvist",
        roles=("member",),
    ),
    gateway.Team(**(row(TEAM, 2) | {"owner_id": None, "team_id": None}), name="Sales north"),
    gateway.Role(
        **(row(id_(73), 4) | {"owner_id": None, "team_id": None}),
        name="Inside sales",
        grants={
            "contact": {"read": "all", "create": "all", "update": "team"},
            "deal": {"read": "team", "create": "own", "update": "own"},
        },
        fields={"deal": {"weighted_amount": "hidden", "probability": "read"}},
        special=("mass_update",),
    ),
    gateway.CompanySettings(
        **(row(id_(71), 1) | {"owner_id": None, "team_id": None}),
        base_currency="EUR",
        time_zone="Europe/Berlin",
        fiscal_year_start="01-01",
    ),
    gateway.SavedView(
        **(row(id_(72), 3) | {"visibility": "team"}),
        object="contact",
        name="Customers in the north",
        filter={"lifecycle": "customer", "tag": "north"},
        sort="name",
        columns=("name", "account", "owner"),
    ),
]
