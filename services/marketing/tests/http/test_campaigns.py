"""/v1/templates, /v1/campaigns, /v1/enrollments, /v1/messages and what mails lead to."""

import json

import pytest
from services.marketing.tests.factories import a_contact, an_address
from sqlalchemy import text

from crm_chassis import ids

pytestmark = pytest.mark.integration
WORDS = {"subject": "Hello {{ first_name|default('there') }}", "body_text": "Dear {{ name }}"}


@pytest.fixture
def segment(api, arrives):
    """Five contacts, four of whom must not get mail."""
    people = [
        a_contact(1),
        a_contact(2, emails=()),
        a_contact(3, emails=an_address("m3@example.com", opted_out=True)),
        a_contact(4, emails=an_address("m4@example.com", deliverability="invalid")),
        a_contact(5, archived_at=a_contact().created_at),
    ]
    arrives(*people)
    named = [str(each.id) for each in people]
    return api.made("/v1/segments", name="All", type="static", member_ids=named)


def status_of(api, campaign):
    return api.get(f"/v1/campaigns/{campaign['id']}").json


def tally_of(api, campaign):
    return api.get(f"/v1/campaigns/{campaign['id']}/tally").json


class TestTemplate:
    def test_is_checked(self, api):
        answer = api.post("/v1/templates", {"name": "x", **WORDS, "subject": "{{ 9**9**9 }}"})
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["subject"]

    @pytest.mark.parametrize(
        "text",
        [
            "{% for x in y %}{% endfor %}",
            "{{ a() }}",
            "{{ a.b }}",
            "{{ x|center(9) }}",
            "{{",
            "{{ 'a'*9 }}",
        ],
    )
    def test_refuses_what_could_run_away(self, api, text):
        answer = api.post("/v1/templates", {"name": "x", "subject": "s", "body_text": text})
        assert answer.status_code == 422

    def test_changes_and_goes_and_comes_back(self, api, facts):
        template = api.made("/v1/templates", name="Hello", **WORDS)
        path = f"/v1/templates/{template['id']}"
        assert api.patch(path, {"body_html": "<b>x</b>"}, 1).json["body_html"] == "<b>x</b>"
        assert api.delete(path, 2).status_code == 200
        assert api.put(f"{path}/restoration", 3).status_code == 200
        verbs = ["created", "updated", "archived", "restored"]
        assert facts() == [f"template.{verb}" for verb in verbs]


