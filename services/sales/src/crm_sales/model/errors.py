"""What sales refuses, one class per reason."""

from __future__ import annotations

from crm_chassis.problems import Refusal


class SalesError(Refusal):
    """Sales refused."""

    slug = "sales-refused"
    status = 409


class DealAlreadyClosed(SalesError):
    """The deal was won or lost before; reopen it first."""

    slug = "deal-already-closed"


class DealNotClosed(SalesError):
    """Only a deal that was won or lost can be reopened."""

    slug = "deal-not-closed"


class LossNeedsReason(SalesError):
    """A deal is lost only with a reason."""

    slug = "loss-needs-reason"
    status = 422


class StageOfAnotherPipeline(SalesError):
    """The stage belongs to another pipeline; name that pipeline to move there."""

    slug = "stage-of-another-pipeline"


class StageNotOpen(SalesError):
    """A deal starts, and starts again, in an open stage."""

    slug = "stage-not-open"


class StageNotLost(SalesError):
    """A deal is lost only into a lost stage."""

    slug = "stage-not-lost"


class StageNotFound(SalesError):
    """No pipeline has this stage."""

    slug = "stage-not-found"
    status = 422


class HistoryImpossible(SalesError):
    """The imported stage history does not fit between the deal's creation and its end."""

    slug = "history-impossible"
    status = 422


class RecordArchived(SalesError):
    """An archived record does not change; restore it first."""

    slug = "record-archived"


class PipelineIncomplete(SalesError):
    """A pipeline has at least one open stage, exactly one won and at least one lost."""

    slug = "pipeline-incomplete"
    status = 422


class PipelineInUse(SalesError):
    """Deals still stand in this pipeline, or it is the default one."""

    slug = "pipeline-in-use"


class StageInUse(SalesError):
    """Deals still stand in a stage that would be removed or change its category."""

    slug = "stage-in-use"


class LeadNotOpen(SalesError):
    """The lead is being converted, converted, disqualified or junk."""

    slug = "lead-not-open"


class LeadNotDisqualified(SalesError):
    """Only a disqualified lead can be recycled."""

    slug = "lead-not-disqualified"


class LeadMatchesContact(SalesError):
    """A contact with the lead's e-mail address exists; convert with use_existing to join them."""

    slug = "lead-matches-contact"


class DefaultPipelineTaken(SalesError):
    """Another pipeline has become the default one meanwhile."""

    slug = "default-pipeline-taken"
