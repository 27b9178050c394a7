"""Who signs in, with which keys; the company's settings; saved views."""

from crm_gateway.model.errors import (
    EmailTaken,
    GatewayError,
    LastAdmin,
    NameTaken,
    RoleInUse,
    RoleNameTaken,
    ServiceAway,
    ServiceSlow,
    SignInRefused,
    SystemRole,
    TooManyRequests,
)
from crm_gateway.model.identity import (
    ROLES,
    SCOPES,
    Base,
    CompanySettings,
    Credential,
    Team,
    User,
)
from crm_gateway.model.role import Role
from crm_gateway.model.saved_view import OBJECTS, SavedView

__all__ = [
    "OBJECTS",
    "ROLES",
    "SCOPES",
    "Base",
    "CompanySettings",
    "Credential",
    "EmailTaken",
    "GatewayError",
    "LastAdmin",
    "NameTaken",
    "Role",
    "RoleInUse",
    "RoleNameTaken",
    "SavedView",
    "ServiceAway",
    "ServiceSlow",
    "SignInRefused",
    "SystemRole",
    "Team",
    "TooManyRequests",
    "User",
]
