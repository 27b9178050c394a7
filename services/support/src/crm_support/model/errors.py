"""What support refuses, one class per reason."""

from __future__ import annotations

from crm_chassis.problems import Refusal


class SupportError(Refusal):
    """Support refused."""

    slug = "support-refused"
    status = 409


class TicketClosed(SupportError):
    """The ticket is closed, or too long closed to be reopened; open a new one."""

    slug = "ticket-closed"


class TicketIsSpam(SupportError):
    """The ticket is spam and takes nothing more."""

    slug = "ticket-is-spam"


class TicketNotResolved(SupportError):
    """Only a resolved or closed ticket can be reopened."""

    slug = "ticket-not-resolved"


class StatusNotReachable(SupportError):
    """The ticket cannot go from its status to this one."""

    slug = "status-not-reachable"


class RecordArchived(SupportError):
    """An archived record does not change; restore it first."""

    slug = "record-archived"


class HistoryImpossible(SupportError):
    """The imported times are out of order or in the future."""

    slug = "history-impossible"
    status = 422


class OriginTaken(SupportError):
    """Another ticket has this origin."""

    slug = "origin-taken"
