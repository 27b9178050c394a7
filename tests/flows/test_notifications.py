"""People are told of what concerns them, once, whatever dies; through the gateway."""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.running import Platform

from crm_chassis.testing import wait_until
from crm_client import Client

TASKS = 18  # of more in an hour the last are one line with their number
pytestmark = [pytest.mark.flow]
PASSWORD = "a-long-word-for-tests"


@dataclass
class Colleague:
    """Somebody else who signs in."""

    user: dict[str, Any]
    api: Client

    def told(self) -> dict[str, list[str]]:
        """Return what they were told, by the title of what it is about."""
        items = self.api.pages("/v1/notifications", limit=100)
        return {each["title"]: [item["text"] for item in each["items"]] for each in items}


@pytest.fixture
def colleague(platform: Platform) -> Iterator[Colleague]:
    email = f"{uuid.uuid4().hex}@u.example"
    body = {"email": email, "name": f"Ben {email[:6]}", "password": PASSWORD, "roles": ["member"]}
    made = platform.api.post("/v1/users", body)
    with Client(platform.url, email=email, password=PASSWORD) as api:
        yield Colleague(made, api)


def test_a_mention_reaches_who_is_meant_and_nobody_else(
    platform: Platform, colleague: Colleague
) -> None:
    """W6: within seconds, under the record it is about, until it is read."""
    contact = platform.contact()
    wait_until(lambda: platform.row("contacts", "user_copy", colleague.user["id"]).get("version"))
    about = [{"type": "contact", "id": contact["id"]}]
    body = {"body": f"@{colleague.user['name']} look", "subjects": about}

    platform.api.post("/v1/notes", body)

    told = wait_until(colleague.told)
    assert [contact["name"]] == list(told)
    assert told[contact["name"]][0].endswith("mentioned you in a note")
    assert {"groups": 1, "unread": 1} == colleague.api.get("/v1/notifications/unread")
    colleague.api.post("/v1/notifications/read", {})
    assert {"groups": 0, "unread": 0} == colleague.api.get("/v1/notifications/unread")
    mine = [each["title"] for each in platform.api.pages("/v1/notifications", limit=100)]
    assert contact["name"] not in mine


def test_each_is_told_once_though_the_worker_is_killed(
    platform: Platform, colleague: Colleague
) -> None:
    """W6: exactly once over kills of the process that tells."""
    mark = uuid.uuid4().hex[:6]
    for number in range(TASKS):
        body = {"title": f"{mark} {number}", "assignee_id": colleague.user["id"]}
        platform.api.post("/v1/tasks", body)
        if number % 6 == 3:
            platform.kill("roles:gateway-work")

    wanted = {f"{mark} {number}" for number in range(TASKS)}
    wait_until(lambda: wanted <= colleague.told().keys(), timeout=90)
    assert {1} == {len(texts) for texts in colleague.told().values()}
    assert {"groups": TASKS, "unread": TASKS} == colleague.api.get("/v1/notifications/unread")

    def mailed() -> Counter[str]:
        lines = "\n".join(platform.letters(colleague.user["email"])).splitlines()
        return Counter(line for line in lines if line in wanted)

    wait_until(lambda: wanted <= mailed().keys(), timeout=150)
    assert {1} == set(mailed().values())
