"""What the gateway tells."""

from crm_chassis.outbox import Announcement, record_fields
from crm_contracts import gateway as contracts
from crm_gateway.model import CompanySettings, Role, SavedView, Team, User, Webhook


def user_created(user: User) -> Announcement:
    """Tell that somebody can sign in."""
    return Announcement(contracts.UserCreated, user_record(user))


def user_updated(user: User) -> Announcement:
    """Tell a change of name, roles, team or standing."""
    return Announcement(contracts.UserUpdated, user_record(user))


def user_archived(user: User) -> Announcement:
    """Tell that somebody signs in no more."""
    return Announcement(contracts.UserArchived, user_record(user))


def user_restored(user: User) -> Announcement:
    """Tell that somebody is back."""
    return Announcement(contracts.UserRestored, user_record(user))


def team_created(team: Team) -> Announcement:
    """Tell a new team."""
    return Announcement(contracts.TeamCreated, team_record(team))


def team_updated(team: Team) -> Announcement:
    """Tell a team's new name."""
    return Announcement(contracts.TeamUpdated, team_record(team))


def settings_updated(settings: CompanySettings) -> Announcement:
    """Tell the company's settings."""
    record = contracts.CompanySettings(
        **record_fields(settings),
        base_currency=settings.base_currency,
        time_zone=settings.time_zone,
        fiscal_year_start=settings.fiscal_year_start,
    )
    return Announcement(contracts.SettingsUpdated, record)


def user_record(user: User) -> contracts.User:
    """Return the public shape of a user."""
    return contracts.User(
        **record_fields(user),
        email=user.email,
        name=user.name,
        roles=tuple(user.roles),
        active=user.active,
        account_type=user.account_type,
    )


def team_record(team: Team) -> contracts.Team:
    """Return the public shape of a team."""
    return contracts.Team(**record_fields(team), name=team.name, parent_id=team.parent_id)


def role_created(role: Role) -> Announcement:
    """Tell a new role."""
    return Announcement(contracts.RoleCreated, role_record(role))


def role_updated(role: Role) -> Announcement:
    """Tell what a role grants now."""
    return Announcement(contracts.RoleUpdated, role_record(role))


def role_archived(role: Role) -> Announcement:
    """Tell that a role grants nothing any more."""
    return Announcement(contracts.RoleArchived, role_record(role))


def role_restored(role: Role) -> Announcement:
    """Tell that a role is back."""
    return Announcement(contracts.RoleRestored, role_record(role))


def role_record(role: Role) -> contracts.Role:
    """Return the public shape of a role."""
    return contracts.Role(
        **record_fields(role),
        name=role.name,
        key=role.key,
        grants=role.grants,
        fields=role.fields,
        special=tuple(role.special),
    )


def saved_view_created(view: SavedView) -> Announcement:
    """Tell a new view of a list."""
    return Announcement(contracts.SavedViewCreated, saved_view_record(view))


def saved_view_updated(view: SavedView) -> Announcement:
    """Tell what a view shows now, or to whom."""
    return Announcement(contracts.SavedViewUpdated, saved_view_record(view))


def saved_view_archived(view: SavedView) -> Announcement:
    """Tell that a view was put away."""
    return Announcement(contracts.SavedViewArchived, saved_view_record(view))


def saved_view_restored(view: SavedView) -> Announcement:
    """Tell that a view is back."""
    return Announcement(contracts.SavedViewRestored, saved_view_record(view))


def saved_view_record(view: SavedView) -> contracts.SavedView:
    """Return the public shape of a view of a list."""
    return contracts.SavedView(
        **record_fields(view),
        object=view.object,
        name=view.name,
        filter=view.filter,
        sort=view.sort,
        columns=tuple(view.columns),
    )


def webhook_created(webhook: Webhook) -> Announcement:
    """Tell that somebody asked to be sent facts."""
    return Announcement(contracts.WebhookCreated, webhook_record(webhook))


def webhook_updated(webhook: Webhook) -> Announcement:
    """Tell what a webhook wants now, or that it paused."""
    return Announcement(contracts.WebhookUpdated, webhook_record(webhook))


def webhook_archived(webhook: Webhook) -> Announcement:
    """Tell that a webhook was put away."""
    return Announcement(contracts.WebhookArchived, webhook_record(webhook))


def webhook_restored(webhook: Webhook) -> Announcement:
    """Tell that a webhook is back."""
    return Announcement(contracts.WebhookRestored, webhook_record(webhook))


def webhook_record(webhook: Webhook) -> contracts.Webhook:
    """Return the public shape of a webhook: without its secrets."""
    return contracts.Webhook(
        **record_fields(webhook),
        name=webhook.name,
        url=webhook.url,
        types=tuple(webhook.types),
        where=webhook.where,
        active=webhook.active,
        paused_reason=webhook.paused_reason,
    )
