"""What the gateway publishes: identity and the company's settings."""

from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from crm_contracts.base import Fact, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Record):
    """Somebody who signs in."""

    service: ClassVar[str] = "gateway"
    kind: ClassVar[str] = "user"
    plural: ClassVar[str] = "users"

    email: str
    name: str
    roles: tuple[str, ...] = ()
    active: bool = True
    account_type: str = "person"  # or "service": a program that acts by keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Record):
    """A group of users that share records."""

    service: ClassVar[str] = "gateway"
    kind: ClassVar[str] = "team"
    plural: ClassVar[str] = "teams"

    name: str
    parent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Record):
    """What those who hold it may do: ranges by object and action, limited fields, special rights."""

    service: ClassVar[str] = "gateway"
    kind: ClassVar[str] = "role"
    plural: ClassVar[str] = "roles"

    name: str
    key: str | None = None
    grants: dict[str, dict[str, str]] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    special: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySettings(Record):
    """Settings of the company that this deployment serves; there is one."""

    service: ClassVar[str] = "gateway"
    kind: ClassVar[str] = "settings"
    plural: ClassVar[str] = "settings"

    base_currency: str
    time_zone: str
    fiscal_year_start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView(Record):
    """A list as somebody likes to see it: what is filtered, how it is sorted, which columns."""

    service: ClassVar[str] = "gateway"
    kind: ClassVar[str] = "saved_view"
    plural: ClassVar[str] = "views"

    object: str
    name: str
    filter: dict[str, str] = field(default_factory=dict)
    sort: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Record):
    """Where facts are sent to: `types` of facts or patterns of them, records that meet `where`.

    Without `url` they wait to be fetched. Its secret is no part of it.
    """

    service: ClassVar[str] = "gateway"
    kind: ClassVar[str] = "webhook"
    plural: ClassVar[str] = "webhooks"

    name: str
    url: str | None = None
    types: tuple[str, ...] = ()
    where: dict[str, Any] | None = None
    active: bool = True
    paused_reason: str | None = None


class UserCreated(Fact[User], type="gateway.user.created.v1"):
    """A user was created."""


class UserUpdated(Fact[User], type="gateway.user.updated.v1"):
    """A user's name, roles, team or standing changed."""


class UserArchived(Fact[User], type="gateway.user.archived.v1"):
    """A user was archived and can no longer sign in."""


class UserRestored(Fact[User], type="gateway.user.restored.v1"):
    """An archived user was brought back."""


class TeamCreated(Fact[Team], type="gateway.team.created.v1"):
    """A team was created."""


class TeamUpdated(Fact[Team], type="gateway.team.updated.v1"):
    """A team was renamed, or moved below another."""


class RoleCreated(Fact[Role], type="gateway.role.created.v1"):
    """A role was made."""


class RoleUpdated(Fact[Role], type="gateway.role.updated.v1"):
    """What a role grants changed."""


class RoleArchived(Fact[Role], type="gateway.role.archived.v1"):
    """A role was put away; it grants nothing any more."""


class RoleRestored(Fact[Role], type="gateway.role.restored.v1"):
    """A role was brought back."""


class SettingsUpdated(Fact[CompanySettings], type="gateway.settings.updated.v1"):
    """The company's settings changed."""


class SavedViewCreated(Fact[SavedView], type="gateway.saved_view.created.v1"):
    """A view of a list was saved."""


class SavedViewUpdated(Fact[SavedView], type="gateway.saved_view.updated.v1"):
    """A saved view's name, filter, order, columns or readers changed."""


class SavedViewArchived(Fact[SavedView], type="gateway.saved_view.archived.v1"):
    """A saved view was put away."""


class SavedViewRestored(Fact[SavedView], type="gateway.saved_view.restored.v1"):
    """A saved view was brought back."""


class WebhookCreated(Fact[Webhook], type="gateway.webhook.created.v1"):
    """Somebody asked to be sent facts."""


class WebhookUpdated(Fact[Webhook], type="gateway.webhook.updated.v1"):
    """A webhook's address, types, condition or standing changed."""


class WebhookArchived(Fact[Webhook], type="gateway.webhook.archived.v1"):
    """A webhook was put away; it is sent nothing any more."""


class WebhookRestored(Fact[Webhook], type="gateway.webhook.restored.v1"):
    """A webhook was brought back; it is sent what happens from then on."""
