"""Reading the environment: every fault named at once, secrets also from `*_FILE`."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from environs import EnvError, FileAwareEnv, ValidationError, validate

T = TypeVar("T")
BAD_SETTINGS = 78
_PORT = validate.Range(1, 65535)
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


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
        database_url=env.str("CRM_DATABASE_URL", validate=url("postgresql")),
        amqp_url=env.str("CRM_AMQP_URL", validate=url("amqp", "amqps")),
        http_host=env.str("CRM_HTTP_HOST", "127.0.0.1"),
        http_port=env.int("CRM_HTTP_PORT", 8000, validate=_PORT),
        ops_host=env.str("CRM_OPS_HOST", "127.0.0.1"),
        ops_port=env.int("CRM_OPS_PORT", 9000, validate=_PORT),
        ops_token=env.str("CRM_OPS_TOKEN", validate=validate.Length(min=8)),
        token_keys=env.str("CRM_TOKEN_KEYS", validate=_public_keys),
        signing_key=env.str("CRM_SIGNING_KEY", validate=_private_key),
        peers=cast("Mapping[str, str]", env.json("CRM_PEERS", {}, validate=addresses)),
        log_level=str(env.str("CRM_LOG_LEVEL", "INFO", validate=_log_level)).upper(),
        threads=env.int("CRM_THREADS", 8, validate=validate.Range(1, 256)),
        drain_seconds=env.float("CRM_DRAIN_SECONDS", 5.0, validate=validate.Range(0, 600)),
    )


def url(*schemes: str) -> Callable[[str], None]:
    """Return a validator of addresses `scheme://host…` with one of these schemes."""

    def check(value: str) -> None:
        try:
            parts = urlsplit(value)
            is_right = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is none
            is_right = False
        if not is_right:
            raise ValidationError(f"an address that begins with {' or '.join(schemes)}://host")

    return check


def addresses(value: object) -> None:
    """Validate an object of service names and the http addresses they answer at."""
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValidationError('an object like {"name": "http://host:port"}')
    for each in value.values():
        url("http", "https")(each)


def _private_key(value: str) -> None:
    key = _key(value, "a private Ed25519 key as JWK, with its kid")
    if not (key.is_private and key.kid):
        raise ValidationError("a private Ed25519 key as JWK, with its kid")


def _public_keys(value: str) -> None:
    shape = "a JWK Set of Ed25519 keys, each with its kid"
    try:
        keys = json.loads(value)["keys"]
        known = [_key(json.dumps(each), shape).kid for each in keys]
    except (ValueError, KeyError, TypeError) as error:
        raise ValidationError(shape) from error
    if not known or None in known:
        raise ValidationError(shape)


def _key(value: str, shape: str) -> Any:
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    try:
        key = OKPKey.import_key(json.loads(value))
        is_right = key.curve_name == "Ed25519"
    except (ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
        raise ValidationError(shape) from error
    if not is_right:
        raise ValidationError(shape)
    return key


def _log_level(value: str) -> None:
    if value.upper() not in _LOG_LEVELS:
        raise ValidationError(f"one of {', '.join(_LOG_LEVELS)}")


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
