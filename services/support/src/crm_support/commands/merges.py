"""How support follows merges of contacts and accounts."""

from crm_chassis.project import Follower, Reference
from crm_support import events
from crm_support.model.clock import SlaClock
from crm_support.model.message import TicketMessage
from crm_support.model.repointing import Repointing
from crm_support.model.ticket import Ticket

OF_CONTACTS = Follower(
    references=(
        Reference(of=Ticket, field="requester_id", told=events.ticket_updated),
        Reference(of=TicketMessage, field="requester_id", told=events.message_updated),
        Reference(of=SlaClock, field="requester_id", told=events.sla_updated),
    ),
    row=Repointing,
    told=events.references_repointed,
)
OF_ACCOUNTS = Follower(
    references=(Reference(of=Ticket, field="account_id", told=events.ticket_updated),),
    row=Repointing,
    told=events.references_repointed,
)
