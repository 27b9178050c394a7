"""The people, deals and tickets of the golden samples."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_contracts import contacts, gateway, marketing, sales, support
from crm_contracts.base import Candidate, Money, Record, SubjectRef


def _id(number: int) -> UUID:
    return UUID(int=0x0193_0000_0000_7000_8000_0000_0000_0000 + number)


def _at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


ANNA, TEAM, CONTACT, ACCOUNT, DEAL, PIPELINE, LEAD = (_id(number) for number in range(1, 8))
SEGMENT, TEMPLATE, CAMPAIGN, TICKET = (_id(number) for number in range(8, 12))
QUALIFIED, PROPOSAL, WON, LOST = (_id(number) for number in range(21, 25))
_SUBJECTS = (SubjectRef(type="contact", id=CONTACT), SubjectRef(type="deal", id=DEAL))


def _row(record_id: UUID, number: int, *, version: int = 3) -> dict[str, Any]:
    by = f"user:{ANNA}"
    return {
        "id": record_id,
        "public_no": number,
        "version": version,
        "created_at": _at(2, 8, 15),
        "updated_at": _at(3),
        "created_by": by,
        "updated_by": by,
        "owner_id": ANNA,
        "team_id": TEAM,
    }


_PEOPLE: list[Record] = [
    contacts.Contact(
        **_row(CONTACT, 1042),
        first_name="Marta",
        last_name="Okafor",
        name="Marta Okafor",
        emails=(
            contacts.EmailPoint(
                value="marta.okafor@northwind.example",
                label="work",
                primary=True,
                deliverability="ok",
            ),
            contacts.EmailPoint(value="marta@okafor.example", label="home", opted_out=True),
        ),
        phones=(contacts.PhonePoint(value="+442079460958", label="work", primary=True),),
        account_id=ACCOUNT,
        account_ids=(ACCOUNT,),
        account_links=(
            contacts.AccountLink(account_id=ACCOUNT, role="decision maker", is_primary=True),
        ),
        job_title="Head of Operations",
        department="Operations",
        language="en",
        time_zone="Europe/London",
        birthday="--04-17",
        lifecycle="opportunity",
        source="trade fair",
        tags=("newsletter", "key-contact"),
        custom={"shoe_size": 39},
    ),
    contacts.Account(
        **_row(ACCOUNT, 311),
        name="Northwind Traders",
        legal_name="Northwind Traders Ltd",
        domain="northwind.example",
        industry="wholesale",
        size_band="51-200",
        type="prospect",
        lifecycle="opportunity",
        renewal_date="2027-11-30",
        tags=("emea",),
    ),
    contacts.Interaction(
        **_row(_id(31), 5120, version=1),
        type="call",
        direction="out",
        at=_at(2, 14, 5),
        duration_seconds=780,
        subject="Questions about delivery",
        summary="Wants a proposal by Friday.",
        subjects=_SUBJECTS,
        source_service="telephony",
        source_id="call-88213",
        outcome="connected",
    ),
    contacts.Note(
        **_row(_id(32), 871),
        body="Prefers calls before noon.",
        pinned=True,
        subjects=_SUBJECTS,
        author=f"user:{ANNA}",
    ),
    contacts.Task(
        **_row(_id(33), 640),
        title="Send the proposal",
        assignee_id=ANNA,
        department="sales",
        due_at=_at(6, 16),
        priority="high",
        status="open",
        subjects=_SUBJECTS,
    ),
    contacts.Duplicate(
        **(_row(_id(35), 77, version=1) | {"owner_id": None, "team_id": None}),
        a_id=CONTACT,
        b_id=_id(36),
        score=9.0,
        evidence=(
            contacts.DuplicateEvidence(name="same name", weight=7.0),
            contacts.DuplicateEvidence(name="same account", weight=2.0),
        ),
        status="open",
    ),
    contacts.Merge(
        **(_row(_id(81), 14) | {"team_id": None}),
        survivor_id=CONTACT,
        absorbed_ids=(_id(36),),
        status="merging",
        moved={"contacts": {"note": 2}, "sales": {"deal": 1}},
        awaited=("marketing", "support"),
        undo_until=_at(30),
    ),
    contacts.Consent(
        **(_row(_id(39), 301, version=1) | {"team_id": None}),
        contact_id=CONTACT,
        channel="email",
        purpose="marketing",
        status="granted",
        legal_basis="consent",
        source="newsletter form",
        evidence=contacts.ConsentEvidence(text_version="2026-03", form_id="newsletter"),
        at=_at(2, 8, 10),
    ),
    contacts.Job(
        **(_row(_id(37), 12, version=1) | {"team_id": None}), work="duplicate scan", status="queued"
    ),
    contacts.ContactPointState(
        **(_row(_id(38), 93) | {"owner_id": None, "team_id": None}),
        contact_id=CONTACT,
        email="marta@okafor.example",
        deliverability="soft",
        reason="mailbox full",
        bounce_class="soft",
        code="5.2.2",
        bounce_streak=1,
        bounced_at=_at(4, 7, 30),
    ),
    contacts.LeadConversion(
        **_row(_id(34), 58, version=1),
        lead_id=LEAD,
        status="matched",
        contact_id=CONTACT,
        account_id=ACCOUNT,
    ),
]
_SALES: list[Record] = [
    sales.Repointing(
        **(_row(_id(82), 14, version=1) | {"owner_id": None, "team_id": None}),
        absorbed_id=_id(36),
        absorbed_version=4,
        survivor_id=CONTACT,
        counts={"deal": 1},
    ),
    sales.Pipeline(
        **_row(PIPELINE, 1),
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
        **_row(DEAL, 402),
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
        **_row(_id(41), 1290, version=1),
        deal_id=DEAL,
        stage_id=QUALIFIED,
        stage_name="Qualified",
        entered_at=_at(2, 8, 15),
    ),
    sales.Lead(
        **_row(LEAD, 933),
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
_MARKETING: list[Record] = [
    marketing.Repointing(
        **(_row(_id(83), 14, version=1) | {"owner_id": None, "team_id": None}),
        absorbed_id=_id(36),
        absorbed_version=4,
        survivor_id=CONTACT,
        counts={"enrollment": 1, "message": 4},
    ),
    marketing.Segment(
        **_row(SEGMENT, 12),
        name="Prospects in wholesale",
        type="dynamic",
        predicate={"all": [{"field": "lifecycle", "op": "eq", "value": "opportunity"}]},
    ),
    marketing.SegmentTally(**_row(_id(54), 12), segment_id=SEGMENT, size=212),
    marketing.SegmentMembership(
        **_row(_id(51), 7718, version=1),
        segment_id=SEGMENT,
        segment_name="Prospects in wholesale",
        contact_id=CONTACT,
        entered_at=_at(2, 10),
    ),
    marketing.Template(
        **_row(TEMPLATE, 9),
        name="Winter offer",
        subject="Something for the cold months, {{ first_name }}",
        body_text="Dear {{ first_name }}, …",
        body_html="<p>Dear {{ first_name }}, …</p>",
    ),
    marketing.Campaign(
        **_row(CAMPAIGN, 17),
        name="Winter offer 2026",
        segment_id=SEGMENT,
        template_id=TEMPLATE,
        status="active",
        started_at=_at(3),
    ),
    marketing.CampaignTally(
        **_row(_id(55), 17),
        campaign_id=CAMPAIGN,
        enrolled=212,
        queued=0,
        sent=198,
        unsure=0,
        failed=0,
        suppressed=14,
        opened=61,
        clicked=9,
    ),
    marketing.Enrollment(
        **_row(_id(52), 4410, version=1),
        campaign_id=CAMPAIGN,
        campaign_name="Winter offer 2026",
        contact_id=CONTACT,
        reason="segment",
        enrolled_at=_at(3, 9, 1),
    ),
    marketing.Message(
        **_row(_id(53), 9911),
        campaign_id=CAMPAIGN,
        campaign_name="Winter offer 2026",
        contact_id=CONTACT,
        subject="Something for the cold months, Marta",
        status="queued",
        queued_at=_at(3, 9, 2),
    ),
]
_SUPPORT: list[Record] = [
    support.Repointing(
        **(_row(_id(84), 14, version=1) | {"owner_id": None, "team_id": None}),
        absorbed_id=_id(36),
        absorbed_version=4,
        survivor_id=CONTACT,
        counts={"ticket": 2},
    ),
    support.Ticket(
        **_row(TICKET, 2207),
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
        **_row(_id(61), 8120, version=1),
        ticket_id=TICKET,
        requester_id=CONTACT,
        direction="in",
        audience="public",
        author=f"contact:{CONTACT}",
        body="The invoice of October names our old office.",
        sent_at=_at(2, 11, 40),
    ),
    support.SlaClock(
        **_row(_id(62), 2610, version=1),
        ticket_id=TICKET,
        requester_id=CONTACT,
        metric="first_response",
        state="running",
        started_at=_at(2, 11, 40),
        target_seconds=14400,
        due_at=_at(2, 15, 40),
    ),
]
_GATEWAY: list[Record] = [
    gateway.User(
        **(_row(ANNA, 4) | {"owner_id": None}),
        email="anna.lindqvist@rapport.example",
        name="Anna Lindqvist",
        roles=("member",),
    ),
    gateway.Team(**(_row(TEAM, 2) | {"owner_id": None, "team_id": None}), name="Sales north"),
    gateway.CompanySettings(
        **(_row(_id(71), 1) | {"owner_id": None, "team_id": None}),
        base_currency="EUR",
        time_zone="Europe/Berlin",
        fiscal_year_start="01-01",
    ),
]
EXAMPLES: dict[type[Record], Any] = {
    type(record): record for record in [*_PEOPLE, *_SALES, *_MARKETING, *_SUPPORT, *_GATEWAY]
}

# What differs from the example after this fact.
AFTER: dict[str, dict[str, Any]] = {
    "contacts.consent.denied": {"status": "denied"},
    "contacts.consent.withdrawn": {"status": "withdrawn"},
    "contacts.consent.requested": {"status": "pending"},
    "contacts.consent.expired": {"status": "expired"},
    "contacts.duplicate.dismissed": {"status": "dismissed", "decided_by": f"user:{ANNA}"},
    "contacts.duplicate.merged": {"status": "merged", "decided_by": f"user:{ANNA}"},
    "contacts.merge.undone": {"status": "undoing", "undone_at": _at(5)},
    "contacts.contact.merged": {"merged_into_id": _id(36), "archived_at": _at(4)},
    "contacts.job.finished": {"status": "done"},
    "contacts.contact_point.invalidated": {
        "deliverability": "invalid",
        "reason": "user unknown",
        "bounce_class": "hard",
        "code": "5.1.1",
    },
    "contacts.contact_point.verified": {"deliverability": "ok", "bounce_streak": 0},
    "contacts.contact_point.corrected": {"deliverability": "unknown", "bounce_streak": 0},
    "contacts.contact.lifecycle_changed": {"lifecycle": "customer"},
    "contacts.contact.erased": {
        "first_name": None,
        "last_name": None,
        "name": "Erased",
        "emails": (),
        "phones": (),
        "job_title": None,
        "department": None,
        "birthday": None,
        "custom": {},
        "tags": (),
        "archived_at": _at(22),
    },
    "contacts.account.lifecycle_changed": {
        "lifecycle": "customer",
        "type": "customer",
        "customer_since": _at(12, 10),
    },
    "contacts.task.completed": {"status": "done", "done_at": _at(5, 17)},
    "contacts.lead_conversion.refused": {
        "status": "refused",
        "contact_id": None,
        "account_id": None,
        "reason": "several-accounts-match",
        "candidates": (
            Candidate(type="account", id=ACCOUNT, reason="same name"),
            Candidate(type="account", id=_id(35), reason="same name"),
        ),
    },
    "sales.deal.created": {
        "stage_id": QUALIFIED,
        "stage_name": "Qualified",
        "probability": Decimal("0.2"),
        "weighted_amount": Money(Decimal("2480.00"), "EUR"),
    },
    "sales.deal.won": {
        "stage_id": WON,
        "stage_name": "Won",
        "status": "won",
        "probability": Decimal(1),
        "weighted_amount": Money(Decimal("12400.00"), "EUR"),
        "closed_at": _at(12, 10),
    },
    "sales.deal.lost": {
        "stage_id": LOST,
        "stage_name": "Lost",
        "status": "lost",
        "probability": Decimal(0),
        "weighted_amount": Money(Decimal("0.00"), "EUR"),
        "closed_at": _at(12, 10),
        "lost_reason": "price",
    },
    "sales.stage_interval.closed": {"left_at": _at(9, 13), "version": 2},
    "sales.lead.captured": {"status": "new", "rating": None, "owner_id": None},
    "sales.lead.qualified": {"status": "qualified"},
    "sales.lead.disqualified": {"status": "disqualified", "disqualified_reason": "no budget"},
    "sales.lead.conversion_requested": {"status": "converting"},
    "sales.lead.conversion_refused": {
        "status": "qualified",
        "conversion_refused_reason": "several-accounts-match",
        "candidates": (
            Candidate(type="account", id=ACCOUNT, reason="same name"),
            Candidate(type="account", id=_id(35), reason="same name"),
        ),
    },
    "sales.lead.converted": {
        "status": "converted",
        "contact_id": CONTACT,
        "account_id": ACCOUNT,
        "deal_id": DEAL,
        "converted_at": _at(4, 12),
    },
    "marketing.segment.left": {"left_at": _at(14), "version": 2},
    "marketing.campaign.created": {"status": "draft", "started_at": None},
    "marketing.campaign.completed": {"status": "done", "completed_at": _at(10)},
    "marketing.segment_tally.counted": {"size": 212},
    "marketing.campaign_tally.counted": {"queued": 0, "sent": 198},
    "marketing.message.queued": {"version": 1},
    "marketing.message.sent": {"status": "sent", "sent_at": _at(3, 9, 4)},
    "marketing.message.failed": {"status": "failed"},
    "marketing.message.suppressed": {"status": "suppressed", "suppress_reason": "opted_out"},
    "marketing.message.unsure": {"status": "unsure"},
    "marketing.message.opened": {
        "version": 4,
        "status": "sent",
        "sent_at": _at(3, 9, 4),
        "opened_at": _at(3, 12, 31),
        "open_count": 1,
    },
    "marketing.message.clicked": {
        "version": 5,
        "status": "sent",
        "sent_at": _at(3, 9, 4),
        "opened_at": _at(3, 12, 31),
        "clicked_at": _at(3, 12, 33),
        "open_count": 2,
    },
    "support.ticket.replied": {"first_response_at": _at(2, 12, 5), "status": "pending"},
    "support.ticket.status_changed": {"status": "pending"},
    "support.ticket.priority_changed": {"priority": "urgent"},
    "support.ticket.resolved": {
        "status": "resolved",
        "first_response_at": _at(2, 12, 5),
        "resolved_at": _at(3, 9),
    },
    "support.ticket.reopened": {"reopen_count": 1},
    "support.ticket.closed": {
        "status": "closed",
        "first_response_at": _at(2, 12, 5),
        "resolved_at": _at(3, 9),
        "closed_at": _at(10, 9),
    },
    "support.message.sent": {"direction": "out", "author": f"user:{ANNA}"},
    "support.sla.met": {"state": "met", "stopped_at": _at(2, 12, 5), "version": 2},
    "support.sla.breached": {"state": "breached", "version": 2},
    "support.sla.cancelled": {"state": "cancelled", "stopped_at": _at(2, 13), "version": 2},
    "gateway.user.archived": {"active": False, "archived_at": _at(20)},
}
