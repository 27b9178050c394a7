"""Tasks told by the clock, and shared on boards, through the gateway."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from tests.running import Platform

from crm_chassis import clock
from crm_chassis.testing import wait_until

pytestmark = [pytest.mark.flow]


def soon(seconds: float) -> str:
    return (clock.now() + timedelta(seconds=seconds)).isoformat()


def user(platform: Platform) -> dict[str, Any]:
    body = {"email": f"{uuid.uuid4().hex}@u.example", "name": f"User {uuid.uuid4().hex[:6]}"}
    return dict(platform.api.post("/v1/users", body))


def told(platform: Platform, task: dict[str, Any], verb: str) -> int:
    """How often contacts told a fact of a task."""
    statement = "select count(*) from outbox where type = %s and subject = %s"
    with platform.database("contacts") as connection:
        found = connection.execute(statement, (f"contacts.task.{verb}.v1", task["id"])).fetchone()
    return int(found[0]) if found else 0


def test_people_are_reminded_and_told_once_what_is_overdue(platform: Platform) -> None:
    """W1: reminders of two kinds, collaborators, overdue by the clock and once."""
    contact, friend = platform.contact(), user(platform)
    task = platform.api.post(
        "/v1/tasks",
        {
            "title": "Call back", "due_at": soon(3), "priority": "high",
            "collaborator_ids": [friend["id"]],
            "reminders": [
                {"kind": "relative", "minutes_before": 0}, {"kind": "absolute", "at": soon(-60)},
            ],
            "subjects": [{"type": "contact", "id": contact["id"]}],
        },
    )  # fmt: skip

    def shown() -> dict[str, Any]:
        return dict(platform.api.get(f"/v1/tasks/{task['id']}"))

    wait_until(lambda: shown()["overdue_at"], timeout=30)
    wait_until(lambda: all(each["reminded_at"] for each in shown()["reminders"]), timeout=30)
    assert 1 == told(platform, task, "overdue")
    assert 1 <= told(platform, task, "reminded") <= 2
    overdue = platform.items("/v1/tasks", overdue="true", collaborator_id=friend["id"])
    assert [task["id"]] == [each["id"] for each in overdue]

    platform.api.put(f"/v1/tasks/{task['id']}/completion", version=shown()["version"])

    assert [] == platform.items("/v1/tasks", overdue="true", collaborator_id=friend["id"])
    wait_until(
        lambda: (
            [t["status"] for t in platform.section(contact["id"], "contacts", "tasks")] == ["done"]
        )
    )
    assert 1 == told(platform, task, "overdue")


def test_departments_share_tasks_on_a_board(platform: Platform) -> None:
    """W2: a board with members and roles; columns give tasks their status."""
    board = platform.api.post("/v1/boards", {"name": f"Launch {uuid.uuid4().hex[:6]}"})
    todo, _, _, done = board["columns"]
    place = {"board_id": board["id"], "column_id": todo["id"]}
    tasks = [
        platform.api.post("/v1/tasks", {"title": each, "department": each} | place)
        for each in ("marketing", "support")
    ]

    moved = platform.api.put(
        f"/v1/tasks/{tasks[0]['id']}/place", place | {"column_id": done["id"]}, version=1
    )

    assert ("done", True) == (moved["status"], moved["done_at"] is not None)
    left = platform.items("/v1/tasks", board_id=board["id"], column_id=todo["id"])
    assert ["support"] == [each["department"] for each in left]
    stranger = user(platform)
    body = {"members": [*board["members"], {"user_id": stranger["id"], "role": "viewer"}]}
    changed = platform.api.request(
        "PATCH", f"/v1/boards/{board['id']}", json=body, version=1
    ).json()
    assert ["owner", "viewer"] == [each["role"] for each in changed["members"]]
