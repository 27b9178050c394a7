"""Sessions and API keys: opaque tokens, kept as hashes, honoured at most 5 s after revocation."""

import hashlib
import secrets
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import audit, clock, db, ids
from crm_chassis.auth import Principal
from crm_chassis.problems import Unauthenticated
from crm_gateway.identity import roles
from crm_gateway.model import Credential, User
from crm_gateway.queries import identity as queries
from crm_gateway.queries import sign_in as kept

SESSION_LASTS = timedelta(hours=12)
_REMEMBERED_SECONDS = 5.0
_REMEMBERED, _LONGEST_AGENT = 4096, 200
_USE_NOTED_EVERY = timedelta(minutes=5)


def start(
    session: Session, user_id: UUID, *, address: str | None, agent: str | None, now: datetime
) -> str:
    """Begin somebody's session, told by where it is from; return its token."""
    return begun(session, user_id, address=address, agent=agent, now=now)[1]


def begun(
    session: Session, user_id: UUID, *, address: str | None, agent: str | None, now: datetime
) -> tuple[Credential, str]:
    """Begin somebody's session; return it with its token."""
    made, token = _issue(
        session, user_id, kind="session", name="sign-in", scopes=["read", "write", "admin"],
        now=now, expires_at=now + SESSION_LASTS,
    )  # fmt: skip
    made.address, made.agent = address, (agent or "")[:_LONGEST_AGENT] or None
    origin = db.Origin(credential=f"session:{made.id}", address=address, agent=agent)
    audit.note(
        session, "session.started", now=now, object_id=made.id, actor=f"user:{user_id}",
        origin=origin,
    )  # fmt: skip
    return made, token


def issue_key(
    session: Session, *, user_id: UUID, name: str, scopes: list[str], now: datetime,
    expires_at: datetime | None = None,
) -> tuple[Credential, str]:  # fmt: skip
    """Return a new API key with its token, which is shown this once."""
    made, token = _issue(
        session, user_id, kind="key", name=name, scopes=scopes, now=now, expires_at=expires_at
    )
    audit.note(
        session, "api_key.created", now=now, object_id=made.id, scopes=scopes,
        expires_at=expires_at, user_id=user_id,
    )  # fmt: skip
    return made, token


def revoke(session: Session, credential_id: UUID, *, now: datetime) -> None:
    """End a credential. Raises NotFound."""
    found = queries.credential(session, credential_id)
    found.revoked_at = now
    audit.note(session, "api_key.revoked", now=now, object_id=found.id, user_id=found.user_id)


def revoke_token(session: Session, token: str, *, now: datetime) -> None:
    """End the session of a token; an unknown one is fine."""
    found = queries.credential_by_hash(session, token_hash(token))
    if found is not None:
        found.revoked_at = now
        note_end(session, found, now=now)


def note_end(session: Session, ended: Credential, *, now: datetime) -> None:
    """Note in the audit trail that a session was ended by who it is of."""
    origin = replace(db.context_of(session).origin, credential=f"{ended.kind}:{ended.id}")
    audit.note(
        session, "session.ended", now=now, object_id=ended.id, actor=f"user:{ended.user_id}",
        origin=origin,
    )  # fmt: skip


class IdentityVerifier:
    """Tells who calls from a session's token or an API key."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        """Answers are remembered for 5 s, refusals not."""
        self._sessions = sessions
        self._known: dict[bytes, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def principal(self, authorization: str | None) -> Principal:
        """Return the caller. Raises Unauthenticated."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        return self.of_token(token)

    def of_token(self, token: str) -> Principal:
        """Return whom a token stands for. Raises Unauthenticated."""
        hashed, now = token_hash(token), clock.now()
        until, principal = self._known.get(hashed, (0.0, None))
        if principal is not None and until > now.timestamp():
            return principal
        with self._sessions() as session:
            found = queries.credential_owner(session, hashed, now=now)
            if found is None or not found[1].may_sign_in:
                self.forget(token)
                raise Unauthenticated
            principal = roles.standing_of(session, _principal(*found), found[1])
        self._note_use(found[0], now=now)
        with self._lock:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[hashed] = (now.timestamp() + _REMEMBERED_SECONDS, principal)
        return principal

    def _note_use(self, credential: Credential, *, now: datetime) -> None:
        """Remember now and then that a credential is in use: people look for those that are not."""
        last = credential.last_used_at
        if last is None or last < now - _USE_NOTED_EVERY:
            with db.transaction(self._sessions, db.Context(actor="sign-in")) as session:
                kept.note_use(session, credential.id, now=now)

    def forget(self, token: str) -> None:
        """Look a token up anew at its next use."""
        with self._lock:
            self._known.pop(token_hash(token), None)


def token_hash(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def _issue(
    session: Session, user_id: UUID, *, kind: str, name: str, scopes: list[str], now: datetime,
    expires_at: datetime | None,
) -> tuple[Credential, str]:  # fmt: skip
    token = f"crm_{kind[0]}_{secrets.token_urlsafe(32)}"
    made = Credential(
        id=ids.new(), kind=kind, token_hash=token_hash(token), user_id=user_id, name=name,
        scopes=scopes, created_at=now, expires_at=expires_at,
    )  # fmt: skip
    session.add(made)
    return made, token


def _principal(credential: Credential, user: User) -> Principal:
    """A key never allows more than its user's roles, nor more than its scopes."""
    roles = set(user.roles)
    if "admin" not in credential.scopes and "admin" in roles:
        roles = roles - {"admin"} | {"member"}
    if not {"write", "admin"}.intersection(credential.scopes):
        roles = {"read-only"}
    is_key = credential.kind == "key"
    return Principal(
        actor=f"key:{credential.id}" if is_key else f"user:{user.id}",
        on_behalf_of=f"user:{user.id}" if is_key else None,
        user_id=user.id,
        roles=frozenset(roles),
        team_ids=(user.team_id,) if user.team_id else (),
        credential=f"{credential.kind}:{credential.id}",
    )