class TestLaunch:
    def test_enrolls_everybody_once_and_suppresses_with_a_reason(self, api, segment, ticks, facts):
        template = api.made("/v1/templates", name="Hello", **WORDS)
        campaign = api.made(
            "/v1/campaigns", name="C", segment_id=segment["id"], template_id=template["id"]
        )

        launched = api.put(f"/v1/campaigns/{campaign['id']}/launch", 1)
        ticks()
        ticks()

        assert launched.json["status"] == "active"
        messages = api.get(f"/v1/messages?campaign_id={campaign['id']}").json["items"]
        assert sorted(str(each["suppress_reason"]) for each in messages) == sorted(
            ["None", "no_email", "opted_out", "invalid", "archived"]
        )
        assert {each["subject"] for each in messages} == {"Hello Marta"}
        counts = tally_of(api, campaign)
        assert (counts["enrolled"], counts["queued"], counts["suppressed"]) == (5, 1, 4)
        assert facts().count("enrollment.created") == 5
        listed = api.get(f"/v1/enrollments?contact_id={a_contact(1).id}").json["items"]
        assert [each["reason"] for each in listed] == ["segment"]

    def test_order_of_checks(self, api, segment):
        campaign = api.made("/v1/campaigns", name="C", segment_id=segment["id"], **WORDS)
        path = f"/v1/campaigns/{campaign['id']}/launch"

        assert api.put(path).status_code == 428
        assert api.put(path, 9).status_code == 412
        assert api.put(path, 1).status_code == 200
        assert api.put(path).status_code == 200

    def test_refuses_a_campaign_without_audience_or_content(self, api, segment):
        for given in ({"segment_id": segment["id"]}, WORDS):
            campaign = api.made("/v1/campaigns", name="C", **given)
            answer = api.put(f"/v1/campaigns/{campaign['id']}/launch", 1)
            assert answer.status_code == 409
            assert answer.json["type"].endswith("campaign-incomplete")

    def test_pauses_and_goes_on(self, api, segment, facts):
        campaign = api.made("/v1/campaigns", name="C", segment_id=segment["id"], **WORDS)
        path = f"/v1/campaigns/{campaign['id']}"

        assert api.put(f"{path}/pause", 1).status_code == 409
        api.put(f"{path}/launch", 1)
        assert api.patch(path, {"subject": "x"}, 2).status_code == 409
        assert api.delete(path, 2).status_code == 409
        assert api.put(f"{path}/pause", 2).json["status"] == "paused"
        assert api.patch(path, {"subject": "x"}, 3).status_code == 200
        assert api.put(f"{path}/launch", 4).json["status"] == "active"
        verbs = [kind.split(".")[1] for kind in facts() if kind.startswith("campaign.")]
        assert verbs == ["created", "started", "updated", "updated", "updated"]

    def test_is_done_when_nothing_is_left(self, api, arrives, ticks):
        arrives(a_contact(2, emails=()))
        named = [str(a_contact(2).id)]
        segment = api.made("/v1/segments", name="S", type="static", member_ids=named)
        campaign = api.made("/v1/campaigns", name="C", segment_id=segment["id"], **WORDS)

        api.put(f"/v1/campaigns/{campaign['id']}/launch", 1)
        ticks()

        assert status_of(api, campaign)["status"] == "done"
        answer = api.put(
            f"/v1/campaigns/{campaign['id']}/launch", status_of(api, campaign)["version"]
        )
        assert answer.status_code == 409

    def test_counting_does_not_stale_an_open_form(self, api, segment, ticks):
        campaign = api.made("/v1/campaigns", name="C", segment_id=segment["id"], **WORDS)
        path = f"/v1/campaigns/{campaign['id']}"
        assert tally_of(api, campaign)["version"] == 1
        launched = api.put(f"{path}/launch", 1).json

        ticks()

        assert tally_of(api, campaign)["enrolled"] == 5
        assert tally_of(api, campaign)["version"] == 2
        assert api.patch(path, {"name": "D"}, launched["version"]).status_code == 200

    def test_is_counted_and_listed_for_each_of_what_they_see(self, api, calling, arrives, ticks):
        hidden = a_contact(2, visibility="private", owner_id=ids.new())
        arrives(a_contact(1), hidden)
        named = [str(a_contact(1).id), str(hidden.id)]
        both = api.made("/v1/segments", name="Both", type="static", member_ids=named)
        campaign = api.made("/v1/campaigns", name="C", segment_id=both["id"], **WORDS)
        api.put(f"/v1/campaigns/{campaign['id']}/launch", 1)
        ticks()
        ticks()

        for caller, seen in ((api, 1), (calling("admin"), 2)):
            counts = tally_of(caller, campaign)
            assert (seen, seen) == (counts["enrolled"], counts["queued"])
            for kind in ("enrollments", "messages"):
                listed = caller.get(f"/v1/{kind}?campaign_id={campaign['id']}").json["items"]
                assert named[:seen] == sorted(each["contact_id"] for each in listed)

    def test_counting_waits_for_nobody(self, api, segment, sessions, ticks):
        campaign = api.made("/v1/campaigns", name="C", segment_id=segment["id"], **WORDS)
        api.put(f"/v1/campaigns/{campaign['id']}/launch", 1)
        ticks()
        owner = str(ids.new())
        answer = api.patch(f"/v1/campaigns/{campaign['id']}", {"owner_id": owner}, 2)
        assert answer.status_code == 200

        with sessions() as session:
            session.execute(text("select from campaign for update"))
            ticks()
        assert tally_of(api, campaign)["owner_id"] is None
        ticks()

        assert tally_of(api, campaign)["owner_id"] == owner

    def test_names_what_it_does_not_know(self, api):
        answer = api.post("/v1/campaigns", {"name": "C", "segment_id": str(ids.new())})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["segment_id"])


