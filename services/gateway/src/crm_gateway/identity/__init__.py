"""Users, sessions, keys: who signs in and what a token stands for."""

from crm_gateway.identity.commands import (
    ArchiveUser,
    ChangeSettings,
    ChangeUser,
    CreateTeam,
    CreateUser,
    archive_user,
    change_settings,
    change_user,
    create_team,
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

__all__ = [
    "ArchiveUser",
    "ChangeSettings",
    "ChangeUser",
    "CreateTeam",
    "CreateUser",
    "IdentityVerifier",
    "archive_user",
    "change_settings",
    "change_user",
    "create_team",
    "create_user",
    "ensure_first_admin",
    "issue_key",
    "revoke",
    "revoke_token",
    "sign_in",
]
