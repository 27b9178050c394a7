"""Routes by resource: parse, call, answer."""

from crm_marketing.web.campaigns import campaigns, enrollments
from crm_marketing.web.messages import messages
from crm_marketing.web.segments import segments
from crm_marketing.web.snapshots import snapshots
from crm_marketing.web.templates import templates
from crm_marketing.web.tracking import tracking

BLUEPRINTS = (segments, snapshots, templates, campaigns, enrollments, messages, tracking)

__all__ = ["BLUEPRINTS"]
