"""Rules that need no database."""

from uuid import UUID

import pytest

from crm_fields.predicate import DEEPEST
from crm_marketing.model import rendering
from crm_marketing.model.errors import InvalidPredicate, InvalidTemplate, LinkUnknown
from crm_marketing.model.message import idempotency_key
from crm_marketing.model.predicate import parse
from crm_marketing.model.rendering import Content
from crm_marketing.model.tracking import Tracking

pytestmark = pytest.mark.unit
A, B = UUID(int=1), UUID(int=2)


class TestPredicate:
    def test_refuses_endless_nesting(self):
        predicate = {"field": "name", "op": "empty"}
        for _ in range(DEEPEST + 1):
            predicate = {"not": predicate}
        with pytest.raises(InvalidPredicate):
            parse(predicate)

    def test_says_where_the_fault_is(self):
        with pytest.raises(InvalidPredicate) as caught:
            parse({"all": [{"field": "name", "op": "empty"}, {"field": "name", "op": "x"}]})
        assert list(caught.value.errors) == ["predicate.1"]


class TestRendering:
    def test_steps_in_for_what_is_not_known(self):
        content = Content(subject='Hi {{ first_name|default("there") }}\n!', body_text="x")
        assert rendering.render(content, {}).subject == "Hi there !"
        assert rendering.render(content, {"first_name": "M"}).subject == "Hi M !"

    def test_does_not_send_a_gap(self):
        with pytest.raises(rendering.Unrenderable):
            rendering.render(Content(subject="s", body_text="{{ first_name }}"), {})

    def test_chooses_by_what_is_known(self):
        text = "{% if language is defined and language == 'de' %}Hallo{% else %}Hello{% endif %}"
        content = Content(subject="s", body_text=text)
        rendering.check(content)
        assert rendering.render(content, {"language": "de"}).body_text == "Hallo"
        assert rendering.render(content, {}).body_text == "Hello"

    def test_refuses_to_reach_out(self):
        with pytest.raises(InvalidTemplate):
            rendering.check(Content(subject="s", body_text="{{ ''.__class__ }}"))


class TestTracking:
    def test_reads_back_what_it_signed_and_nothing_else(self):
        tracking = Tracking("https://crm.example", b"key")
        url = "https://example.com/ü"
        assert tracking.opened(tracking.open_token(A)) == A
        assert tracking.clicked(tracking.click_token(A, url)) == (A, url)
        with pytest.raises(LinkUnknown):
            tracking.opened(tracking.click_token(A, url))
        with pytest.raises(LinkUnknown):
            Tracking("https://crm.example", b"other").opened(tracking.open_token(A))


def test_a_message_has_one_key():
    assert idempotency_key(A, B) == idempotency_key(A, B)
    assert idempotency_key(A, B) != idempotency_key(B, A)
