"""Which schemas of the OpenAPI document hold the company's own fields."""

from collections.abc import Mapping

from crm_fields.holding.document import Shapes
from crm_fields.objects import Held

SHAPES: Mapping[Held, Shapes] = {
    Held.CONTACT: Shapes(taken=("ContactIn", "ContactPatchIn"), shown="ContactOut"),
    Held.ACCOUNT: Shapes(taken=("AccountIn", "AccountPatchIn"), shown="AccountOut"),
}
