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


class TooManyRequests(GatewayError):
    """Too many requests; slow down."""

    slug, status = "too-many-requests", HTTPStatus.TOO_MANY_REQUESTS


class ServiceAway(GatewayError):
    """The service is away; try again soon."""

    slug, status = "service-away", HTTPStatus.SERVICE_UNAVAILABLE


class ServiceSlow(GatewayError):
    """The service did not answer in time."""

    slug, status = "service-slow", HTTPStatus.GATEWAY_TIMEOUT
