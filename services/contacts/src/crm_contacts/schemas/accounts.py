"""Accounts in JSON."""

from datetime import date
from typing import Any

from marshmallow import Schema, fields, post_load

from crm_chassis.web import Name, RecordOut
from crm_contacts.model.values import AccountLifecycle, AccountType, web_domain
from crm_contacts.schemas.values import AskingIn, Normal, OwnedIn, choice, optional_name, tags
from crm_fields.holding.schemas import Custom


class AccountPatchIn(OwnedIn):
    """Fields of an account to change."""

    name = Name()
    legal_name = optional_name()
    domain = Normal(web_domain, longest=253, allow_none=True)
    industry = optional_name(100)
    size_band = optional_name(40)
    type = choice(AccountType)
    parent_id = fields.UUID(allow_none=True)
    lifecycle = choice(AccountLifecycle)
    renewal_date = fields.Date(allow_none=True)
    tags = tags()
    custom = Custom()

    @post_load
    def write_dates(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Keep dates as they are written."""
        renewal = found.get("renewal_date")
        return found | ({"renewal_date": renewal.isoformat()} if isinstance(renewal, date) else {})


class AccountIn(AccountPatchIn):
    """An account to take up."""

    name = Name(required=True)


class AccountsIn(AskingIn):
    """Query parameters of the list of accounts."""

    q = Name()
    domain = Normal(web_domain)
    type = choice(AccountType)
    lifecycle = choice(AccountLifecycle)
    industry = Name()
    parent_id = fields.UUID()
    tag = Name()


class AccountOut(RecordOut):
    """An account."""

    name = fields.String(required=True)
    legal_name = fields.String(required=True, allow_none=True)
    domain = fields.String(required=True, allow_none=True)
    industry = fields.String(required=True, allow_none=True)
    size_band = fields.String(required=True, allow_none=True)
    type = fields.String(required=True)
    parent_id = fields.UUID(required=True, allow_none=True)
    lifecycle = fields.String(required=True)
    customer_since = fields.AwareDateTime(required=True, allow_none=True)
    renewal_date = fields.String(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    custom = fields.Dict(keys=fields.String(), required=True)
    merged_into_id = fields.UUID(required=True, allow_none=True)
    merged_from = fields.UUID()


class AccountsOut(Schema):
    """A page of accounts."""

    items = fields.List(fields.Nested(AccountOut), required=True)
    next = fields.String(required=True, allow_none=True)


class BranchOut(Schema):
    """An account in its place: `depth` 0 is the whole, `parent_id` the account it is part of."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    lifecycle = fields.String(required=True)
    parent_id = fields.UUID(required=True, allow_none=True)
    depth = fields.Integer(required=True)


class TreeOut(Schema):
    """A whole of accounts, parents before their parts, parts by name."""

    items = fields.List(fields.Nested(BranchOut), required=True)
    is_whole = fields.Boolean(required=True)
