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
    """Make a new secret; return it and its otpauth:// address. It counts once it is confirmed."""
    secret = pyotp.random_base32()
    kept.forget_factor(session, user.id)
    session.add(SecondFactor(user_id=user.id, sealed=sealer.seal(secret), recovery=[]))
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def confirm(
    session: Session, user_id: UUID, code: str, sealer: Sealer, *, now: datetime
) -> list[str]:
    """Let it count from now on; return ten recovery codes, shown this once. Raises SignInRefused."""
    factor = kept.factor(session, user_id)
    if factor is None or not _is_next(factor, code, sealer, now=now):
        raise SignInRefused(detail="the code is wrong or late")
    codes = [secrets.token_hex(5) for _ in range(_RECOVERY_CODES)]
    factor.confirmed_at, factor.recovery = now, [_hashed(each) for each in codes]
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
    totp = pyotp.TOTP(sealer.open(factor.sealed))
    given = code.replace(" ", "")
    this = int(now.timestamp()) // _STEP_SECONDS
    for step in range(this - _SLACK_STEPS, this + _SLACK_STEPS + 1):
        if step > factor.last_step and hmac.compare_digest(totp.generate_otp(step), given):
            factor.last_step = step
            return True
    return False


def _is_recovery(factor: SecondFactor, code: str) -> bool:
    hashed = _hashed(code.strip().lower())
    left = [each for each in factor.recovery if not hmac.compare_digest(bytes(each), hashed)]
    is_one = len(left) < len(factor.recovery)
    if is_one:
        factor.recovery = left
    return is_one


def _hashed(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
