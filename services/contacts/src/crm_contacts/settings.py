"""What contacts reads from its environment."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from environs import FileAwareEnv, validate
from marshmallow import ValidationError

from crm_chassis import settings
from crm_chassis.settings import Deployment

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`files_url` says where documents lie (file://, s3://, empty: the database).

    `clamd_url` (tcp://host:port, unix:///path) says who looks through them first, if anybody.
    """

    deployment: Deployment
    files_url: str = field(default="", repr=False)
    clamd_url: str = ""
    largest_document: int = 50 * _MEGABYTE
    keep_imports_days: int = 30
    events_per_day: int = 1_000_000


def from_env(env: FileAwareEnv) -> Settings:
    """Build the settings from an environment."""
    megabytes = validate.Range(1, 95)
    return Settings(
        deployment=settings.deployment(env, "contacts"),
        files_url=env.str("CRM_FILES_URL", "", validate=_files_url),
        clamd_url=env.str("CRM_CLAMD_URL", "", validate=_clamd_url),
        largest_document=env.int("CRM_DOCUMENT_MB", 50, validate=megabytes) * _MEGABYTE,
        keep_imports_days=env.int("CRM_IMPORT_DAYS", 30, validate=validate.Range(1, 3650)),
        events_per_day=env.int("CRM_EVENTS_PER_DAY", 1_000_000, validate=validate.Range(1)),
    )


def read() -> Settings:
    """Read the process's environment; exit 78 naming every fault."""
    return settings.read(from_env)


def _files_url(value: str) -> None:
    parts = urlsplit(value)
    is_folder = parts.scheme == "file" and parts.path.startswith("/")
    is_bucket = parts.scheme == "s3" and bool(parts.username and parts.password and parts.hostname)
    if value and not is_folder and not (is_bucket and parts.path.strip("/")):
        raise ValidationError("file:///folder or s3://key:secret@host[:port]/bucket")


def _clamd_url(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme == "tcp":
        settings.url("tcp")(value)
    elif value and not (parts.scheme == "unix" and parts.path):
        raise ValidationError("tcp://host:port or unix:///path")
