"""Notes as a stream: mentions, reactions, answers, pins, what stays in the house."""

import pytest
from sqlalchemy import text

from crm_chassis import ids
from crm_contacts.model.note import mentioned

pytestmark = pytest.mark.integration
ANNA, BEN, ANNABEL = (ids.new() for _ in range(3))
PEOPLE = [(ANNA, "Anna Lind"), (BEN, "Ben"), (ANNABEL, "Anna Lind Berg")]


@pytest.fixture
def people(sessions):
    with sessions() as session, session.begin():
        for id_, name in PEOPLE:
            session.execute(
                text("insert into user_copy (id, version, name, active) values (:id, 1, :n, true)"),
                {"id": id_, "n": name},
            )


class TestMentions:
    """W3."""

    def test_are_whoever_is_named_behind_the_sign(self, api, people, facts):
        note = api.made("/v1/notes", body="@anna lind, @Ben: look. ben@x.example too")

        assert [str(ANNA), str(BEN)] == note["mentions"]
        found = api.get(f"/v1/notes?mention_id={BEN}").json["items"]
        assert [note["id"]] == [each["id"] for each in found]
        changed = api.patch(f"/v1/notes/{note['id']}", {"body": "Nobody"}, 1).json
        assert [] == changed["mentions"]

    def test_may_be_given_by_id(self, api, people):
        note = api.made("/v1/notes", body="@Ben and one more", mentions=[str(ANNA)])

        assert {str(ANNA), str(BEN)} == set(note["mentions"])

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("@Anna Lind Berg, please", [ANNABEL]),
            ("@ANNA LIND!", [ANNA]),
            ("@Anna Lindt", []),
            ("@Bent", []),
            ("Ben", []),
            ("@@Ben@Ben", [BEN]),
        ],
    )
    def test_the_longest_whole_name_counts(self, body, expected):
        assert expected == mentioned(body, PEOPLE)


class TestReactions:
    """W3."""

    def test_are_each_persons_own_and_need_no_version(self, api, calling, facts):
        note = api.made("/v1/notes", body="Good news")
        other = calling("member", user_id=BEN)
        path = f"/v1/notes/{note['id']}/reactions/like"

        api.put(path)
        api.put(path)
        both = other.put(path).json["reactions"]
        left = api.delete(path).json["reactions"]

        assert [2, 1] == [len(both[0]["user_ids"]), len(left[0]["user_ids"])]
        assert [{"kind": "like", "user_ids": [str(BEN)]}] == left
        assert 3 == facts().count("note.reacted")

    def test_are_of_known_kinds(self, api):
        note = api.made("/v1/notes", body="Good news")

        assert 404 == api.put(f"/v1/notes/{note['id']}/reactions/anything").status_code


class TestStream:
    """W3."""

    def test_answers_name_what_they_answer(self, api):
        first = api.made("/v1/notes", body="Who calls?")
        answer = api.made("/v1/notes", body="I do", reply_to_id=first["id"])

        found = api.get(f"/v1/notes?reply_to_id={first['id']}").json["items"]

        assert [answer["id"]] == [each["id"] for each in found]
        refused = api.post("/v1/notes", {"body": "?", "reply_to_id": str(ids.new())})
        assert refused.json["type"].endswith("note-unknown")

    def test_is_shared_by_ticket_and_contact_and_may_be_internal(self, api):
        ticket, contact = ({"type": kind, "id": str(ids.new())} for kind in ("ticket", "contact"))
        note = api.made("/v1/notes", body="VIP", internal=True, subjects=[ticket, contact])

        for each in (ticket, contact):
            found = api.get(f"/v1/notes?subject_id={each['id']}&internal=true").json["items"]
            assert [note["id"]] == [one["id"] for one in found]
        assert [] == api.get(f"/v1/notes?subject_id={ticket['id']}&internal=false").json["items"]
