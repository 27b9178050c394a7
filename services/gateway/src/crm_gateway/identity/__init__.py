"""Users, sessions, keys: who signs in and what a token stands for."""

from crm_gateway.identity.commands import (
    ArchiveUser,
    ChangeSettings,
    ChangeUser,
    CreateUser,
    archive_user,
    change_settings,
    change_user,
    create_user,
    ensure_first_admin,
)
from crm_gateway.identity.credentials import (
    IdentityVerifier,
    issue_key,
    revoke,
    revoke_token,
    sign_in,
)
from crm_gateway.identity.roles import ensure_system_roles
from crm_gateway.identity.teams import ChangeTeam, CreateTeam, change_team, create_team

__all__ = [
    "ArchiveUser",
    "ChangeSettings",
    "ChangeTeam",
    "ChangeUser",
    "CreateTeam",
    "CreateUser",
    "IdentityVerifier",
    "archive_user",
    "change_settings",
    "change_team",
    "change_user",
    "create_team",
    "create_user",
    "ensure_first_admin",
    "ensure_system_roles",
    "issue_key",
    "revoke",
    "revoke_token",
    "sign_in",
]
