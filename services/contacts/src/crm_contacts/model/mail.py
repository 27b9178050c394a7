"""What becomes of mail with people we do not know yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Strangers(StrEnum):
    """What happens when somebody unknown writes, or is written to."""

    IGNORE = "ignore"
    CREATE = "create"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPolicy:
    """The deployment's rule; mail from an address at `own_domains` was sent by us."""

    strangers: Strangers = Strangers.IGNORE
    companies: bool = True
    own_domains: frozenset[str] = frozenset()

    def is_ours(self, address: str) -> bool:
        """Whether an address is one of our people's."""
        return address.rpartition("@")[2] in self.own_domains

    def theirs(self, addresses: Iterable[str]) -> list[str]:
        """Those that are not our people's, each once, in order."""
        return list(dict.fromkeys(each for each in addresses if not self.is_ours(each)))
