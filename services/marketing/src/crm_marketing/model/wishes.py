"""How a contact wants to be written to, as its record says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

_PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
_MAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """No mail in a pause; at most `most` mails in any `period`, if there is one."""

    pause_from: datetime | None = None
    pause_until: datetime | None = None
    most: int | None = None
    period: timedelta = timedelta(0)

    @classmethod
    def of(cls, preferences: Mapping[str, Any] | None) -> Self:
        """Read the `preferences` of a contact's record; what is unknown to us is no wish."""
        if not preferences:
            return cls()
        caps: Sequence[Mapping[str, Any]] = preferences.get("caps") or ()
        cap = next((each for each in caps if each.get("channel") == _MAIL), {})
        period = _PERIODS.get(cap.get("per", ""))
        return cls(
            pause_from=_instant(preferences.get("pause_from")),
            pause_until=_instant(preferences.get("pause_until")),
            most=cap["most"] if period else None,
            period=period or timedelta(0),
        )

    def is_paused(self, now: datetime) -> bool:
        """Whether nothing is to be sent just now."""
        if self.pause_until is None or now >= self.pause_until:
            return False
        return self.pause_from is None or now >= self.pause_from


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
