"""People who may be there already: at the door, in the queue, in the whole base."""

from uuid import UUID

import pytest
from sqlalchemy import text

from crm_chassis import ids
from crm_contacts.commands import jobs, scanning
from crm_contacts.queries import matching

pytestmark = pytest.mark.integration
ANNA = {"first_name": "Anna", "last_name": "Zwirner", "phones": [{"value": "+49 30 1234567"}]}
TWIN = {"first_name": "Ana", "last_name": "Zwirner", "phones": [{"value": "030 / 1234567"}]}
STRANGER = {"first_name": "Karl", "last_name": "Ott", "emails": [{"value": "k@ott.example"}]}


@pytest.fixture
def rule(calling):
    def set_rule(name, **more):
        answer = calling("admin").put("/v1/duplicates/policy", body={"rule": name, **more})
        assert answer.status_code == 200, answer.text
        return answer.json

    yield set_rule
    set_rule("warn")


@pytest.fixture
def scanned(api, sessions):
    """Run a scan to its end and return the job."""

    def scan():
        asked = api.post("/v1/duplicates/scan", None)
        assert asked.status_code == 202
        for _ in range(20):
            jobs.run(sessions)
            job = api.get(asked.headers["Location"]).json
            if job["status"] not in {"queued", "running"}:
                return job
        raise AssertionError(job)

    return scan


def queue(api, **filters):
    return api.get("/v1/duplicates?" + "&".join(f"{k}={v}" for k, v in filters.items())).json[
        "items"
    ]


def test_any_number_of_pairs_is_looked_up_at_once(api, sessions):
    api.made("/v1/contacts", **ANNA)
    api.made("/v1/contacts", **ANNA)
    [known] = queue(api)
    pair = (UUID(known["a_id"]), UUID(known["b_id"]))
    others = [(ids.new(), ids.new()) for _ in range(40_000)]

    with sessions() as session:
        found = matching.duplicates_of_pairs(session, [*others, pair])

    assert {pair: known["id"]} == {each: str(one.id) for each, one in found.items()}


class TestAtTheDoor:
    def test_warns_and_puts_the_pair_on_the_queue(self, api, facts):
        anna, again = api.made("/v1/contacts", **ANNA), api.made("/v1/contacts", **ANNA)

        [pair] = queue(api)
        assert sorted([anna["id"], again["id"]]) == [pair["a_id"], pair["b_id"]]
        assert {"same name", "same telephone"} == {each["name"] for each in pair["evidence"]}
        assert sum(each["weight"] for each in pair["evidence"]) == pair["score"] >= 10
        assert facts() == ["contact.created", "duplicate.suspected", "contact.created"]

    def test_blocks_with_the_candidates(self, api, rule, facts):
        rule("block")
        anna = api.made("/v1/contacts", **ANNA)

        refused = api.post("/v1/contacts", ANNA)

        assert (409, "duplicate-suspected") == (
            refused.status_code,
            refused.json["type"].rpartition("/")[2],
        )
        [candidate] = refused.json["candidates"]
        assert (anna["id"], "same") == (candidate["contact_id"], candidate["verdict"])
        assert facts() == ["contact.created"]

    def test_names_nobody_the_caller_may_not_see(self, api, calling, rule, scanned):
        other = calling("member", user_id=ids.new())
        secret = other.made("/v1/contacts", **ANNA, visibility="private")
        ours = api.made("/v1/contacts", **ANNA)
        [pair] = queue(other)
        path = f"/v1/duplicates/{pair['id']}"
        assert [] == queue(api)
        assert (404, 404) == (
            api.get(path).status_code,
            api.put(f"{path}/dismissal", version=1).status_code,
        )
        rule("block")

        refused = api.post("/v1/contacts", ANNA)
        batch = api.post("/v1/contacts/batch", {"operations": [{"op": "create", "body": ANNA}]})

        [item] = batch.json["items"]
        for problem in (refused.json, item["problem"]):
            assert [ours["id"]] == [each["contact_id"] for each in problem["candidates"]]
        assert secret["id"] not in refused.text + batch.text
        assert 2 == len(other.post("/v1/contacts", ANNA).json["candidates"])

    def test_takes_up_who_is_blocked_when_told_to(self, api, rule):
        rule("block")
        api.made("/v1/contacts", **ANNA)

        assert 201 == api.post("/v1/contacts?allow_duplicate=true", ANNA).status_code

    def test_blocks_single_items_of_a_batch(self, api, rule):
        rule("block")
        api.made("/v1/contacts", **ANNA)

        operations = [{"op": "create", "body": body} for body in (ANNA, STRANGER)]
        items = api.post("/v1/contacts/batch", {"operations": operations}).json["items"]

        assert [409, 201] == [each["status"] for each in items]
        assert "candidates" in items[0]["problem"]

    def test_ignores_when_told_to(self, api, rule, facts):
        rule("ignore")
        api.made("/v1/contacts", **ANNA)
        api.made("/v1/contacts", **ANNA)

        assert facts() == ["contact.created", "contact.created"]

    def test_tells_nothing_of_strangers(self, api):
        api.made("/v1/contacts", **ANNA)
        api.made("/v1/contacts", **STRANGER)

        assert queue(api) == []

    def test_looks_again_when_a_key_field_changes(self, api):
        api.made("/v1/contacts", **ANNA)
        karl = api.made("/v1/contacts", **STRANGER)

        api.patch(f"/v1/contacts/{karl['id']}", ANNA, 1)

        assert 1 == len(queue(api, contact_id=karl["id"]))

    def test_a_weight_of_the_deployment_counts(self, api, rule):
        rule("warn", weights={"same telephone": 0, "same name": 0})
        api.made("/v1/contacts", **ANNA)
        api.made("/v1/contacts", **ANNA)

        assert queue(api) == []

    def test_only_an_admin_changes_the_policy(self, api):
        assert 403 == api.put("/v1/duplicates/policy", body={"rule": "block"}).status_code


