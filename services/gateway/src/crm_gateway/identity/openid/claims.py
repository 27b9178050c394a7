"""What a token must say so that it is believed."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from marshmallow.validate import Email

from crm_gateway.model import TokenRefused

SKEW_SECONDS, OLDEST_SECONDS = 60, 600
_LONGEST = 255
_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
_MOST_GROUPS = 1000
Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Somebody as the provider tells of them; `email` only where it says that it is theirs."""

    issuer: str
    subject: str
    sid: str | None
    email: str | None
    name: str
    groups: frozenset[str]


def check_identity(
    claims: Claims, *, issuer: str, client_id: str, nonce: str, now: datetime
) -> None:
    """Refuse a token that is not about this sign-in. Raises TokenRefused."""
    _check_addressed(claims, issuer=issuer, client_id=client_id, now=now)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise TokenRefused(detail="the token is of another sign-in")
    _text(claims, "sub")


def check_logout(
    header: Mapping[str, Any], claims: Claims, *, issuer: str, client_id: str, now: datetime
) -> tuple[str | None, str | None]:
    """Return whose session has ended, and which: sub, sid, or both. Raises TokenRefused."""
    _check_addressed(claims, issuer=issuer, client_id=client_id, now=now)
    if str(header.get("typ", "logout+jwt")).lower() not in {"logout+jwt", "jwt"}:
        raise TokenRefused(detail="no logout token")
    events = claims.get("events")
    if not isinstance(events, Mapping) or _LOGOUT not in events or "nonce" in claims:
        raise TokenRefused(detail="no logout token")
    found = [_text(claims, name) if name in claims else None for name in ("sub", "sid")]
    if not any(found):
        raise TokenRefused(detail="it does not say whose session ended")
    return found[0], found[1]


def stranger(claims: Claims, *, groups_claim: str) -> Stranger:
    """Return whom claims that were checked are about."""
    email = claims.get("email") if claims.get("email_verified") is True else None
    return Stranger(
        issuer=str(claims["iss"]),
        subject=_text(claims, "sub"),
        sid=_text(claims, "sid") if "sid" in claims else None,
        email=email if _is_address(email) else None,
        name=_name(claims),
        groups=frozenset(_groups(claims.get(groups_claim))),
    )


def _check_addressed(claims: Claims, *, issuer: str, client_id: str, now: datetime) -> None:
    if claims.get("iss") != issuer:
        raise TokenRefused(detail="the token is of another issuer")
    audience = claims.get("aud")
    readers = audience if isinstance(audience, list) else [audience]
    if client_id not in readers or claims.get("azp", client_id) != client_id:
        raise TokenRefused(detail="the token is for somebody else")
    if len(readers) > 1 and "azp" not in claims:
        raise TokenRefused(detail="the token is for several, and does not say for whom")
    this = now.timestamp()
    issued, ends = _number(claims, "iat"), _number(claims, "exp")
    if ends + SKEW_SECONDS < this or not -SKEW_SECONDS <= this - issued <= OLDEST_SECONDS:
        raise TokenRefused(detail="the token is of another time")


def _number(claims: Claims, name: str) -> float:
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise TokenRefused(detail=f"the token has no {name}")
    return float(found)


def _text(claims: Claims, name: str) -> str:
    found = claims.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST or "\x00" in found:
        raise TokenRefused(detail=f"the token has no {name}")
    return found


def _name(claims: Claims) -> str:
    parts = [claims.get("given_name"), claims.get("family_name")]
    whole = " ".join(each for each in parts if isinstance(each, str))
    for each in (claims.get("name"), whole, claims.get("preferred_username"), claims.get("email")):
        if isinstance(each, str) and (plain := " ".join(each.replace("\x00", "").split())):
            return plain[:200]
    return "Somebody"


def _groups(given: Any) -> list[str]:
    listed = given if isinstance(given, list) else [given]
    return [each for each in listed[:_MOST_GROUPS] if isinstance(each, str)]


def _is_address(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) <= _LONGEST and bool(Email()(value))
    except ValidationError:
        return False
