"""Mails of our own making in the manner of many systems: the file's name says what it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_bounces import Class, Reason, Verdict, classify
from crm_bounces.quotes import answers_in, is_before_recipient, telling
from crm_bounces.reasons import before_recipient, class_of, of_stage, reason_of

pytestmark = pytest.mark.unit
MAILS = sorted((Path(__file__).parent / "mails").glob("*.eml"))
REPLIES = [
    line
    for line in (Path(__file__).parent / "replies.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
LENA = "lena@receiver.example"


def mail(name: str) -> bytes:
    return (Path(__file__).parent / "mails" / f"{name}.eml").read_bytes()


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
class TestClassify:
    def test_tells_the_class(self, path):
        verdict = classify(path.read_bytes())

        wanted = path.stem.partition("-")[0]
        assert (wanted, wanted != "none") == (verdict.bounce_class, verdict.is_bounce)

    def test_names_who_could_not_be_reached(self, path):
        verdict = classify(path.read_bytes())

        if verdict.is_bounce:
            assert LENA == verdict.addresses[0]
            assert len(verdict.addresses) == (2 if "several" in path.stem else 1)

    @pytest.mark.parametrize("line_end", [b"\r\n", b"\r"])
    def test_reads_it_with_any_line_ends(self, path, line_end):
        content = path.read_bytes()

        assert classify(content) == classify(content.replace(b"\n", line_end))


class TestVerdict:
    def test_judges_each_recipient(self):
        verdict = classify(mail("hard-several"))

        found = [(each.address, each.bounce_class, each.code) for each in verdict.recipients]
        assert [
            (LENA, Class.HARD, "5.1.1"),
            ("karl@receiver.example", Class.SOFT, "4.2.2"),
        ] == found

    def test_a_complaint_is_no_bounce(self):
        verdict = classify(mail("none-complaint-report"))

        assert verdict.is_complaint
        assert (LENA,) == verdict.addresses

    @given(st.binary(max_size=2000))
    def test_survives_anything(self, content):
        assert isinstance(classify(content), Verdict)

    def test_survives_mails_within_mails(self):
        head = b"From: MAILER-DAEMON@mx.example\r\nContent-Type: message/rfc822\r\n\r\n"

        assert not classify(head * 5000 + b"Subject: hello\r\n\r\nhello").is_bounce

    def test_reads_on_where_a_field_was_torn(self):
        path = next(each for each in MAILS if each.name == "hard-postfix.eml")
        content = path.read_bytes()
        torn = content.replace(b"Diagnostic-Code: smtp;", b"Diagnostic-Code: smtp;\x0b")
        assert torn != content

        assert classify(torn).bounce_class is classify(content).bounce_class

    @given(st.sampled_from(MAILS), st.integers(0, 3000), st.binary(max_size=40))
    def test_survives_what_transport_does_to_a_bounce(self, path, place, noise):
        content = path.read_bytes()

        assert isinstance(classify(content[:place] + noise + content[place:]), Verdict)


class TestReason:
    @pytest.mark.parametrize(
        ("text", "status", "expected"),
        [
            ("550 5.1.1 no thanks", "5.1.1", Reason.USER_UNKNOWN),
            ("550 mailbox lena is full", "5.0.0", Reason.FULL),
            ("550 5.7.1 recipient address rejected: user unknown", "5.7.1", Reason.USER_UNKNOWN),
            ("554 5.7.1 relay access denied", "5.7.1", Reason.RELAYING),
            ("450 sender address rejected: domain not found", "4.1.8", Reason.SENDER),
            ("421 too many connections from your host", "", Reason.BUSY),
            ("550 account has been suspended", "", Reason.DISABLED),
            ("host mx.example[192.0.2.7] said: 554 message rejected", "5.0.0", Reason.BLOCKED),
            ("554 5.7.1 recipient address rejected: access denied", "5.7.1", Reason.BLOCKED),
            ("550 recipient address rejected: access denied", "5.4.1", Reason.TURNED_AWAY),
            ("552 5.1.1 user is over quota", "5.1.1", Reason.FULL),
            ("550 refused for the recipient's preferences", "5.1.1", Reason.CHOICE),
            ("421 4.7.0 too many sessions at once", "4.7.0", Reason.BUSY),
            ("mail is sent at a rate that is too high", "5.2.1", Reason.TOO_FAST),
            ("", "5.4.4", Reason.HOST_UNKNOWN),
            ("", "", Reason.UNCLEAR),
        ],
    )
    def test_of_words_and_code(self, text, status, expected):
        assert expected is reason_of(text, status)

    @pytest.mark.parametrize(
        ("replies", "expected"),
        [
            (
                (
                    "550 No such user here|550 Invalid recipient|511 sorry, no mailbox here by that name"
                    "|550 Mailbox unknown. Either there is no mailbox associated with this name"
                    "|550 5.7.1 Recipient not found|550 unrouteable address|550 Addressee unknown"
                    "|550 Requested action not taken: mailbox unavailable|550 5.1.0 Address rejected."
                    "|550 5.2.1 This mailbox has been blocked due to inactivity|550 Account blocked"
                    "|554 delivery error: This user doesn't have a mail.example account"
                    "|550 This address no longer accepts mail.|551 User has moved to other.example"
                    "|The recipient's address was not found in the e-mail system"
                    "|DNS Error: lookup responded with code NXDOMAIN Domain name not found"
                    "|5.4.4 unable to route: dns lookup failure|not listed in Domino Directory"
                    "|550 recipient is in my badrcptto list|550 we can't accept user|account is frozen"
                    "|nessun utente di questo nome|no existe ese usuario|553 recipient not ok"
                    "|550 lena@receiver.example is suspended|550 <lena@receiver.example> not found"
                    "|551 your friend has been replaced by karl|domain must exist|recipient archived"
                ),
                Class.HARD,
            ),
            (
                (
                    "552 Requested mail action aborted: exceeded storage allocation|mailbox is full"
                    "|450 4.2.0 Greylisted, see the web|421 4.7.0 Try again later|connection timed out"
                    "|552 5.2.3 Message exceeds maximum fixed size|554 5.4.14 Hop count exceeded"
                    "|The recipient server did not accept our requests to connect|retry time not reached"
                    "|connection refused|host not found, try again|too many hops|the queue time expired"
                    "|450 slow down please|boîte du destinataire pleine|command died with status 75"
                    "|451 account is temporarily not available|service is temporarily unavailable"
                    "|this message has been in the queue too long|452 4.3.1 Insufficient system storage"
                ),
                Class.SOFT,
            ),
            (
                (
                    "554 5.7.1 Service unavailable; client [192.0.2.3] blocked using bl.example"
                    "|550 5.7.1 Our system has detected that this message is likely unsolicited mail"
                    "|550 5.7.1 Unable to relay|553 that domain isn't in my list of allowed rcpthosts"
                    "|550 Administrative prohibition|550 5.7.1 Message rejected due to content"
                    "|550 SPF check failed|the account is not accepting mail from this sender"
                    "|550 5.7.0 Local Policy Violation|450 Client host rejected: cannot find your hostname"
                    "|we accept no mail over ipv6|we do not accept mail from sender.example|go away"
                    "|null sender is not allowed|batv tag missing|your access has been rejected"
                    "|you have no permission to post here|closed mailing list|bad Subject: header"
                    "|sender was not authenticated|failed to authenticate|connection denied"
                    "|your ip is on our list and blocked|you use an open proxy|mass mailer"
                ),
                Class.POLICY,
            ),
        ],
    )
    def test_of_what_mail_systems_say(self, replies, expected):
        found = {reply: class_of(reason_of(reply)) for reply in replies.split("|")}

        assert dict.fromkeys(found, expected) == found

    @pytest.mark.parametrize("line", REPLIES)
    def test_of_words_that_no_system_has_said(self, line):
        expected, _, reply = line.partition("|")

        assert expected == class_of(reason_of(reply))

    @pytest.mark.parametrize(
        ("code", "stage", "expected"),
        [
            ("550", "recipient", Reason.USER_UNKNOWN),
            ("450", "recipient", Reason.UNCLEAR),
            ("554", "recipient", Reason.UNCLEAR),
            ("554", "content", Reason.BLOCKED),
            ("451", "content", Reason.UNCLEAR),
            ("550", "", Reason.UNCLEAR),
        ],
    )
    def test_of_the_stage_where_words_say_nothing(self, code, stage, expected):
        found = of_stage(
            code, is_at_recipient=stage == "recipient", is_at_content=stage == "content"
        )

        assert expected is found

    def test_who_spoke_is_no_reason(self):
        said = "host mx.receiver.example [192.0.2.9]: 554 unknown mailer error"

        assert reason_of(said) is not Reason.HOST_UNKNOWN

    @pytest.mark.parametrize(
        ("reason", "expected"),
        [
            (Reason.USER_UNKNOWN, Reason.SENDER),
            (Reason.HOST_UNKNOWN, Reason.SENDER),
            (Reason.UNCLEAR, Reason.SENDER),
            (Reason.SPAM, Reason.SPAM),
            (Reason.BUSY, Reason.BUSY),
        ],
    )
    def test_before_a_recipient_was_named(self, reason, expected):
        assert expected is before_recipient(reason)

    def test_every_reason_has_a_class(self):
        assert {Class.HARD, Class.SOFT, Class.POLICY} == {class_of(each) for each in Reason}


class TestQuotes:
    @pytest.mark.parametrize(
        "notice",
        [
            "Remote host said: 550 no Lena\nGiving up on 192.0.2.7.",
            "<lena@receiver.example>: host mx said: 550 no Lena (in reply to RCPT TO)",
            "SMTP error from remote mail server after RCPT TO:<l@r.example>:\n 550 no Lena\n\nbye",
            "The error that the other server returned was:\n550 no Lena\n\nbye",
            "The response was:\n\n550 no Lena",
            "   (reason: 550 no Lena)\n",
            ">>> RCPT TO:<lena@receiver.example>\n<<< 550 no Lena\n",
            "mx did not like our RCPT TO:\n550 no Lena",
            "  Diagnostic code: 550 no Lena\n",
        ],
    )
    def test_finds_what_the_other_side_answered(self, notice):
        assert "550 no Lena" == answers_in(notice)

    def test_a_notice_may_quote_nothing(self):
        assert not answers_in("Your mail could not be delivered.")

    def test_leaves_out_what_every_notice_has(self):
        notice = "This is the mail system at host mx.example.\nMailbox full.\nGiving up on mx."

        assert "Mailbox full." == telling(notice).strip()

    @pytest.mark.parametrize(
        ("notice", "expected"),
        [
            ("SMTP error from remote mail server after MAIL FROM:<a@b.example>: 550 no", True),
            ("host mx said: 550 no (in reply to\n    MAIL FROM command)", True),
            ("host mx refused to talk to me: 554 no", True),
            ("SMTP error from remote mail server after RCPT TO:<a@b.example>: 550 no", False),
        ],
    )
    def test_knows_how_far_the_session_came(self, notice, expected):
        assert expected is is_before_recipient(notice)
