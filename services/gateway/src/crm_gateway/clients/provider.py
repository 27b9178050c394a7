"""The OpenID provider of the house: asked under a deadline, never trusted beyond its signature."""

import threading
import time
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from crm_chassis import logs
from crm_gateway.clients.outgoing import Forbidden, Outgoing, Unanswered
from crm_gateway.model import ProviderAway, SignInRefused, TokenRefused
from crm_gateway.settings import OpenId

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
DEADLINE_SECONDS = 6.0
_PATIENCE_SECONDS, _AT_ONCE = 3.0, 4
_KEPT_SECONDS, _AWAY_SECONDS, _KEYS_ANEW_SECONDS = 3600.0, 5.0, 60.0
_LARGEST, _MOST_KEYS, _LONGEST_TOKEN = 256 * 1024, 50, 16 * 1024
_WELL_KNOWN = "/.well-known/openid-configuration"
log = logs.get(__name__)


class Provider:
    """One per process; safe to share between threads."""

    def __init__(self, rules: OpenId, allowed: tuple[str, ...]) -> None:
        """Nothing is asked yet; `allowed` are the networks of the house that may be called."""
        self.rules = rules
        outgoing = Outgoing(allowed, patience=_PATIENCE_SECONDS, whole=DEADLINE_SECONDS)
        self._line = _Line(outgoing)
        self._metadata = _Kept(self._discovered)
        self._keys = _Kept(self._key_set)

    def address(self, **asked: str) -> str:
        """Return where somebody signs in. Raises ProviderAway."""
        endpoint = self._endpoint("authorization_endpoint")
        given = {"client_id": self.rules.client_id, "scope": self.rules.scope, **asked}
        return endpoint + ("&" if "?" in endpoint else "?") + urlencode(given)

    @property
    def says_who_answers(self) -> bool:
        """Whether its answers name their issuer (RFC 9207), so that one without is refused."""
        metadata = self._metadata.value()
        return metadata.get("authorization_response_iss_parameter_supported") is True

    def redeem(self, code: str, verifier: str, back: str) -> dict[str, Any]:
        """Return the tokens a code stands for. Raises SignInRefused, ProviderAway."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back,
            "code_verifier": verifier,
        }  # fmt: skip
        status, answer = self._line.ask(
            "POST", self._endpoint("token_endpoint"), **self._credited(form)
        )
        if status >= 500:
            raise ProviderAway(detail=f"the provider answered {status}")
        if status != 200 or not isinstance(answer.get("id_token"), str):
            raise SignInRefused(detail="the provider does not know this sign-in")
        return answer

    def told_of(self, access_token: str) -> dict[str, Any]:
        """Return what the provider tells of somebody besides the token; empty where it does not."""
        if not self._metadata.value().get("userinfo_endpoint"):
            return {}
        bearer = {"Authorization": f"Bearer {access_token}"}
        status, answer = self._line.ask("GET", self._endpoint("userinfo_endpoint"), headers=bearer)
        return answer if status == 200 else {}

    def verified(self, token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return header and claims of a token it signed. Raises TokenRefused, ProviderAway."""
        header = _header(token)
        if header.get("alg") not in ALGORITHMS:
            raise TokenRefused(detail="signed by no algorithm we take")
        for key in self._keys_named(header.get("kid")):
            try:
                found = jwt.decode(token, key, algorithms=[header["alg"]])
            except (JoseError, ValueError):
                continue
            return found.header, found.claims
        raise TokenRefused(detail="not signed by the provider")

    def _keys_named(self, name: object) -> list[Any]:
        """Return the keys of a name, all where it is none; unknown: asked for anew, now and then."""
        for older_than in (_KEPT_SECONDS, _KEYS_ANEW_SECONDS):
            keys = self._keys.value(older_than)["keys"]
            if found := [key for key in keys if name is None or key.kid == name]:
                return found
        return []

    def _credited(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Return form and headers that say who asks, as the provider wants it."""
        client, secret = self.rules.client_id, self.rules.client_secret
        ways = self._metadata.value().get("token_endpoint_auth_methods_supported")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if secret is None:
            form = {**form, "client_id": client}
        elif isinstance(ways, list) and "client_secret_basic" not in ways:
            form = {**form, "client_id": client, "client_secret": secret}
        else:
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        return {"body": urlencode(form).encode(), "headers": headers}

    def _endpoint(self, name: str) -> str:
        found = self._metadata.value().get(name)
        if not isinstance(found, str):
            raise ProviderAway(detail=f"the provider names no {name}")
        return found

    def _discovered(self) -> dict[str, Any]:
        status, found = self._line.ask("GET", self.rules.issuer.rstrip("/") + _WELL_KNOWN)
        if status != 200 or found.get("issuer") != self.rules.issuer:
            raise ProviderAway(detail="the provider does not say that it is the issuer")
        return found

    def _key_set(self) -> dict[str, Any]:
        status, found = self._line.ask("GET", self._endpoint("jwks_uri"))
        listed = found.get("keys")
        if status != 200 or not isinstance(listed, list):
            raise ProviderAway(detail="the provider shows no keys")
        return {"keys": [key for each in listed[:_MOST_KEYS] if (key := _key(each))]}


class _Line:
    """Asks within six seconds in all, names looked up included, and few things at once."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._pool = ThreadPoolExecutor(_AT_ONCE, "provider")
        self._free = threading.BoundedSemaphore(_AT_ONCE)

    def ask(self, method: str, url: str, **given: Any) -> tuple[int, dict[str, Any]]:
        """Return status and the object that was answered. Raises ProviderAway."""
        if not self._free.acquire(timeout=DEADLINE_SECONDS / 2):
            raise ProviderAway(detail="too many are waiting for the provider")
        asked = self._pool.submit(self._fetched, method, url, given)
        try:
            status, body = asked.result(timeout=DEADLINE_SECONDS)
        except (Late, Forbidden, Unanswered) as error:
            log.warning("provider away", extra={"cause": f"{type(error).__name__}: {error}"})
            raise ProviderAway from error
        try:
            found = orjson.loads(body)
        except ValueError:
            found = None
        return status, found if isinstance(found, dict) else {}

    def _fetched(self, method: str, url: str, given: Mapping[str, Any]) -> tuple[int, bytes]:
        """Whoever waited may be gone: the place is free once this is over, not before."""
        try:
            return self._outgoing.fetch(method, url, longest=_LARGEST, **given)
        finally:
            self._free.release()


class _Kept:
    """What was fetched, for an hour; a failure for five seconds; the old one rather than none."""

    def __init__(self, fetch: Callable[[], dict[str, Any]]) -> None:
        self._fetch, self._lock = fetch, threading.Lock()
        self._value: dict[str, Any] | None = None
        self._at = self._failed_at = float("-inf")

    def value(self, older_than: float = _KEPT_SECONDS) -> dict[str, Any]:
        """Return it, fetched anew if it is older. Raises ProviderAway."""
        if not self._lock.acquire(timeout=DEADLINE_SECONDS):
            raise ProviderAway
        try:
            now = time.monotonic()
            if self._value is None or now - self._at > older_than:
                self._fetch_anew(now)
            if self._value is None:
                raise ProviderAway
            return self._value
        finally:
            self._lock.release()

    def _fetch_anew(self, now: float) -> None:
        if now - self._failed_at < _AWAY_SECONDS:
            return
        try:
            self._value, self._at = self._fetch(), now
        except ProviderAway as refusal:
            self._failed_at = time.monotonic()
            log.warning("provider asked in vain", extra={"cause": refusal.detail})


def _header(token: str) -> dict[str, Any]:
    first = token.partition(".")[0]
    try:
        found = orjson.loads(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except ValueError as error:
        raise TokenRefused(detail="no token") from error
    if not isinstance(found, dict) or len(token) > _LONGEST_TOKEN:
        raise TokenRefused(detail="no token")
    return found


def _key(given: Any) -> Any:
    """Return a public key that signatures are checked by, None for any other."""
    if not isinstance(given, dict) or given.get("kty") == "oct" or given.get("use") == "enc":
        return None
    try:
        return import_key(given)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
