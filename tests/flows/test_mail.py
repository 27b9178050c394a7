"""I4, U7, C14: mail comes in by SMTP, LMTP and IMAP, and finds its contacts."""

import json
import os
import smtplib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from imap_tools import MailBoxUnencrypted
from tests.flows.test_recognition import bounce
from tests.running import Platform

from crm_chassis.testing import free_port, wait_until

pytestmark = [pytest.mark.flow]
OURS = "rapport.example"


@contextmanager
def running(*words: str, env: dict[str, str] | None = None) -> Iterator[None]:
    program = Path(sys.executable).with_name(words[0])
    process = subprocess.Popen(
        [program, *words[1:]], env={**os.environ, **(env or {})}, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def answers(kind: type[smtplib.SMTP], port: int) -> bool:
    try:
        with kind("127.0.0.1", port, timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def listening(platform: Platform, kind: type[smtplib.SMTP], *more: str) -> Iterator[int]:
    port = free_port()
    words = ["crm", "mail", "listen", f"--{kind.__name__.lower()}", f"127.0.0.1:{port}", *more]
    with running(*words, env={"CRM_HOME": str(platform.home)}):
        wait_until(lambda: answers(kind, port), timeout=30, what="a listener")
        yield port


def letter(sender: str, *to: str, **fields: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ", ".join(to), "About the pumps"
    mail["Message-ID"] = f"<{uuid.uuid4().hex}@letters.example>"
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("When will the pumps arrive?\n\nOn Monday, Karl wrote:\n> Soon.\n")
    return mail


def sent(port: int, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as sender:
        sender.send_message(mail)


def somewhere() -> str:
    return f"{uuid.uuid4().hex[:10]}.example"


@contextmanager
def policy(platform: Platform, **rule: Any) -> Iterator[None]:
    platform.api.put("/v1/mails/policy", {"strangers": "create", "own_domains": [OURS]} | rule)
    try:
        yield
    finally:
        platform.api.put("/v1/mails/policy", {"strangers": "ignore"})


def logged(platform: Platform, mail: EmailMessage) -> list[dict[str, Any]]:
    wanted = str(mail["Message-ID"]).strip("<>")
    return platform.items("/v1/interactions", source_service="mail", source_id=wanted)


class TestListening:
    def test_a_bounce_by_smtp_retires_the_address(self, platform: Platform, tmp_path: Path) -> None:
        address = f"{uuid.uuid4().hex[:10]}@receiver.example"
        contact = platform.contact(emails=[{"value": address}])

        with (
            listening(platform, smtplib.SMTP) as port,
            smtplib.SMTP("127.0.0.1", port, timeout=30) as sender,
        ):
            content = bounce(tmp_path / "bounce.eml", address).read_text()
            sender.sendmail("", [f"bounces@{OURS}"], content)

        [email] = platform.api.get(f"/v1/contacts/{contact['id']}")["emails"]
        assert "invalid" == email["deliverability"]

    def test_a_stranger_becomes_a_contact_of_a_company(self, platform: Platform) -> None:
        domain = somewhere()
        mail = letter(f"Lena Ott <lena@{domain}>", f"sales@{OURS}")

        with policy(platform), listening(platform, smtplib.SMTP) as port:
            sent(port, mail)
            sent(port, mail)

        [contact] = platform.items("/v1/contacts", q=f"lena@{domain}")
        [account] = platform.items("/v1/accounts", domain=domain)
        assert ("Lena", "Ott", account["id"]) == (
            contact["first_name"],
            contact["last_name"],
            contact["account_id"],
        )
        [interaction] = logged(platform, mail)
        assert ("received", "When will the pumps arrive?") == (
            interaction["outcome"],
            interaction["summary"],
        )
        wait_until(lambda: platform.section(contact["id"], "contacts", "interactions"))

    def test_delivery_by_lmtp_is_answered_for_each_recipient(self, platform: Platform) -> None:
        mail = letter(f"a@{somewhere()}", f"sales@{OURS}")

        with (
            listening(platform, smtplib.LMTP) as port,
            smtplib.LMTP("127.0.0.1", port, timeout=60) as sender,
        ):
            sender.ehlo()
            sender.mail("a@b.example")
            for name in ("sales", "info"):
                sender.rcpt(f"{name}@{OURS}")
            answers = [sender.data(mail.as_string()), sender.getreply()]

        assert [250, 250] == [code for code, _ in answers]
        assert 1 == len(logged(platform, mail))

    def test_what_we_send_is_kept_with_whom_it_is_to(self, platform: Platform) -> None:
        contact = platform.contact()
        mail = letter(f"Karl <karl@{OURS}>", contact["emails"][0]["value"], f"ann@{OURS}")

        with policy(platform), listening(platform, smtplib.SMTP) as port:
            sent(port, mail)

        [interaction] = logged(platform, mail)
        assert ("out", "sent") == (interaction["direction"], interaction["outcome"])
        assert [{"type": "contact", "id": contact["id"]}] == interaction["subjects"]

    def test_machines_become_nobody(self, platform: Platform) -> None:
        domain = somewhere()
        newsletter = letter(
            f"News <news@{domain}>", f"sales@{OURS}", List_Unsubscribe="<https://x>"
        )

        with policy(platform), listening(platform, smtplib.SMTP) as port:
            sent(port, newsletter)

        [interaction] = logged(platform, newsletter)
        assert ([], None) == (interaction["subjects"], interaction["subject"])
        assert [] == platform.items("/v1/contacts", q=f"news@{domain}")

    def test_other_domains_are_refused(self, platform: Platform) -> None:
        with (
            listening(platform, smtplib.SMTP, "--domain", OURS) as port,
            smtplib.SMTP("127.0.0.1", port, timeout=30) as sender,
            pytest.raises(smtplib.SMTPRecipientsRefused) as refused,
        ):
            sender.send_message(letter("a@b.example", "c@elsewhere.example"))

        assert [550] == [code for code, _ in refused.value.recipients.values()]

    def test_while_the_service_is_away_senders_are_asked_to_come_again(
        self, platform: Platform
    ) -> None:
        mail = letter(f"a@{somewhere()}", f"sales@{OURS}")
        with listening(platform, smtplib.SMTP) as port:
            platform.stop("roles:contacts-serve")
            try:
                with (
                    smtplib.SMTP("127.0.0.1", port, timeout=120) as sender,
                    pytest.raises(smtplib.SMTPDataError) as refused,
                ):
                    sender.send_message(mail)
            finally:
                platform.heal()
            sent(port, mail)

        assert 451 == refused.value.smtp_code
        assert 1 == len(logged(platform, mail))


class TestMailbox:
    def test_is_read_and_left_as_it_is(self, platform: Platform) -> None:
        contact, port = platform.contact(), free_port()
        mail = letter(contact["emails"][0]["value"], f"sales@{OURS}")
        words = ["pymap", "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
        with running(*words, "dict", "--demo-user", "sales", "--demo-password", "secret"):
            wait_until(lambda: has_put(port, mail), timeout=30, what="a mailbox")
            url = f"imap://sales:secret@127.0.0.1:{port}/INBOX"
            first = platform.crm("mail", "poll", url, "--once", "--json")
            again = platform.crm("mail", "poll", url, "--once", "--json")
            with mailbox(port) as box:
                assert [()] == [each.flags for each in box.fetch(mark_seen=False)]

        assert {"taken": 1, "refused": 0, "waiting": 0} == counts(first), first.stderr
        assert 1 == len(logged(platform, mail)), again.stderr

    def test_that_nobody_can_open_is_said(self, platform: Platform) -> None:
        done = platform.crm("mail", "poll", f"imap://a:b@127.0.0.1:{free_port()}", "--once")

        assert (1, "") == (done.returncode, done.stdout)
        assert "127.0.0.1" in done.stderr


def counts(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """What `--once --json` says last, after a line for each mail."""
    return dict(json.loads(done.stdout[done.stdout.index("{\n") :]))


def mailbox(port: int) -> MailBoxUnencrypted:
    box = MailBoxUnencrypted("127.0.0.1", port, timeout=5)
    box.login("sales", "secret", initial_folder="INBOX")
    return box


def has_put(port: int, mail: EmailMessage) -> bool:
    try:
        with mailbox(port) as box:
            box.append(mail.as_bytes(), "INBOX")
    except OSError:
        return False
    return True
