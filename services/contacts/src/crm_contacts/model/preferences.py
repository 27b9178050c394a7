"""How a contact wants to be written to, and what two contacts' wishes come to.

Kept as JSON: `{"channel", "pause_from", "pause_until", "caps": {channel: {"most", "per"}}}`; what
is not wished is absent.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

Wishes = dict[str, Any]


class Period(StrEnum):
    """Over which time messages are counted."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


DAYS = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30}


def kept(wanted: Mapping[str, Any]) -> Wishes:
    """What is kept of wishes: no empty ones."""
    wishes = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in wanted.items()
        if value not in (None, {})
    }
    if "pause_until" not in wishes:
        wishes.pop("pause_from", None)
    return wishes


def strictest(mine: Wishes, theirs: Iterable[Wishes]) -> Wishes:
    """The wishes of somebody who turned out to be several: nobody is written to more than before.

    The survivor's channel stays; pauses are united from the first day to the last; of two caps on
    a channel the rarer counts.
    """
    everybody = [mine, *theirs]
    found: Wishes = {}
    channel = next((each["channel"] for each in everybody if each.get("channel")), None)
    pauses = [each for each in everybody if each.get("pause_until")]
    caps: dict[str, Any] = {}
    for each in everybody:
        for name, cap in each.get("caps", {}).items():
            caps[name] = min(caps.get(name, cap), cap, key=_rate)
    if channel:
        found["channel"] = channel
    if pauses:
        if all(each.get("pause_from") for each in pauses):
            found["pause_from"] = min((each["pause_from"] for each in pauses), key=_instant)
        found["pause_until"] = max((each["pause_until"] for each in pauses), key=_instant)
    return found | ({"caps": caps} if caps else {})


def _rate(cap: Mapping[str, Any]) -> tuple[float, int]:
    return cap["most"] / DAYS[Period(cap["per"])], cap["most"]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
