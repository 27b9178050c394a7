"""The authorization code flow with PKCE: what is asked, what has to come back."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import db, logs
from crm_gateway.clients.provider import Provider
from crm_gateway.identity import credentials
from crm_gateway.identity.openid import admitting, claims
from crm_gateway.identity.openid.claims import Stranger
from crm_gateway.model import SealBroken, Sealer, SignInRefused, TokenRefused
from crm_gateway.queries import openid as queries

LASTS_SECONDS = 600
_CONTEXT = db.Context(actor="service:gateway")
log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-in that was begun in a browser, which keeps it sealed until the answer comes."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    wanted: str
    began: float

    def sealed(self, sealer: Sealer) -> str:
        """Return it as the browser keeps it."""
        return sealer.seal(orjson.dumps(asdict(self)).decode()).decode()

    @classmethod
    def opened(cls, sealed: str, sealer: Sealer, *, now: datetime) -> "Attempt":
        """Return what a browser kept. Raises SignInRefused when it is none, or of long ago."""
        try:
            found = cls(**orjson.loads(sealer.open(sealed.encode())))
        except (SealBroken, ValueError, TypeError) as error:
            raise SignInRefused(detail="the sign-in was begun elsewhere, or long ago") from error
        if now.timestamp() - found.began > LASTS_SECONDS:
            raise SignInRefused(detail="the sign-in took too long; begin again")
        return found


def ask(provider: Provider, *, wanted: str, back: str, now: datetime) -> tuple[str, Attempt]:
    """Return where to send a browser, and what it has to keep. Raises ProviderAway."""
    attempt = Attempt(
        state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48), wanted=wanted, began=now.timestamp(),
    )  # fmt: skip
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    address = provider.address(
        response_type="code", redirect_uri=back, state=attempt.state, nonce=attempt.nonce,
        code_challenge=urlsafe_b64encode(digest).decode().rstrip("="), code_challenge_method="S256",
    )  # fmt: skip
    return address, attempt


def finish(
    sessions: sessionmaker[Session], provider: Provider, attempt: Attempt,
    answer: Mapping[str, str], *, back: str, address: str | None, agent: str | None, now: datetime,
) -> str:  # fmt: skip
    """Return a session's token. Raises SignInRefused, ProviderAway, EmailTaken."""
    code = _code(provider, attempt, answer)
    told = provider.redeem(code, attempt.verifier, back)
    try:
        who = _recognised(provider, attempt, told, now=now)
    except TokenRefused as refusal:
        log.warning("identity token refused", extra={"cause": refusal.detail})
        raise SignInRefused(detail=str(refusal.detail)) from refusal
    with db.transaction(sessions, _CONTEXT) as session:
        user, refusal_of = admitting.admit(session, who, provider.rules, now=now)
        if user is not None:
            made, token = credentials.begun(session, user.id, address=address, agent=agent, now=now)
            queries.note_session(
                session, made.id, issuer=who.issuer, subject=who.subject, sid=who.sid
            )
    if user is None:  # after the commit: their other sessions have ended
        raise SignInRefused(detail=refusal_of)
    return token


def _code(provider: Provider, attempt: Attempt, answer: Mapping[str, str]) -> str:
    if not hmac.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
        raise SignInRefused(detail="the answer is of another sign-in")
    issuer = answer.get("iss")
    if issuer != provider.rules.issuer and (issuer is not None or provider.says_who_answers):
        raise SignInRefused(detail="the answer is of another provider")
    if "error" in answer or not answer.get("code"):
        raise SignInRefused(detail="the provider did not let you in")
    return answer["code"]


def _recognised(
    provider: Provider, attempt: Attempt, told: Mapping[str, Any], *, now: datetime
) -> Stranger:
    """Return who signed in, by the token; what it leaves out, by what is told of its subject."""
    rules = provider.rules
    _, found = provider.verified(told["id_token"])
    claims.check_identity(
        found, issuer=rules.issuer, client_id=rules.client_id, nonce=attempt.nonce, now=now
    )
    wanted = {"email", "email_verified", "name", *([rules.groups_claim] if rules.groups else [])}
    if wanted - found.keys() and isinstance(told.get("access_token"), str):
        more = provider.told_of(told["access_token"])
        if more.get("sub") == found["sub"]:
            found = {**{name: more[name] for name in wanted & more.keys()}, **found}
    return claims.stranger(found, groups_claim=rules.groups_claim)
