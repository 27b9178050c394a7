"""What customers are to one another, and what other systems tell of them."""

from crm_contracts.base import Record, SubjectRef
from crm_contracts.contacts.relationships import Relationship, RelationshipType
from crm_contracts.contacts.tracking import EventProperty, EventType
from crm_contracts.golden.rows import ACCOUNT, CONTACT, id_, row

RELATIONSHIPS: list[Record] = [
    RelationshipType(
        **(row(id_(131), 4) | {"owner_id": None, "team_id": None}),
        name="adviser of",
        inverse_name="advised by",
        from_kind="contact",
        to_kind="any",
    ),
    Relationship(
        **row(id_(132), 19),
        type_id=id_(131),
        name="adviser of",
        inverse_name="advised by",
        from_=SubjectRef(type="contact", id=CONTACT),
        to=SubjectRef(type="account", id=ACCOUNT),
        comment="Until the new head of purchasing is found",
    ),
    EventType(
        **(row(id_(133), 4) | {"owner_id": None, "team_id": None}),
        name="checkout.left",
        title="Left the checkout",
        properties=(
            EventProperty(key="basket", type="money", label="Basket", required=True),
            EventProperty(key="step", type="enum", label="Step", options=("address", "payment")),
        ),
    ),
]
