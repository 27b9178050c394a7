"""What a service may do at the broker, and what is missing there."""

import copy

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker

from crm_chassis.broker import (
    BrokerAway,
    Consumer,
    Message,
    Publisher,
    QueueGone,
    definitions,
    difference,
)
from crm_chassis.testing import free_port, wait_until
from crm_chassis.testing.roles import SERVICES

pytestmark = pytest.mark.integration
QUORUM = {"x-queue-type": "quorum"}


@pytest.fixture(scope="module")
def host(vhost):
    return vhost()


@pytest.fixture
def channel(host):
    with pika.BlockingConnection(pika.URLParameters(host.url_of("sales"))) as connection:
        yield connection.channel()


def taken(consumer):
    return wait_until(lambda: consumer.batch(wait=0.5), what="a message")


def refused(act):
    with pytest.raises(ChannelClosedByBroker) as closed:
        act()
    return closed.value.reply_code == 403


class TestPermissions:
    def test_let_a_service_declare_and_bind_its_own(self, channel, host):
        channel.queue_declare("sales.copy.own", durable=True, arguments=QUORUM)
        channel.queue_bind("sales.copy.own", "contacts.events", "contacts.contact.*.v1")
        channel.queue_bind("sales.copy.own", "contacts.bulk", "contacts.contact.*.v1")

        bindings = host.ask("GET", "/queues/{vhost}/sales.copy.own/bindings")
        assert {"contacts.events", "contacts.bulk"} <= {each["source"] for each in bindings}

    @pytest.mark.parametrize(
        "act",
        [
            lambda c: c.queue_declare("support.copy.deal", durable=True, arguments=QUORUM),
            lambda c: c.queue_bind("support.dead", "sales.events", "#"),
            lambda c: c.queue_delete("support.dead"),
            lambda c: c.queue_purge("contacts.dead"),
            lambda c: c.exchange_declare("contacts.events", "topic", durable=True),
            lambda c: c.exchange_declare("mine", "topic"),
            lambda c: c.exchange_delete("contacts.events"),
            lambda c: next(c.consume("contacts.dead", inactivity_timeout=1)),
        ],
    )
    def test_refuse_everything_elsewhere(self, channel, act):
        assert refused(lambda: act(channel))

    @pytest.mark.parametrize(
        "exchange", ["contacts.events", "contacts.bulk", "crm.dead", "amq.topic", ""]
    )
    def test_refuse_to_speak_for_others(self, channel, exchange):
        channel.confirm_delivery()

        assert refused(lambda: channel.basic_publish(exchange, "contacts.dead", b"{}"))


class TestPolicy:
    def test_dead_letters_and_limits_every_queue_but_the_dead(self, host, channel):
        channel.queue_declare("sales.on.x", durable=True, arguments=QUORUM)

        def policy(queue):
            return host.ask("GET", f"/queues/{{vhost}}/{queue}").get("effective_policy_definition")

        own = wait_until(lambda: policy("sales.on.x"))
        assert (own["dead-letter-routing-key"], own["delivery-limit"]) == ("sales", 50)
        assert not policy("sales.dead")


class TestDifference:
    def test_of_what_was_applied_is_none(self, host):
        found = host.ask("GET", "/definitions/{vhost}")
        found["permissions"] = host.ask("GET", "/vhosts/{vhost}/permissions")
        for section in ("exchanges", "queues", "bindings", "policies"):
            found[section] = [each | {"vhost": host.name} for each in found[section]]

        assert difference(definitions(SERVICES, vhost=host.name), found) == []

    def test_names_what_is_missing_and_what_is_other(self):
        wanted = definitions(["sales"])
        found = copy.deepcopy(wanted)
        found["exchanges"] = [e for e in found["exchanges"] if e["name"] != "sales.bulk"]
        found["policies"][0]["definition"]["delivery-limit"] = 3
        found["permissions"][0]["write"] = ".*"
        found["bindings"].clear()

        assert difference(wanted, found) == [
            "changed permission sales crm",
            "changed policy sales crm",
            "missing exchange sales.bulk crm",
            "missing binding crm.dead sales.dead sales crm",
        ]

    def test_leaves_users_out_unless_passwords_are_given(self):
        assert definitions(["sales"])["users"] == []
        user = definitions(["sales"], passwords={"sales": "secret"})["users"][0]
        assert "secret" not in str(user)


