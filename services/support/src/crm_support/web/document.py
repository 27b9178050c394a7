"""Which schemas of the OpenAPI document hold the company's own fields."""

from __future__ import annotations

from collections.abc import Mapping

from crm_fields.holding.document import Shapes
from crm_fields.objects import Held

SHAPES: Mapping[Held, Shapes] = {
    Held.TICKET: Shapes(taken=("TicketIn", "TicketPatch"), shown="TicketOut"),
}
