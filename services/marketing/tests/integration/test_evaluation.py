"""Any predicate over any contacts: facts one by one, a full evaluation and plain Python agree."""

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.marketing.tests.factories import a_contact, a_deal, a_field, an_address
from sqlalchemy import text

from crm_chassis import clock
from crm_chassis.testing import truncate
from crm_fields import All, Any_, Condition, Kind, Reference, holds
from crm_fields.types import FieldType, Spec
from crm_marketing.commands import evaluation, segments
from crm_marketing.model.predicate import parse
from crm_marketing.model.values import SegmentType

pytestmark = pytest.mark.integration
NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)
WORDS = st.sampled_from(["", "a", "A%", "b_c", "vip, gold", 'q"'])
NUMBERS = st.integers(0, 2)
MOMENTS = st.sampled_from([NOW - timedelta(days=d) for d in (0, 3, 40, 200)])


def leaf(field, ops, values):
    return st.builds(
        lambda op, value: {"field": field, "op": op} | ({} if value is None else {"value": value}),
        ops,
        values,
    )


def leaves(field, values, *, parts=False):
    one = st.sampled_from(
        ["eq", "ne"] + (["contains", "starts", "ends", "matches"] if parts else [])
    )
    many = st.lists(values, min_size=1, max_size=3)
    return st.one_of(
        leaf(field, one, values),
        leaf(field, st.sampled_from(["in", "nin"]), many),
        leaf(field, st.sampled_from(["empty", "not_empty"]), st.none()),
    )


def ordered(field, values):
    return st.one_of(
        leaf(field, st.sampled_from(["lt", "lte", "gt", "gte"]), values),
        leaf(field, st.just("between"), st.tuples(values, values).map(list)),
    )


DAYS = st.sampled_from(["2026-08-30", "1980-09-02", "1992-02-29", "--09-01", "--01-15"])
OWN = [
    Spec(key="size", type=FieldType.NUMBER),
    Spec(key="color", type=FieldType.STRING),
    Spec(key="kinds", type=FieldType.MULTI_ENUM),
]
SPANS = st.sampled_from([{"days": 10}, {"months": 6}, {"hours": 1}])
LEAVES = st.one_of(
    leaves("job_title", WORDS, parts=True),
    ordered("job_title", WORDS),
    leaves("tags", WORDS),
    leaves("won_deals", NUMBERS),
    ordered("won_deals", NUMBERS),
    ordered("created_at", MOMENTS.map(datetime.isoformat)),
    leaf("created_at", st.sampled_from(["in_last", "in_next"]), SPANS),
    leaf("opted_out", st.sampled_from(["eq", "ne"]), st.booleans()),
    leaf("archived", st.just("eq"), st.booleans()),
    leaves("birthday", DAYS),
    ordered("birthday", DAYS),
    leaf("birthday", st.sampled_from(["in_last", "in_next", "anniversary_in_next"]), SPANS),
    leaves("custom.size", NUMBERS),
    ordered("custom.size", NUMBERS),
    leaf("custom.size", st.sampled_from(["eq", "lt", "gte"]), st.just({"field": "won_deals"})),
    leaves("custom.color", WORDS, parts=True),
    leaves("custom.kinds", WORDS),
)
PREDICATES = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(
        st.sampled_from(["all", "any", "not"]), st.lists(inner, max_size=3), min_size=1, max_size=1
    ),
    max_leaves=5,
)
PEOPLE = st.fixed_dictionaries(
    {
        "job_title": st.none() | WORDS,
        "tags": st.lists(WORDS, max_size=2).map(tuple),
        "created_at": MOMENTS,
        "archived_at": st.none() | st.just(NOW),
        "emails": st.sampled_from([(), an_address(), an_address(opted_out=True)]),
        "won": NUMBERS,
        "birthday": st.none() | DAYS,
        "custom": st.fixed_dictionaries(
            {},
            optional={
                "size": NUMBERS,
                "color": WORDS,
                "kinds": st.lists(WORDS, min_size=1, max_size=2),
            },
        ),
    }
)


def meant(node, person):
    """What the predicate says of a person, written without SQL."""
    if isinstance(node, Condition):
        wanted = node.value
        if isinstance(wanted, Reference):
            wanted = value_of(wanted.field, person)
        same = Condition(node.field, node.op, wanted, node.kind)
        return says(same, value_of(node.field, person))
    parts = [meant(part, person) for part in node.parts]
    if isinstance(node, All):
        return all(parts)
    return any(parts) if isinstance(node, Any_) else not any(parts)


def value_of(field, person):
    if field == "won_deals":
        return person["won"]
    if field == "archived":
        return person["archived_at"] is not None
    if field == "opted_out":
        return person["emails"][0].opted_out if person["emails"] else None
    if field.startswith("custom."):
        return person["custom"].get(field.removeprefix("custom."))
    return person[field]


def says(node, value):
    op, wanted = node.op, node.value
    if op in {"empty", "not_empty"}:
        nothing = value is None or (isinstance(value, str | tuple | list) and not value)
        return nothing == (op == "empty")
    if op in {"ne", "nin"}:
        return not says(
            Condition(node.field, {"ne": "eq", "nin": "in"}[op], wanted, node.kind), value
        )
    if value is None:
        return False
    if node.kind is Kind.WORDS:
        return bool({wanted} & set(value)) if op != "in" else bool(set(wanted) & set(value))
    if node.kind is Kind.DAY:
        return says_of_a_day(op, value, wanted)
    return COMPARE[op](value, wanted)


