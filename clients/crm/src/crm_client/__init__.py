"""Rapport CRM from Python: `Client(url, token).get("/v1/contacts")`."""

from crm_client.client import Client
from crm_client.errors import ClientError, NotReachable, Refused

__all__ = ["Client", "ClientError", "NotReachable", "Refused"]
