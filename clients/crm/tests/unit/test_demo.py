"""The sample company is always the same, refers only to itself, and lies in the past."""

from datetime import UTC, datetime

import pytest

from crm_client import demo
from crm_client.demo.load import body_of
from crm_client.demo.plan import Plan

pytestmark = pytest.mark.unit
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return demo.make(NOW)


def test_is_as_large_as_promised(plan: Plan) -> None:
    sizes = {kind: len(wishes) for kind, wishes in plan.wishes.items()}

    assert (200, 1000, 300, 400, 2) == tuple(
        sizes[kind] for kind in ("account", "contact", "lead", "deal", "pipeline")
    )
    assert 500 == sizes["ticket"]
    assert 3 == len(plan.stars)


def test_is_the_same_whenever_it_is_loaded(plan: Plan) -> None:
    later = demo.make(datetime(2028, 7, 9, 3, tzinfo=UTC))

    for kind, wishes in plan.wishes.items():
        assert [each.name for each in wishes] == [each.name for each in later.wishes[kind]]


def test_names_nothing_twice_and_links_only_to_what_is_made_before(plan: Plan) -> None:
    known: set[tuple[str, str]] = set()
    for kind, wishes in plan.wishes.items():
        names = [each.name for each in wishes]
        assert len(names) == len(set(names)), kind
        for wish in wishes:
            assert known >= {*wish.links.values(), *wish.subjects}
        known |= {(kind, name) for name in names}


def test_gives_deals_a_past_in_order(plan: Plan) -> None:
    for wish in plan.wishes["deal"]:
        moments = [step["entered_at"] for step in wish.body["stage_history"]]

        assert wish.body["created_at"] == moments[0]
        assert moments == sorted(moments)
        assert moments[-1] <= "2026-03-01T12"
        assert len(moments) == len(wish.stages)


def test_gives_tickets_a_past_in_order(plan: Plan) -> None:
    for wish in plan.wishes["ticket"]:
        body = wish.body
        said = [each["sent_at"] for each in body["messages"]]
        ends = [body[name] for name in ("resolved_at", "closed_at") if name in body]
        moments = [body["opened_at"], *said, *ends, "2026-03-01T12:00:00Z"]
        assert moments == sorted(moments)


def test_fills_in_ids(plan: Plan) -> None:
    wish = plan.wishes["deal"][0]
    pipeline = wish.links["pipeline_id"][1]
    ids = {kind: {name: f"id of {name}"} for kind, name in wish.links.values()}
    ids["stage"] = {f"{pipeline}/{stage}": f"id of {stage}" for stage in wish.stages}

    body = body_of(wish, ids)

    assert f"id of {pipeline}" == body["pipeline_id"]
    assert [f"id of {stage}" for stage in wish.stages] == [
        step["stage_id"] for step in body["stage_history"]
    ]
