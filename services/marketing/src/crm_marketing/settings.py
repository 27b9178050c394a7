"""What marketing is told by its deployment; the only reader of its environment."""

import hashlib
from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email
from environs import FileAwareEnv
from marshmallow import ValidationError

from crm_chassis import settings, smtp
from crm_chassis.settings import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`smtp_url`: smtp://, smtps:// or smtp+starttls://[user:password@]host:port.

    Without `public_url` (where the gateway is reached from outside) opens and clicks go uncounted.
    """

    deployment: Deployment
    smtp_url: str = field(repr=False)
    mail_from: str
    public_url: str | None = None

    @property
    def tracking_key(self) -> bytes:
        """Signs the addresses in mails; changes only with the service's signing key."""
        return hashlib.sha256(b"tracking\x1f" + self.deployment.signing_key.encode()).digest()


def read() -> Settings:
    """Read the environment; exit 78 naming every fault."""
    return settings.read(from_env)


def from_env(env: FileAwareEnv) -> Settings:
    """Build the settings from an environment."""
    return Settings(
        deployment=settings.deployment(env, "marketing"),
        smtp_url=env.str("CRM_SMTP_URL", validate=smtp.check_url),
        mail_from=env.str("CRM_MAIL_FROM", validate=_address),
        public_url=str(env.str("CRM_PUBLIC_URL", "", validate=_public_url)).rstrip("/") or None,
    )


def _public_url(value: str) -> None:
    if value:
        settings.url("http", "https")(value)


def _address(value: str) -> None:
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValidationError(str(error)) from error
