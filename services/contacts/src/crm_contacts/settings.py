"""What contacts reads from its environment."""

from dataclasses import dataclass

from environs import FileAwareEnv

from crm_chassis import settings
from crm_chassis.settings import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The deployment; contacts has no settings of its own."""

    deployment: Deployment


def from_env(env: FileAwareEnv) -> Settings:
    """Build the settings from an environment."""
    return Settings(deployment=settings.deployment(env, "contacts"))


def read() -> Settings:
    """Read the process's environment; exit 78 naming every fault."""
    return settings.read(from_env)
