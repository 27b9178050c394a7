"""Facts reach whoever asked for them: once each, in order, again after a fault, never a stranger."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from services.gateway.tests.house import House
from services.gateway.tests.receiver import Receiver, listening
from sqlalchemy.orm import Session, sessionmaker
from standardwebhooks.webhooks import Webhook as Standard
from standardwebhooks.webhooks import WebhookVerificationError

from crm_chassis import clock, ids
from crm_chassis.records import Peers
from crm_chassis.testing import OPS_TOKEN, wait_until
from crm_gateway import identity, webhooks
from crm_gateway.clients.outgoing import Forbidden, Outgoing
from crm_gateway.model import Sealer, Webhook
from crm_gateway.queries import deliveries as queue
from crm_gateway.queries import webhooks as queries

SEALER = Sealer(["a key of sixteen characters"])
OUTGOING = Outgoing(["127.0.0.0/8"])
TYPES = ["gateway.user.*"]
# What is told cannot be read yet while an older transaction goes on, of whichever test.
FENCED = "select 1 from outbox where xid >= pg_snapshot_xmin(pg_current_snapshot()) limit 1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def hook(doing: Callable[..., Any], receiver: Receiver) -> Callable[..., Webhook]:
    def create(**given: Any) -> Webhook:
        fields = {"name": "Shop", "url": receiver.url, "types": TYPES, **given}
        command = webhooks.CreateWebhook(
            fields=fields, owner_id=None, sealer=SEALER, outgoing=OUTGOING
        )
        return doing(webhooks.create_webhook, command)

    return create


@pytest.fixture
def sender() -> webhooks.Sender:
    return webhooks.Sender(OUTGOING, SEALER)


@pytest.fixture
def told(
    sessions: sessionmaker[Session], houses: House, sender: webhooks.Sender,
    connection: psycopg.Connection[Any],
) -> Callable[..., None]:  # fmt: skip
    """`told()` gathers and sends until nothing is due; `later=` seconds from now."""
    peers = Peers({"gateway": _gateway(houses)}, ops_token=OPS_TOKEN)

    def tell(*, later: float = 0) -> None:
        if later:
            connection.execute(
                "update webhook_delivery set next_at = next_at - %s, expires_at = expires_at - %s",
                [timedelta(seconds=later)] * 2,
            )
            connection.execute(
                "update webhook_health set rests_until = rests_until - %s",
                [timedelta(seconds=later)],
            )
        wait_until(lambda: not connection.execute(FENCED).fetchone(), 60, what="the fence")
        webhooks.gather(webhooks.Desk(sessions, peers), now=clock.now())
        sender.run(sessions)
        wait_until(lambda: not sender._busy)

    return tell


def _gateway(houses: House) -> str:
    import json

    return str(json.loads(houses.peers)["gateway"])


def _states(connection: psycopg.Connection[Any]) -> list[tuple[str, int]]:
    return connection.execute(
        "select state, attempts from webhook_delivery order by id"
    ).fetchall()  # fmt: skip


def _rename(doing: Callable[..., Any], user_id: UUID, name: str) -> None:
    changes = {"name": name}
    command = identity.ChangeUser(user_id=user_id, expected_version=1, changes=changes)
    doing(identity.change_user, command)


def _secret(webhook: Webhook) -> str:
    return SEALER.open(webhook.sealed_secret)


def test_every_fact_wanted_comes_once_and_signed(
    hook: Any, told: Any, person: Any, receiver: Receiver
) -> None:
    person("member")
    webhook = hook()
    anna = person("member", name="Anna")
    told()
    told()
    assert [fact["subject"] for fact in receiver.facts] == [str(anna.id)]
    headers, body = receiver.came[0]
    assert Standard(_secret(webhook)).verify(body.decode(), headers)["type"] == (
        "gateway.user.created.v1"
    )
    assert headers["webhook-id"] == receiver.facts[0]["id"]
    with pytest.raises(WebhookVerificationError):
        Standard(_secret(webhook)).verify(body.decode() + " ", headers)


def test_a_new_secret_and_the_former_one_sign_for_a_day(
    hook: Any, told: Any, person: Any, receiver: Receiver, doing: Any,
    connection: psycopg.Connection[Any],
) -> None:  # fmt: skip
    former = hook()
    command = webhooks.RotateSecret(webhook_id=former.id, sealer=SEALER)
    rotated = doing(webhooks.rotate_secret, command)
    person("member")
    told()
    headers, body = receiver.came[0]
    for webhook in (former, rotated):
        assert Standard(_secret(webhook)).verify(body.decode(), headers)
    connection.execute("update webhook set former_until = now() - interval '1 second'")
    person("member")
    told()
    headers, body = receiver.came[1]
    with pytest.raises(WebhookVerificationError):
        Standard(_secret(former)).verify(body.decode(), headers)


def test_a_condition_on_the_record_is_heeded(
    hook: Any, told: Any, person: Any, receiver: Receiver
) -> None:
    hook(where={"field": "name", "op": "starts", "value": "An"})
    person("member", name="Bob")
    anna = person("member", name="Anna")
    told()
    assert [fact["subject"] for fact in receiver.facts] == [str(anna.id)]


def test_what_fails_is_tried_again_and_holds_back_only_its_own_record(
    hook: Any, told: Any, person: Any, doing: Any, receiver: Receiver,
    connection: psycopg.Connection[Any],
) -> None:  # fmt: skip
    person("admin")
    hook()
    anna, bob = person("member"), person("member")
    receiver.refuses.add(str(anna.id))
    _rename(doing, anna.id, "Anna B")
    told()
    told(later=10)
    came = [(fact["subject"], fact["subjectversion"]) for fact in receiver.facts]
    assert (str(bob.id), 1) in came
    assert (str(anna.id), 2) not in came
    receiver.refuses.clear()
    told(later=100)
    told(later=100)
    subjects = [
        fact["subjectversion"] for fact in receiver.facts if fact["subject"] == str(anna.id)
    ]
    assert subjects[-2:] == [1, 2]
    assert {state for state, _ in _states(connection)} == {"delivered"}


def test_a_receiver_that_fails_rests_and_is_tried_by_one(
    hook: Any, told: Any, person: Any, receiver: Receiver, sessions: sessionmaker[Session],
    sender: webhooks.Sender, connection: psycopg.Connection[Any],
) -> None:  # fmt: skip
    webhook = hook()
    receiver.status = 503
    for _ in range(8):
        person("member")
    told()
    assert len(receiver.came) == 8
    person("member")
    told()
    assert len(receiver.came) == 8, "it rests"
    told(later=300)
    assert len(receiver.came) == 9, "one tries"
    receiver.status = 204
    told(later=4000)
    with sessions() as session:
        health = queries.health(session)[webhook.id]
    assert health["streak"] == 0
    assert health["waiting"] == 0
    assert {state for state, _ in _states(connection)} == {"delivered"}


def test_after_three_days_it_is_given_up_and_can_be_asked_for_again(
    hook: Any, told: Any, person: Any, receiver: Receiver, sessions: sessionmaker[Session],
    doing: Any, connection: psycopg.Connection[Any],
) -> None:  # fmt: skip
    webhook = hook()
    receiver.status = 500
    anna = person("member")
    told()
    told(later=3 * 86400)
    webhooks.keep_house(sessions, now=clock.now())
    assert [state for state, _ in _states(connection)] == ["failed"]
    receiver.status = 204
    fact_id = UUID(receiver.facts[0]["id"])
    assert doing(webhooks.ask_again, webhook.id, [fact_id]) == 1
    told()
    assert [state for state, _ in _states(connection)] == ["delivered"]
    assert receiver.facts[-1]["subject"] == str(anna.id)
    with sessions() as session:
        log = queue.delivery(session, webhook.id, fact_id)
    assert log["tries"][0]["status"] == 204
    assert log["replays"] == 1


def test_a_stretch_of_time_is_sent_again_also_from_before_the_webhook(
    hook: Any, told: Any, person: Any, receiver: Receiver, sessions: sessionmaker[Session],
    doing: Any, houses: House, connection: psycopg.Connection[Any],
) -> None:  # fmt: skip
    before = clock.now()
    early = person("member")
    webhook = hook()
    command = webhooks.Replay(
        webhook_id=webhook.id, since=before, until=clock.now(), actor="user:test"
    )
    replay_id = doing(webhooks.begin_replay, command)
    peers = Peers({"gateway": _gateway(houses)}, ops_token=OPS_TOKEN)
    wait_until(lambda: not connection.execute(FENCED).fetchone(), 60, what="the fence")
    webhooks.replay(webhooks.Desk(sessions, peers), now=clock.now())
    webhooks.replay(webhooks.Desk(sessions, peers), now=clock.now() + timedelta(seconds=10))
    told()
    assert str(early.id) in [fact["subject"] for fact in receiver.facts]
    with sessions() as session:
        found = queries.replay(session, webhook.id, replay_id)
    assert (found["status"], found["done"]) == ("done", 1)


def test_one_that_says_it_is_gone_is_sent_nothing_more(
    hook: Any, told: Any, person: Any, receiver: Receiver, sessions: sessionmaker[Session]
) -> None:
    webhook = hook()
    receiver.status = 410
    person("member")
    told()
    receiver.status = 204
    person("member")
    told(later=100)
    assert len(receiver.came) == 1
    with sessions() as session:
        found = queries.webhook(session, webhook.id)
    assert not found.active
    assert "410" in (found.paused_reason or "")


def test_a_redirect_is_not_followed(
    hook: Any, told: Any, person: Any, receiver: Receiver, sessions: sessionmaker[Session]
) -> None:
    webhook = hook()
    receiver.status, receiver.headers = 307, {"Location": receiver.url}
    person("member")
    told()
    assert len(receiver.came) == 1
    with sessions() as session:
        assert "redirects" in queries.health(session)[webhook.id]["last_fault"]


def test_a_slow_receiver_holds_up_nobody_else(
    hook: Any, told: Any, person: Any, receiver: Receiver, sessions: sessionmaker[Session],
    sender: webhooks.Sender,
) -> None:  # fmt: skip
    with listening() as slow:
        slow.open.clear()
        hook(url=slow.url, name="Slow")
        hook()
        person("member")
        waiting = threading.Thread(target=told)
        waiting.start()
        wait_until(lambda: len(slow.came) == 1 and len(receiver.came) == 1)
        slow.open.set()
        waiting.join(timeout=30)
        assert not waiting.is_alive()


def test_what_a_dead_sender_had_taken_is_sent_with_the_same_id(
    hook: Any, told: Any, person: Any, receiver: Receiver, sessions: sessionmaker[Session],
    connection: psycopg.Connection[Any],
) -> None:  # fmt: skip
    webhook = hook()
    told()
    person("member")
    receiver.status = 500
    told()
    connection.execute(
        "update webhook_delivery set next_at = now(), taken_until = now() + interval '1 minute'"
    )
    receiver.status = 204
    told()
    assert len(receiver.came) == 1, "it is being sent by somebody"
    connection.execute("update webhook_delivery set taken_until = now()")
    told()
    first, second = receiver.came
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert webhook.id


def test_without_an_address_facts_wait_to_be_fetched(
    hook: Any, told: Any, person: Any, receiver: Receiver, sessions: sessionmaker[Session]
) -> None:
    webhook = hook(url=None)
    people = [person("member") for _ in range(3)]
    told()
    assert not receiver.came
    with sessions() as session:
        rows = queue.facts_after(session, webhook.id, after=0, limit=2)
        rows += queue.facts_after(session, webhook.id, after=rows[-1][0], limit=2)
    assert len(rows) == 3
    assert all(
        str(each.id).encode() in b"".join(bytes(body) for _, body in rows) for each in people
    )


def test_a_service_that_is_away_is_asked_later(
    hook: Any, person: Any, receiver: Receiver, sessions: sessionmaker[Session], told: Any
) -> None:
    hook()
    person("member")
    nobody = Peers({"gateway": "http://127.0.0.1:1"}, ops_token=OPS_TOKEN)
    webhooks.gather(webhooks.Desk(sessions, nobody), now=clock.now())
    assert not receiver.came
    told()
    assert len(receiver.came) == 1


@pytest.mark.parametrize("url", [
    "http://example.com/", "https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/",
    "https://[::ffff:169.254.169.254]/", "https://169.254.169.254/latest/meta-data",
    "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://0.0.0.0/",
    "https://100.64.0.1/", "https://224.0.0.1/", "ftp://example.com/", "https://u:p@example.com/",
    "https://localhost/", "https://example.com:99999/", "https://", "//example.com",
    "https://bücher.example/", "https://example.com/ü", "https://example.com/a b",
    "https://example.com/\r\nX: y",
])  # fmt: skip
def test_an_address_inside_the_house_is_not_called(url: str) -> None:
    with pytest.raises(Forbidden):
        Outgoing().post(url, b"{}", {})


def test_a_name_is_looked_up_once_and_called_where_it_was_looked_at(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    """A name that changes between look and call (DNS rebinding) cannot change who is called."""
    import socket

    genuine, asked = socket.getaddrinfo, []

    def looked_up(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host == "rebinding.example":
            asked.append(host)
            return genuine("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port, *args, **options)
        return genuine(host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    url = f"http://rebinding.example:{receiver.port}/"
    assert Outgoing(["127.0.0.1/32"]).post(url, b'{"subject": ""}', {}).status == 204
    with pytest.raises(Forbidden):
        Outgoing(["127.0.0.1/32"]).post(url, b'{"subject": ""}', {})
    assert ids.new()


def test_a_secret_nobody_can_read_is_said_where_people_look(
    hook: Any, told: Any, person: Any, receiver: Receiver, sessions: sessionmaker[Session],
    connection: psycopg.Connection[Any], doing: Callable[..., Any],
) -> None:  # fmt: skip
    webhook = hook()
    sealed = Sealer(["another key of the deployment"]).seal("whsec_lost")
    connection.execute("update webhook set sealed_secret = %s", (sealed,))
    person("member")
    told()

    assert [] == receiver.facts
    with sessions() as session:
        health = queries.health(session)[webhook.id]
    assert "the secret cannot be read" in health["last_fault"]

    command = webhooks.RotateSecret(webhook_id=webhook.id, sealer=SEALER)
    doing(webhooks.rotate_secret, command)
    told(later=61)
    wait_until(lambda: bool(receiver.facts))
