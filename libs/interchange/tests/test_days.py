"""Which of day and month comes first is decided for a whole file."""

import pytest

from crm_interchange.days import DayOrder, Evidence, birthday

pytestmark = pytest.mark.unit
DAY, MONTH = DayOrder.DAY_FIRST, DayOrder.MONTH_FIRST


def decided(*texts: str, usual: DayOrder = MONTH) -> tuple[DayOrder, str]:
    evidence = Evidence()
    for text in texts:
        evidence.note(text)
    found = evidence.decide(usual)
    return found.order, found.because


class TestOrder:
    def test_follows_the_one_date_that_reads_only_one_way(self) -> None:
        assert DAY == decided("03/04/1985", "05/06/1990", "13/01/2000")[0]
        assert MONTH == decided("03/04/1985", "05/06/1990", "01/13/2000", usual=DAY)[0]

    def test_follows_most_of_those_that_contradict_each_other(self) -> None:
        assert DAY == decided("13/01/2000", "14/01/2000", "01/13/2000")[0]

    def test_of_points_is_the_day_first(self) -> None:
        assert (DAY, "points as separators") == decided("03.04.1985", "05.06.1990")

    def test_is_the_usual_one_where_nothing_tells(self) -> None:
        assert (MONTH, "what this system usually writes") == decided("03/04/1985")
        assert (DAY, "no date is unclear") == decided("1985-04-03", "", "0/0/00", usual=DAY)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("03/04/1985", DAY, "1985-04-03"), ("03/04/1985", MONTH, "1985-03-04"),
        ("13/04/1985", MONTH, "1985-04-13"), ("04/13/1985", DAY, "1985-04-13"),
        ("1985-04-03T00:00:00Z", MONTH, "1985-04-03"), ("19850403", DAY, "1985-04-03"),
        ("--04-03", DAY, "--04-03"), ("--0403", DAY, "--04-03"), ("1604-04-03", DAY, "--04-03"),
        ("3 April 1985", MONTH, "1985-04-03"), ("Apr 3, 1985", DAY, "1985-04-03"),
        ("3. März 1985", MONTH, "1985-03-03"), ("3/4/27", DAY, "1927-04-03"),
        ("3/4/26", DAY, "2026-04-03"), ("0/0/00", MONTH, None), ("soon", DAY, "soon"),
        ("31/02/1985", DAY, "31/02/1985"),
    ],
)  # fmt: skip
def test_a_birthday_is_read_in_that_order(text: str, order: DayOrder, day: str | None) -> None:
    assert day == birthday(text, order, this_year=2026)
