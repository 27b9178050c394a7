"""Who may do what: ranges by object and action, limited fields, special rights; no HTTP here."""

from crm_chassis.rights.book import RoleBook
from crm_chassis.rights.declared import ANYBODY, Right, Subject, needs, right_of, usual
from crm_chassis.rights.fields import changed_names, refuse_asked, refuse_changed, whole
from crm_chassis.rights.grants import (
    ACTIONS,
    ADMIN,
    MEMBER,
    READ_ONLY,
    SPECIAL,
    SYSTEM,
    Grants,
    Range,
    granted,
    of_role,
    together,
)
from crm_chassis.rights.sight import (
    RECORD,
    Viewer,
    bodies,
    may,
    people_of,
    standing,
    visible,
    within,
)
from crm_chassis.rights.written import SEEN, seen, seen_by_kind, seen_of_all

__all__ = [
    "ACTIONS",
    "ADMIN",
    "ANYBODY",
    "MEMBER",
    "READ_ONLY",
    "RECORD",
    "SEEN",
    "SPECIAL",
    "SYSTEM",
    "Grants",
    "Range",
    "Right",
    "RoleBook",
    "Subject",
    "Viewer",
    "bodies",
    "changed_names",
    "granted",
    "may",
    "needs",
    "of_role",
    "people_of",
    "refuse_asked",
    "refuse_changed",
    "right_of",
    "seen",
    "seen_by_kind",
    "seen_of_all",
    "standing",
    "together",
    "usual",
    "visible",
    "whole",
    "within",
]
