"""Rows of files keep the rules of the API, and become what a contact of the API becomes."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import ValidationError

from crm_chassis import clock
from crm_contacts.commands.importing.rows import RowRefused
from crm_contacts.model.contact import Contact
from crm_contacts.model.errors import ContactUnnamed
from crm_contacts.model.newcomer import Newcomer
from crm_contacts.schemas import rows
from crm_contacts.schemas.contacts import ContactIn
from crm_fields import spelling
from crm_fields.spelling import email_address

pytestmark = pytest.mark.unit
ACCOUNT = UUID("01930000-0000-7000-8000-0000000000aa")
WORDS = st.text(alphabet="aÉß. -'@\0\n", max_size=8) | st.just("x" * 201)
EMAILS = st.sampled_from([
    "ada@a.example", " ADA@A.Example ", "a.b+c@b.example", "a..b@b.example", "x@localhost", "a@b@c",
    "müller@bücher.example", "nobody", "", "a@xn--bcher-kva.example", "a@-b.example", "a@b.example.",
    "x" * 65 + "@a.example", "o'neil@a.example",
])  # fmt: skip
PHONES = st.sampled_from([
    "+44 20 7946 0018", "+44 (0)20 7946 0018", "0049 30 123456", "030 123456", "12", "", "call me",
    "+39 06 1234567", "9" * 61,
])  # fmt: skip
DAYS = st.sampled_from(["1985-12-10", "--02-29", "1985-02-30", "soon", ""])


def points(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    point = st.fixed_dictionaries(
        {"value": values}, optional={"label": WORDS, "primary": st.booleans()}
    )
    return st.lists(point, max_size=3)


BODIES = st.fixed_dictionaries(
    {"source": st.just("import")},
    optional={
        "first_name": WORDS, "last_name": WORDS, "job_title": WORDS, "emails": points(EMAILS),
        "phones": points(PHONES), "birthday": DAYS, "tags": st.lists(WORDS, max_size=3),
        "lifecycle": st.sampled_from(["lead", "customer", "king"]), "do_not_call": st.booleans(),
        "addresses": st.just([{"street": "Am Markt 1", "postcode": "10115"}]),
        "custom": st.just({"size": "38"}), "language": st.sampled_from(["de", "German"]),
    },
)  # fmt: skip


@given(BODIES)
def test_a_row_is_taken_exactly_where_the_api_takes_it(body: dict[str, Any]) -> None:
    try:
        wanted = ContactIn().load(dict(body))
    except ValidationError:
        with pytest.raises(RowRefused):
            rows.checked(body)
        return
    if "\0" in str(body):
        return  # the reader and the API's door have refused it before
    assert {name: rows._json(value) for name, value in wanted.items()} == rows.checked(body)


@given(BODIES, st.booleans())
@example({"source": "x", "emails": [{"value": "a@a.example"}, {"value": "a@a.example"}]}, False)
def test_a_newcomer_is_what_the_api_would_have_made(body: dict[str, Any], belongs: bool) -> None:
    try:
        fields = rows.checked(body)
        contact = Contact()
        account = {"account_id": ACCOUNT} if belongs else {}
        contact.change({**ContactIn().load(dict(body)), **account})
    except (RowRefused, ContactUnnamed, ValidationError):
        return

    newcomer = Newcomer.of(
        fields, contact_id=contact.id, owner_id=None, account_id=ACCOUNT if belongs else None,
        actor="user:1", at=clock.now(),
    )  # fmt: skip

    for name in (
        "first_name", "last_name", "name", "job_title", "birthday", "lifecycle", "source", "tags",
        "do_not_call", "addresses", "custom", "language", "sort_name", "search_text", "match_keys",
        "account_id", "visibility", "merged_into_id", "department", "time_zone",
    ):  # fmt: skip
        assert getattr(contact, name) == getattr(newcomer, name), name
    parts = ("kind", "value", "label", "position", "is_primary", "deliverability", "opted_out")
    assert [[getattr(p, part) for part in parts] for p in contact.points] == [
        [getattr(p, part) for part in parts] for p in newcomer.points
    ]


@given(EMAILS | st.from_regex(r"[a-z.]{1,4}@[a-z.-]{1,6}\.example", fullmatch=True))
def test_the_quick_look_at_an_address_never_differs_from_the_whole(text: str) -> None:

    def outcome(read: Any) -> str | None:
        try:
            return str(read(text))
        except ValueError:
            return None

    assert outcome(spelling._judged_email) == outcome(email_address)


def test_reasons_name_their_fields() -> None:
    with pytest.raises(RowRefused) as refused:
        rows.checked({"emails": [{"value": "nobody"}], "last_name": "x" * 201})

    assert {"emails value", "last_name"} == {each.split(":")[0] for each in refused.value.reasons}
