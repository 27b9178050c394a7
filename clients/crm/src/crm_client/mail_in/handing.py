"""Handing one mail to the platform."""

import base64
import hashlib
from dataclasses import dataclass

from crm_client.client import Client
from crm_client.errors import NotReachable, Refused

LONGEST = 6_000_000  # bytes; what stands at the end of a longer mail are its attachments
_WRONG_WITH_THE_MAIL = frozenset({400, 413, 422})


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail is in the platform; how many contacts it concerns, and what it was counted as."""

    outcome: str
    contacts: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A mail is not in the platform, because of the mail (`is_final`) or for the time being."""

    reason: str
    is_final: bool


class Handing:
    """Hands mails over, each once however often it is tried; may be shared between threads."""

    def __init__(self, client: Client) -> None:
        """Use `client`, signed in as whoever the mails shall belong to."""
        self._client = client

    def hand(self, content: bytes) -> Taken | Trouble:
        """Hand over the bytes of a mail; raises nothing the platform or the network does."""
        content = content[:LONGEST]
        body = {"content": base64.b64encode(content).decode()}
        try:
            logged = self._client.post("/v1/mails", body, key=hashlib.sha256(content).hexdigest())
        except NotReachable as error:
            return Trouble(str(error), is_final=False)
        except Refused as error:
            return Trouble(str(error), is_final=error.status in _WRONG_WITH_THE_MAIL)
        return Taken(str(logged["outcome"]), len(logged["subjects"]))
