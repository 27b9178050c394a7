"""Normal forms."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_contacts.model import values
from crm_fields import spelling

pytestmark = pytest.mark.unit


class TestEmailAddress:
    @pytest.mark.parametrize(
        ("given", "normal"),
        [
            ("Zoe.Müller+x@ACME.Example", "zoe.müller+x@acme.example"),
            (" a@b.test ", "a@b.test"),
            ("a@XN--MLLER-KVA.de", "a@müller.de"),
        ],
    )
    def test_has_one_spelling(self, given, normal):
        assert normal == spelling.email_address(given)

    @pytest.mark.parametrize("given", ["", "a", "a@", "@b.de", "a b@c.de", "a..b@c.de", "a@b"])
    def test_refuses_what_is_none(self, given):
        with pytest.raises(ValueError, match=r"."):
            spelling.email_address(given)


class TestPhoneNumber:
    @pytest.mark.parametrize(
        ("given", "normal"),
        [
            ("+44 (0)20 7946-0958", "+442079460958"),
            ("0044 20 7946 0958", "+442079460958"),
            ("030 / 123456", "030123456"),
        ],
    )
    def test_is_e164_where_it_names_its_country(self, given, normal):
        assert normal == spelling.phone_number(given)

    @pytest.mark.parametrize("given", ["", "call me", "+", "12"])
    def test_refuses_what_has_no_digits_to_speak_of(self, given):
        with pytest.raises(ValueError, match="telephone"):
            spelling.phone_number(given)


class TestWebDomain:
    @pytest.mark.parametrize(
        ("given", "normal"),
        [
            ("https://www.Acme.example/shop?x=1", "acme.example"),
            ("acme.example:8080", "acme.example"),
            ("münchen.example", "xn--mnchen-3ya.example"),
        ],
    )
    def test_is_the_host(self, given, normal):
        assert normal == values.web_domain(given)

    @pytest.mark.parametrize("given", ["", "acme", "a b.example", "-a.example", "http://"])
    def test_refuses_what_is_none(self, given):
        with pytest.raises(ValueError, match="domain"):
            values.web_domain(given)


class TestKeys:
    @pytest.mark.parametrize(
        "spelling", ["Acme GmbH", "ACME  gmbh", "Acmé", "acme, Inc.", "Acme G.m.b.H."]
    )
    def test_a_company_is_known_by_any_spelling(self, spelling):
        assert values.company_key(spelling) == "acme"

    def test_a_company_named_like_a_legal_form_keeps_its_name(self):
        assert values.company_key("SE") == "se"

    @settings(deadline=None)
    @given(st.text())
    def test_a_sort_key_is_its_own_sort_key(self, text):
        once = values.sort_key(text)

        assert once == values.sort_key(once)

    def test_free_mail_says_nothing_about_a_company(self):
        assert values.corporate_domain("a@gmail.com") is None
        assert values.corporate_domain("a@acme.example") == "acme.example"


class TestMerged:
    def test_follows_the_rules_of_a_merge_patch(self):
        old = {"a": 1, "b": {"c": 2, "d": 3}, "e": 4}

        assert values.merged(old, {"a": None, "b": {"c": None, "x": 5}, "e": {"f": 6}}) == {
            "b": {"d": 3, "x": 5},
            "e": {"f": 6},
        }
