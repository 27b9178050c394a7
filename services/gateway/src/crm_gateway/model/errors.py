"""What the gateway refuses."""

from http import HTTPStatus

from crm_chassis.problems import Refusal


class GatewayError(Refusal):
    """The gateway refuses."""


class EmailTaken(GatewayError):
    """Somebody signs in with this e-mail address already."""

    slug = "email-taken"


class NameTaken(GatewayError):
    """You have a view of this name already."""

    slug = "name-taken"


class RoleNameTaken(GatewayError):
    """There is a role of this name already."""

    slug = "role-name-taken"


class SystemRole(GatewayError):
    """A role of the system is not changed."""

    slug = "system-role"


class RoleInUse(GatewayError):
    """Somebody holds this role."""

    slug = "role-in-use"


class LastAdmin(GatewayError):
    """There must be an administrator left."""

    slug = "last-admin"


class SignInRefused(GatewayError):
    """E-mail address or password are wrong."""

    slug, status = "sign-in-refused", HTTPStatus.UNAUTHORIZED


class CodeNeeded(GatewayError):
    """A one-time code is needed besides the password."""

    slug, status = "code-needed", HTTPStatus.UNAUTHORIZED


class SignInLocked(GatewayError):
    """Too many failed sign-ins; wait a quarter of an hour."""

    slug, status = "sign-in-locked", HTTPStatus.TOO_MANY_REQUESTS


class ProviderAway(GatewayError):
    """The sign-in of your organisation is not answering; try again soon."""

    slug, status = "provider-away", HTTPStatus.SERVICE_UNAVAILABLE


class TokenRefused(GatewayError):
    """The token is not one we take."""

    slug, status = "token-refused", HTTPStatus.BAD_REQUEST


class LinkRefused(GatewayError):
    """The link was used, has ended, or never was one."""

    slug, status = "link-refused", HTTPStatus.GONE


class InvitationSettled(GatewayError):
    """The invitation was accepted or revoked."""

    slug = "invitation-settled"


class MailForgotten(GatewayError):
    """The mail was sent, or what it said is not kept any more."""

    slug = "mail-forgotten"


class NoPerson(GatewayError):
    """A service account has neither password nor session."""

    slug = "no-person"


class WeakPassword(GatewayError):
    """The password is too easy to guess."""

    slug, status = "weak-password", HTTPStatus.UNPROCESSABLE_ENTITY


class TooManyRequests(GatewayError):
    """Too many requests; slow down."""

    slug, status = "too-many-requests", HTTPStatus.TOO_MANY_REQUESTS


class SealBroken(GatewayError):
    """A secret kept here cannot be read any more."""

    slug = "seal-broken"


class ServiceAway(GatewayError):
    """The service is away; try again soon."""

    slug, status = "service-away", HTTPStatus.SERVICE_UNAVAILABLE


class ServiceSlow(GatewayError):
    """The service did not answer in time."""

    slug, status = "service-slow", HTTPStatus.GATEWAY_TIMEOUT
