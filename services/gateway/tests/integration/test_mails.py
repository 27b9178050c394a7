"""Mails to people of the house: each once at most, whatever dies; nothing readable is kept."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from services.gateway.tests.mail_server import MailBox, mail_server
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import clock, smtp
from crm_chassis.smtp import MailServer, Outcome, Verdict
from crm_chassis.testing import free_port
from crm_gateway import mails
from crm_gateway.mails import Letter
from crm_gateway.model import Sealer
from crm_gateway.model.errors import MailForgotten

pytestmark = pytest.mark.integration
SEALER = Sealer(["a key of sixteen characters"])
SECRET = "https://crm.example/secret-link"


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def sender(box: MailBox) -> Callable[[], mails.Sender]:
    return lambda: mails.Sender(MailServer(box.url, "crm@rapport.example"), SEALER)


@pytest.fixture
def put(doing: Callable[..., Any]) -> Callable[..., bool]:
    def queued(number: int, **given: Any) -> bool:
        options = {name: given.pop(name) for name in ("due_at", "lasts") if name in given}
        text, html = mails.paragraphs(f"Hello <{number}>", link=("Look", SECRET))
        letter = Letter(**{
            "key": f"test:{number}", "to": f"p{number}@example.com", "subject": f"No. {number}",
            "text": text, "html": html, **given,
        })  # fmt: skip
        return bool(doing(mails.put, letter, SEALER, **options))

    return queued


@pytest.fixture
def states(connection: psycopg.Connection[Any]) -> Callable[[], list[str]]:
    def read() -> list[str]:
        return [state for (state,) in connection.execute("select state from mail order by state")]

    return read


@pytest.fixture
def hurry(connection: psycopg.Connection[Any]) -> Callable[[], Any]:
    return lambda: connection.execute("update mail set due_at = now() - interval '1 minute'")


class TestQueue:
    def test_one_occasion_is_one_mail(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], box: MailBox
    ) -> None:
        assert [True, False] == [put(1), put(1)]

        assert sender().run(sessions) is None
        assert put(1) is False
        assert sender().run(sessions) is None

        assert 1 == len(box.taken)

    def test_nothing_of_what_it_says_is_readable_where_it_waits(
        self, put: Any, sender: Any, sessions: sessionmaker[Session],
        connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        put(1)
        row = connection.execute("select mail::text, sealed from mail").fetchone()
        assert row is not None
        assert "secret-link" not in row[0]
        assert b"secret-link" not in bytes(row[1])

        sender().run(sessions)

        assert connection.execute("select sealed, state from mail").fetchone() == (None, "sent")

    def test_one_that_was_withdrawn_or_is_not_due_stays_here(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], box: MailBox,
        doing: Callable[..., Any],
    ) -> None:  # fmt: skip
        put(1)
        put(2, due_at=clock.now() + timedelta(minutes=2))

        def withdrawn(session: Session, now: datetime) -> bool:
            return mails.withdraw(session, "test:1")

        assert doing(withdrawn)
        assert not doing(withdrawn)
        sender().run(sessions)
        assert [] == box.taken

    def test_what_comes_too_late_is_not_sent_at_all(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], box: MailBox, states: Any
    ) -> None:
        put(1, lasts=timedelta(seconds=-1))
        sender().run(sessions)
        mails.keep_house(sessions, now=clock.now())
        assert (["failed"], []) == (states(), box.taken)

    def test_what_was_refused_is_sent_again_when_somebody_asks(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], box: MailBox, states: Any,
        doing: Callable[..., Any], connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        put(1, to="no@example.com")
        put(2)
        box.replies["no@example.com"] = "550 no such person"
        sender().run(sessions)
        ids_ = dict(connection.execute("select key, id from mail").fetchall())
        assert ["failed", "sent"] == states()

        box.replies.clear()
        doing(mails.send_again, ids_["test:1"])
        sender().run(sessions)

        assert (["sent", "sent"], 2) == (states(), len(box.taken))
        with pytest.raises(MailForgotten):
            doing(mails.send_again, ids_["test:2"])

    def test_what_went_wrong_is_readable_for_three_days(
        self, put: Any, sessions: sessionmaker[Session], doing: Callable[..., Any],
        connection: psycopg.Connection[Any],
    ) -> None:  # fmt: skip
        put(1, lasts=timedelta(seconds=-1))
        mails.keep_house(sessions, now=clock.now())
        (mail_id,) = connection.execute("select id from mail").fetchone() or (None,)

        mails.keep_house(sessions, now=clock.now() + timedelta(days=3, minutes=1))

        with pytest.raises(MailForgotten):
            doing(mails.send_again, mail_id)

    def test_is_forgotten_after_a_month(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], states: Any
    ) -> None:
        put(1)
        sender().run(sessions)
        mails.keep_house(sessions, now=clock.now() + timedelta(days=31))
        assert [] == states()


class TestWriting:
    def test_says_the_same_as_text_and_as_html(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], box: MailBox
    ) -> None:
        put(1, subject="A\r\nBcc: x@y.example", unsubscribe="https://crm.example/settings/me")
        sender().run(sessions)

        (mail,) = box.mails("p1@example.com")
        assert mail["Subject"] == "A Bcc: x@y.example"
        assert mail["Bcc"] is None
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Unsubscribe"] == "<https://crm.example/settings/me>"
        plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
        assert plain is not None
        assert html is not None
        assert SECRET in plain.get_content()
        assert "Hello &lt;1&gt;" in html.get_content()

    def test_an_address_that_is_none_fails_and_holds_up_nobody(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], box: MailBox, states: Any
    ) -> None:
        put(1, to="not an address")
        put(2)
        assert sender().run(sessions) is None
        assert (["failed", "sent"], 1) == (states(), len(box.taken))


class TestFaults:
    def test_a_server_that_is_away_is_waited_for(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], box: MailBox, states: Any
    ) -> None:
        put(1)
        away = mails.Sender(MailServer(f"smtp://127.0.0.1:{free_port()}", "a@b.example"), SEALER)
        fault = away.run(sessions)
        assert fault is not None
        assert "unreachable" in fault
        assert ["queued"] == states()

        assert sender().run(sessions) is None
        assert 1 == len(box.taken)

    def test_what_is_put_off_is_tried_again_and_what_is_refused_is_not(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], box: MailBox, states: Any,
        hurry: Any,
    ) -> None:  # fmt: skip
        box.replies = {"p1@example.com": "451 later", "p2@example.com": "550 unknown"}
        put(1)
        put(2)
        sender().run(sessions)
        assert ["failed", "queued"] == states()

        box.replies.clear()
        sender().run(sessions)
        assert ["failed", "queued"] == states()
        hurry()
        sender().run(sessions)
        assert (["failed", "sent"], 1) == (states(), len(box.taken))

    @pytest.mark.parametrize(("when", "taken"), [("before", 2), ("after", 3)])
    def test_a_killed_sender_leaves_one_in_doubt_and_doubles_none(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], box: MailBox, states: Any,
        monkeypatch: pytest.MonkeyPatch, when: str, taken: int,
    ) -> None:  # fmt: skip
        for number in (1, 2, 3):
            put(number)
        real, calls = smtp.Smtp.hand_over, list[str]()

        def dying(connection: smtp.Smtp, to: str, body: bytes) -> Outcome:
            calls.append(to)
            if len(calls) == 2 and when == "before":
                raise Killed
            outcome = real(connection, to, body)
            if len(calls) == 2:
                raise Killed
            return outcome

        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(smtp.Smtp, "hand_over", dying)
            sender().run(sessions)
        sender().run(sessions)
        sender().run(sessions)

        assert ["sent", "sent", "unsure"] == states()
        assert taken == len(box.taken)
        assert all(len(box.mails(f"p{n}@example.com")) <= 1 for n in (1, 2, 3))

    def test_a_connection_that_broke_during_a_mail_leaves_doubt(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], states: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        put(1)
        monkeypatch.setattr(smtp.Smtp, "hand_over", lambda *_: Outcome(Verdict.UNSURE, "gone"))
        assert "hung up" in (sender().run(sessions) or "")
        assert ["unsure"] == states()

    def test_after_a_restoration_nothing_is_sent_twice(
        self, put: Any, sender: Any, sessions: sessionmaker[Session], box: MailBox, states: Any
    ) -> None:
        put(1)
        put(2, due_at=clock.now() + timedelta(hours=1))
        mails.doubt_what_was_due(sessions)
        sender().run(sessions)
        assert (["queued", "unsure"], []) == (states(), box.taken)
