"""The client: repeated safely, refused in types, page by page, changed by the version read."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from crm_client import Crm, errors, webhooks
from crm_client import client as client_room

pytestmark = pytest.mark.unit
Answer = httpx.Response | Exception
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class House:
    """A platform that answers what it is told to, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.asked = list(answers), list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def keys(self) -> set[str]:
        return {each.headers.get("Idempotency-Key", "") for each in self.asked}


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Waits are written down, not waited."""
    found: list[float] = []
    monkeypatch.setattr(client_room.time, "sleep", found.append)
    return found  # type: ignore[return-value]


@pytest.fixture
def crm() -> Callable[..., tuple[Crm, House]]:
    def make(*answers: Answer) -> tuple[Crm, House]:
        house = House(*answers)
        return Crm("https://crm.example", "t", transport=httpx.MockTransport(house)), house

    return make


def ok(body: Any = None, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body if body is not None else {"id": "1", "version": 1})


def refused(status: int, slug: str = "x", **more: Any) -> httpx.Response:
    headers = {"Retry-After": str(more.pop("after"))} if "after" in more else {}
    return httpx.Response(
        status, headers=headers,
        json={"type": f"https://rapport/{slug}", "title": "No", "request_id": "r", **more},
    )  # fmt: skip


class TestWriting:
    def test_is_repeated_with_the_same_key_until_it_is_settled(
        self, crm: Any, waited: list[float]
    ) -> None:
        client, house = crm(
            httpx.ConnectError("gone"), refused(503, after=2), refused(409, "request-in-progress"),
            ok(status=201),
        )  # fmt: skip

        assert {"id": "1", "version": 1} == client.contacts.create(last_name="Byron")

        assert 4 == len(house.asked)
        assert 1 == len(house.keys)
        assert "" not in house.keys
        assert 2 <= waited[1] <= 2.6

    def test_waits_until_a_date_too(self, crm: Any, waited: list[float]) -> None:
        at = format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True)
        client, _ = crm(refused(429, after=at), ok())

        client.get("/v1/contacts")

        assert 3 < waited[0] < 7

    def test_gives_up_in_the_end(self, crm: Any, waited: list[float]) -> None:
        client, house = crm(*(refused(429, after=1) for _ in range(6)))

        with pytest.raises(errors.TooMany) as caught:
            client.tasks.create(title="x")

        assert (6, 5, 1.0) == (
            len(house.asked), len(waited), caught.value.retry_after_seconds,
        )  # fmt: skip

    def test_names_the_version_that_was_read(self, crm: Any) -> None:
        client, house = crm(ok(), ok(), ok(), ok())
        record = {"id": "1", "version": 7}

        client.deals.update(record, name="New")
        client.deals.act(record, "win")
        client.deals.archive(record)
        client.deals.restore(record)

        assert ['"7"'] * 4 == [each.headers["If-Match"] for each in house.asked]
        assert ["PATCH", "PUT", "DELETE", "PUT"] == [each.method for each in house.asked]
        assert house.asked[1].url.path == "/v1/deals/1/win"

    def test_edits_again_when_somebody_was_faster(self, crm: Any) -> None:
        client, house = crm(
            ok({"id": "1", "version": 1, "tags": []}), refused(412, current_version=2),
            ok({"id": "1", "version": 2, "tags": ["a"]}), ok({"id": "1", "version": 3}),
        )  # fmt: skip

        client.contacts.edit("1", lambda found: {"tags": [*found["tags"], "b"]})

        assert {"tags": ["a", "b"]} == json.loads(house.asked[-1].content)

    def test_sends_large_batches_in_parts(self, crm: Any) -> None:
        client, house = crm(
            ok({"items": [{"status": 201}] * 500}, 207), ok({"items": [{"status": 201}]}, 207)
        )

        done = list(client.contacts.batch([{"op": "create", "body": {}}] * 501))

        assert (501, 2) == (len(done), len(house.asked))


class TestReading:
    def test_goes_on_to_the_next_page_only_when_it_is_wanted(self, crm: Any) -> None:
        client, house = crm(
            ok({"items": [{"id": "1"}, {"id": "2"}], "next": "c"}),
            ok({"items": [{"id": "3"}], "next": None}),
        )
        found = client.contacts.list(tag="north")

        assert ["1", "2"] == [next(found)["id"], next(found)["id"]]
        assert 1 == len(house.asked)
        assert ["3"] == [each["id"] for each in found]
        assert {"tag": "north", "cursor": "c", "limit": "200"} == dict(house.asked[1].url.params)

    def test_has_a_deadline(self, crm: Any) -> None:
        client, house = crm(ok())

        client.get("/v1/contacts")

        assert {"connect": 5, "read": 60, "write": 60, "pool": 60} == (
            house.asked[0].extensions["timeout"]
        )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Invalid), (401, errors.SignInNeeded), (403, errors.NotAllowed),
        (404, errors.NotFound), (409, errors.Conflict), (412, errors.Stale),
        (418, errors.Refused), (422, errors.Invalid), (428, errors.VersionNeeded),
        (504, errors.Unavailable),
    ],
)  # fmt: skip
def test_a_refusal_has_its_type_and_says_why(crm: Any, status: int, kind: type) -> None:
    told = {"errors": {"name": ["too long"]}, "current_version": 4}
    client, _ = crm(refused(status, "deal-already-closed", **told))

    with pytest.raises(errors.Refused) as caught:
        client.put("/v1/deals/1/win", version=1)

    found = caught.value
    assert type(found) is kind
    assert ("deal-already-closed", {"name": ["too long"]}, "r") == (
        found.slug, found.fields, found.request_id,
    )  # fmt: skip
    assert getattr(found, "current_version", 4) == 4


class TestWebhooks:
    def signed(self, secret: str = SECRET, *, at: datetime | None = None) -> dict[str, str]:
        at = at or datetime.now(UTC)
        return {
            "Webhook-Id": "f1", "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign("f1", at, self.body.decode()),
        }  # fmt: skip

    body = json.dumps(
        {
            "id": "f1", "type": "sales.deal.won.v1", "subject": "d1", "subjectversion": 3,
            "time": "2026-11-22T10:00:00Z", "actor": "user:u1",
            "data": {"record": {"id": "d1", "name": "Arm"}, "changed": ["status"]},
        }
    ).encode()  # fmt: skip

    def test_a_fact_is_read_when_it_is_genuine(self) -> None:
        fact = webhooks.verified(self.body, self.signed(), "whsec_AAAA", SECRET)

        assert ("sales.deal.won.v1", "d1", 3, "Arm", ("status",)) == (
            fact.type, fact.subject, fact.subject_version, fact.record["name"], fact.changed,
        )  # fmt: skip

    def test_a_stranger_an_old_one_and_one_that_was_changed_are_refused(self) -> None:
        old = self.signed(at=datetime.now(UTC) - timedelta(hours=1))
        for body, headers, secrets in (
            (self.body, self.signed("whsec_AAAA"), (SECRET,)), (self.body, old, (SECRET,)),
            (self.body + b" ", self.signed(), (SECRET,)), (self.body, {}, (SECRET,)),
            (self.body, self.signed(), ()),
        ):  # fmt: skip
            with pytest.raises(webhooks.NotGenuine):
                webhooks.verified(body, headers, *secrets)


def test_the_shapes_are_those_of_the_contracts() -> None:
    words = [sys.executable, "-m", "crm_client.records.generate", "--check"]

    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
