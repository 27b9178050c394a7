"""What predicates mean, in a table; and laws that hold for all of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_fields import Happening, InvalidPredicate, Kind, Language, conditions, holds, parse
from crm_fields.kinds import Span, span_of
from crm_fields.predicate import DEEPEST, MOST_CONDITIONS, MOST_VALUES

pytestmark = pytest.mark.unit
NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)
FIELDS = {
    "name": Kind.TEXT, "city": Kind.TEXT, "owner": Kind.ID, "is_vip": Kind.FLAG,
    "made": Kind.MOMENT, "seen": Kind.MOMENT, "born": Kind.DAY, "due": Kind.DAY,
    "size": Kind.NUMBER, "limit": Kind.NUMBER, "tags": Kind.WORDS, "events": Kind.EVENTS,
}  # fmt: skip
LANGUAGE = Language(
    fields=FIELDS, has_past=True, events={"visit": {"page": Kind.TEXT}, "order": {}}
)


def says(field, op, value=None, **record):
    node = parse({"field": field, "op": op, "value": value}, LANGUAGE)
    return holds(node, record, now=NOW)


@pytest.mark.parametrize(
    ("field", "op", "value", "held", "expected"),
    [
        ("name", "eq", "Ann", "Ann", True),
        ("name", "eq", "Ann", "ann", False),
        ("name", "eq", "Ann", None, False),
        ("name", "eq", None, None, True),
        ("name", "eq", None, "", False),
        ("name", "ne", "Ann", None, True),
        ("name", "ne", None, None, False),
        ("name", "in", ["Ann", "Bo"], "Bo", True),
        ("name", "in", ["Ann"], None, False),
        ("name", "nin", ["Ann"], None, True),
        ("name", "lt", "b", "a", True),
        ("name", "lt", "b", None, False),
        ("name", "gte", "b", "b", True),
        ("name", "between", ["a", "c"], "b", True),
        ("name", "contains", "NN", "Ann", True),
        ("name", "starts", "a", "Ann", True),
        ("name", "ends", "N", "Ann", True),
        ("name", "matches", "a?n*", "Anna", True),
        ("name", "matches", "a?n", "Anna", False),
        ("name", "contains", "a", None, False),
        ("name", "empty", None, "", True),
        ("name", "not_empty", None, None, False),
        ("is_vip", "eq", True, None, False),
        ("is_vip", "ne", True, None, True),
        ("size", "gt", 3, 3.5, True),
        ("size", "between", [1, 2], 2, True),
        ("size", "eq", "2.50", {"amount": "2.5", "currency": "EUR"}, True),
        ("size", "lt", 3, None, False),
        ("size", "lt", 3, "many", False),
        ("made", "in_last", {"days": 30}, "2026-08-05T00:00:00Z", True),
        ("made", "in_last", {"days": 1}, NOW + timedelta(hours=1), False),
        ("made", "in_next", {"weeks": 1}, NOW + timedelta(days=6), True),
        ("made", "gt", "2026-08-01", NOW, True),
        ("born", "lt", "2000-01-01", "1980-05-01", True),
        ("born", "lt", "2000-01-01", "--05-01", False),
        ("born", "eq", "--05-01", "--05-01", True),
        ("born", "in_last", {"months": 1}, "2026-08-01", True),
        ("born", "in_next", {"days": 1}, "2026-09-01", True),
        ("born", "anniversary_in_next", {"days": 7}, "1980-09-03", True),
        ("born", "anniversary_in_next", {"days": 7}, "--09-03", True),
        ("born", "anniversary_in_next", {"days": 7}, "1980-08-30", False),
        ("born", "anniversary_in_next", {"years": 1}, "--02-29", True),
        ("made", "anniversary_in_next", {"days": 2}, "2020-09-01T10:00:00Z", True),
        ("tags", "contains", "vip", ["a", "vip"], True),
        ("tags", "eq", "vip", ["a", "vip"], True),
        ("tags", "ne", "vip", [], True),
        ("tags", "in", ["x", "a"], ["a"], True),
        ("tags", "nin", ["x"], None, True),
        ("tags", "empty", None, None, True),
        ("tags", "not_empty", None, ["a"], True),
        ("tags", "eq", None, [], True),
    ],
)
def test_a_condition(field, op, value, held, expected):
    assert expected is says(field, op, value, **{field: held})


def test_compares_with_another_field():
    same_kind = {"field": "size", "op": "gt", "value": {"field": "limit"}}
    node = parse(same_kind, LANGUAGE)

    assert holds(node, {"size": 3, "limit": 2}, now=NOW)
    assert not holds(node, {"size": 3, "limit": None}, now=NOW)
    assert says("due", "lt", {"field": "born"}, due="2020-01-01", born="2021-01-01")
    with pytest.raises(InvalidPredicate):
        parse({"field": "size", "op": "gt", "value": {"field": "name"}}, LANGUAGE)


@pytest.mark.parametrize(
    ("before", "after", "changed", "to_b"),
    [
        ({"name": "a"}, {"name": "b"}, True, True),
        ({"name": "b"}, {"name": "b"}, False, False),
        (None, {"name": "b"}, True, True),
        ({"name": ""}, {"name": None}, False, False),
        ({"name": "b"}, {"name": None}, True, False),
    ],
)
def test_a_change(before, after, changed, to_b):
    any_change = parse({"field": "name", "op": "changed"}, LANGUAGE)
    to = parse({"field": "name", "op": "changed_to", "value": "b"}, LANGUAGE)

    assert changed is holds(any_change, after, now=NOW, before=before)
    assert to_b is holds(to, after, now=NOW, before=before)


def test_a_change_of_words():
    node = parse({"field": "tags", "op": "changed_to", "value": "vip"}, LANGUAGE)

    assert holds(node, {"tags": ["vip"]}, now=NOW, before={"tags": []})
    assert not holds(node, {"tags": ["a"]}, now=NOW, before={"tags": []})


def test_counts_events():
    visits = [
        Happening(type="visit", at=NOW - timedelta(days=n), fields={"page": f"/p{n % 2}"})
        for n in range(10)
    ]
    count = {"type": "visit", "op": "gte", "n": 3, "window": {"days": 5}}
    on_a_page = {**count, "where": {"field": "page", "op": "eq", "value": "/p1"}}

    for value, happened, expected in (
        (count, visits, True),
        (count, visits[6:], False),
        (on_a_page, visits, True),
        ({**on_a_page, "n": 4}, visits, False),
        ({**count, "type": "order", "op": "eq", "n": 0}, visits, True),
    ):
        node = parse({"field": "events", "op": "event_count", "value": value}, LANGUAGE)
        assert expected is holds(node, {}, now=NOW, happened=happened)


@pytest.mark.parametrize(
    "given",
    [
        [], "x", {}, {"field": "nobody", "op": "eq"}, {"field": "name", "op": "before"},
        {"field": "name", "op": "eq", "value": 3}, {"field": "name", "op": "in", "value": []},
        {"field": "name", "op": "in", "value": ["a"] * (MOST_VALUES + 1)},
        {"field": "name", "op": "empty", "value": 1}, {"field": "name", "op": "eq", "not": 1},
        {"all": [], "any": []}, {"all": {}}, {"field": "made", "op": "in_last", "value": {}},
        {"field": "made", "op": "in_last", "value": {"days": -1}},
        {"field": "made", "op": "in_last", "value": {"days": True}},
        {"field": "size", "op": "eq", "value": "1e99"}, {"field": "size", "op": "eq", "value": True},
        {"field": "born", "op": "eq", "value": "2023-02-29"},
        {"field": "born", "op": "eq", "value": "--13-01"},
        {"field": "tags", "op": "lt", "value": "a"},
        {"field": "events", "op": "changed"},
        {"field": "events", "op": "event_count", "value": {"type": "theft", "n": 1}},
        {"field": "name", "op": "eq", "value": "x" * 501}, {"field": "name", "op": "eq", "value": "\0"},
        {"any": [{"field": "name", "op": "empty"}] * (MOST_CONDITIONS + 1)},
        {"all": [{"any": [{"field": "name", "op": "empty"}] * 60}] * 2},
    ],
)  # fmt: skip
def test_refuses_what_means_nothing(given):
    with pytest.raises(InvalidPredicate):
        parse(given, LANGUAGE)


def test_refuses_endless_nesting_and_says_where():
    deep = {"field": "name", "op": "empty"}
    for _ in range(DEEPEST + 1):
        deep = {"not": deep}
    with pytest.raises(InvalidPredicate):
        parse(deep, LANGUAGE)
    with pytest.raises(InvalidPredicate) as caught:
        parse({"all": [{"field": "name", "op": "empty"}, {"field": "name", "op": "x"}]}, LANGUAGE)
    assert "predicate.1" == caught.value.path


def test_asks_for_the_past_only_where_there_is_one():
    with pytest.raises(InvalidPredicate):
        parse({"field": "name", "op": "changed"}, Language(fields=FIELDS))


def test_spans_go_by_the_calendar():
    assert datetime(2026, 2, 28, 12, tzinfo=UTC) == Span(months=6).before(NOW)
    assert datetime(2027, 2, 28, 12, tzinfo=UTC) == Span(months=6).after(NOW)
    assert Span(months=14, days=8, hours=3) == span_of(
        {"years": 1, "months": 2, "weeks": 1, "days": 1, "hours": 3}
    )


@pytest.mark.parametrize(
    ("now", "days", "day", "expected"),
    [
        ("2026-12-28", 10, "01-03", True),
        ("2026-12-28", 10, "12-27", False),
        ("2027-02-20", 8, "02-29", False),
        ("2027-02-20", 9, "02-29", True),
        ("2027-03-01", 3, "02-29", True),
        ("2028-03-01", 3, "02-29", False),
        ("2028-02-28", 1, "02-29", True),
    ],
)
def test_anniversaries(now, days, day, expected):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert expected is any(a <= day <= b for a, b in Span(days=days).anniversaries(at))


LEAVES = st.sampled_from([
    {"field": "name", "op": op, "value": value}
    for op in ("eq", "ne", "lt", "contains", "matches") for value in ("a", "b*", "Ab")
] + [{"field": "size", "op": op, "value": n} for op in ("eq", "ne", "gt") for n in (0, 1)]
  + [{"field": "tags", "op": "in", "value": ["x", "y"]}, {"field": "born", "op": "empty"}])  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(
        st.sampled_from(["all", "any", "not"]), st.lists(inner, max_size=3), min_size=1, max_size=1
    ),
    max_leaves=6,
)
RECORDS = st.fixed_dictionaries({
    "name": st.none() | st.text("abB*?", max_size=3), "size": st.none() | st.integers(0, 2),
    "tags": st.none() | st.lists(st.sampled_from("xyz"), max_size=2),
    "born": st.none() | st.sampled_from(["--01-01", "1990-01-01"]),
})  # fmt: skip


@given(TREES, RECORDS)
def test_not_is_the_plain_opposite(tree, record):
    plain, negated = parse(tree, LANGUAGE), parse({"not": tree}, LANGUAGE)

    assert holds(plain, record, now=NOW) is not holds(negated, record, now=NOW)


@given(TREES, TREES, RECORDS)
def test_none_of_several_is_all_of_their_opposites(one, other, record):
    none = parse({"not": [one, other]}, LANGUAGE)
    each = parse({"all": [{"not": one}, {"not": other}]}, LANGUAGE)

    assert holds(none, record, now=NOW) is holds(each, record, now=NOW)
    assert len(list(conditions(none))) == len(list(conditions(each)))
