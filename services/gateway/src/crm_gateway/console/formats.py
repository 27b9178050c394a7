"""How money, instants and words are written."""

from datetime import date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask import Flask
from markupsafe import Markup

from crm_chassis import clock
from crm_gateway.console.house import house

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
_WORKDAY_ENDS = clock_time(17)
_ACRONYMS = {"mql": "MQL", "sql": "SQL"}


def install(app: Flask) -> None:
    """Make the filters known to templates."""
    filters = (money, moment, day, words, is_past, initials, listed, items_of)
    app.jinja_env.filters |= {each.__name__: each for each in filters}


def money(value: dict[str, str] | None) -> str:
    """Return `€12,500` or `1,234.50 CHF`; cents only where there are any."""
    if not value:
        return "—"
    amount, currency = Decimal(value["amount"]), value["currency"]
    digits = 0 if amount == amount.to_integral_value() else 2
    sign = _SIGNS.get(currency)
    return f"{sign}{amount:,.{digits}f}" if sign else f"{amount:,.{digits}f} {currency}"


def items_of(options: list[dict[str, str]] | None) -> dict[str, str]:
    """Return the labels of what can be chosen, by value."""
    return {each["value"]: each["label"] for each in options or ()}


def moment(value: str | datetime | None, *, with_time: bool = True) -> Markup:
    """Return an instant as <time>, in the company's time zone."""
    if not value:
        return Markup("—")
    at = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(_zone())
    is_this_year = at.year == clock.now().astimezone(_zone()).year
    shown = f"{at.day} {at:%b}" if is_this_year else f"{at.day} {at:%b %Y}"
    if with_time:
        shown += f", {at:%H:%M}"
    full = f"{at.day} {at:%B %Y, %H:%M %Z}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), full, shown)


def day(value: str | None) -> Markup:
    """Return an instant's or a date's day as <time>."""
    if value and "T" not in value:
        on = date.fromisoformat(value)
        return Markup('<time datetime="{}">{} {}</time>').format(value, on.day, f"{on:%b %Y}")
    return moment(value, with_time=False)


def words(value: str | None) -> str:
    """Return `pending_customer` as `Pending customer`."""
    found = (value or "").replace("_", " ").replace(".", " ")
    return _ACRONYMS.get(found) or found[:1].upper() + found[1:]


def is_past(value: str | None) -> bool:
    """Whether an instant is behind us."""
    return bool(value) and datetime.fromisoformat(str(value)) < clock.now()


def initials(name: str | None) -> str:
    """Return up to two letters for an avatar."""
    parts = [word for word in (name or "?").split() if word[0].isalnum()]
    return "".join(word[0] for word in (parts[:1] + parts[1:][-1:])).upper() or "?"


def end_of_day(given: str) -> str | None:
    """Return the instant a day's work ends, from a date input. Raises ValueError."""
    if not given:
        return None
    return datetime.combine(date.fromisoformat(given), _WORKDAY_ENDS, _zone()).isoformat()


def same_minute(value: str | None) -> str | None:
    """Return an instant as a form would give it back, so that the two compare."""
    if not value:
        return None
    at = datetime.fromisoformat(value).astimezone(_zone()).replace(second=0, microsecond=0)
    return at.isoformat()


def last_day(value: str | None) -> str:
    """Return the last whole day before an instant, as a date input takes it."""
    try:
        at = datetime.fromisoformat(value or "").astimezone(_zone())
    except ValueError:
        return ""
    return (at - timedelta(microseconds=1)).date().isoformat()


def local_input(value: str | None) -> tuple[str, str]:
    """Return the day and the time of an instant as inputs take them, in the company's zone."""
    try:
        at = datetime.fromisoformat(value or "").astimezone(_zone())
    except ValueError:
        return "", ""
    return f"{at:%Y-%m-%d}", f"{at:%H:%M}"


def start_of_day(given: str) -> str | None:
    """Return the instant a day begins, from a date input. Raises ValueError."""
    return _midnight(given, 0) if given else None


def start_of_next_day(given: str) -> str | None:
    """Return the instant a day is over, from a date input. Raises ValueError."""
    return _midnight(given, 1) if given else None


def as_moment(given: str | None) -> datetime | None:
    """Return an instant that was written as text. Raises ValueError."""
    return datetime.fromisoformat(given) if given else None


def _midnight(given: str, days: int) -> str:
    on = date.fromisoformat(given) + timedelta(days=days)
    return datetime.combine(on, clock_time(), _zone()).isoformat()


def seconds_of_minutes(given: str) -> int | None:
    """Return the seconds of minutes that were typed. Raises ValueError."""
    return round(float(given) * 60) if given else None


def instant(given: str) -> str:
    """Return the instant of a date-and-time input, now without one. Raises ValueError."""
    if not given:
        return clock.now().isoformat()
    return datetime.fromisoformat(given).replace(tzinfo=_zone()).isoformat()


def listed(values: list[dict[str, Any]] | None) -> str:
    """Return several amounts in one line."""
    return " + ".join(money(value) for value in values or ()) or "—"


def _zone() -> ZoneInfo:
    return house().zone


def time_zones() -> list[str]:
    """Return the names of the places whose clocks can be asked for."""
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")
