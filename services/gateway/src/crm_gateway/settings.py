"""What the gateway is told by its deployment; the only reader of its environment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any, cast
from urllib.parse import urlsplit

from environs import FileAwareEnv, ValidationError, validate
from limits import parse

from crm_chassis import settings, smtp
from crm_chassis.settings import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenId:
    """The provider people may sign in by, and what it decides about them.

    `groups`: a group's name to {"roles": […], "team": …}; `creates`: the role of somebody unknown
    whose groups say nothing, None lets no such person in; `links_email`: whether a verified e-mail
    address is enough to be somebody who is known here.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    name: str
    scope: str
    groups: Mapping[str, Mapping[str, Any]]
    groups_claim: str
    creates: str | None
    links_email: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The gateway's settings. Without `smtp_url` no mail leaves the house."""

    deployment: Deployment
    services: Mapping[str, str]
    public_url: str
    admin_email: str
    admin_password: str = field(repr=False)
    session_secret: str = field(repr=False)
    rate_limit: str
    rate_limit_storage: str
    rate_limit_whole: str | None
    cors_origins: tuple[str, ...]
    behind_proxies: int
    hsts_seconds: int
    blocking_threads: int
    sealing_keys: tuple[str, ...] = field(repr=False)
    outgoing_allowed: tuple[str, ...]
    smtp_url: str | None = field(repr=False)
    mail_from: str | None
    openid: OpenId | None
    serving_parent: int
    audit_reads_days: int


def read() -> Settings:
    """Read the environment; exit 78 naming every fault."""
    return settings.read(from_env)


def from_env(env: FileAwareEnv) -> Settings:
    """Build the settings from an environment."""
    secret = env.str("CRM_SESSION_SECRET", validate=validate.Length(min=16))
    return Settings(
        deployment=settings.deployment(env, "gateway"),
        services=cast("Mapping[str, str]", env.json("CRM_SERVICES", validate=settings.addresses)),
        public_url=env.str(
            "CRM_PUBLIC_URL", "http://127.0.0.1:8000", validate=settings.url("http", "https")
        ),
        admin_email=env.str("CRM_ADMIN_EMAIL", "admin@example.com"),
        admin_password=env.str("CRM_ADMIN_PASSWORD", validate=validate.Length(min=8)),
        session_secret=secret,
        rate_limit=env.str("CRM_RATE_LIMIT", "6000/minute", validate=_rate),
        rate_limit_storage=env.str("RATELIMIT_STORAGE_URI", "memory://"),
        rate_limit_whole=env.str("CRM_RATE_LIMIT_WHOLE", None, validate=_if_given(_rate)) or None,
        cors_origins=tuple(env.list("CRM_CORS_ORIGINS", [], validate=_origins) or ()),
        behind_proxies=env.int("CRM_BEHIND_PROXY", 0, validate=validate.Range(0, 5)),
        hsts_seconds=env.int("CRM_HSTS_SECONDS", 31_536_000, validate=validate.Range(0)),
        blocking_threads=env.int("CRM_BLOCKING_THREADS", 48, validate=validate.Range(1, 1024)),
        sealing_keys=tuple(env.list("CRM_SEALING_KEYS", [secret], validate=_keys) or ()),
        outgoing_allowed=tuple(env.list("CRM_OUTGOING_ALLOWED", [], validate=_networks) or ()),
        smtp_url=env.str("CRM_SMTP_URL", None, validate=_if_given(smtp.check_url)) or None,
        mail_from=_mail_from(env),
        openid=_openid(env),
        serving_parent=env.int("CRM_SERVING_PARENT", 0),
        audit_reads_days=env.int("CRM_AUDIT_READS_DAYS", 365, validate=validate.Range(1, 36500)),
    )


def _mail_from(env: FileAwareEnv) -> str | None:
    """A mail server without an address to send from is a fault, told with all others."""
    if not env.str("CRM_SMTP_URL", None):
        return None
    return env.str("CRM_MAIL_FROM", validate=validate.Email())


def _openid(env: FileAwareEnv) -> OpenId | None:
    if not env.str("CRM_OIDC_ISSUER", None):
        return None
    issuer = env.str("CRM_OIDC_ISSUER", validate=settings.url("http", "https"))
    return OpenId(
        issuer=issuer,
        client_id=env.str("CRM_OIDC_CLIENT_ID", validate=validate.Length(min=1)),
        client_secret=env.str("CRM_OIDC_CLIENT_SECRET", None) or None,
        name=env.str("CRM_OIDC_NAME", urlsplit(issuer).hostname or issuer),
        scope=env.str("CRM_OIDC_SCOPE", "openid email profile", validate=_scope),
        groups=cast("Mapping[str, Any]", env.json("CRM_OIDC_GROUPS", {}, validate=_groups)),
        groups_claim=env.str("CRM_OIDC_GROUPS_CLAIM", "groups"),
        creates=env.str("CRM_OIDC_CREATES", None) or None,
        links_email=env.bool("CRM_OIDC_LINKS_EMAIL", False),
    )


def _scope(value: str) -> None:
    if "openid" not in value.split():
        raise ValidationError("scopes with blanks between, openid among them")


def _groups(value: object) -> None:
    is_right = isinstance(value, dict) and all(
        isinstance(each, dict)
        and each.keys() <= {"roles", "team"}
        and isinstance(each.get("roles", []), list)
        and all(isinstance(role, str) for role in each.get("roles", []))
        and isinstance(each.get("team", ""), str)
        for each in value.values()
    )
    if not is_right:
        raise ValidationError('an object like {"group": {"roles": ["member"], "team": "North"}}')


def _if_given(check: Callable[[str], None]) -> Callable[[str], None]:
    return lambda value: check(value) if value else None


def _keys(values: list[str]) -> None:
    if not values or any(len(each) < 16 for each in values):
        raise ValidationError("keys of 16 characters or more, the newest first, with commas")


def _origins(values: list[str]) -> None:
    for each in values:
        if each == "*":
            continue
        settings.url("http", "https")(each)
        parts = urlsplit(each)
        if parts.path or parts.query or parts.fragment or parts.username:
            raise ValidationError("origins like https://app.example.com, with commas, or *")


def _networks(values: list[str]) -> None:
    try:
        for each in values:
            ip_network(each)
    except ValueError as error:
        raise ValidationError("networks like 10.1.0.0/16, with commas") from error


def _rate(value: str) -> None:
    try:
        parse(value)
    except ValueError as error:
        raise ValidationError("a rate like 6000/minute") from error
