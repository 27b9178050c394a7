"""Who signs in, with which keys; the company's settings."""

from crm_gateway.model.errors import (
    EmailTaken,
    GatewayError,
    LastAdmin,
    ServiceAway,
    ServiceSlow,
    SignInRefused,
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

__all__ = [
    "ROLES",
    "SCOPES",
    "Base",
    "CompanySettings",
    "Credential",
    "EmailTaken",
    "GatewayError",
    "LastAdmin",
    "ServiceAway",
    "ServiceSlow",
    "SignInRefused",
    "Team",
    "TooManyRequests",
    "User",
]
