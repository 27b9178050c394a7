"""The HTTP side of a service: one way in, one way to write, one way to read."""

from crm_chassis.rights import ANYBODY, needs
from crm_chassis.web.ageing import deprecated
from crm_chassis.web.answers import (
    ADDRESS,
    context,
    if_match,
    listing,
    origin,
    principal,
    read,
    sessions,
    write,
    write_batch,
)
from crm_chassis.web.app import create_app, problem_response
from crm_chassis.web.batches import operations, settled_together, subject_of
from crm_chassis.web.bodies import takes_form, takes_words
from crm_chassis.web.guard import require, require_any
from crm_chassis.web.idempotency import stand_for_body
from crm_chassis.web.noting import note
from crm_chassis.web.operations import Operation
from crm_chassis.web.schemas import Moment, Name, RecordOut, batch_in

__all__ = [
    "ADDRESS",
    "ANYBODY",
    "Moment",
    "Name",
    "Operation",
    "RecordOut",
    "batch_in",
    "context",
    "create_app",
    "deprecated",
    "if_match",
    "listing",
    "needs",
    "note",
    "operations",
    "origin",
    "principal",
    "problem_response",
    "read",
    "require",
    "require_any",
    "sessions",
    "settled_together",
    "stand_for_body",
    "subject_of",
    "takes_form",
    "takes_words",
    "write",
    "write_batch",
]
