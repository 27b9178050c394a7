"""Speaking to the four services: routing, bounded calls, their documents, their audit trails."""

from crm_gateway.clients.documents import Documents, merged
from crm_gateway.clients.services import Body, Reply, Services
from crm_gateway.clients.trail import Asked, Trail, TrailPage

__all__ = ["Asked", "Body", "Documents", "Reply", "Services", "Trail", "TrailPage", "merged"]
