"""Reading the environment: every fault named at once, secrets also from `*_FILE`."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from environs import EnvError, FileAwareEnv

T = TypeVar("T")
BAD_SETTINGS = 78


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What every role of every service is told by its deployment."""

    service: str
    database_url: str = field(repr=False)
    amqp_url: str = field(repr=False)
    http_host: str
    http_port: int
    ops_host: str
    ops_port: int
    ops_token: str = field(repr=False)
    token_keys: str
    signing_key: str = field(repr=False)
    peers: Mapping[str, str]
    log_level: str
    threads: int
    drain_seconds: float


def deployment(env: FileAwareEnv, service: str) -> Deployment:
    """Read the settings every service has."""
    return Deployment(
        service=service,
        database_url=env.str("CRM_DATABASE_URL"),
        amqp_url=env.str("CRM_AMQP_URL"),
        http_host=env.str("CRM_HTTP_HOST", "127.0.0.1"),
        http_port=env.int("CRM_HTTP_PORT", 8000),
        ops_host=env.str("CRM_OPS_HOST", "127.0.0.1"),
        ops_port=env.int("CRM_OPS_PORT", 9000),
        ops_token=env.str("CRM_OPS_TOKEN"),
        token_keys=env.str("CRM_TOKEN_KEYS"),
        signing_key=env.str("CRM_SIGNING_KEY"),
        peers=cast("Mapping[str, str]", env.json("CRM_PEERS", {})),
        log_level=env.str("CRM_LOG_LEVEL", "INFO").upper(),
        threads=env.int("CRM_THREADS", 8),
        drain_seconds=env.float("CRM_DRAIN_SECONDS", 5.0),
    )


def read(build: Callable[[FileAwareEnv], T]) -> T:
    """Build settings from the environment; exit 78 naming every fault at once."""
    env = _Environment(eager=False, strip_whitespace=True)
    try:
        built = build(env)
        env.seal()
    except EnvError as error:
        faults = getattr(error, "error_messages", None) or {"settings": [str(error)]}
        for name, reasons in faults.items():
            print(f"{name}: {'; '.join(map(str, reasons))}", file=sys.stderr)  # noqa: T201
        sys.exit(BAD_SETTINGS)
    return built


class _Environment(FileAwareEnv):
    """Names a file that cannot be read among the other faults, instead of ending there."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        try:
            return super()._get_value(env_key, default)
        except ValueError as error:
            self._errors[env_key].append(str(error))
            return default
