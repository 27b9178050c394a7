"""Who signs in, with which keys; the company's settings; saved views; webhooks."""

from crm_gateway.model.errors import (
    EmailTaken,
    GatewayError,
    LastAdmin,
    NameTaken,
    NoAddress,
    SealBroken,
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
from crm_gateway.model.saved_view import OBJECTS, SavedView
from crm_gateway.model.sealing import Sealer
from crm_gateway.model.webhook import DeliveryState, Webhook

__all__ = [
    "OBJECTS",
    "ROLES",
    "SCOPES",
    "Base",
    "CompanySettings",
    "Credential",
    "DeliveryState",
    "EmailTaken",
    "GatewayError",
    "LastAdmin",
    "NameTaken",
    "NoAddress",
    "SavedView",
    "SealBroken",
    "Sealer",
    "ServiceAway",
    "ServiceSlow",
    "SignInRefused",
    "Team",
    "TooManyRequests",
    "User",
    "Webhook",
]