class TestImport:
    def test_writes_history_and_mails_nothing(self, calling, arrives, ticks, sender, mail_server):
        admin = calling("admin")
        arrives(a_contact(1))
        past = {"started_at": "2026-03-01T09:00:00Z", "completed_at": "2026-03-02T09:00:00Z"}
        body = {"name": "Spring", "imported": True, **WORDS, **past}
        batch = {"operations": [{"op": "create", "body": body}]}
        campaign = admin.post("/v1/campaigns/batch", batch).json["items"][0]
        mail = {
            "campaign_id": campaign["id"],
            "contact_id": str(a_contact(1).id),
            "sent_at": "2026-03-01T10:00:00Z",
            "opened_at": "2026-03-01T11:00:00Z",
            "open_count": 3,
        }
        batch = {"operations": [{"op": "create", "body": mail}] * 2}

        answer = admin.post("/v1/messages/batch", batch)
        ticks()

        assert [each["status"] for each in answer.json["items"]] == [201, 409]
        message = admin.get(f"/v1/messages/{answer.json['items'][0]['id']}").json
        assert (message["status"], message["open_count"]) == ("sent", 3)
        assert message["created_at"] == mail["sent_at"]
        shown = admin.get(f"/v1/campaigns/{campaign['id']}").json
        assert (shown["status"], tally_of(admin, campaign)["opened"]) == ("done", 1)
        assert mail_server.taken == []

    def test_tells_the_timeline_what_live_mails_tell(self, calling, arrives, sessions, facts):
        admin = calling("admin")
        arrives(a_contact(1))
        campaign = admin.made("/v1/campaigns", name="Spring", **WORDS)
        times = {
            "sent_at": "2026-03-01T10:00:00Z",
            "opened_at": "2026-03-01T11:00:00Z",
            "clicked_at": "2026-03-01T12:00:00Z",
        }
        mail = {"campaign_id": campaign["id"], "contact_id": str(a_contact(1).id), **times}
        batch = {"operations": [{"op": "create", "body": mail | {"open_count": 3}}]}

        answer = admin.post("/v1/messages/batch", batch).json["items"][0]

        assert (answer["status"], answer["version"]) == (201, 3)
        told = [kind for kind in facts() if kind.startswith("message")]
        assert told == ["message.sent", "message.opened", "message.clicked"]
        with sessions() as session:
            bodies = session.scalars(text("select body from record where kind = 'timeline'"))
            entries = {each["entry_kind"]: each["at"] for each in map(json.loads, bodies)}
        verbs = {name.removesuffix("_at"): at for name, at in times.items()}
        assert {f"message.{verb}": at for verb, at in verbs.items()}.items() <= entries.items()

    def test_refuses_opens_at_no_time(self, calling):
        mail = {"campaign_id": str(ids.new()), "contact_id": str(ids.new()), "open_count": 1}
        body = mail | {"sent_at": "2026-03-01T10:00:00Z"}
        batch = {"operations": [{"op": "create", "body": body}]}
        item = calling("admin").post("/v1/messages/batch", batch).json["items"][0]
        assert (item["status"], list(item["problem"]["errors"])) == (422, ["opened_at"])

    def test_is_for_administrators(self, api):
        body = {"campaign_id": str(ids.new()), "contact_id": str(ids.new())}
        batch = {"operations": [{"op": "create", "body": body}]}
        assert api.post("/v1/messages/batch", batch).status_code == 403

    def test_refuses_impossible_times(self, calling):
        admin = calling("admin")
        body = {"name": "Spring", "imported": True, **WORDS}
        times = {"started_at": "2026-03-03T09:00:00Z", "completed_at": "2026-03-02T09:00:00Z"}
        batch = {"operations": [{"op": "create", "body": body | times}]}
        assert admin.post("/v1/campaigns/batch", batch).json["items"][0]["status"] == 422


