"""Rapport CRM from Python: `Crm(url, token).contacts.get(contact_id)`."""

from crm_client.client import Client
from crm_client.errors import (
    ClientError,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotReachable,
    Refused,
    SignInNeeded,
    Stale,
    TooMany,
    Unavailable,
    VersionNeeded,
)
from crm_client.resources import Crm, Resource

__all__ = [
    "Client",
    "ClientError",
    "Conflict",
    "Crm",
    "Invalid",
    "NotAllowed",
    "NotFound",
    "NotReachable",
    "Refused",
    "Resource",
    "SignInNeeded",
    "Stale",
    "TooMany",
    "Unavailable",
    "VersionNeeded",
]
