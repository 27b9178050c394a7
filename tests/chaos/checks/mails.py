"""Mails: sent + unsure = intents, doubled = 0, unsure <= ends of the sender."""

from collections import Counter
from collections.abc import Collection, Mapping

_DONE = {"sent", "unsure", "failed", "suppressed"}


def check(
    statuses: Mapping[str, str],
    mailed: Mapping[str, int],
    *,
    ends_of_sender: int,
    lost: Collection[str] = frozenset(),
    to_nobody: Collection[str] = frozenset(),
) -> list[str]:
    """Compare marketing's ledger (message -> status) with the recording server (message -> mails).

    `lost` is what a restored ledger forgot; `to_nobody` are messages whose contact is lost, which wait.
    """
    found = [f"mailed {n} times: {message}" for message, n in mailed.items() if n > 1]
    found += [
        f"mailed, but not in the ledger: {m}" for m in set(mailed) - set(statuses) - set(lost)
    ]
    counts = Counter(statuses.values())
    for message, status in statuses.items():
        if status == "sent" and not mailed.get(message):
            found.append(f"said to be sent, but was not: {message}")
        elif status not in {"sent", "unsure"} and mailed.get(message):
            found.append(f"mailed, but said to be {status}: {message}")
        elif status not in _DONE and message not in to_nobody:
            found.append(f"still {status}: {message}")
    if counts["unsure"] > ends_of_sender:
        found.append(f"{counts['unsure']} unsure mails after {ends_of_sender} ends of the sender")
    return found
