"""One-time codes besides the password (RFC 6238), and recovery codes for a lost telephone."""

import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy.orm import Session

from crm_chassis import audit
from crm_gateway.model import CodeNeeded, Sealer, SecondFactor, SignInRefused, User
from crm_gateway.queries import sign_in as kept

ISSUER = "Rapport"
_STEP_SECONDS, _SLACK_STEPS, _RECOVERY_CODES = 30, 1, 10


def start(session: Session, user: User, sealer: Sealer) -> tuple[str, str]:
    """Make a new secret; return it and its otpauth:// address.

    It counts once it is confirmed; until then the one before goes on counting.
    """
    secret = pyotp.random_base32()
    factor = kept.factor(session, user.id)
    if factor is None:
        session.add(SecondFactor(user_id=user.id, sealed=sealer.seal(secret), recovery=[]))
    else:
        factor.replace(sealer.seal(secret))
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def confirm(
    session: Session, user_id: UUID, code: str, sealer: Sealer, *, now: datetime
) -> list[str]:
    """Let it count from now on; return ten recovery codes, shown this once. Raises SignInRefused."""
    factor = kept.factor(session, user_id)
    if factor is None or (factor.confirmed_at is not None and factor.next_sealed is None):
        raise SignInRefused(detail="begin with a new secret first")
    is_new = factor.next_sealed is not None
    newest, after = (factor.next_sealed, 0) if is_new else (factor.sealed, factor.last_step)
    step = _step(newest or b"", code, sealer, after=after, now=now)
    if step is None:
        raise SignInRefused(detail="the code is wrong or late")
    codes = [secrets.token_hex(5) for _ in range(_RECOVERY_CODES)]
    factor.confirm([_hashed(each) for each in codes], step=step, at=now)
    audit.note(session, "second_factor.confirmed", now=now, object_id=user_id)
    return codes


def end(session: Session, user_id: UUID, *, now: datetime) -> None:
    """Do without one."""
    kept.forget_factor(session, user_id)
    audit.note(session, "second_factor.ended", now=now, object_id=user_id)


def check(
    session: Session, user_id: UUID, code: str | None, sealer: Sealer, *, now: datetime
) -> None:
    """Refuse who has a second factor and gives no code of it. Raises CodeNeeded, SignInRefused.

    A code is taken once; a recovery code as well.
    """
    factor = kept.factor(session, user_id)
    if factor is None or factor.confirmed_at is None:
        return
    if not code:
        raise CodeNeeded
    if not _is_next(factor, code, sealer, now=now) and not _is_recovery(factor, code):
        raise SignInRefused


def is_on(session: Session, user_id: UUID) -> bool:
    """Say whether somebody has a second factor that counts."""
    factor = kept.factor(session, user_id)
    return factor is not None and factor.confirmed_at is not None


def _is_next(factor: SecondFactor, code: str, sealer: Sealer, *, now: datetime) -> bool:
    """Say whether a code is of about now and later than the last one taken, and take it."""
    step = _step(factor.sealed, code, sealer, after=factor.last_step, now=now)
    factor.last_step = step or factor.last_step
    return step is not None


def _step(sealed: bytes, code: str, sealer: Sealer, *, after: int, now: datetime) -> int | None:
    """Return the step, of about now and later than `after`, that a code is of."""
    totp, given = pyotp.TOTP(sealer.open(sealed)), code.replace(" ", "").encode()
    this = int(now.timestamp()) // _STEP_SECONDS
    for step in range(this - _SLACK_STEPS, this + _SLACK_STEPS + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step).encode(), given):
            return step
    return None


def _is_recovery(factor: SecondFactor, code: str) -> bool:
    hashed = _hashed(code.strip().lower())
    left = [each for each in factor.recovery if not hmac.compare_digest(bytes(each), hashed)]
    is_one = len(left) < len(factor.recovery)
    if is_one:
        factor.recovery = left
    return is_one


def _hashed(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
