"""Who is calling: 60-second Ed25519 tokens between the gateway and the services."""

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from crm_chassis import clock
from crm_chassis.problems import Forbidden, Unauthenticated
from crm_chassis.rights.grants import Grants, granted
from crm_chassis.rights.sight import RESTRICTED

LIFETIME_SECONDS = 60
_SKEW_SECONDS = 30
_ALGORITHM = "Ed25519"
_REMEMBERED = 4096
__all__ = ["RESTRICTED", "Principal", "Signer", "Verifier", "new_key", "public_keys"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The person, key or service that acts.

    `team_ids`: the teams they are in and all below these. `role_versions`: the ids of roles that
    are no system roles, with the version the token's maker knew. `grants` is what the roles grant
    once somebody has looked them up; until then only system roles grant anything. `credential`:
    what they showed, like `session:<id>`; never the secret.
    """

    actor: str
    user_id: UUID | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    team_ids: tuple[UUID, ...] = ()
    on_behalf_of: str | None = None
    role_versions: tuple[tuple[str, int], ...] = ()
    reads_only: bool = False
    credential: str | None = None
    grants: Grants | None = field(default=None, compare=False, repr=False)

    @property
    def rights(self) -> Grants:
        """What may be done, by all roles together."""
        held = self.grants or granted(self.roles)
        return held.reader if self.reads_only else held

    @property
    def is_admin(self) -> bool:
        """Whether everything is allowed."""
        return "admin" in self.roles

    def require(self, *roles: str) -> None:
        """Raise Forbidden unless one of the roles is held."""
        if not self.roles.intersection(roles):
            raise Forbidden(detail=f"needs the role {' or '.join(roles)}")

    def may_see(
        self, visibility: str, owner_id: UUID | None, team_id: UUID | None,
        assignee_id: UUID | None = None,
    ) -> bool:  # fmt: skip
        """Say whether a record of that visibility is shown to this principal, within its range."""
        if visibility not in RESTRICTED or self.is_admin:
            return True
        if self.user_id is not None and self.user_id in (owner_id, assignee_id):
            return True
        return visibility == "team" and team_id in self.team_ids


def new_key(issuer: str) -> dict[str, Any]:
    """Return a fresh private JWK whose `kid` names the issuer."""
    return OKPKey.generate_key("Ed25519", {"kid": issuer}, private=True).as_dict(private=True)


def public_keys(private: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the JWK Set of the public halves."""
    return {"keys": [OKPKey.import_key(key).as_dict(private=False) for key in private]}


class Signer:
    """Signs tokens with one service's private key; a token is reused for half its life."""

    def __init__(self, signing_key: str) -> None:
        """Take the private JWK as JSON."""
        self._key = OKPKey.import_key(json.loads(signing_key))
        self._recent: dict[tuple[str, Principal], tuple[float, str]] = {}

    def token(self, audience: str, principal: Principal) -> str:
        """Return a token for one service, good for 30 to 60 seconds."""
        now = clock.now().timestamp()
        until, token = self._recent.get((audience, principal), (0.0, ""))
        if until > now:
            return token
        token = jwt.encode(
            {"alg": _ALGORITHM, "kid": self._key.kid},
            _claims(audience, principal, now),
            self._key,
            algorithms=[_ALGORITHM],
        )
        if len(self._recent) > _REMEMBERED:
            self._recent.clear()
        self._recent[audience, principal] = (now + LIFETIME_SECONDS / 2, token)
        return token


class Verifier:
    """Accepts the tokens of known issuers made for one audience."""

    def __init__(self, token_keys: str, audience: str) -> None:
        """Take the JWK Set as JSON."""
        self._keys = KeySet.import_key_set(json.loads(token_keys))
        self._audience = audience
        self._known: dict[str, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def principal(self, authorization: str | None) -> Principal:
        """Return whom an Authorization header names. Raises Unauthenticated."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        now = clock.now().timestamp()
        until, principal = self._known.get(token, (0.0, None))
        if principal is None or until < now:
            until, principal = self._verify(token, now)
            with self._lock:
                if len(self._known) > _REMEMBERED:
                    self._known.clear()
                self._known[token] = (until, principal)
        return principal

    def _verify(self, token: str, now: float) -> tuple[float, Principal]:
        try:
            claims = jwt.decode(token, self._keys, algorithms=[_ALGORITHM]).claims
            until = float(claims["exp"]) + _SKEW_SECONDS
            if claims["aud"] != self._audience or until < now:
                raise Unauthenticated
            return until, _principal(claims)
        except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unauthenticated from error


def _claims(audience: str, principal: Principal, now: float) -> dict[str, Any]:
    return {
        "aud": audience,
        "sub": principal.actor,
        "exp": int(now) + LIFETIME_SECONDS,
        "uid": str(principal.user_id) if principal.user_id else None,
        "roles": sorted(principal.roles),
        "teams": [str(team) for team in principal.team_ids],
        "obo": principal.on_behalf_of,
        "rv": dict(principal.role_versions),
        "ro": principal.reads_only,
        "cid": principal.credential,
    }


def _principal(claims: dict[str, Any]) -> Principal:
    return Principal(
        actor=str(claims["sub"]),
        user_id=UUID(claims["uid"]) if claims.get("uid") else None,
        roles=frozenset(claims.get("roles") or ()),
        team_ids=tuple(UUID(team) for team in claims.get("teams") or ()),
        on_behalf_of=claims.get("obo"),
        role_versions=tuple(sorted((str(k), int(v)) for k, v in (claims.get("rv") or {}).items())),
        reads_only=bool(claims.get("ro")),
        credential=claims.get("cid"),
    )
