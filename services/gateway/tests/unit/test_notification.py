"""When a day's digest goes out."""

from datetime import UTC, date, datetime

import pytest

from crm_gateway.model import Preference
from crm_gateway.notifications.telling import RULES
from crm_gateway.worker import Worker

pytestmark = pytest.mark.unit
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def at(hour: int, minute: int = 0, *, day: int = 23) -> datetime:
    return MONDAY.replace(day=day, hour=hour, minute=minute)


@pytest.mark.parametrize(
    ("preference", "now", "until"),
    [
        (Preference(), at(7, 59), None),
        (Preference(), at(8), at(8)),
        (Preference(), at(23), at(8)),
        (Preference(), at(12, day=22), None),
        (Preference(digest_on=date(2026, 11, 23)), at(12), None),
        (Preference(digest_on=date(2026, 11, 22)), at(12), at(8)),
        (Preference(time_zone="America/New_York"), at(12, 59), None),
        (Preference(time_zone="America/New_York"), at(13), at(13)),
        (Preference(time_zone="Asia/Kolkata", hour=0), at(18, 29, day=22), None),
        (Preference(time_zone="Asia/Kolkata", hour=0), at(18, 30, day=22), at(18, 30, day=22)),
        (Preference(days=()), at(12), None),
    ],
)  # fmt: skip
def test_is_due_from_its_hour_on_a_working_day_once(
    preference: Preference, now: datetime, until: datetime | None
) -> None:
    assert until == preference.digest_until(now, "UTC")


def test_survives_an_hour_that_a_day_does_not_have() -> None:
    spring = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 3:00 in Berlin, where 2:30 was skipped

    wanted = Preference(hour=2, days=(7,), time_zone="Europe/Berlin")

    assert spring == wanted.digest_until(spring, "UTC")


def test_every_rule_has_its_reaction_and_every_reaction_its_rule() -> None:
    reactions = (getattr(each, "crm_reaction", None) for each in vars(Worker).values())

    assert set(RULES) == {each[0].type.removesuffix(".v1") for each in reactions if each}