def says_of_a_day(op, value, wanted):
    if op in {"eq", "in"}:
        return COMPARE[op](value, wanted)
    if op == "anniversary_in_next":
        until = wanted.after(NOW)
        days = (NOW + timedelta(days=n) for n in range((until - NOW).days + 1))
        return value[-5:] in {day.strftime("%m-%d") for day in days}
    named = wanted if isinstance(wanted, tuple) else (wanted,)
    if value.startswith("--") or any(str(each).startswith("--") for each in named):
        return False
    if op == "in_last":
        return wanted.before(NOW).date().isoformat() <= value <= NOW.date().isoformat()
    if op == "in_next":
        return NOW.date().isoformat() <= value <= wanted.after(NOW).date().isoformat()
    return COMPARE[op](value, wanted)


COMPARE = {
    "eq": lambda v, w: v == w,
    "in": lambda v, w: v in w,
    "lt": lambda v, w: v < w,
    "lte": lambda v, w: v <= w,
    "gt": lambda v, w: v > w,
    "gte": lambda v, w: v >= w,
    "between": lambda v, w: w[0] <= v <= w[1],
    "contains": lambda v, w: w.lower() in v.lower(),
    "starts": lambda v, w: v.lower().startswith(w.lower()),
    "ends": lambda v, w: v.lower().endswith(w.lower()),
    "matches": lambda v, w: fnmatchcase(v.lower(), w.lower()),
    "in_last": lambda v, w: w.before(NOW) <= v <= NOW,
    "in_next": lambda v, w: NOW <= v <= w.after(NOW),
}


@pytest.fixture
def stays(sessions):
    """`stays()` is who is in which segment now."""

    def read():
        query = "select segment_name, contact_id from segment_membership where left_at is null"
        with sessions() as session:
            return {(name, contact_id) for name, contact_id in session.execute(text(query))}

    return read


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    predicates=st.lists(PREDICATES, min_size=1, max_size=3),
    before=st.lists(PEOPLE, max_size=4),
    after=st.lists(PEOPLE, min_size=1, max_size=4),
)
def test_incremental_and_full_agree(
    database_url, sessions, doing, arrives, stays, predicates, before, after
):
    truncate(database_url)
    arrives(*(a_field(each.key, each.type.value) for each in OWN))
    for number, predicate in enumerate(predicates):
        command = segments.CreateSegment(
            name=str(number), type=SegmentType.DYNAMIC, predicate=predicate
        )
        doing(segments.create_segment, command)
    for version, people in enumerate((before, after), start=1):
        for number, person in enumerate(people):
            arrive(arrives, number, version, person)
        evaluation.keep_segments(sessions, now=NOW)
    final = {number: person for people in (before, after) for number, person in enumerate(people)}

    incremental = stays()
    with sessions() as session, session.begin():
        session.execute(text("update segment set evaluated_to = :first"), {"first": "0" * 32})
    evaluation.keep_segments(sessions, now=NOW)

    expected = {
        (str(index), a_contact(number).id)
        for index, predicate in enumerate(predicates)
        for number, person in final.items()
        if person_belongs(predicate, person)
    }
    assert incremental == expected
    assert stays() == expected


NAMES = (
    "job_title", "tags", "won_deals", "created_at", "opted_out", "archived", "birthday",
    "custom.size", "custom.color", "custom.kinds",
)  # fmt: skip


def person_belongs(predicate, person):
    node = parse(predicate, OWN)
    if "'archived'" not in repr(predicate) and person["archived_at"]:
        return False
    values = {each: value_of(each, person) for each in NAMES}
    assert meant(node, person) is holds(node, values, now=NOW)
    return meant(node, person)


def arrive(arrives, number, version, person):
    fields = {name: value for name, value in person.items() if name != "won"}
    contact = a_contact(number, version=version, **fields)
    arrives(contact)
    for deal in range(2):
        status = "won" if deal < person["won"] else "open"
        arrives(
            a_deal(
                number * 10 + deal, version=version, status=status, primary_contact_id=contact.id
            )
        )


class TestNightly:
    def test_leaves_those_time_has_moved_out(self, sessions, doing, arrives, stays, facts):
        young = {"field": "created_at", "op": "in_last", "value": {"days": 30}}
        command = segments.CreateSegment(name="New", type=SegmentType.DYNAMIC, predicate=young)
        doing(segments.create_segment, command)
        arrives(a_contact(1, created_at=NOW))
        evaluation.keep_segments(sessions, now=NOW)
        assert len(stays()) == 1

        later = NOW + timedelta(days=40)
        with sessions() as session, session.begin():
            assert evaluation.evaluate_nightly(session, now=later) == 1
            assert evaluation.evaluate_nightly(session, now=later) == 0
        evaluation.keep_segments(sessions, now=later)

        assert stays() == set()
        assert facts()[-1] == "segment.left"

    def test_goes_over_all_in_chunks(self, sessions, doing, arrives, stays, monkeypatch):
        monkeypatch.setattr(evaluation, "AT_ONCE", 3)
        arrives(*(a_contact(number) for number in range(10)))
        leads = {"field": "lifecycle", "op": "eq", "value": "lead"}
        command = segments.CreateSegment(name="L", type=SegmentType.DYNAMIC, predicate=leads)
        doing(segments.create_segment, command)

        evaluation.keep_segments(sessions, now=clock.now())

        assert len(stays()) == 10