class TestDismissal:
    def test_stays_until_a_key_field_changes(self, api, scanned, facts):
        anna = api.made("/v1/contacts", **ANNA)
        api.made("/v1/contacts", **ANNA)
        [pair] = queue(api)

        path = f"/v1/duplicates/{pair['id']}/dismissal"
        dismissed = api.put(path, 1)
        again = api.put(path, 1)
        scanned()

        assert (200, "dismissed", 200) == (
            dismissed.status_code,
            dismissed.json["status"],
            again.status_code,
        )
        assert queue(api) == []
        assert 1 == len(queue(api, status="dismissed"))
        api.patch(f"/v1/contacts/{anna['id']}", {"birthday": "1970-04-01"}, 1)
        scanned()
        assert [pair["id"]] == [each["id"] for each in queue(api)]
        assert 2 == facts().count("duplicate.suspected")

    def test_needs_the_version(self, api):
        api.made("/v1/contacts", **ANNA)
        api.made("/v1/contacts", **ANNA)
        [pair] = queue(api)

        assert 428 == api.put(f"/v1/duplicates/{pair['id']}/dismissal").status_code
        assert 412 == api.put(f"/v1/duplicates/{pair['id']}/dismissal", 7).status_code


class TestScan:
    def test_finds_those_who_came_in_unseen(self, api, rule, scanned):
        rule("ignore")
        ids = [api.made("/v1/contacts", **body)["id"] for body in (ANNA, TWIN, STRANGER)]
        rule("warn")

        job = scanned()

        skipped = {"keys": 0, "reason": "shared by more than 50 contacts"}
        found = {"suspected": 0, "compared": 1, "judged": 1, "skipped": skipped}
        assert ("done", found) == (job["status"], job["result"])
        assert queue(api) == []
        api.patch(f"/v1/contacts/{ids[1]}", {"birthday": "1970-04-01", "first_name": "Anna"}, 1)
        api.patch(f"/v1/contacts/{ids[0]}", {"birthday": "1970-04-01"}, 1)
        assert 1 == len(queue(api))

    def test_twice_suspects_nothing_new(self, api, rule, scanned, facts):
        rule("ignore")
        api.made("/v1/contacts", **ANNA)
        api.made("/v1/contacts", **ANNA)
        rule("warn")

        first, second = scanned(), scanned()

        assert (1, 0) == (first["result"]["suspected"], second["result"]["suspected"])
        assert 1 == facts().count("duplicate.suspected")

    def test_is_asked_for_by_the_clock_when_a_batch_came_in(self, api, doing, sessions):
        operations = [{"op": "create", "body": ANNA} for _ in range(2)]
        api.post("/v1/contacts/batch", {"operations": operations})
        assert queue(api) == []

        for _ in range(2):
            doing(scanning.scan_newcomers)
            for _ in range(4):
                jobs.run(sessions)

        assert 1 == len(queue(api))
        with sessions() as session:
            assert 1 == session.scalar(text("select count(*) from job"))

    def test_skips_a_key_that_too_many_share(self, api, rule, scanned, sessions):
        rule("ignore")
        body = {"last_name": "Zwirner"}
        operations = [
            {"op": "create", "body": {**body, "first_name": f"A{number:02}"}}
            for number in range(52)
        ]
        api.post("/v1/contacts/batch", {"operations": operations})

        job = scanned()

        assert (0, 2) == (job["result"]["compared"], job["result"]["skipped"]["keys"])
        with sessions() as session:
            assert 0 == session.scalar(text("select count(*) from scan_key"))

    def test_finds_those_of_one_name_where_too_many_sound_like_it(self, api, rule, scanned):
        rule("ignore")
        names = [f"Zwirner{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(52)]
        operations = [
            {"op": "create", "body": {"last_name": name, "first_name": "Anna"}}
            for name in [*names, names[0]]
        ]
        api.post("/v1/contacts/batch", {"operations": operations})
        rule("warn")

        job = scanned()

        assert 1 == job["result"]["suspected"]
        assert 1 == len(queue(api))

    def test_a_job_that_is_not_there(self, api):
        assert 404 == api.get("/v1/jobs/contacts/01930000-0000-7000-8000-0000000000ff").status_code


class TestOtherWeights:
    def test_have_the_base_compared_anew(self, api, rule, sessions, facts):
        api.made("/v1/contacts", **ANNA)
        api.made("/v1/contacts", **ANNA)
        [before] = queue(api)

        rule("warn", weights={"same telephone": 9})
        told = facts()
        done(sessions)

        [after] = queue(api)
        assert "job.created" == told[-1]
        assert after["id"] == before["id"]
        assert after["score"] > before["score"]
        assert "duplicate.updated" in facts()[len(told) :]

    def test_leave_what_was_decided(self, api, rule, sessions):
        api.made("/v1/contacts", **ANNA)
        api.made("/v1/contacts", **ANNA)
        [pair] = queue(api)
        api.put(f"/v1/duplicates/{pair['id']}/dismissal", pair["version"])

        rule("warn", weights={"same telephone": 9})
        done(sessions)

        [dismissed] = queue(api, status="dismissed")
        assert (dismissed["score"], dismissed["version"]) == (pair["score"], pair["version"] + 1)

    def test_that_are_the_same_ask_for_nothing(self, api, rule, facts):
        rule("block")
        rule("warn")

        assert "job.created" not in facts()


def done(sessions):
    for _ in range(20):
        jobs.run(sessions)
