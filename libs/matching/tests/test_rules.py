"""What evidence weighs: the table of weights, pair by pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_matching import DEFAULT, Address, Person, judge
from crm_matching.glance import Glance, Outline
from crm_matching.keys import keys_of
from crm_matching.rules import Surroundings

pytestmark = pytest.mark.unit


def findings(one: Person, other: Person, **around: dict[str, int]) -> dict[str, float]:
    judged = judge(one, other, around=Surroundings(**around))
    return {each.name: each.weight for each in judged.evidence}


def person(given: str = "", surname: str = "", **parts: object) -> Person:
    return Person.of(given=given, surname=surname, **parts)  # type: ignore[arg-type]


def outline(one: Person, namesakes: int) -> Outline:
    return Outline.of(
        given=one.given, surname=one.surname, birthday=one.birthday, keys=keys_of(one),
        has_address=bool(one.addresses), namesakes=namesakes,
    )  # fmt: skip


class TestNames:
    def test_same_whatever_the_spelling(self):
        assert {"same name": 4} == findings(person("Dr. Zoë", "O'Neill"), person("ZOE", "Oneill"))

    @pytest.mark.parametrize(("people", "weight"), [(2, 7), (4, 6), (20, 5), (21, 4), (0, 4)])
    def test_count_more_the_rarer_they_are(self, people, weight):
        anna = person("Anna", "Zwirner")

        assert {"same name": weight} == findings(anna, anna, names={anna.name_key: people})

    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            (("Anna", "Berg"), ("Berg", "Anna"), {"same name, transposed": 3.5}),
            (("Bill", "Gordon"), ("William", "Gordon"), {"similar name": 2.5}),
            (("Katherine", "Smith"), ("Katherina", "Smiht"), {"similar name": 2.5}),
            (("J.", "Berg"), ("John", "Berg"), {"initial of the name": 1.5}),
            (("J. R.", "Berg"), ("John Robert", "Bergh"), {"initial of the name": 1.5}),
            (("K.", "Berg"), ("John", "Berg"), {}),
            (("J. K.", "Berg"), ("John", "Berg"), {}),
            (("Anna", "Berg"), ("Anna", "Kowalski"), {"other surname": -4}),
            (("Anna", "Berg"), ("Karl", "Berg"), {}),
            (("", "Berg"), ("", "Xu"), {"other surname": -4}),
            (("Anna", ""), ("Anna", ""), {}),
        ],
    )
    def test_alike(self, one, other, expected):
        assert expected == findings(person(*one), person(*other))


class TestOtherEvidence:
    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            ({"emails": ["A@x.example"]}, {"emails": ["a@X.example"]}, {"same e-mail": 9}),
            (
                {"emails": ["a.b+crm@gmail.com"]},
                {"emails": ["ab@googlemail.com"]},
                {"same e-mail but for its tag": 6},
            ),
            (
                {"emails": ["a@x.example"]},
                {"emails": ["b@x.example"]},
                {"other e-mail at the same organisation": -1},
            ),
            ({"emails": ["a@gmail.com"]}, {"emails": ["b@gmail.com"]}, {}),
            ({"phones": ["+4930123"]}, {"phones": ["+4930123"]}, {"same telephone": 6}),
            ({"birthday": "1970-04-01"}, {"birthday": "1970-04-01"}, {"same birthday": 4}),
            ({"birthday": "1970-04-01"}, {"birthday": "--04-01"}, {"same birthday": 4}),
            ({"birthday": "1970-04-01"}, {"birthday": "1971-04-01"}, {"other birthday": -3}),
            ({"companies": ["acme"]}, {"companies": ["acme"]}, {"same account": 2}),
            ({"external_ids": ["s:1"]}, {"external_ids": ["s:1"]}, {"same external id": 20}),
        ],
    )
    def test_weighs(self, one, other, expected):
        assert expected == findings(person(**one), person(**other))

    def test_a_telephone_that_many_share_weighs_little(self):
        anna = person(phones=["+4930123"])

        found = findings(anna, anna, phones={"+4930123": 4})

        assert {"same telephone, shared by many": 2} == found

    def test_takes_the_best_pair_of_addresses(self):
        home = Address.of(street="Hill Road 7", city="Alton", postcode="SW1 2AB")
        work = Address.of(street="7 Mill Lane", city="Dunmore")

        found = findings(person(addresses=[home, work]), person(addresses=[home]))

        assert {"same postcode": 2, "same city": 1, "same house number": 1} == found

    def test_a_house_number_alone_says_nothing(self):
        one, other = Address.of(street="Hill Road 7"), Address.of(street="Mill Lane 7")

        assert {} == findings(person(addresses=[one]), person(addresses=[other]))


class TestJudge:
    @pytest.mark.parametrize(
        ("shared", "verdict"),
        [
            ({"emails": ["a@x.example"]}, "same"),
            ({"phones": ["+4930123"]}, "same"),
            ({"companies": ["acme"]}, "review"),
            ({}, "different"),
        ],
    )
    def test_a_name_and_what_else_is_shared(self, shared, verdict):
        anna = person("Anna", "Berg", **shared)

        assert verdict == judge(anna, anna).verdict

    words = st.text("abcö -'", max_size=6)
    people = st.builds(
        person,
        words,
        words,
        birthday=st.sampled_from(["", "1970-01-01", "--01-01"]),
        emails=st.lists(st.sampled_from(["a@x.example", "a+b@x.example", "c@gmail.com"])),
        phones=st.lists(st.sampled_from(["+491", "+492"])),
        companies=st.lists(st.sampled_from(["acme", "globex"])),
        external_ids=st.lists(st.sampled_from(["chat:a", "chat:b"])),
        addresses=st.lists(
            st.builds(
                Address.of,
                street=st.sampled_from(["", "Weg 7"]),
                city=st.sampled_from(["", "Ulm", "Bonn"]),
                postcode=st.sampled_from(["", "10115"]),
            ),
            max_size=2,
        ),
    )

    @given(people, people)
    def test_is_symmetric(self, one, other):
        assert judge(one, other).score == judge(other, one).score

    @given(people, people, st.integers(1, 30))
    def test_is_never_more_than_seen_at_a_glance(self, one, other, namesakes):
        around = Surroundings(names={each.name_key: namesakes for each in (one, other)})
        seen = (outline(each, namesakes) for each in (one, other))

        assert judge(one, other, around=around).score <= Glance(DEFAULT).most(*seen)

    def test_strangers_of_one_birthday_are_not_promising(self):
        eva, uwe = (
            person("Eva", "Berg", birthday="1970-01-01"),
            person("Uwe", "Bach", birthday="1970-01-01"),
        )

        assert keys_of(eva) & keys_of(uwe)
        assert not Glance(DEFAULT).is_promising(outline(eva, 1), outline(uwe, 1))

    @given(people)
    def test_whoever_shares_nothing_has_no_key_in_common(self, one):
        stranger = person("Qwxz", "Vvvkr", birthday="1999-09-09")

        assert not keys_of(one) & keys_of(stranger)


class TestKeys:
    def test_are_those_that_make_people_comparable(self):
        acme = Address.of(postcode="10115")
        anna = person(
            "Anna", "Berg", birthday="1970-04-01", emails=["a+x@b.example"],
            phones=["+49301234567"], companies=["acme"], addresses=[acme],
        )  # fmt: skip

        expected = {
            *("e:a@b.example", "p:301234567", "n:B620a", "n:A500b", "c:acme:berg"),
            *("z:10115:b", "b:1970-04-01:b"),
        }
        assert {each.lower() for each in expected} == keys_of(anna)

    def test_survive_transposed_names(self):
        assert keys_of(person("Anna", "Berg")) == keys_of(person("Berg", "Anna"))
