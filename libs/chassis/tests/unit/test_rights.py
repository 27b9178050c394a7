"""What roles grant, alone and together; what an operation needs; which fields are told and taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_chassis import rights
from crm_chassis.auth import Principal
from crm_chassis.problems import Forbidden
from crm_chassis.rights import ADMIN, MEMBER, READ_ONLY, Range, Subject, of_role, together, usual
from crm_contracts import RECORDS, objects

pytestmark = pytest.mark.unit
RANGES = [str(each) for each in Range]
GRANTS = st.dictionaries(
    st.sampled_from(["deal", "ticket"]),
    st.dictionaries(st.sampled_from(rights.ACTIONS), st.sampled_from(RANGES)),
)
LIMITS = st.dictionaries(
    st.just("deal"),
    st.dictionaries(
        st.sampled_from(["amount", "name"]), st.sampled_from(["hidden", "read", "edit"])
    ),
)
ROLES = st.builds(of_role, GRANTS, LIMITS, st.lists(st.sampled_from(rights.SPECIAL)))


class TestObjects:
    def test_every_published_kind_belongs_to_one_that_can_be_granted(self):
        kinds = {kind for _, kind in RECORDS} - {objects.TIMELINE}

        assert {objects.object_of(kind) for kind in kinds} == set(objects.objects())

    def test_a_part_names_its_whole_by_a_field_it_publishes(self):
        published = {kind: record for (_, kind), record in RECORDS.items()}

        for kind, (whole, field) in objects.PARTS.items():
            assert whole in published
            assert field in published[kind].__dataclass_fields__

    def test_what_says_whose_a_record_is_cannot_be_hidden(self):
        assert {"owner_id", "team_id", "visibility"} <= objects.fields_of("deal")
        assert not objects.is_hideable("owner_id")
        assert objects.is_hideable("amount")


class TestGrants:
    def test_what_is_not_named_is_not_granted(self):
        role = of_role({"deal": {"read": "own"}}, {}, [])

        assert role.range_of("deal", "read") is Range.OWN
        assert role.range_of("deal", "update") is Range.NONE
        assert role.range_of("ticket", "read") is Range.NONE

    def test_a_part_has_the_range_of_its_whole(self):
        assert of_role({"ticket": {"read": "team"}}, {}, []).range_of("sla_clock", "read") == "team"

    def test_everybody_is_told_names_and_keeps_views(self):
        role = of_role({}, {}, [])

        assert role.range_of("user", "read") is Range.ALL
        assert role.range_of("saved_view", "update") is Range.OWN

    def test_a_word_of_a_later_release_grants_nothing(self):
        assert of_role({"deal": {"read": "galaxy"}}, {}, []).range_of("deal", "read") == "none"

    @given(ROLES, ROLES)
    def test_two_roles_grant_what_either_grants_and_no_more(self, one, other):
        both = together([one, other])

        assert both.covers(one)
        assert both.covers(other)
        for action in rights.ACTIONS:
            ranges = [each.range_of("deal", action) for each in (one, other)]
            assert both.range_of("deal", action) in ranges
        assert both.special == one.special | other.special

    def test_a_limit_holds_only_where_every_role_that_reads_has_it(self):
        read = {"deal": {"read": "all"}}
        strict = of_role(read, {"deal": {"amount": "hidden", "name": "read"}}, [])
        lax = of_role(read, {"deal": {"amount": "read"}}, [])
        blind = of_role({"ticket": {"read": "all"}}, {}, [])

        assert together([strict, lax]).fixed("deal") == {"amount"}
        assert not together([strict, lax]).hidden("deal")
        assert together([strict, blind]).hidden("deal") == {"amount"}

    def test_what_is_kept_for_later_is_the_same(self):
        role = of_role({"deal": {"read": "own"}}, {"deal": {"amount": "hidden"}}, ["audit"])

        assert rights.Grants.of(role.kept()) == role

    def test_a_reader_may_but_read(self):
        reader = of_role({"deal": {"read": "own", "update": "all"}}, {}, ["mass_update"]).reader

        assert reader.range_of("deal", "read") is Range.OWN
        assert reader.range_of("deal", "update") is Range.NONE
        assert not reader.special

    def test_the_systems_roles_stand_above_one_another(self):
        assert ADMIN.covers(MEMBER)
        assert MEMBER.covers(READ_ONLY)
        assert not MEMBER.covers(ADMIN)
        assert MEMBER.is_open_to_all

    def test_other_grants_have_another_print(self):
        assert of_role({"deal": {"read": "own"}}, {}, []).fingerprint != MEMBER.fingerprint

    def test_a_role_nobody_has_looked_up_grants_nothing(self):
        who = Principal(actor="user:1", roles=frozenset({"01930000-0000-7000-8000-000000000001"}))

        assert who.rights.range_of("deal", "read") is Range.NONE


class TestUsualRight:
    @pytest.mark.parametrize(
        ("method", "rule", "action"),
        [
            ("GET", "", "read"),
            ("POST", "", "create"),
            ("POST", "/batch", "bulk"),
            ("GET", "/<uuid:deal_id>", "read"),
            ("PATCH", "/<uuid:deal_id>", "update"),
            ("DELETE", "/<uuid:deal_id>", "archive"),
            ("PUT", "/<uuid:deal_id>/restoration", "archive"),
            ("PUT", "/<uuid:deal_id>/win", "update"),
            ("POST", "/<uuid:deal_id>/notes", "update"),
            ("DELETE", "/<uuid:deal_id>/notes/<int:n>", "update"),
        ],
    )
    def test_follows_from_method_and_path(self, method, rule, action):
        assert action == usual("deal", rule, method, None).action

    def test_the_record_in_the_path_is_looked_at_first(self):
        right = usual("deal", "/<uuid:deal_id>/win", "PUT", None)

        assert right.subject == Subject(parameter="deal_id", kind="deal")

    def test_an_answer_that_is_the_record_needs_no_look_before(self):
        assert usual("deal", "/<uuid:deal_id>", "GET", None).subject is None

    def test_nobody_guesses_for_a_blueprint_without_a_kind(self):
        assert usual(None, "", "GET", None) is None


class TestFields:
    def test_what_is_hidden_is_left_out_of_records_lists_and_changes(self):
        record = {"id": 1, "amount": 5, "custom": {"size": 1, "mood": 2}}
        hidden = {"amount", "custom.mood"}
        changes = {"changes": [{"field": "amount"}, {"field": "custom.mood"}, {"field": "name"}]}

        assert rights.whole(record, hidden) == {"id": 1, "custom": {"size": 1}}
        assert rights.whole({"items": [record], "next": None}, hidden)["items"] == [
            {"id": 1, "custom": {"size": 1}}
        ]
        assert rights.whole(changes, hidden) == {"changes": [{"field": "name"}]}

    def test_refuses_a_change_by_the_fields_name(self):
        with pytest.raises(Forbidden) as refused:
            rights.refuse_changed(rights.changed_names({"custom": {"mood": 1}}), {"custom.mood"})

        assert refused.value.errors == {"custom.mood": ["you may not change it"]}

    @pytest.mark.parametrize(
        "query",
        [
            {"sort": "-amount"},
            {"amount_min": "5"},
            {"email": "a@b.c"},
            {"where": '{"all": [{"not": {"field": "amount", "op": "gt", "value": 5}}]}'},
            {"where": '{"field": "name", "op": "eq", "value": {"field": "amount"}}'},
            {"custom": '{"mood": "good"}'},
        ],
    )
    def test_refuses_to_answer_by_what_is_hidden(self, query):
        with pytest.raises(Forbidden):
            rights.refuse_asked(query, {"amount", "emails", "custom.mood"})

    def test_seeks_no_words_in_what_is_hidden(self):
        with pytest.raises(Forbidden):
            rights.refuse_asked({"q": "x"}, {"emails"}, sought={"name", "emails"})

    def test_answers_by_anything_else(self):
        query = {"sort": "name", "owner_id": "1", "where": '{"field": "name"}', "q": "x"}

        rights.refuse_asked(query, {"amount", "emails"}, sought={"name"})
