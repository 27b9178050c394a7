"""Whether an address or number is right: by its plan, by mail, by hand."""

import pytest

pytestmark = pytest.mark.integration
RIGHT, ODD, WRONG, LOCAL = "+4930901820", "+15551234567", "+3212345678901234", "030901820"


@pytest.fixture
def eva(api):
    emails = [{"value": "eva@a.example"}, {"value": "eva@b.example"}]
    phones = [{"value": each} for each in (RIGHT, ODD, WRONG, LOCAL)]
    return api.made("/v1/contacts", first_name="Eva", last_name="Ott", emails=emails, phones=phones)


def verify(api, contact, quality, **point):
    return api.put(f"/v1/contacts/{contact['id']}/verification", body=point | {"quality": quality})


def of(contact, value):
    points = (*contact["emails"], *contact["phones"])
    return next(each for each in points if each["value"] == value)


class TestNumberingPlan:
    def test_tells_what_is_right_wrong_and_not_known(self, eva):
        assert ["correct", "unknown", "incorrect", "unknown"] == [
            each["quality"] for each in eva["phones"]
        ]
        assert ("numbering plan", None) == tuple(
            of(eva, RIGHT)[name] for name in ("judged_why", "judged_by")
        )


class TestByHand:
    def test_a_number_is_right_with_who_when_and_why(self, api, eva):
        answer = verify(api, eva, "correct", phone="030 901820", why="called")

        found = of(answer.json, LOCAL)
        assert ("correct", "called") == (found["quality"], found["judged_why"])
        assert found["judged_by"].startswith("user:")
        assert found["judged_at"]

    def test_stays_when_other_fields_change_and_goes_back_to_the_plan(self, api, eva):
        said = verify(api, eva, "incorrect", phone=RIGHT).json
        phones = [{"value": RIGHT, "label": "work"}]

        changed = api.patch(
            f"/v1/contacts/{eva['id']}", {"phones": phones}, version=said["version"]
        ).json

        assert "incorrect" == of(changed, RIGHT)["quality"]
        assert "correct" == of(verify(api, eva, "unknown", phone=RIGHT).json, RIGHT)["quality"]

    def test_a_wrong_address_is_not_written_to_and_the_next_is_primary(self, api, eva, facts):
        found = verify(api, eva, "incorrect", email="eva@a.example", why="left the firm").json

        point = of(found, "eva@a.example")
        assert ("incorrect", "invalid", False, "left the firm") == tuple(
            point[name] for name in ("quality", "deliverability", "primary", "judged_why")
        )
        assert of(found, "eva@b.example")["primary"]
        assert "contact_point.invalidated" in facts()
        again = of(verify(api, eva, "correct", email="eva@a.example").json, "eva@a.example")
        assert ("correct", "ok") == (again["quality"], again["deliverability"])

    def test_the_same_said_twice_changes_nothing(self, api, eva):
        first = verify(api, eva, "correct", phone=ODD, why="called").json

        assert first == verify(api, eva, "correct", phone=ODD, why="called").json

    @pytest.mark.parametrize(
        ("point", "field"),
        [
            ({}, "email"),
            ({"email": "eva@a.example", "phone": RIGHT}, "email"),
            ({"email": "other@a.example"}, "email"),
            ({"phone": "+4930901899"}, "phone"),
        ],
    )
    def test_refuses_what_the_contact_has_not(self, api, eva, point, field):
        answer = verify(api, eva, "correct", **point)

        assert 422 == answer.status_code, answer.json
        assert field in answer.json["errors"]

    def test_refuses_a_word_it_does_not_know_and_who_only_reads(self, api, calling, eva):
        assert 422 == verify(api, eva, "perhaps", phone=RIGHT).status_code
        assert 403 == verify(calling("read-only"), eva, "correct", phone=RIGHT).status_code


class TestEvidence:
    def test_a_wrong_number_is_none(self, api, eva):
        same = {"first_name": "Ewa", "last_name": "Otto", "phones": [{"value": RIGHT}]}
        verify(api, eva, "incorrect", phone=RIGHT)

        api.made("/v1/contacts", **same)

        assert [] == api.get("/v1/duplicates").json["items"]
        verify(api, eva, "unknown", phone=RIGHT)
        api.made("/v1/contacts", **same)
        assert api.get("/v1/duplicates").json["items"]

    def test_counts_for_the_quality_of_data(self, api, eva):
        path = f"/v1/contacts/{eva['id']}"
        reasons = [
            {each["reason"] for each in api.get(f"{path}/quality").json["reasons"]},
        ]
        for number in (RIGHT, ODD, LOCAL):
            verify(api, eva, "incorrect", phone=number)

        reasons.append({each["reason"] for each in api.get(f"{path}/quality").json["reasons"]})

        assert ["phone-does-not-work" in each for each in reasons] == [False, True]


def test_a_merge_and_its_undoing_keep_who_said_what(api, eva):
    other = api.made("/v1/contacts", first_name="Ewa", phones=[{"value": RIGHT}])
    verify(api, other, "incorrect", phone=RIGHT)

    merged = api.post(
        f"/v1/contacts/{eva['id']}/merge", {"absorbed_ids": [other["id"]]}, version=1
    ).json

    assert "incorrect" == of(api.get(f"/v1/contacts/{eva['id']}").json, RIGHT)["quality"]
    api.delete(f"/v1/merges/{merged['id']}")
    both = [api.get(f"/v1/contacts/{each['id']}").json for each in (eva, other)]
    assert ["correct", "incorrect"] == [of(each, RIGHT)["quality"] for each in both]
