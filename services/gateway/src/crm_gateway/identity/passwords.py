"""Passwords, hashed by Argon2id."""

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from crm_gateway.model import WeakPassword

_hasher = PasswordHasher()
_JUDGED, _LEAST_SCORE = 72, 2


def hashed(password: str) -> str:
    """Return the hash to keep."""
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Say whether a password is the kept one; takes as long when there is none to compare."""
    try:
        return _hasher.verify(kept or _dummy(), password) and kept is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def refuse_weak(password: str, *known: str) -> None:
    """Refuse a password that is easily guessed, by what is known of somebody. Raises WeakPassword."""
    found = zxcvbn(password[:_JUDGED], user_inputs=[word for word in known if word])
    if found["score"] < _LEAST_SCORE:
        warning = found["feedback"]["warning"] or "Too easy to guess."
        raise WeakPassword(errors={"password": [warning]})


@functools.cache
def _dummy() -> str:
    return _hasher.hash("nobody's password")
