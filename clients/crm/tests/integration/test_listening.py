"""What a sender hears when something goes wrong behind the listener."""

import smtplib
from typing import Any

import httpx
import pytest

from crm_chassis.testing import free_port
from crm_client import Client
from crm_client.mail_in import Handing, Listener

pytestmark = pytest.mark.integration


def test_what_nobody_foresaw_does_not_turn_a_mail_away() -> None:
    nonsense = httpx.MockTransport(lambda _: httpx.Response(201, text="no JSON"))
    client, port, told = (
        Client("http://x.example", "t", transport=nonsense),
        free_port(),
        list[Any](),
    )
    listener = Listener(
        handing=Handing(client), host="127.0.0.1", port=port, told=lambda *each: told.append(each)
    )
    stop = listener.start()
    try:
        with (
            smtplib.SMTP("127.0.0.1", port, timeout=10) as sender,
            pytest.raises(smtplib.SMTPDataError) as refused,
        ):
            sender.sendmail("a@b.example", ["c@d.example"], "Subject: hello\n\nhello\n")
    finally:
        stop()

    assert 451 == refused.value.smtp_code
    assert [False] == [became.is_final for _, became in told]
