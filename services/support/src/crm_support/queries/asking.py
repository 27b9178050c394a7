"""Where the fields of tickets stand, for lists, rules and trials of rules."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Text, type_coerce

from crm_fields.holding.asking import Records, column_place
from crm_fields.holding.books import of_copies
from crm_fields.objects import Held
from crm_support.model.ticket import Ticket
from crm_support.model.vocabulary import values_of

BOOKS = of_copies(Held.TICKET)
RECORDS: Mapping[Held, Records] = {
    Held.TICKET: Records(
        held=Held.TICKET,
        model=Ticket,
        values=values_of,
        name=lambda: type_coerce(Ticket.subject, Text()),
        place=lambda name, kind: column_place(Ticket, name, kind),
        known=lambda text: Ticket.subject.icontains(text, autoescape=True),
    ),
}
