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
)
from crm_gateway.identity.forgotten import SetPassword, answer_those_who_asked, set_password
from crm_gateway.identity.guessing import counted
from crm_gateway.identity.invitations import Accept, Invite, accept, invite
from crm_gateway.identity.letters import Desk
from crm_gateway.identity.own import ChangePassword, change_password, end_session, refuse_wrong
from crm_gateway.identity.roles import ensure_system_roles
from crm_gateway.identity.services import CreateService, create_service
from crm_gateway.identity.signing_in import SignIn, sign_in
from crm_gateway.identity.teams import ChangeTeam, CreateTeam, change_team, create_team

__all__ = [
    "Accept",
    "ArchiveUser",
    "ChangePassword",
    "ChangeSettings",
    "ChangeTeam",
    "ChangeUser",
    "CreateService",
    "CreateTeam",
    "CreateUser",
    "Desk",
    "IdentityVerifier",
    "Invite",
    "SetPassword",
    "SignIn",
    "accept",
    "answer_those_who_asked",
    "archive_user",
    "change_password",
    "change_settings",
    "change_team",
    "change_user",
    "counted",
    "create_service",
    "create_team",
    "create_user",
    "end_session",
    "ensure_first_admin",
    "ensure_system_roles",
    "invite",
    "issue_key",
    "refuse_wrong",
    "revoke",
    "revoke_token",
    "set_password",
    "sign_in",
]