class TestTracking:
    @pytest.fixture
    def message(self, api, arrives, ticks):
        arrives(a_contact(1))
        named = [str(a_contact(1).id)]
        segment = api.made("/v1/segments", name="S", type="static", member_ids=named)
        campaign = api.made("/v1/campaigns", name="C", segment_id=segment["id"], **WORDS)
        api.put(f"/v1/campaigns/{campaign['id']}/launch", 1)
        ticks()
        return api.get("/v1/messages").json["items"][0]

    def test_counts_opens_of_anybody_who_has_the_mail(self, calling, api, message, tracking, facts):
        path = f"/t/o/{tracking.open_token(ids.UUID(message['id']))}.gif"

        answers = [calling().get(path), calling().get(path), calling().ask("HEAD", path)]

        assert [each.status_code for each in answers] == [200, 200, 200]
        assert answers[0].mimetype == "image/gif"
        assert api.get(f"/v1/messages/{message['id']}").json["open_count"] == 2
        assert facts().count("message.opened") == 2

    def test_a_click_leads_on_and_is_an_open_too(self, calling, api, message, tracking):
        token = tracking.click_token(ids.UUID(message["id"]), "https://example.com/a?b=ü")

        answer = calling().get(f"/t/c/{token}")

        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("https://example.com/a?b=")
        shown = api.get(f"/v1/messages/{message['id']}").json
        assert shown["clicked_at"]
        assert shown["open_count"] == 1

    def test_looking_at_the_page_unsubscribes_nobody(self, calling, message, tracking, facts):
        path = f"/t/u/{tracking.unsubscribe_token(ids.UUID(message['id']))}"

        answers = [calling().get(path), calling().ask("HEAD", path)]

        assert [each.status_code for each in answers] == [200, 200]
        assert b"<form" in answers[0].data
        assert "message.unsubscribed" not in facts()

    def test_unsubscribing_is_told_once_until_it_has_come_about_and_again_later(
        self, calling, api, message, tracking, facts, arrives
    ):
        path = f"/t/u/{tracking.unsubscribe_token(ids.UUID(message['id']))}"
        first = calling().ask("POST", path)
        arrives(a_contact(1, version=2, emails=an_address(opted_out=True)))

        again = calling().ask("POST", path)

        assert [first.status_code, again.status_code] == [200, 200]
        assert api.get(f"/v1/messages/{message['id']}").json["unsubscribed_at"]
        assert facts().count("message.unsubscribed") == 1
        arrives(a_contact(1, version=3, emails=an_address(opted_out=False)))
        calling().ask("POST", path)
        assert facts().count("message.unsubscribed") == 2

    def test_nobody_complains_of_what_was_never_sent(self, api, message, facts):
        path = f"/v1/messages/{message['id']}/complaint"

        refused = api.put(path)

        assert (409, "never-sent") == (
            refused.status_code, refused.json["type"].rpartition("/")[2],
        )  # fmt: skip
        assert "message.complained" not in facts()

    @pytest.mark.parametrize("token", ["x", "AAAA", "é", "A" * 200])
    def test_refuses_a_forged_address(self, calling, token):
        assert calling().get(f"/t/u/{token}").status_code == 404
        assert calling().ask("POST", f"/t/u/{token}").status_code == 404
        assert calling().get(f"/t/o/{token}.gif").status_code == 404
        assert calling().get(f"/t/c/{token}").status_code == 404
