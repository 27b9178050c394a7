"""The sender: every mail once at most, whatever dies."""

from email import message_from_bytes
from email.policy import default

import pytest
from services.marketing.tests.factories import a_contact, an_address
from sqlalchemy import text

from crm_chassis import smtp
from crm_chassis.smtp import Outcome, Verdict
from crm_chassis.testing import free_port
from crm_marketing.commands.post import Post
from crm_marketing.commands.sending import Sender, doubt_what_was_due
from crm_marketing.model.values import MOST_ATTEMPTS

pytestmark = pytest.mark.integration


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def launched(api, arrives, ticks):
    """`launched(contact, …)` has a campaign's mails to them queued."""

    def launch(*people, **words):
        arrives(*people)
        given = {"subject": "Hi", "body_text": "Dear {{ name }}"} | words
        named = [str(each.id) for each in people]
        segment = api.made("/v1/segments", name="S", type="static", member_ids=named)
        campaign = api.made("/v1/campaigns", name="C", segment_id=segment["id"], **given)
        api.put(f"/v1/campaigns/{campaign['id']}/launch", 1)
        ticks()
        return campaign

    return launch


@pytest.fixture
def statuses(api):
    return lambda: sorted(each["status"] for each in api.get("/v1/messages").json["items"])


@pytest.fixture
def hurry(sessions):
    """`hurry()` makes every queued mail due now."""

    def make_due():
        with sessions() as session, session.begin():
            session.execute(text("update message set due_at = now() - interval '1 minute'"))

    return make_due


class TestSending:
    def test_sends_each_once_and_says_so(
        self, launched, sender, sessions, mail_server, statuses, api, ticks, facts
    ):
        campaign = launched(a_contact(1), a_contact(2))

        one = sender()
        assert one.run(sessions) is None
        assert one.run(sessions) is None
        assert sender().run(sessions) is None
        ticks()

        assert statuses() == ["sent", "sent"]
        assert len(mail_server.taken) == 2
        shown = api.get(f"/v1/campaigns/{campaign['id']}").json
        tally = api.get(f"/v1/campaigns/{campaign['id']}/tally").json
        assert (shown["status"], tally["sent"]) == ("done", 2)
        assert facts()[-1] == "campaign.completed"

    def test_writes_a_mail_that_can_be_recognised_and_followed(
        self, launched, sender, sessions, mail_server, api
    ):
        html = '<p onclick="x()">Hi {{ name }} <a href="https://x.example/?a=1">go</a></p>'
        launched(a_contact(1, name="M <b>"), body_html=html + "<script>1</script>")

        sender().run(sessions)

        mail = message_from_bytes(mail_server.taken[0].content, policy=default)
        message = api.get("/v1/messages").json["items"][0]
        assert mail["X-CRM-Message"] == message["id"]
        assert mail["Message-ID"].endswith("@rapport.example>")
        body = mail.get_body(("html",)).get_content()
        assert "M &lt;b&gt;" in body
        assert "/t/c/" in body
        assert "/t/o/" in body
        assert "script" not in body
        assert "onclick" not in body

    def test_says_where_to_unsubscribe_and_hears_of_complaints_once(
        self, launched, sender, sessions, mail_server, api, facts
    ):
        launched(a_contact(1), body_text="Bye: {{ unsubscribe_url }}")
        sender().run(sessions)

        mail = message_from_bytes(mail_server.taken[0].content, policy=default)
        message = api.get("/v1/messages").json["items"][0]
        for _ in range(2):
            assert api.put(f"/v1/messages/{message['id']}/complaint").status_code == 200

        address = mail["List-Unsubscribe"].strip().strip("<>")
        assert "/t/u/" in address
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert address in "".join(mail.get_body(("plain",)).get_content().split())
        assert facts().count("message.complained") == 1

    def test_looks_again_whether_it_may(
        self, launched, sender, sessions, arrives, mail_server, api
    ):
        launched(a_contact(1))
        arrives(a_contact(1, version=2, emails=an_address(opted_out=True)))

        sender().run(sessions)

        assert api.get("/v1/messages").json["items"][0]["suppress_reason"] == "opted_out"
        assert mail_server.taken == []

    def test_tries_three_times_what_is_put_off(
        self, launched, sender, sessions, mail_server, statuses, hurry
    ):
        mail_server.replies["marta1@example.com"] = "451 later"
        launched(a_contact(1))

        for _ in range(MOST_ATTEMPTS - 1):
            sender().run(sessions)
            assert statuses() == ["queued"]
            sender().run(sessions)
            hurry()
        sender().run(sessions)

        assert statuses() == ["failed"]
        assert mail_server.taken == []

    def test_gives_up_at_once_what_is_refused(
        self, launched, sender, sessions, mail_server, statuses
    ):
        mail_server.replies["marta1@example.com"] = "550 unknown"
        launched(a_contact(1), a_contact(2))

        assert sender().run(sessions) is None

        assert statuses() == ["failed", "sent"]

    def test_fails_what_cannot_be_written(self, launched, sender, sessions, statuses):
        launched(a_contact(1, emails=an_address("not an address")), body_text="{{ nickname }}")
        sender().run(sessions)
        assert statuses() == ["failed"]

    def test_waits_for_a_server_that_is_away_and_says_so(
        self, launched, sender, sessions, tracking, statuses, mail_server
    ):
        launched(a_contact(1))
        away = Sender(Post(f"smtp://127.0.0.1:{free_port()}", "crm@rapport.example"), tracking)

        assert "unreachable" in away.run(sessions)
        assert statuses() == ["queued"]

        assert sender().run(sessions) is None
        assert len(mail_server.taken) == 1

    def test_sends_again_what_failed_when_somebody_asks(
        self, launched, sender, sessions, mail_server, statuses, api, ticks, facts
    ):
        mail_server.replies["marta1@example.com"] = "550 unknown"
        campaign = launched(a_contact(1))
        sender().run(sessions)
        ticks()
        message = api.get("/v1/messages").json["items"][0]
        path = f"/v1/messages/{message['id']}"
        assert "550 unknown" in api.get(f"{path}/delivery").json["failure"]
        mail_server.replies.clear()

        again = api.put(f"{path}/retry")
        sender().run(sessions)
        ticks()

        assert ("queued", ["sent"]) == (again.json["status"], statuses())
        assert facts()[-3:-1] == ["message.queued", "message.sent"]
        assert 1 == api.get(f"/v1/campaigns/{campaign['id']}/tally").json["sent"]
        assert 409 == api.put(f"{path}/retry").status_code

    def test_sends_nothing_of_a_paused_campaign(self, launched, api, sender, sessions, mail_server):
        campaign = launched(a_contact(1))
        version = api.get(f"/v1/campaigns/{campaign['id']}").json["version"]
        assert api.put(f"/v1/campaigns/{campaign['id']}/pause", version).status_code == 200

        sender().run(sessions)

        assert mail_server.taken == []


