"""Each thing that can be wrong is found alone, with what to do; a healthy platform has no finding."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_client.doctor import Case, Finding, findings

pytestmark = pytest.mark.unit
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STATUS: dict[str, Any] = {
    "now": NOW.isoformat(),
    "outbox_depth": 0,
    "outbox_oldest_seconds": 0.0,
    "parked": [],
    "lag_seconds": {"sales": 1.0},
    "verified": {"copies": {"at": NOW.isoformat(), "differences": 0}},
    "database": {
        "leader": {"pid": 7},
        "connections": 5,
        "connection_limit": 50,
        "oldest_transaction_seconds": 1.0,
        "clock_skew_seconds": 0.0,
    },
}
READY = {"ready": True, "checks": {"database": "ok"}}
KEYS = ["sales s", "support t"]


def case(**changes: Any) -> Case:
    names = ("sales", "support")
    whole: dict[str, Any] = {
        "services": {name: copy.deepcopy(STATUS) for name in names},
        "roles": {f"{n}{r}": copy.deepcopy(READY) for n in names for r in ("", ".relay", ".work")},
        "configurations": {
            name: {"key": key, "accepted_keys": [*KEYS], "peers": [*names]}
            for name, key in zip(names, KEYS, strict=True)
        },
        "asked_at": dict.fromkeys(names, NOW),
        "broker": {"drift": [], "abandoned": [], "nodes": [{"name": "n"}], "queues": []},
        "disk_free": 0.5,
    }
    return Case(**{**whole, **changes})


def sick(change: Any) -> Case:
    made = case()
    change(made)
    return made


def the_one(found: list[Finding]) -> tuple[str, str, str]:
    assert len(found) == 1, found
    assert found[0].advice
    return found[0].level, found[0].where, found[0].what


def test_nothing_is_found_where_all_is_well() -> None:
    assert [] == findings(case())


@pytest.mark.parametrize(
    ("change", "level", "where", "what"),
    [
        (lambda c: c.services["sales"].update(fault="away"), "error", "sales", "away"),
        (lambda c: c.roles.pop("sales.relay"), "warning", "sales", "cannot be looked at"),
        (
            lambda c: c.roles["sales.work"]["checks"].update(reactions="waiting: x"),
            "error", "sales.work", "reactions: waiting: x",
        ),
        (
            lambda c: c.roles["sales.work"]["checks"].update(draining="stopping"),
            "warning", "sales.work", "draining",
        ),
        (
            lambda c: c.asked_at.update(sales=NOW - timedelta(hours=1)),
            "error", "sales", "its clock is off by 3600 s",
        ),
        (
            lambda c: c.services["sales"]["database"].update(clock_skew_seconds=-9.0),
            "error", "sales", "its database's clock is off by -9 s",
        ),
        (
            lambda c: c.services["sales"]["database"].update(leader=None),
            "error", "sales", "no relay leads",
        ),
        (
            lambda c: c.services["sales"].update(outbox_depth=3, outbox_oldest_seconds=99.0),
            "error", "sales", "3 facts wait, the oldest for 99 s, though 7 leads",
        ),
        (
            lambda c: c.services["sales"]["parked"].append(
                {"consumer": "sales.on.x", "cause": "KeyError", "messages": 2}
            ),
            "warning", "sales", "2 messages of sales.on.x parked: KeyError",
        ),
        (
            lambda c: c.services["sales"].update(mails={"failed": 2}),
            "warning", "sales", "2 mails of the last day failed",
        ),
        (
            lambda c: c.services["sales"]["verified"]["copies"].update(differences=4),
            "error", "sales", "4 differences in its copies",
        ),
        (
            lambda c: c.services["sales"]["lag_seconds"].update(sales=31.0),
            "warning", "sales", "has not heard of sales for 31 s",
        ),
        (
            lambda c: c.services["sales"]["database"].update(connections=41),
            "warning", "sales", "41 of 50 database connections",
        ),
        (
            lambda c: c.services["sales"]["database"].update(connections=49),
            "error", "sales", "49 of 50 database connections",
        ),
        (
            lambda c: c.services["sales"]["database"].update(oldest_transaction_seconds=400.0),
            "warning", "sales", "a transaction is open for 400 s",
        ),
        (
            lambda c: c.configurations["support"]["accepted_keys"].remove("sales s"),
            "error", "support", "does not accept the tokens of sales",
        ),
        (
            lambda c: c.configurations["sales"]["peers"].remove("support"),
            "error", "sales", "knows no address of support",
        ),
        (lambda c: c.broker.update(fault="away"), "error", "broker", "away"),
        (lambda c: c.broker["drift"].append("missing policy x"), "error", "broker", "missing"),
        (lambda c: c.broker["abandoned"].append("sales.on.x"), "warning", "broker", "nobody reads"),
        (
            lambda c: c.broker["nodes"][0].update(mem_alarm=True),
            "error", "broker", "mem_alarm on n",
        ),
        (
            lambda c: c.broker["queues"].append({"name": "sales.dead", "messages": 1}),
            "warning", "broker", "1 messages in sales.dead",
        ),
        (
            lambda c: c.broker["queues"].append({"name": "sales.on.x", "messages": 20_000}),
            "warning", "broker", "20000 messages in sales.on.x",
        ),
    ],
)  # fmt: skip
def test_is_found_alone(change: Any, level: str, where: str, what: str) -> None:
    found = the_one(findings(sick(change)))

    assert (level, where) == found[:2]
    assert what in found[2]


def test_is_found_on_the_disk() -> None:
    assert ("error", "this machine", "1% of the disk is free") == the_one(
        findings(case(disk_free=0.01))
    )
    assert "warning" == the_one(findings(case(disk_free=0.05)))[0]
    assert [] == findings(case(disk_free=None, broker=None))


def test_errors_come_first() -> None:
    made = case(disk_free=0.05)
    made.services["support"]["fault"] = "away"

    assert ["error", "warning"] == [each.level for each in findings(made)]
