"""What marketing refuses, one class per reason."""

from crm_chassis.problems import NotFound, Refusal


class MarketingError(Refusal):
    """Marketing refused."""

    slug = "marketing-refused"
    status = 409


class InvalidPredicate(MarketingError):
    """The predicate cannot be understood."""

    slug = "invalid-predicate"
    status = 422


class InvalidTemplate(MarketingError):
    """The text cannot be filled in."""

    slug = "invalid-template"
    status = 422


class PredicateMismatch(MarketingError):
    """A dynamic segment has a predicate, a static one has members instead."""

    slug = "predicate-mismatch"
    status = 422


class SegmentNotStatic(MarketingError):
    """The members of a dynamic segment follow from its predicate."""

    slug = "segment-not-static"


class SegmentUnknown(MarketingError):
    """There is no such segment, or it is archived."""

    slug = "segment-unknown"
    status = 422


class TemplateUnknown(MarketingError):
    """There is no such template, or it is archived."""

    slug = "template-unknown"
    status = 422


class CampaignUnknown(MarketingError):
    """There is no such campaign."""

    slug = "campaign-unknown"
    status = 422


class RecordArchived(MarketingError):
    """An archived record does not change; restore it first."""

    slug = "record-archived"


class CampaignStarted(MarketingError):
    """The audience and the content of a campaign change only while it is a draft or paused."""

    slug = "campaign-started"


class CampaignDone(MarketingError):
    """The campaign has run; make a new one."""

    slug = "campaign-done"


class CampaignNotActive(MarketingError):
    """Only an active campaign can be paused."""

    slug = "campaign-not-active"


class CampaignActive(MarketingError):
    """Pause an active campaign before archiving it."""

    slug = "campaign-active"


class CampaignIncomplete(MarketingError):
    """A campaign needs a segment and a subject with a text, its own or a template's."""

    slug = "campaign-incomplete"


class OriginTaken(MarketingError):
    """Another campaign serves this origin."""

    slug = "origin-taken"


class AlreadyEnrolled(MarketingError):
    """The contact is enrolled in this campaign already."""

    slug = "already-enrolled"


class HistoryImpossible(MarketingError):
    """The imported times are out of order or to come."""

    slug = "history-impossible"
    status = 422


class NeverSent(MarketingError):
    """The mail was never sent."""

    slug = "never-sent"


class NothingToRepeat(MarketingError):
    """Only a mail that failed, or perhaps did, is sent again."""

    slug = "nothing-to-repeat"


class LinkUnknown(NotFound):
    """The link is not one of ours."""

    slug = "link-unknown"


class SnapshotOfAnother(MarketingError):
    """The snapshot is of another segment."""

    slug = "snapshot-of-another"
