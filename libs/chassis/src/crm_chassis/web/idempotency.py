"""Idempotency-Key: the stored answer is written in the effect's own transaction."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from flask import Response, g, request
from sqlalchemy.orm import Session

from crm_chassis import db, outbox
from crm_chassis.problems import Invalid, Refusal

KEPT = timedelta(hours=24)
_LONGEST_KEY = 200


class RequestInProgress(Refusal):
    """The first request with this Idempotency-Key is still running."""

    slug = "request-in-progress"


class KeyReused(Refusal):
    """This Idempotency-Key was used with another body."""

    slug, status = "idempotency-key-reused", 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """One caller's key for one method and path."""

    principal: str
    method: str
    path: str
    key: str
    body_hash: bytes

    @classmethod
    def of_request(cls, actor: str) -> "Idempotency | None":
        """Return the current request's key, or None when it carries none."""
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return None
        if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
            raise Invalid({"Idempotency-Key": [f"1 to {_LONGEST_KEY} printable characters"]})
        return cls(
            principal=actor,
            method=request.method,
            path=request.path,
            key=key,
            body_hash=hashlib.sha256(_body() + request.query_string).digest(),
        )

    def stored(self, session: Session, *, now: datetime) -> Response | None:
        """Take the key's lock and return the answer given before, if any.

        One statement does both, so the answer may be older than the lock: `store` notices.
        """
        lock = "\x1f".join(self._identity)
        found = db.cursor(session).execute(_STORED, (lock, *self._identity, now - KEPT)).fetchone()
        locked, body_hash, status, headers, body = found or (False, None, 0, {}, "")
        if not locked:
            raise RequestInProgress(self.key)
        if body_hash is None:
            return None
        if body_hash != self.body_hash:
            raise KeyReused(self.key)
        return Response(body, status=status, headers={**headers, "Idempotency-Replayed": "true"})

    def kept(self, response: Response, subject: UUID | None, *, now: datetime) -> outbox.Beside:
        """Return what keeps a 2xx answer for 24 hours; it writes no row when another was faster."""
        headers = {k: v for k, v in response.headers.items() if k.lower() != "content-length"}
        values = {
            "principal": self.principal, "method": self.method, "path": self.path,
            "idempotency_key": self.key, "body_hash": self.body_hash, "subject": subject,
            "answer_status": response.status_code, "headers": orjson.dumps(headers).decode(),
            "answer": response.get_data(as_text=True), "answered_at": now, "expired": now - KEPT,
        }  # fmt: skip
        return outbox.Beside(_KEEP, values)

    def store(
        self, session: Session, response: Response, subject: UUID | None, *, now: datetime
    ) -> None:
        """Keep an answer by a statement of its own. Raises RequestInProgress as `check` does."""
        kept = self.kept(response, subject, now=now)
        self.check(was_kept=bool(db.cursor(session).execute(kept.statement, kept.values).rowcount))

    def check(self, *, was_kept: bool) -> None:
        """Raise RequestInProgress when another was faster."""
        if not was_kept:
            raise RequestInProgress(self.key)

    @property
    def _identity(self) -> tuple[str, str, str, str]:
        return self.principal, self.method, self.path, self.key


def stand_for_body(digest: bytes) -> None:
    """Have a digest stand for the body of a form, which was read and is not kept whole."""
    g.body_digest = digest


def _body() -> bytes:
    return g.get("body_digest") or request.get_data()


_STORED = """
select pg_try_advisory_xact_lock(hashtextextended(%s, 0)), body_hash, status, headers, body
from (select) as one left join idempotency
  on principal = %s and method = %s and path = %s and key = %s and created_at > %s
"""
_KEEP = """
insert into idempotency (principal, method, path, key, body_hash, subject, status, headers, body,
                         created_at)
values (%(principal)s, %(method)s, %(path)s, %(idempotency_key)s, %(body_hash)s, %(subject)s,
        %(answer_status)s, %(headers)s::jsonb, %(answer)s, %(answered_at)s)
on conflict (principal, method, path, key) do update set
    body_hash = excluded.body_hash, subject = excluded.subject, status = excluded.status,
    headers = excluded.headers, body = excluded.body, created_at = excluded.created_at
where idempotency.created_at <= %(expired)s
returning 1
"""
