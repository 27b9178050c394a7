"""The deals and leads of the golden samples."""

from decimal import Decimal

from crm_contracts import sales
from crm_contracts.base import Money, Record
from crm_contracts.golden.rows import (
    ACCOUNT,
    CONTACT,
    DEAL,
    LEAD,
    LOST,
    PIPELINE,
    PROPOSAL,
    QUALIFIED,
    WON,
    at,
    id_,
    row,
)

SALES: list[Record] = [
    sales.Repointing(
        **(row(id_(82), 14, version=1) | {"owner_id": None, "team_id": None}),
        absorbed_id=id_(36),
        absorbed_version=4,
        survivor_id=CONTACT,
        counts={"deal": 1},
    ),
    sales.Pipeline(
        **row(PIPELINE, 1),
        name="New business",
        currency="EUR",
        is_default=True,
        stages=(
            sales.Stage(
                id=QUALIFIED,
                name="Qualified",
                position=1,
                category="open",
                probability=Decimal("0.2"),
                rot_days=14,
            ),
            sales.Stage(
                id=PROPOSAL,
                name="Proposal",
                position=2,
                category="open",
                probability=Decimal("0.6"),
                rot_days=21,
            ),
            sales.Stage(id=WON, name="Won", position=3, category="won", probability=Decimal(1)),
            sales.Stage(id=LOST, name="Lost", position=4, category="lost", probability=Decimal(0)),
        ),
    ),
    sales.Deal(
        **row(DEAL, 402),
        name="Northwind: 40 seats",
        amount=Money(Decimal("12400.00"), "EUR"),
        pipeline_id=PIPELINE,
        stage_id=PROPOSAL,
        stage_name="Proposal",
        status="open",
        account_id=ACCOUNT,
        primary_contact_id=CONTACT,
        contact_ids=(CONTACT,),
        expected_close_on="2026-12-15",
        probability=Decimal("0.6"),
        weighted_amount=Money(Decimal("7440.00"), "EUR"),
        source="trade fair",
        lead_id=LEAD,
        next_step="Call about the proposal",
    ),
    sales.StageInterval(
        **row(id_(41), 1290, version=1),
        deal_id=DEAL,
        stage_id=QUALIFIED,
        stage_name="Qualified",
        entered_at=at(2, 8, 15),
    ),
    sales.Lead(
        **row(LEAD, 933),
        first_name="Marta",
        last_name="Okafor",
        name="Marta Okafor",
        email="marta.okafor@northwind.example",
        phone="+442079460958",
        company="Northwind Traders",
        job_title="Head of Operations",
        source="trade fair",
        medium="event",
        status="working",
        rating="hot",
    ),
]
