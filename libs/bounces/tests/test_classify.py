"""Mails of our own making in the manner of many systems: the file's name says what it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_bounces import Class, Reason, classify
from crm_bounces.reasons import class_of, reason_of

pytestmark = pytest.mark.unit
MAILS = sorted((Path(__file__).parent / "mails").glob("*.eml"))
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
        classify(content)

    @given(st.sampled_from(MAILS), st.integers(0, 3000), st.binary(max_size=40))
    def test_survives_what_transport_does_to_a_bounce(self, path, place, noise):
        content = path.read_bytes()

        classify(content[:place] + noise + content[place:])


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
            ("", "5.4.4", Reason.HOST_UNKNOWN),
            ("", "", Reason.UNCLEAR),
        ],
    )
    def test_of_words_and_code(self, text, status, expected):
        assert expected is reason_of(text, status)

    def test_every_reason_has_a_class(self):
        assert {Class.HARD, Class.SOFT, Class.POLICY} == {class_of(each) for each in Reason}
