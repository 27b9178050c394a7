"""Secrets that must be read again, encrypted at rest by keys of the deployment."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm_gateway.model.errors import SealBroken

_PURPOSE = b"rapport-crm secrets at rest"


class Sealer:
    """Seals by the first key; opens what any of them sealed, so keys can be changed in turn."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: texts of any form, the newest first."""
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])

    def seal(self, secret: str) -> bytes:
        """Return what is kept of a secret."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Return the secret. Raises SealBroken when no key fits."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SealBroken(detail="the key it was sealed by is not among the settings") from error


def _derived(key: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))
