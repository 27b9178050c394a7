"""Text held against a pattern somebody wrote, in time that grows with the text alone.

RE2 knows no look-around and no back-references, and therefore no pattern that takes for ever.
"""

from functools import lru_cache
from typing import Any

import re2

LONGEST_PATTERN, LONGEST_TEXT = 300, 10_000
_MOST_MEMORY = 1 << 20


class InvalidPattern(ValueError):
    """The pattern cannot be understood, or would take too much memory."""


def check(pattern: str) -> None:
    """Raise InvalidPattern with the reason for what is no pattern."""
    if not 1 <= len(pattern) <= LONGEST_PATTERN:
        raise InvalidPattern(f"1 to {LONGEST_PATTERN} characters")
    _compiled(pattern)


def is_match(pattern: str, text: str) -> bool:
    """Say whether the whole text is as the pattern says. Raises InvalidPattern."""
    return len(text) <= LONGEST_TEXT and _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        reason = error.args[0] if error.args else "not a pattern"
        told = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise InvalidPattern(f"not a pattern: {told}") from error
