"""Passwords, hashed by Argon2id."""

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """Return the hash to keep."""
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Say whether a password is the kept one; takes as long when there is none to compare."""
    try:
        return _hasher.verify(kept or _dummy(), password) and kept is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


@functools.cache
def _dummy() -> str:
    return _hasher.hash("nobody's password")
