"""Rows become contacts once, with an account each; the counts add up."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from crm_client import Client
from crm_client.imports import Outcome, Refusal, Row, load

pytestmark = pytest.mark.unit
PROBLEMS = "https://example.test/problems/"


class Platform:
    """Answers like the API: addresses belong to one contact, `bad` ones to nobody."""

    def __init__(self) -> None:
        self.contacts: dict[str, dict[str, Any]] = {}
        self.accounts: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, bytes] = {}
        self.requests: list[httpx.Request] = []
        self.faults: list[httpx.Response | httpx.TransportError] = []

    def client(self) -> Client:
        return Client("http://crm.test", "token", transport=httpx.MockTransport(self))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.faults:
            fault = self.faults.pop()
            if isinstance(fault, Exception):
                raise fault
            return fault
        kept = self.accounts if "accounts" in request.url.path else self.contacts
        if request.method == "GET":
            if request.url.path.endswith("s"):
                return httpx.Response(200, json={"items": list(kept.values()), "next": None})
            return httpx.Response(200, json=kept[request.url.path.rpartition("/")[2]])
        key = request.headers["Idempotency-Key"]
        if key in self.answers:
            headers = {"Idempotency-Replayed": "true"}
            return httpx.Response(207, content=self.answers[key], headers=headers)
        bodies = [each["body"] for each in json.loads(request.content)["operations"]]
        answer = httpx.Response(207, json={"items": [self._made(kept, each) for each in bodies]})
        self.answers[key] = answer.content
        return answer

    def _made(self, kept: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        addresses = {each["value"] for each in body.get("emails", ())}
        live = [each for each in kept.values() if each["archived_at"] is None]
        taken = {point["value"] for each in live for point in each.get("emails", ())}
        if addresses & taken:
            return {"status": 409, "problem": {"type": PROBLEMS + "email-taken", "title": "Taken"}}
        if "bad" in addresses:
            errors = {"emails.0.value": ["no address"]}
            return {"status": 422, "problem": {"type": PROBLEMS + "invalid", "errors": errors}}
        record = {"id": str(uuid4()), "archived_at": None, "emails": [], **body}
        kept[record["id"]] = record
        return {"status": 201, "id": record["id"], "version": 1}


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    monkeypatch.setattr("time.sleep", lambda _: None)
    return Platform()


def row(line: int, *emails: str, company: str | None = None, name: str = "Ada") -> Row:
    points = [{"value": each} for each in emails]
    body = {"source": "test", "first_name": name, **({"emails": points} if points else {})}
    return Row(line=line, cells=[name, *emails], body=body, company=company)


def rows() -> list[Row | Refusal]:
    return [
        row(2, "a@a.example", company="Acme"),
        row(3, "b@a.example", company="ACME "),
        row(4, "bad"),
        Refusal(line=5, cells=[], reasons=["nobody"]),
        row(6, "a@a.example", company="Acme"),
        row(7, company="Other"),
        row(8, company="Other"),
    ]


def run(platform: Platform, given: list[Row | Refusal]) -> Outcome:
    with platform.client() as client:
        outcome = load(client, given, fingerprint="file")
    assert outcome.read == outcome.created + outcome.already_there + outcome.refused
    return outcome


def test_counts_add_up(platform: Platform) -> None:
    outcome = run(platform, rows())

    assert (7, 3, 2, 2) == (outcome.read, outcome.created, outcome.already_there, outcome.refused)
    assert [4, 5] == [each.line for each in outcome.refusals]
    assert ["emails.0.value: no address"] == outcome.refusals[0].reasons


def test_makes_an_account_once_and_links_it(platform: Platform) -> None:
    run(platform, rows())

    acme, other = platform.accounts.values()
    assert ("Acme", "Other") == (acme["name"], other["name"])
    assert [acme["id"], acme["id"], other["id"]] == [
        each["account_id"] for each in platform.contacts.values()
    ]


def test_the_same_file_twice_creates_nothing(platform: Platform) -> None:
    run(platform, rows())

    outcome = run(platform, rows())

    assert (0, 5, 2, 0) == (
        outcome.created,
        outcome.already_there,
        outcome.refused,
        outcome.accounts_created,
    )


def test_what_was_archived_since_is_created_anew(platform: Platform) -> None:
    run(platform, [row(2, "a@a.example")])
    for contact in platform.contacts.values():
        contact["archived_at"] = "2026-01-01T00:00:00Z"

    assert 1 == run(platform, [row(2, "a@a.example")]).created


def test_repeats_under_the_same_key_when_the_answer_is_lost(platform: Platform) -> None:
    platform.faults = [
        httpx.ReadTimeout("lost"),
        httpx.Response(503, headers={"Retry-After": "1"}),
    ]

    assert 1 == run(platform, [row(2, "a@a.example")]).created
    assert 1 == len({each.headers["Idempotency-Key"] for each in platform.requests})


def test_says_what_was_not_sent(platform: Platform) -> None:
    platform.faults = [httpx.Response(500, json={"title": "broken"}) for _ in range(2)]

    outcome = run(platform, [row(2, "a@a.example")])

    assert (1, ["not sent: 500: broken"]) == (outcome.not_sent, outcome.refusals[0].reasons)
