"""The fields and rules of the golden samples."""

from crm_contracts import contacts
from crm_contracts.base import Record
from crm_contracts.golden.rows import id_, row

RULES: list[Record] = [
    contacts.Field(
        **row(id_(91), 3),
        object="contact",
        key="shoe_size",
        label="Shoe size",
        type="number",
        searchable=False,
        group="Person",
        position=10,
        help="European size",
    ),
    contacts.ValidationRule(
        **row(id_(92), 2),
        object="contact",
        name="Customers can be called",
        when={"field": "lifecycle", "op": "eq", "value": "customer"},
        require=("phone",),
        message="A customer needs a telephone number.",
        severity="block",
    ),
    contacts.NamingRule(
        **row(id_(93), 1),
        object="account",
        name="Legal forms",
        field="name",
        legal_suffix={"GmbH": ("gmbh", "g.m.b.h."), "Ltd": ("limited", "ltd.")},
        severity="correct",
    ),
]
