"""Who signs in, with which keys; the company's settings; saved views; webhooks."""

from crm_gateway.model.errors import (
    CodeNeeded,
    EmailTaken,
    GatewayError,
    LastAdmin,
    NameTaken,
    RoleInUse,
    RoleNameTaken,
    SealBroken,
    ServiceAway,
    ServiceSlow,
    SignInLocked,
    SignInRefused,
    SystemRole,
    TooManyRequests,
    WeakPassword,
)
from crm_gateway.model.identity import (
    ROLES,
    SCOPES,
    Base,
    CompanySettings,
    Credential,
    SecondFactor,
    Team,
    User,
)
from crm_gateway.model.mail import Mail, MailState
from crm_gateway.model.notification import Channels, Mailing, News, Preference
from crm_gateway.model.role import Role
from crm_gateway.model.saved_view import OBJECTS, SavedView
from crm_gateway.model.sealing import Sealer
from crm_gateway.model.webhook import DeliveryState, Webhook

__all__ = [
    "OBJECTS",
    "ROLES",
    "SCOPES",
    "Base",
    "Channels",
    "CodeNeeded",
    "CompanySettings",
    "Credential",
    "DeliveryState",
    "EmailTaken",
    "GatewayError",
    "LastAdmin",
    "Mail",
    "MailState",
    "Mailing",
    "NameTaken",
    "News",
    "Preference",
    "Role",
    "RoleInUse",
    "RoleNameTaken",
    "SavedView",
    "SealBroken",
    "Sealer",
    "SecondFactor",
    "ServiceAway",
    "ServiceSlow",
    "SignInLocked",
    "SignInRefused",
    "SystemRole",
    "Team",
    "TooManyRequests",
    "User",
    "WeakPassword",
    "Webhook",
]
