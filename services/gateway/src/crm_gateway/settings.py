"""What the gateway is told by its deployment; the only reader of its environment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import cast

from environs import FileAwareEnv, ValidationError, validate
from limits import parse

from crm_chassis import settings, smtp
from crm_chassis.settings import Deployment


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
    blocking_threads: int
    sealing_keys: tuple[str, ...] = field(repr=False)
    outgoing_allowed: tuple[str, ...]
    smtp_url: str | None = field(repr=False)
    mail_from: str | None
    serving_parent: int


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
        blocking_threads=env.int("CRM_BLOCKING_THREADS", 48, validate=validate.Range(1, 1024)),
        sealing_keys=tuple(env.list("CRM_SEALING_KEYS", [secret], validate=_keys)),
        outgoing_allowed=tuple(env.list("CRM_OUTGOING_ALLOWED", [], validate=_networks)),
        smtp_url=env.str("CRM_SMTP_URL", None, validate=_if_given(smtp.check_url)) or None,
        mail_from=_mail_from(env),
        serving_parent=env.int("CRM_SERVING_PARENT", 0),
    )


def _mail_from(env: FileAwareEnv) -> str | None:
    """A mail server without an address to send from is a fault, told with all others."""
    if not env.str("CRM_SMTP_URL", None):
        return None
    return env.str("CRM_MAIL_FROM", validate=validate.Email())


def _if_given(check: Callable[[str], None]) -> Callable[[str], None]:
    return lambda value: check(value) if value else None


def _keys(values: list[str]) -> None:
    if not values or any(len(each) < 16 for each in values):
        raise ValidationError("keys of 16 characters or more, the newest first, with commas")


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