class TestPublisher:
    def test_counts_only_what_reached_a_queue(self, host, channel):
        channel.queue_declare("sales.on.here", durable=True, arguments=QUORUM)
        channel.queue_bind("sales.on.here", "sales.events", "here")
        publisher = Publisher(host.url_of("sales"), name="test")
        publisher.open()
        messages = [
            Message(exchange="sales.events", routing_key=key, message_id=str(n), body=b"{}")
            for n, key in enumerate(["here", "nowhere", "here", "nowhere"])
        ]

        confirmed = publisher.publish(messages)

        publisher.close()
        assert confirmed == {0, 2}

    def test_says_so_when_the_exchange_is_not_there(self, host):
        publisher = Publisher(host.url_of("sales"), name="test")
        publisher.open()
        lost = Message(exchange="sales.nothing", routing_key="x", message_id="1", body=b"")

        with pytest.raises(BrokerAway, match="no exchange 'sales"):
            publisher.publish([lost])

        publisher.open()
        publisher.pump()
        publisher.close()

    def test_says_so_when_the_broker_is_not_there(self):
        with pytest.raises(BrokerAway):
            Publisher(f"amqp://127.0.0.1:{free_port()}", name="test").open()


class TestConsumer:
    def consumer(self, host, name, key="k"):
        made = Consumer(host.url_of("sales"), f"sales.{name}", [("sales.events", key)])
        assert made.is_new()
        made.start()
        return made

    def publish(self, host, key, bodies):
        publisher = Publisher(host.url_of("sales"), name="test")
        publisher.open()
        publisher.publish(
            [
                Message(exchange="sales.events", routing_key=key, message_id=str(n), body=body)
                for n, body in enumerate(bodies)
            ]
        )
        publisher.close()

    def test_takes_one_until_the_first_fresh_message_is_done(self, host):
        consumer = self.consumer(host, "window")
        self.publish(host, "k", [b"%d" % n for n in range(20)])

        first = taken(consumer)
        held = consumer.batch(wait=0.2)
        consumer.ack(first)
        rest = []
        while len(rest) < 19:
            rest += taken(consumer)
            consumer.ack(rest)

        consumer.close()
        assert ([d.body for d in first], held) == ([b"0"], [])
        assert sorted(int(d.body) for d in rest) == list(range(1, 20))

    def test_is_bound_again_after_its_exchange_came_back(self, host):
        consumer = self.consumer(host, "bound", "b")
        exchange = "/exchanges/{vhost}/sales.events"
        host.ask("DELETE", exchange)
        host.ask("PUT", exchange, {"type": "topic", "durable": True})
        self.publish(host, "b", [b"past"])

        consumer.bind()
        self.publish(host, "b", [b"arrives"])

        assert [b"arrives"] == [delivery.body for delivery in taken(consumer)]
        consumer.close()

    def test_says_that_its_exchange_is_not_there(self, host):
        consumer = self.consumer(host, "unbound", "u")
        exchange = "/exchanges/{vhost}/sales.events"
        host.ask("DELETE", exchange)

        with pytest.raises(BrokerAway, match="404"):
            consumer.bind()

        host.ask("PUT", exchange, {"type": "topic", "durable": True})
        consumer.close()

    def test_stays_narrow_while_messages_come_again(self, host):
        consumer = self.consumer(host, "narrow", "n")
        self.publish(host, "n", [b"1", b"2"])
        taken(consumer)
        assert not consumer.is_new()
        consumer.start()

        again = taken(consumer)
        consumer.ack(again)
        after = consumer.batch(wait=0.5)

        consumer.close()
        assert [d.redelivered for d in again] == [True]
        assert len(after) <= 1

    def test_says_so_when_its_queue_is_deleted(self, host):
        consumer = self.consumer(host, "doomed", "d")

        host.ask("DELETE", "/queues/{vhost}/sales.doomed")

        with pytest.raises(QueueGone):
            for _ in range(20):
                consumer.batch(wait=0.5)
        assert consumer.is_new()
        consumer.close()

    @pytest.mark.parametrize(
        ("queue", "exchange"), [("support.mine", "sales.events"), ("sales.mine", "sales.absent")]
    )
    def test_says_so_when_it_may_not_or_cannot_bind(self, host, queue, exchange):
        consumer = Consumer(host.url_of("sales"), queue, [(exchange, "#")])

        with pytest.raises(BrokerAway):
            consumer.is_new()
            consumer.start()

        consumer.close()

    def test_says_so_when_the_broker_is_not_there(self):
        consumer = Consumer(f"amqp://127.0.0.1:{free_port()}", "sales.x", ())

        with pytest.raises(BrokerAway):
            consumer.is_new()
        consumer.close()
