"""Tasks: reminders, being overdue, collaborators, and boards with members and roles."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from crm_chassis import ids
from crm_contacts.commands import reminding

pytestmark = pytest.mark.integration
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(hours):
    return (NOON + timedelta(hours=hours)).isoformat()


@pytest.fixture
def clocked(doing):
    """`clocked(hours)` lets the clock of tasks tick, so many hours after noon."""

    def tick(hours):
        with time_machine.travel(NOON + timedelta(hours=hours), tick=False):
            return doing(reminding.remind), doing(reminding.note_overdue)

    return tick


class TestReminders:
    """W1."""

    def test_are_told_once_each_by_both_kinds(self, api, clocked, facts):
        task = api.made(
            "/v1/tasks", title="Call", due_at=at(5),
            reminders=[
                {"kind": "relative", "minutes_before": 60}, {"kind": "absolute", "at": at(1)},
            ],
        )  # fmt: skip

        told = [clocked(hours)[0] for hours in (0.5, 1, 1.1, 3.9, 4.1, 4.2)]

        assert [0, 1, 0, 0, 1, 0] == told
        shown = api.get(f"/v1/tasks/{task['id']}").json
        assert [at(4), at(1)] == [each["at"].replace("Z", "+00:00") for each in shown["reminders"]]
        assert all(each["reminded_at"] for each in shown["reminders"])
        assert 2 == facts().count("task.reminded")

    def test_come_anew_when_it_is_due_later(self, api, clocked):
        reminder = {"kind": "relative", "minutes_before": 30}
        task = api.made("/v1/tasks", title="Call", due_at=at(1), reminders=[reminder])
        assert 1 == clocked(0.6)[0]

        assert 200 == api.patch(f"/v1/tasks/{task['id']}", {"due_at": at(9)}, 2).status_code

        assert [0, 1] == [clocked(8)[0], clocked(8.6)[0]]

    def test_fall_silent_when_it_is_done_or_put_away(self, api, clocked):
        reminder = {"kind": "absolute", "at": at(1)}
        done, gone = (
            api.made("/v1/tasks", title=title, reminders=[reminder]) for title in ("A", "B")
        )
        api.put(f"/v1/tasks/{done['id']}/completion", 1)
        api.delete(f"/v1/tasks/{gone['id']}", 1)

        assert 0 == clocked(2)[0]
        api.put(f"/v1/tasks/{gone['id']}/restoration", 2)
        assert 1 == clocked(2)[0]

    @pytest.mark.parametrize(
        "reminder",
        [{"kind": "relative"}, {"kind": "absolute"}, {"kind": "x", "at": at(1)},
         {"kind": "relative", "minutes_before": -5}],
    )  # fmt: skip
    def test_need_what_they_count_from(self, api, reminder):
        answer = api.post("/v1/tasks", {"title": "X", "reminders": [reminder]})

        assert 422 == answer.status_code


class TestOverdue:
    """W1."""

    def test_is_told_once_by_the_clock(self, api, clocked, facts):
        task = api.made("/v1/tasks", title="Call", due_at=at(1))
        api.made("/v1/tasks", title="Done in time", due_at=at(1), status="done")

        assert [0, 1, 0] == [clocked(hours)[1] for hours in (0.9, 1.1, 2)]
        shown = api.get("/v1/tasks?overdue=true").json["items"]
        assert [task["id"]] == [each["id"] for each in shown]
        assert at(1) == shown[0]["overdue_at"].replace("Z", "+00:00")
        assert 1 == facts().count("task.overdue")

    def test_is_over_when_it_is_due_later(self, api, clocked):
        task = api.made("/v1/tasks", title="Call", due_at=at(1))
        clocked(1.1)

        changed = api.patch(f"/v1/tasks/{task['id']}", {"due_at": at(5)}, 2).json

        assert changed["overdue_at"] is None
        assert [0, 1] == [clocked(4)[1], clocked(6)[1]]

    def test_lists_sort_by_what_is_due_first(self, api):
        for title, hours in (("Later", 5), ("Sooner", 1)):
            api.made("/v1/tasks", title=title, due_at=at(hours))
        api.made("/v1/tasks", title="Some day")

        pages, cursor = [], ""
        for _ in range(3):
            page = api.get(f"/v1/tasks?sort=due_at&limit=1{cursor}").json
            pages.append(page["items"][0]["title"])
            cursor = f"&cursor={page['next']}"

        assert ["Sooner", "Later", "Some day"] == pages
        due = api.get(f"/v1/tasks?due_before={at(2).replace('+00:00', 'Z')}").json["items"]
        assert ["Sooner"] == [each["title"] for each in due]


class TestCollaborators:
    def test_find_what_they_work_on(self, api):
        friend = str(ids.new())
        task = api.made("/v1/tasks", title="Together", collaborator_ids=[friend, friend])
        api.made("/v1/tasks", title="Alone")

        found = api.get(f"/v1/tasks?collaborator_id={friend}").json["items"]

        assert ([task["id"]], [friend]) == (
            [each["id"] for each in found],
            task["collaborator_ids"],
        )


class TestBoards:
    """W2."""

    @pytest.fixture
    def people(self, calling):
        """Callers by their role on the board."""
        return {role: calling("member", user_id=ids.new()) for role in ("editor", "viewer", "none")}

    @pytest.fixture
    def board(self, api, people):
        users = {name: self.user_of(caller) for name, caller in people.items()}
        members = [{"user_id": users[role], "role": role} for role in ("editor", "viewer")]
        return api.made("/v1/boards", name="Launch", department="sales", members=members)

    def user_of(self, caller):
        return caller.made("/v1/tasks", title="Mine")["owner_id"]

    def put(self, caller, task, board, column, version=1):
        body = {"board_id": board["id"], "column_id": board["columns"][column]["id"]}
        return caller.put(f"/v1/tasks/{task['id']}/place", version, body)

    def test_has_an_owner_and_columns_from_the_start(self, board, api):
        assert ["To do", "Doing", "Waiting", "Done"] == [c["name"] for c in board["columns"]]
        assert "owner" == board["members"][0]["role"]
        mine = api.get(f"/v1/boards?member_id={board['members'][1]['user_id']}").json["items"]
        assert [board["id"]] == [each["id"] for each in mine]

    def test_tasks_take_the_status_of_their_column(self, api, people, board, facts):
        task = api.made("/v1/tasks", title="Write", department="marketing")

        doing = self.put(people["editor"], task, board, 1)
        again = self.put(people["editor"], task, board, 1, version=1)
        done = self.put(people["editor"], task, board, 3, version=2)

        assert ["in_progress", "done"] == [doing.json["status"], done.json["status"]]
        assert (2, 3) == (again.json["version"], done.json["version"])
        assert ["task.moved", "task.completed"] == facts()[-2:]
        column = board["columns"][3]["id"]
        found = api.get(f"/v1/tasks?board_id={board['id']}&column_id={column}").json["items"]
        assert [task["id"]] == [each["id"] for each in found]

    def test_only_owners_and_editors_move_only_owners_change(self, api, people, board):
        task = api.made("/v1/tasks", title="Write")

        moves = [self.put(people[who], task, board, 1).status_code for who in ("viewer", "none")]
        changes = [
            caller.patch(f"/v1/boards/{board['id']}", {"name": "Mine"}, 1).status_code
            for caller in (people["editor"], people["none"], api)
        ]

        assert [403, 403] == moves
        assert [403, 403, 200] == changes

    def test_a_task_done_stands_among_the_done(self, api, board):
        column = board["columns"][0]["id"]
        task = api.made("/v1/tasks", title="X", board_id=board["id"], column_id=column)

        done = api.put(f"/v1/tasks/{task['id']}/completion", 1).json

        assert board["columns"][3]["id"] == done["column_id"]
        off = api.put(
            f"/v1/tasks/{task['id']}/place", 2, {"board_id": None, "column_id": None}
        ).json
        assert (None, None) == (off["board_id"], off["column_id"])

    def test_a_column_with_tasks_stays(self, api, board):
        api.made("/v1/tasks", title="X", board_id=board["id"], column_id=board["columns"][0]["id"])
        path = f"/v1/boards/{board['id']}"

        refused = api.patch(path, {"columns": board["columns"][1:]}, 1)
        kept = api.patch(path, {"columns": [*board["columns"][:2], {"name": "Parked"}]}, 1)

        assert (409, True) == (
            refused.status_code, refused.json["type"].endswith("column-in-use"),
        )  # fmt: skip
        assert ["To do", "Doing", "Parked"] == [each["name"] for each in kept.json["columns"]]
        assert board["columns"][0]["id"] == kept.json["columns"][0]["id"]

    @pytest.mark.parametrize(
        "change",
        [{"members": []}, {"columns": []}, {"columns": [{"id": str(ids.new()), "name": "X"}]},
         {"columns": [{"name": "X", "status": "maybe"}]}],
    )  # fmt: skip
    def test_refuses_what_is_no_board(self, api, board, change):
        assert 422 == api.patch(f"/v1/boards/{board['id']}", change, 1).status_code

    def test_nothing_is_put_where_nothing_is(self, api, board):
        task = api.made("/v1/tasks", title="X")
        nowhere = {"board_id": str(ids.new()), "column_id": str(ids.new())}
        column = {"board_id": board["id"], "column_id": str(ids.new())}
        path = f"/v1/tasks/{task['id']}/place"

        slugs = [
            api.put(path, 1, body).json["type"].rpartition("/")[2]
            for body in (nowhere, column, {"board_id": board["id"], "column_id": None})
        ]

        assert ["board-unknown", "column-unknown", "invalid"] == slugs

    def test_is_put_away_with_its_tasks_left_as_they_are(self, api, board):
        column = board["columns"][0]["id"]
        task = api.made("/v1/tasks", title="X", board_id=board["id"], column_id=column)
        path = f"/v1/boards/{board['id']}"

        gone, back = api.delete(path, 1), api.put(f"{path}/restoration", 2)

        assert (200, 200) == (gone.status_code, back.status_code)
        assert 1 == api.get(f"/v1/tasks/{task['id']}").json["version"]
