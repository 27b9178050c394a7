"""How sales follows merges of contacts."""

from crm_chassis.project import Follower, ListReference, Reference
from crm_sales import events
from crm_sales.model.deal import Deal
from crm_sales.model.lead import Lead
from crm_sales.model.repointing import Repointing

FOLLOWER = Follower(
    references=(
        Reference(of=Deal, field="primary_contact_id", told=events.deal_updated),
        ListReference(of=Deal, field="contact_ids", told=events.deal_updated),
        Reference(of=Lead, field="contact_id", told=events.lead_updated),
    ),
    row=Repointing,
    told=events.references_repointed,
)
