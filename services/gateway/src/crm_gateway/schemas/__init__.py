"""Shapes of the gateway's own requests and answers."""

from marshmallow import Schema, fields, validate

from crm_chassis import paging, web
from crm_gateway.model import ACCOUNT_TYPES, OBJECTS, SCOPES


class CustomerQueryIn(Schema):
    """How a customer is read."""

    consistency = fields.String(
        load_default="view", validate=validate.OneOf(["view", "live"]),
        metadata={"description": "live asks every service, under one deadline"},
    )  # fmt: skip


class SectionOut(Schema):
    """One service's part of a customer."""

    status = fields.String(required=True, validate=validate.OneOf(["ok", "stale", "unavailable"]))
    as_of = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)
    data = fields.Dict(keys=fields.String(), required=True)


class SectionsOut(Schema):
    """The four services' parts."""

    contacts = fields.Nested(SectionOut, required=True)
    sales = fields.Nested(SectionOut, required=True)
    marketing = fields.Nested(SectionOut, required=True)
    support = fields.Nested(SectionOut, required=True)


class TimelineOut(Schema):
    """A page of a timeline."""

    items = fields.List(fields.Dict(keys=fields.String()), required=True)
    next = fields.String(required=True, allow_none=True)


class CustomerOut(Schema):
    """Everything the services know of a customer."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    archived_at = fields.AwareDateTime(required=True, allow_none=True)
    merged_into_id = fields.UUID(required=True, allow_none=True)
    merged_from = fields.UUID()
    version = fields.String(required=True)
    degraded = fields.List(fields.String(), required=True)
    sections = fields.Nested(SectionsOut, required=True)
    timeline = fields.Nested(TimelineOut, required=True)


class TimelineIn(Schema):
    """Which page of a timeline."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, paging.LARGEST_PAGE))
    cursor = fields.String(load_default=None)
    kind = fields.String(
        load_default=None, metadata={"description": "for example deal.won,ticket.opened"}
    )


class SearchIn(Schema):
    """What to look for."""

    q = fields.String(required=True, validate=validate.Length(1, 200))
    kind = fields.String(load_default=None)
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    facets = fields.Boolean(load_default=False)


class HitOut(Schema):
    """A record that was found."""

    service = fields.String(required=True)
    kind = fields.String(required=True)
    id = fields.UUID(required=True)
    title = fields.String(required=True)
    customer_ids = fields.List(fields.UUID(), required=True)


class FacetOut(Schema):
    """How many of a kind were found."""

    kind = fields.String(required=True)
    count = fields.Integer(required=True)


class SearchOut(Schema):
    """What was found, best first; facets where they were asked for."""

    items = fields.List(fields.Nested(HitOut), required=True)
    facets = fields.List(fields.Nested(FacetOut))
    counted_all = fields.Boolean()


class SignInIn(Schema):
    """An e-mail address and a password."""

    email = fields.String(required=True, validate=validate.Length(1, 254))
    password = fields.String(required=True, validate=validate.Length(1, 1000))
    code = fields.String(
        load_default=None, validate=validate.Length(1, 40),
        metadata={"description": "one-time or recovery code, where there is a second factor"},
    )  # fmt: skip


class TokenOut(Schema):
    """A token for the Authorization header."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True)


class UserIn(Schema):
    """A new user."""

    email = fields.Email(required=True, validate=validate.Length(1, 254))
    name = web.Name(required=True)
    roles = fields.List(
        fields.String(validate=validate.Length(1, 40)), load_default=lambda: ["member"],
        validate=validate.Length(1, 20),
        metadata={"description": "admin, member, read-only, or the ids of roles"},
    )  # fmt: skip
    password = fields.String(load_default=None, validate=validate.Length(10, 1000))
    team_id = fields.UUID(load_default=None, allow_none=True)


class UserPatchIn(Schema):
    """Changes of a user."""

    name = web.Name()
    roles = fields.List(
        fields.String(validate=validate.Length(1, 40)), validate=validate.Length(1, 20)
    )
    password = fields.String(validate=validate.Length(10, 1000))
    team_id = fields.UUID(allow_none=True)
    active = fields.Boolean(truthy={True}, falsy={False})
    owner_id = fields.UUID(
        metadata={"description": "of an account of a service: who answers for it"}
    )


class UserOut(web.RecordOut):
    """A user."""

    email = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    active = fields.Boolean(required=True)
    account_type = fields.String(
        validate=validate.OneOf(ACCOUNT_TYPES),
        metadata={"description": "service: a program that acts by keys, owned by `owner_id`"},
    )  # fmt: skip


class UsersOut(Schema):
    """A page of users."""

    items = fields.List(fields.Nested(UserOut), required=True)
    next = fields.String(required=True, allow_none=True)


class TeamPatchIn(Schema):
    """Changes of a team."""

    name = web.Name()
    parent_id = fields.UUID(allow_none=True, metadata={"description": "the team it stands below"})


class TeamIn(TeamPatchIn):
    """A new team."""

    name = web.Name(required=True)


class TeamOut(web.RecordOut):
    """A team."""

    name = fields.String(required=True)
    parent_id = fields.UUID(required=True, allow_none=True)


class TeamsOut(Schema):
    """A page of teams."""

    items = fields.List(fields.Nested(TeamOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ApiKeyIn(Schema):
    """A new API key."""

    name = web.Name(required=True)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)), load_default=lambda: ["read", "write"],
        validate=validate.Length(1),
    )  # fmt: skip
    expires_at = web.Moment(load_default=None, allow_none=True)


class ApiKeyOut(Schema):
    """An API key; `key` is shown once, when it is made."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    user_id = fields.UUID(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)
    key = fields.String()


class ApiKeysOut(Schema):
    """API keys, newest first."""

    items = fields.List(fields.Nested(ApiKeyOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ViewPatchIn(Schema):
    """Changes of a saved view."""

    name = web.Name(longest=80)
    filter = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[a-z][a-z0-9_.]{0,79}$")),
        values=fields.String(validate=validate.Length(1, 4000)), validate=validate.Length(max=30),
        metadata={"description": "query parameters of the list, as text"},
    )  # fmt: skip
    sort = fields.String(allow_none=True, validate=validate.Regexp(r"^-?[a-z][a-z0-9_.]{0,79}$"))
    columns = fields.List(
        fields.String(validate=validate.Regexp(r"^[a-z][a-z0-9_.]{0,79}$")),
        validate=validate.Length(max=30),
    )
    visibility = fields.String(validate=validate.OneOf(["all", "team", "private"]))
    team_id = fields.UUID(allow_none=True)


class ViewIn(ViewPatchIn):
    """A view of a list to save; private unless it says otherwise."""

    object = fields.String(required=True, validate=validate.OneOf(OBJECTS))
    name = web.Name(longest=80, required=True)


class ViewsIn(paging.PageIn):
    """Query parameters of the list of views."""

    object = fields.String(validate=validate.OneOf(OBJECTS))


class ViewOut(web.RecordOut):
    """A view of a list."""

    object = fields.String(required=True)
    name = fields.String(required=True)
    filter = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    sort = fields.String(required=True, allow_none=True)
    columns = fields.List(fields.String(), required=True)


class ViewsOut(Schema):
    """A page of views."""

    items = fields.List(fields.Nested(ViewOut), required=True)
    next = fields.String(required=True, allow_none=True)
