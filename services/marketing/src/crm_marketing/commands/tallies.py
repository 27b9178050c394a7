"""Counting the members of segments and the messages of campaigns, and telling the numbers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_marketing import events
from crm_marketing.model.campaign import Campaign, CampaignTally
from crm_marketing.model.segment import Segment, SegmentTally
from crm_marketing.queries import marks, members, records, sending

AT_ONCE = 1000
_SEEN_BY = ("owner_id", "team_id", "visibility")


def open_segment_tally(session: Session, segment: Segment, *, size: int = 0, now: datetime) -> None:
    """Begin to count a new segment."""
    tally = SegmentTally(
        id=SegmentTally.id_of(segment.id), segment_id=segment.id, size=size, **_seen_by(segment)
    )
    outbox.add(session, events.segment_tally_counted, tally, at=now)


def open_campaign_tally(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Begin to count a new campaign."""
    tally = CampaignTally(
        id=CampaignTally.id_of(campaign.id), campaign_id=campaign.id, **_seen_by(campaign)
    )
    outbox.add(session, events.campaign_tally_counted, tally, at=now)


def add_to_size(session: Session, segment: Segment, more: int, *, now: datetime) -> None:
    """Tell at once that a segment has grown (or shrunk) by so many."""
    tally = records.for_update(session, SegmentTally, SegmentTally.id_of(segment.id))
    if more:
        tally.size += more
        outbox.add(session, events.segment_tally_counted, tally, at=now)


def count_segments(session: Session, *, now: datetime) -> None:
    """Tell the sizes of those segments whose members changed."""
    for segment_id in sorted(marks.take(session, marks.SEGMENTS, limit=AT_ONCE)):
        tally = records.for_update(session, SegmentTally, SegmentTally.id_of(segment_id))
        counted = {"size": members.size_of(session, segment_id)}
        if _take(tally, counted | _seen_by(records.segment(session, segment_id))):
            outbox.add(session, events.segment_tally_counted, tally, at=now)


def count_campaigns(session: Session, *, now: datetime) -> None:
    """Tell what became of the messages of those campaigns where something did; end those done.

    One that somebody is changing waits for the next time: they may wait for its mark.
    """
    for campaign_id in sorted(marks.take(session, marks.CAMPAIGNS, limit=AT_ONCE)):
        campaign = records.free_for_update(session, Campaign, campaign_id)
        if campaign is None:
            marks.leave(session, marks.CAMPAIGNS, [campaign_id])
            continue
        tally = records.for_update(session, CampaignTally, CampaignTally.id_of(campaign_id))
        counted = sending.counts(session, campaign.id)
        if _take(tally, counted | _seen_by(campaign)):
            outbox.add(session, events.campaign_tally_counted, tally, at=now)
        is_through = campaign.is_active and not campaign.enrolling and not tally.queued
        if is_through and campaign.origin_key is None:
            campaign.complete(at=now)
            outbox.add(session, events.campaign_completed, campaign, at=now)


def is_seen_otherwise(changes: Mapping[str, Any]) -> bool:
    """Whether a change of a segment or campaign is one of who may see its tally."""
    return not changes.keys().isdisjoint(_SEEN_BY)


def _seen_by(parent: db.Aggregate) -> dict[str, Any]:
    """Whoever may see a segment or campaign may see its tally."""
    return {name: getattr(parent, name) for name in _SEEN_BY}


def _take(tally: db.Aggregate, values: Mapping[str, Any]) -> bool:
    """Set the values; whether any is new."""
    news = {name: value for name, value in values.items() if getattr(tally, name) != value}
    for name, value in news.items():
        setattr(tally, name, value)
    return bool(news)
