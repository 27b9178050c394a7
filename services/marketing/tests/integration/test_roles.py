"""The roles as processes on a real broker, and the sender killed while it sends."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing

import pika
import pytest
from services.marketing.tests.factories import a_contact, a_won_deal
from sqlalchemy import text

import crm_contracts as contracts
from crm_chassis import ids
from crm_chassis.testing import environment, wait_until
from crm_contracts.contacts import ContactCreated

pytestmark = pytest.mark.integration
QUEUES = ("marketing.copy.contact", "marketing.on.sales.deal.won.v1")


@pytest.fixture
def host(vhost):
    return vhost()


@pytest.fixture
def start(database_url, host, mail_server):
    """`start("work")` runs a role; all are ended with the test."""
    running = []

    def run(*roles):
        env = environment("marketing", database_url, host.url_of("marketing"))
        env["CRM_SMTP_URL"] = f"smtp://127.0.0.1:{mail_server.port}"
        process = subprocess.Popen([sys.executable, "-m", "crm_marketing", *roles], env=env)
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def tells(host):
    """`tells(fact, …)` publishes facts as their services would, once our queues are there."""

    def declared():
        queues = {each["name"] for each in host.ask("GET", "/queues/{vhost}")}
        return queues.issuperset(QUEUES)

    def publish(*facts):
        wait_until(declared, timeout=60, what="our queues")
        for fact in facts:
            service = fact.record_type.service
            with closing(pika.BlockingConnection(pika.URLParameters(host.url_of(service)))) as link:
                channel = link.channel()
                channel.confirm_delivery()
                body = contracts.encode(fact)
                channel.basic_publish(f"{service}.events", fact.type, body, mandatory=True)

    return publish


def created(number):
    record = a_contact(number)
    return ContactCreated(
        id=ids.new(),
        time=record.created_at,
        actor="user:test",
        correlation_id=ids.new(),
        record=record,
    )


def counted(sessions):
    with sessions() as session:
        rows = session.execute(text("select status, count(*) from message group by status"))
        return dict(rows.all())


class TestRoles:
    def test_a_won_deal_becomes_a_mail(self, start, tells, sessions, mail_server):
        start("relay", "project")
        start("work")
        fact = created(1)

        tells(a_won_deal(primary_contact_id=fact.record.id), fact)

        wait_until(lambda: mail_server.to("marta1@example.com"), timeout=60, what="the mail")
        wait_until(lambda: counted(sessions) == {"sent": 1}, timeout=30, what="the record")

    def test_a_killed_sender_doubles_nothing(self, start, tells, api, sessions, mail_server):
        slow_down(mail_server)
        start("relay", "project")
        people = [created(number) for number in range(40)]
        worker = start("work")
        tells(*people)
        predicate = {"field": "lifecycle", "op": "eq", "value": "lead"}
        segment = api.made("/v1/segments", name="All", predicate=predicate)
        path = f"/v1/segments/{segment['id']}/tally"
        wait_until(lambda: api.get(path).json["size"] == 40, timeout=60, what="the segment")
        words = {"subject": "s", "body_text": "b"}
        campaign = api.made("/v1/campaigns", name="C", segment_id=segment["id"], **words)
        api.put(f"/v1/campaigns/{campaign['id']}/launch", 1)

        for kill in range(1, 4):
            wait_until(lambda k=kill: len(mail_server.taken) >= 8 * k, timeout=60, what="mails")
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            worker = start("work")
        settled = lambda: not counted(sessions).keys() & {"queued", "sending"}  # noqa: E731
        wait_until(settled, timeout=60, what="the end of the queue")

        taken = Counter(address for mail in mail_server.taken for address in mail.rcpt_tos)
        assert max(taken.values()) == 1
        assert counted(sessions).get("unsure", 0) <= 3
        assert counted(sessions)["sent"] >= 37
        done = lambda: api.get(f"/v1/campaigns/{campaign['id']}").json["status"] == "done"  # noqa: E731
        wait_until(done, timeout=30, what="the campaign's end")


def slow_down(mail_server):
    taking = mail_server.handle_DATA

    async def take(server, session, envelope):
        await asyncio.sleep(0.05)
        return await taking(server, session, envelope)

    mail_server.handle_DATA = take