class TestCrash:
    """doubled = 0, and at most one in doubt for each crash."""

    @pytest.fixture
    def crash(self, launched, sender, sessions, monkeypatch):
        """Kill a sender `before` or `after` handing over its second of three mails."""

        def kill(when):
            launched(a_contact(1), a_contact(2), a_contact(3))
            hand_over, calls = smtp.Smtp.hand_over, []

            def dying(connection, to, body):
                calls.append(to)
                if len(calls) == 2 and when == "before":
                    raise Killed
                outcome = hand_over(connection, to, body)
                if len(calls) == 2 and when == "after":
                    raise Killed
                return outcome

            with monkeypatch.context() as patch, pytest.raises(Killed):
                patch.setattr(smtp.Smtp, "hand_over", dying)
                sender().run(sessions)

        return kill

    @pytest.mark.parametrize(("when", "taken"), [("before", 2), ("after", 3)])
    def test_leaves_one_in_doubt_and_doubles_none(
        self, crash, sender, sessions, mail_server, statuses, when, taken
    ):
        crash(when)

        sender().run(sessions)
        sender().run(sessions)

        assert statuses() == ["sent", "sent", "unsure"]
        assert len(mail_server.taken) == taken
        assert all(len(mail_server.to(f"marta{n}@example.com")) <= 1 for n in (1, 2, 3))

    def test_records_later_what_it_could_not(
        self, launched, sender, sessions, monkeypatch, statuses, mail_server
    ):
        launched(a_contact(1))
        one = sender()
        with monkeypatch.context() as patch, pytest.raises(ConnectionError):
            patch.setattr(Sender, "_record", _fail_after_settling())
            one.run(sessions)

        one.run(sessions)

        assert statuses() == ["sent"]
        assert len(mail_server.taken) == 1

    def test_success_is_believed_from_a_sender_taken_for_dead(
        self, launched, sender, sessions, statuses, mail_server, monkeypatch
    ):
        launched(a_contact(1))
        slow, other = sender(), sender()
        hand_over = smtp.Smtp.hand_over

        def meanwhile(connection, to, body):
            other.run(sessions)
            assert statuses() == ["unsure"]
            return hand_over(connection, to, body)

        monkeypatch.setattr(smtp.Smtp, "hand_over", meanwhile)
        slow.run(sessions)

        assert statuses() == ["sent"]
        assert len(mail_server.taken) == 1

    def test_doubts_a_connection_that_broke_during_the_mail(
        self, launched, sender, sessions, statuses, monkeypatch
    ):
        launched(a_contact(1))
        monkeypatch.setattr(smtp.Smtp, "hand_over", lambda *_: Outcome(Verdict.UNSURE, "gone"))
        assert "hung up" in sender().run(sessions)
        assert statuses() == ["unsure"]


def _fail_after_settling():
    real, calls = Sender._record, []

    def record(self, sessions):
        calls.append(self)
        if len(calls) == 2:
            raise ConnectionError("the database is away")
        real(self, sessions)

    return record


class TestRestoration:
    def test_doubts_what_was_due_and_leaves_what_is_not(
        self, launched, sender, sessions, mail_server, statuses, facts
    ):
        launched(*(a_contact(number) for number in range(3)))
        with sessions() as session, session.begin():
            session.execute(
                text(
                    "update message set due_at = now() + interval '1 hour'"
                    " where id = (select id from message order by id limit 1)"
                )
            )

        doubt_what_was_due(sessions)
        sender().run(sessions)

        assert statuses() == ["queued", "unsure", "unsure"]
        assert mail_server.taken == []
        assert facts().count("message.unsure") == 2
