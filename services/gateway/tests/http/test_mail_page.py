"""Mails that did not go out, in the console as a browser without JavaScript gets it."""

from typing import Any

import pytest
from services.gateway.tests.http.conftest import Site, Stub, example

from crm_chassis import clock, db
from crm_gateway import mails
from crm_gateway.model import Sealer
from crm_gateway.model.mail import Mail, MailState

pytestmark = pytest.mark.integration
PAGE = "/settings/mail"


@pytest.fixture
def sessions(console: Any, site: Site) -> Any:
    return db.sessions(console[0].config["engine"])


@pytest.fixture
def failed(sessions: Any) -> str:
    """A mail to somebody of the house that the mail server refused; its id."""
    letter = mails.Letter(key="test:1", to="ben@example.com", subject="Your day", text="Hello")
    with db.transaction(sessions, db.Context(actor="service:test")) as session:
        mails.put(session, letter, Sealer(["a key of sixteen characters"]), now=clock.now())
        mail = session.query(Mail).one()
        mail.settle(MailState.FAILED, at=clock.now(), fault="550 no such person")
        return str(mail.id)


def test_says_that_all_is_well(site: Site) -> None:
    site.sign_in().get(PAGE)

    assert 2 == site.page.count("All of it went out.")


def test_says_why_and_sends_again(site: Site, failed: str, sessions: Any) -> None:
    site.sign_in().get(PAGE)
    assert "ben@example.com" in site.page
    assert "550 no such person" in site.page

    assert 303 == site.send(f"{PAGE}/{failed}/retry", on=PAGE).status_code
    with sessions() as session:
        assert MailState.QUEUED == session.query(Mail).one().state

    again = site.send(f"{PAGE}/{failed}/retry", on=PAGE)
    assert 409 == again.status_code
    assert 'role="alert"' in site.page


def test_shows_those_of_campaigns_and_sends_them_again(site: Site, stub: Stub) -> None:
    message = example("message") | {"status": "failed"}
    path = f"/v1/messages/{message['id']}"
    stub.answers["GET", "/v1/messages"] = (200, {"items": [message], "next": None})
    stub.answers["GET", f"{path}/delivery"] = (200, {"failure": "554 <spam>"})

    site.sign_in().get(PAGE)
    assert "554 &lt;spam&gt;" in site.page
    site.send(f"{PAGE}/messages/{message['id']}/retry", on=PAGE)

    assert f"{path}/retry" == stub.last("PUT")[0]


def test_says_when_marketing_is_away(site: Site, stub: Stub) -> None:
    stub.answers["GET", "/v1/messages"] = (503, {"detail": "away"})

    site.sign_in().get(PAGE)

    assert "Mails of campaigns cannot be shown now." in site.page
