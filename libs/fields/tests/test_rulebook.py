"""Rules read and values held to them; no database."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import pytest

import crm_contracts as contracts
from crm_fields import Kind
from crm_fields.judging import InvalidRule, parted, read_rule
from crm_fields.objects import FIELDS, Held
from crm_fields.rulebook import (
    InvalidValues,
    Part,
    breaches,
    custom_values,
    merged,
    read_custom,
    rules_that_count,
)
from crm_fields.types import FieldType, Spec

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_OWNERS = {Held.CONTACT: "contacts", Held.ACCOUNT: "contacts", Held.DEAL: "sales",
           Held.LEAD: "sales", Held.TICKET: "support"}  # fmt: skip
# What a contact's rules say of its first of several, and of parts of what it has.
_MADE = {"email", "phone", "kind"}


@dataclass
class Given:
    kind_of_check: str
    argument: Any
    when: Any = None
    id: Any = "r"
    message: str = "No."
    severity: str = "block"


@pytest.mark.parametrize("held", Held)
def test_what_may_be_asked_for_is_published(held):
    record = contracts.RECORDS[_OWNERS[held], held.value]
    published = {each.name for each in fields(record)} | set(
        getattr(record, "renames", {}).values()
    )

    asked = {name.partition(".")[0] for name in FIELDS[held]} - _MADE

    assert asked - {"address"} <= published


def a_part(*specs: Spec, rules: Any = (), held: Held = Held.DEAL) -> Part:
    known = {each.key: each for each in specs}
    return Part(held=held, specs=known, rules=rules_that_count(held, rules, known))


class TestValues:
    PART = a_part(
        Spec(key="seats", type=FieldType.NUMBER),
        Spec(key="income", type=FieldType.NUMBER, sensitive=True),
        Spec(key="gone", type=FieldType.STRING, archived=True),
    )

    def test_are_read_and_sensitive_ones_kept_apart(self):
        patch, apart = read_custom(self.PART, {"seats": "3", "income": "9"}, at=NOON)

        assert {
            "seats": 3,
            "income": {"sensitive": True, "set_at": "2026-03-02T12:00:00Z"},
        } == patch
        assert {"income": 9} == apart

    def test_a_mask_changes_nothing(self):
        assert ({}, {}) == read_custom(self.PART, {"income": {"sensitive": True}}, at=NOON)

    def test_null_takes_away_on_both_sides(self):
        assert ({"income": None}, {"income": None}) == read_custom(
            self.PART, {"income": None}, at=NOON
        )
        assert {"b": 1} == merged({"a": 1, "b": 2}, {"a": None, "b": 1})

    def test_what_is_kept_already_passes(self):
        assert ({"seats": "odd"}, {}) == read_custom(
            self.PART, {"seats": "odd"}, at=NOON, kept={"seats": "odd"}
        )

    @pytest.mark.parametrize("given", [{"seats": "x"}, {"gone": "x"}, {"none": 1}])
    def test_are_refused_by_key(self, given):
        with pytest.raises(InvalidValues) as caught:
            read_custom(self.PART, given, at=NOON)

        assert {f"custom.{key}" for key in given} == set(caught.value.errors)


class TestRules:
    def test_about_a_field_that_was_put_away_rest(self):
        gone = Spec(key="gone", type=FieldType.STRING, archived=True)

        assert () == a_part(gone, rules=[Given("require", ["custom.gone"])]).rules

    def test_that_are_not_understood_rest(self):
        assert () == a_part(rules=[Given("require", ["invented"])]).rules

    def test_are_judged_with_the_state_before(self):
        won = {"field": "status", "op": "changed_to", "value": "won"}
        part = a_part(rules=[Given("require", ["amount"], won)])
        values = {"status": "won", "amount": None}

        assert ["amount"] == [
            each.field for each in breaches(part, values, before={"status": "open"}, now=NOON)
        ]
        assert [] == breaches(part, values, before={"status": "won"}, now=NOON)

    def test_a_money_field_has_its_currency(self):
        price = Spec(key="price", type=FieldType.MONEY)
        part = a_part(price, rules=[Given("match", {"custom.price.currency": "EUR|SEK"})])
        values = custom_values({"price": {"amount": "1.00", "currency": "USD"}})

        assert ["custom.price.currency"] == [
            each.field for each in breaches(part, values, before=None, now=NOON)
        ]

    @pytest.mark.parametrize("given", [{}, {"require": ["a"], "forbid": ["b"]}, {"require": None}])
    def test_have_one_check(self, given):
        with pytest.raises(InvalidRule):
            parted(given, ("require", "forbid"))

    @pytest.mark.parametrize(
        ("rule", "at"),
        [
            (Given("require", ["x"]), "require"),
            (Given("match", {"a": "("}), "match.a"),
            (Given("match", {"n": "1"}), "match"),
            (Given("unique", ["w"]), "unique"),
            (Given("range", {"n": {"min": "x"}}), "range.n"),
            (Given("require", ["a"], {"field": "x", "op": "eq"}), "when"),
        ],
    )
    def test_say_where_they_are_wrong(self, rule, at):
        own = {"a": Kind.TEXT, "n": Kind.NUMBER, "w": Kind.WORDS}

        with pytest.raises(InvalidRule) as caught:
            read_rule(rule, own, {})

        assert [at] == [*caught.value.errors]
