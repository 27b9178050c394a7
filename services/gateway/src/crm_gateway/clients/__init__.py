"""Speaking to the four services: routing, bounded calls, their documents."""

from crm_gateway.clients.documents import Documents, merged
from crm_gateway.clients.services import Body, Reply, Services

__all__ = ["Body", "Documents", "Reply", "Services", "merged"]
