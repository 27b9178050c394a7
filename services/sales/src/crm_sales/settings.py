"""What sales is told by its deployment; the only reader of its environment."""

from __future__ import annotations

from dataclasses import dataclass

from environs import FileAwareEnv

from crm_chassis import settings
from crm_chassis.settings import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Sales needs nothing beyond what every service needs."""

    deployment: Deployment


def read() -> Settings:
    """Read the environment; exit 78 naming every fault."""
    return settings.read(from_env)


def from_env(env: FileAwareEnv) -> Settings:
    """Build the settings from an environment."""
    return Settings(deployment=settings.deployment(env, "sales"))
