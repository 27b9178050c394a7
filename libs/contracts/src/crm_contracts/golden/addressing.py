"""The segments, campaigns and mails of the golden samples."""

from crm_contracts import marketing
from crm_contracts.base import Record
from crm_contracts.golden.rows import CAMPAIGN, CONTACT, SEGMENT, TEMPLATE, at, id_, row

MARKETING: list[Record] = [
    marketing.Repointing(
        **(row(id_(83), 14, version=1) | {"owner_id": None, "team_id": None}),
        absorbed_id=id_(36),
        absorbed_version=4,
        survivor_id=CONTACT,
        counts={"enrollment": 1, "message": 4},
    ),
    marketing.Segment(
        **row(SEGMENT, 12),
        name="Prospects in wholesale",
        type="dynamic",
        predicate={"all": [{"field": "lifecycle", "op": "eq", "value": "opportunity"}]},
    ),
    marketing.SegmentTally(**row(id_(54), 12), segment_id=SEGMENT, size=212),
    marketing.SegmentMembership(
        **row(id_(51), 7718, version=1),
        segment_id=SEGMENT,
        segment_name="Prospects in wholesale",
        contact_id=CONTACT,
        entered_at=at(2, 10),
    ),
    marketing.Template(
        **row(TEMPLATE, 9),
        name="Winter offer",
        subject="Something for the cold months, {{ first_name }}",
        body_text="Dear {{ first_name }}, …",
        body_html="<p>Dear {{ first_name }}, …</p>",
    ),
    marketing.Campaign(
        **row(CAMPAIGN, 17),
        name="Winter offer 2026",
        segment_id=SEGMENT,
        template_id=TEMPLATE,
        status="active",
        started_at=at(3),
    ),
    marketing.CampaignTally(
        **row(id_(55), 17),
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
        **row(id_(52), 4410, version=1),
        campaign_id=CAMPAIGN,
        campaign_name="Winter offer 2026",
        contact_id=CONTACT,
        reason="segment",
        enrolled_at=at(3, 9, 1),
    ),
    marketing.Message(
        **row(id_(53), 9911),
        campaign_id=CAMPAIGN,
        campaign_name="Winter offer 2026",
        contact_id=CONTACT,
        subject="Something for the cold months, Marta",
        status="queued",
        queued_at=at(3, 9, 2),
    ),
]
