"""Webhooks by the API: who may keep them, what is shown, what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

HOOK = {"name": "Shop", "url": "https://shop.example/hooks", "types": ["sales.deal.won.v1"]}


@pytest.fixture
def admin(calling: Callable[..., Any]) -> Any:
    return calling("admin")


@pytest.mark.parametrize("role", ["member", "read-only"])
@pytest.mark.parametrize(("method", "path"), [
    ("GET", ""), ("POST", ""), ("GET", "/{}"), ("PATCH", "/{}"), ("DELETE", "/{}"),
    ("GET", "/{}/secret"), ("POST", "/{}/secret"), ("GET", "/{}/facts"), ("POST", "/{}/replays"),
    ("GET", "/{}/deliveries"), ("POST", "/{}/tests"), ("GET", "/{}/health"),
])  # fmt: skip
def test_only_administrators_keep_them(
    admin: Any, calling: Callable[..., Any], role: str, method: str, path: str
) -> None:
    made = admin.post("/v1/webhooks", HOOK).get_json()
    body = None if method in {"GET", "DELETE"} else HOOK
    answer = calling(role).ask(method, "/v1/webhooks" + path.format(made["id"]), body)
    assert answer.status_code == 403


def test_the_secret_is_shown_at_its_own_address_only(admin: Any) -> None:
    made = admin.post("/v1/webhooks", HOOK).get_json()
    path = f"/v1/webhooks/{made['id']}"
    secret = admin.get(f"{path}/secret").get_json()["secret"]
    rotated = admin.post(f"{path}/secret", None).get_json()
    other = admin.get(f"{path}/secret").get_json()
    assert secret.startswith("whsec_")
    assert other["secret"] != secret
    assert other["former_until"]
    listed = admin.get("/v1/webhooks").get_data(as_text=True)
    for shown in (str(made), str(rotated), listed, admin.get(path).get_data(as_text=True)):
        assert secret not in shown
        assert "sealed" not in shown


def test_it_is_changed_paused_put_away_and_brought_back(admin: Any) -> None:
    made = admin.post("/v1/webhooks", HOOK).get_json()
    path = f"/v1/webhooks/{made['id']}"
    assert admin.patch(path, {"active": False}).status_code == 428
    paused = admin.patch(path, {"active": False}, 1).get_json()
    assert (paused["active"], paused["version"]) == (False, 2)
    gone = admin.delete(path, 2).get_json()
    assert gone["archived_at"]
    assert admin.get("/v1/webhooks").get_json()["items"] == []
    back = admin.ask("PUT", f"{path}/restoration", If_Match='"3"')
    assert back.get_json()["archived_at"] is None


@pytest.mark.parametrize("url", [
    "http://shop.example/", "https://127.0.0.1/", "https://[::1]/", "https://192.168.1.1/", "shop",
    "https://user:word@shop.example/", "javascript:alert(1)",
])  # fmt: skip
def test_an_address_that_is_wrong_at_sight_is_refused(admin: Any, url: str) -> None:
    answer = admin.post("/v1/webhooks", HOOK | {"url": url})
    assert answer.status_code == 422
    assert "url" in answer.get_json()["errors"]


@pytest.mark.parametrize(("given", "field"), [
    ({"types": ["sales.deal.invented.v1"]}, "types"), ({"types": ["nothing.*"]}, "types"),
    ({"where": {"field": "nothing", "op": "eq", "value": 1}}, "where"),
    ({"where": {"all": "x"}}, "where"), ({"secret": "mine"}, "secret"),
])  # fmt: skip
def test_what_makes_no_sense_names_its_field(admin: Any, given: dict[str, Any], field: str) -> None:
    answer = admin.post("/v1/webhooks", HOOK | given)
    assert answer.status_code == 422
    assert any(name.startswith(field) for name in answer.get_json()["errors"])


def test_a_test_is_queued_and_its_delivery_shown(admin: Any) -> None:
    made = admin.post("/v1/webhooks", HOOK).get_json()
    answer = admin.post(f"/v1/webhooks/{made['id']}/tests", None)
    assert answer.status_code == 202
    log = admin.get(answer.headers["Location"]).get_json()
    assert log["state"] == "pending"
    assert log["fact"]["type"] == "gateway.webhook.tested.v1"
    listed = admin.get(f"/v1/webhooks/{made['id']}/deliveries?state=pending").get_json()
    assert [each["fact_id"] for each in listed["items"]] == [answer.get_json()["fact_id"]]
    assert admin.get(f"/v1/webhooks/{made['id']}/health").get_json()["waiting"] == 1


def test_facts_are_fetched_page_by_page(admin: Any) -> None:
    made = admin.post("/v1/webhooks", {"name": "Shop", "types": ["*"]}).get_json()
    path = f"/v1/webhooks/{made['id']}"
    tests = [admin.post(f"{path}/tests", None).get_json()["fact_id"] for _ in range(3)]
    first = admin.get(f"{path}/facts?limit=2").get_json()
    second = admin.get(f"{path}/facts?limit=2&cursor={first['next']}").get_json()
    assert [each["id"] for each in first["items"] + second["items"]] == tests
    assert admin.get(f"{path}/facts?cursor={second['next']}").get_json()["items"] == []


@pytest.mark.parametrize("body", [
    {}, {"fact_ids": [], "since": "2026-01-01T00:00:00Z"}, {"until": "2026-01-01T00:00:00Z"},
])  # fmt: skip
def test_a_replay_names_facts_or_a_stretch_of_time(admin: Any, body: dict[str, Any]) -> None:
    made = admin.post("/v1/webhooks", HOOK).get_json()
    assert admin.post(f"/v1/webhooks/{made['id']}/replays", body).status_code == 422
