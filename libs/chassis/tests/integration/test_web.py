"""One way to write, one way to read, and every way to fail, over HTTP and PostgreSQL."""

import sys
import threading

import orjson
import pytest
from flask import Response
from libs.chassis.tests import factories as f
from libs.chassis.tests.web_app import Api, an_app
from sqlalchemy import text

from crm_chassis import clock, db, ids, web
from crm_chassis.testing import free_port
from crm_chassis.web.idempotency import Idempotency, RequestInProgress

pytestmark = pytest.mark.integration


@pytest.fixture
def app(spine):
    return an_app(spine.sessions)


@pytest.fixture
def api(app):
    return Api(app)


def a_task(api, title="Call", **fields):
    answer = api("POST", "/v1/tasks", {"title": title, **fields})
    assert answer.status_code == 201, answer.json
    return answer.json


def operation(op, title=None, **more):
    return {"op": op, "body": {"title": title} if title else {}, **more}


def run_batch(api, *operations, **headers):
    return api("POST", "/v1/tasks/batch", {"operations": list(operations)}, **headers)


class TestWrite:
    def test_answers_with_the_published_record(self, spine, api):
        answer = api("POST", "/v1/tasks", {"title": "Call"})

        task_id = answer.json["id"]
        assert answer.status_code == 201
        assert answer.headers["ETag"] == '"1"'
        assert answer.headers["X-CRM-Version"] == f"task/{task_id}@1"
        assert answer.headers["Location"] == f"/v1/tasks/{task_id}"
        assert answer.data.decode() == f.scalar(spine.url, "select body from record")

    def test_raises_etag_and_version(self, api):
        task = a_task(api)

        answer = api("PATCH", f"/v1/tasks/{task['id']}", {"title": "Write"}, If_Match='"1"')

        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
        assert answer.headers["X-CRM-Version"] == f"task/{task['id']}@2"
        assert "Location" not in answer.headers

    def test_remembers_who_asked_and_from_where(self, spine, app):
        user_id = ids.new()
        a_task(Api(app, user_id=user_id))
        api = Api(app, user_id=user_id)
        api("POST", "/v1/tasks", {"title": "x"}, X_CRM_Source="import")
        api("POST", "/v1/tasks", {"title": "x"}, X_CRM_Source="nonsense")

        found = f.rows(spine.url, "select actor, source from history order by seq")

        assert found == [(f"user:{user_id}", source) for source in ("api", "import", "api")]

    @pytest.mark.parametrize(
        ("header", "status", "slug"),
        [
            ({}, 428, "precondition-required"),
            ({"If_Match": '"7"'}, 412, "stale-version"),
            ({"If_Match": "nonsense"}, 422, "invalid"),
            ({"If_Match": "*"}, 422, "invalid"),
        ],
    )
    def test_wants_the_version_that_was_read(self, api, header, status, slug):
        task = a_task(api)

        answer = api("PATCH", f"/v1/tasks/{task['id']}", {"title": "x"}, **header)

        assert answer.status_code == status
        assert answer.json["type"].endswith(f"/{slug}")
        assert answer.json.get("current_version", 1) == 1

    def test_answers_412_where_another_was_faster_without_a_lock(self, app, spine):
        def slow(session, command, *, now):
            mine = session.get(f.Task, ids.UUID(task["id"]))
            api("PATCH", f"/v1/tasks/{task['id']}", {"title": "theirs"}, If_Match='"1"')
            mine.title = "mine"
            f.outbox.add(session, f.task_updated, mine, at=now)
            return mine

        app.add_url_rule("/v1/slow", view_func=lambda: web.write(slow, None), methods=["POST"])
        api = Api(app, "admin")  # a route that does not say what it needs is an administrator's
        task = a_task(api)
        answer = api("POST", "/v1/slow", {})

        assert answer.status_code == 412
        assert f.scalar(spine.url, "select title from task") == "theirs"

    def test_names_the_refusal_of_a_constraint(self, api):
        a_task(api, origin="one")

        answer = api("POST", "/v1/tasks", {"title": "x", "origin": "one"})

        assert (answer.status_code, answer.json["type"].rsplit("/")[-1]) == (409, "origin-taken")
        assert answer.mimetype == "application/problem+json"

    def test_refuses_a_record_over_64_kilobytes(self, api):
        answer = api("POST", "/v1/tasks", {"title": "x" * 70_000})

        assert (answer.status_code, answer.json["title"]) == (
            422,
            "The record would be larger than 64 KB",
        )

    def test_of_a_reader_is_forbidden(self, app, spine):
        answer = Api(app, "read-only")("POST", "/v1/tasks", {"title": "x"})

        assert answer.status_code == 403
        assert f.rows(spine.url, "select from task") == []


class TestIdempotencyKey:
    def test_repeats_the_same_answer_with_one_effect(self, spine, api):
        first = api("POST", "/v1/tasks", {"title": "Call"}, Idempotency_Key="k-1")
        again = api("POST", "/v1/tasks", {"title": "Call"}, Idempotency_Key="k-1")

        assert (again.status_code, again.data) == (201, first.data)
        for name in ("ETag", "Location", "X-CRM-Version", "Content-Type"):
            assert again.headers[name] == first.headers[name]
        assert again.headers["Idempotency-Replayed"] == "true"
        assert f.scalar(spine.url, "select count(*) from task") == 1

    def test_comes_before_the_version_is_checked(self, api):
        task = a_task(api)
        options = {"If_Match": '"1"', "Idempotency_Key": "k-1"}
        first = api("PATCH", f"/v1/tasks/{task['id']}", {"title": "x"}, **options)

        again = api("PATCH", f"/v1/tasks/{task['id']}", {"title": "x"}, **options)

        assert (first.status_code, again.status_code) == (200, 200)
        assert again.headers["ETag"] == '"2"'

    def test_of_another_body_is_refused(self, spine, api):
        api("POST", "/v1/tasks", {"title": "Call"}, Idempotency_Key="k-1")

        answer = api("POST", "/v1/tasks", {"title": "Other"}, Idempotency_Key="k-1")

        assert answer.status_code == 422
        assert answer.json["type"].endswith("/idempotency-key-reused")
        assert f.scalar(spine.url, "select count(*) from task") == 1

    def test_is_its_callers_own(self, spine, app, api):
        api("POST", "/v1/tasks", {"title": "Call"}, Idempotency_Key="k-1")
        Api(app)("POST", "/v1/tasks", {"title": "Other"}, Idempotency_Key="k-1")

        assert f.scalar(spine.url, "select count(*) from task") == 2

    def test_of_a_refused_write_may_be_used_again(self, api):
        first = api("POST", "/v1/tasks", {"title": "x" * 70_000}, Idempotency_Key="k-1")
        again = api("POST", "/v1/tasks", {"title": "shorter"}, Idempotency_Key="k-1")

        assert (first.status_code, again.status_code) == (422, 201)

    @pytest.mark.parametrize(("age", "effects"), [("23:59", 1), ("24:01", 2)])
    def test_is_kept_for_24_hours(self, spine, api, age, effects):
        api("POST", "/v1/tasks", {"title": "Call"}, Idempotency_Key="k-1")
        f.rows(spine.url, "update idempotency set created_at = now() - %s::interval", age)

        api("POST", "/v1/tasks", {"title": "Call"}, Idempotency_Key="k-1")

        assert f.scalar(spine.url, "select count(*) from task") == effects

    def test_has_one_effect_when_another_answers_between_look_and_store(self, spine):
        key = Idempotency(
            principal="user:anna", method="POST", path="/v1/tasks", key="k-1", body_hash=b"x"
        )
        answer, now = Response(b"{}", status=201), clock.now()

        with spine.sessions() as slow, spine.sessions() as fast:
            looked = key.stored(slow, now=now)
            slow.rollback()  # as if the look had been taken before the lock
            key.store(fast, answer, None, now=now)
            fast.commit()
            with pytest.raises(RequestInProgress):
                key.store(slow, answer, None, now=now)

        assert looked is None

    @pytest.mark.parametrize("key", ["", "k" * 201, "tab\tbed"])
    def test_is_1_to_200_printable_characters(self, api, key):
        answer = api("POST", "/v1/tasks", {"title": "Call"}, Idempotency_Key=key)

        assert (answer.status_code, "Idempotency-Key" in answer.json["errors"]) == (422, True)

    def test_has_one_effect_however_many_ask_at_once(self, spine, app):
        caller, gate, answers = ids.new(), threading.Barrier(6), []

        def ask():
            api = Api(app, user_id=caller)
            gate.wait()
            answers.append(api("POST", "/v1/tasks", {"title": "Call"}, Idempotency_Key="k-1"))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        done = [a for a in answers if a.status_code == 201]
        assert {a.status_code for a in answers} <= {201, 409}
        assert len(answers) == 6
        assert len({a.data for a in done}) == 1
        assert f.scalar(spine.url, "select count(*) from outbox") == 1

    def test_says_409_while_the_first_is_running(self, spine, api, app):
        caller = ids.new()
        api = Api(app, user_id=caller)
        with spine.sessions() as session:
            key = (f"user:{caller}", "POST", "/v1/tasks", "k-1")
            db.try_lock(session, *key)

            during = api("POST", "/v1/tasks", {"title": "Call"}, Idempotency_Key="k-1")

        after = api("POST", "/v1/tasks", {"title": "Call"}, Idempotency_Key="k-1")
        assert during.json["type"].endswith("/request-in-progress")
        assert (during.status_code, after.status_code) == (409, 201)


class TestBatch:
    def test_refuses_several_culprits_alone_and_answers_in_order(self, spine, api):
        task = a_task(api, origin="taken")

        answer = run_batch(
            api,
            operation("create", "a"),
            {"op": "create", "body": {"title": "b", "origin": "taken"}},
            operation("create"),
            operation("rename", "c", id=task["id"], version=1),
            operation("rename", "d", id=str(ids.new()), version=1),
            operation("rename", "e", id=task["id"], version=1),
            operation("rename", "f", version=1),
            operation("create", "g"),
        )

        items = answer.json["items"]
        assert answer.status_code == 207
        assert [each["status"] for each in items] == [201, 409, 422, 200, 404, 412, 422, 201]
        assert items[1]["problem"]["type"].endswith("/origin-taken")
        assert items[2]["problem"]["errors"] == {"title": ["Missing data for required field."]}
        assert items[3] == {"status": 200, "id": task["id"], "version": 2}
        assert sorted(f.rows(spine.url, "select title from task")) == [("a",), ("c",), ("g",)]
        assert f.scalar(spine.url, "select count(*) from outbox") == 4

    def test_tells_nothing_of_an_operation_it_refused(self, spine, api):
        task = a_task(api)
        run_batch(api, operation("complete", id=task["id"]))

        answer = run_batch(
            api,
            operation("rename", "new", id=task["id"], version=2),
            operation("complete", id=task["id"]),
        )

        assert [each["status"] for each in answer.json["items"]] == [200, 409]
        assert f.scalar(spine.url, "select type from outbox order by seq desc limit 1") == (
            "contacts.task.updated.v1"
        )

    def test_refuses_a_record_too_large_alone(self, spine, api):
        answer = run_batch(
            api,
            operation("create", "a"),
            operation("create", "x" * 70_000),
            operation("create", "b"),
        )

        assert [each.get("status") for each in answer.json.get("items", [])] == [201, 422, 201]
        assert f.scalar(spine.url, "select count(*) from record where kind = 'task'") == 2

    def test_is_repeated_by_its_key(self, spine, api):
        first = run_batch(api, operation("create", "a"), Idempotency_Key="k-1")
        again = run_batch(api, operation("create", "a"), Idempotency_Key="k-1")

        assert (again.status_code, again.data) == (207, first.data)
        assert f.scalar(spine.url, "select count(*) from task") == 1

    @pytest.mark.parametrize("operations", [[], [{"op": "explode"}], [{"op": "create"}] * 501])
    def test_of_a_wrong_shape_is_refused_whole(self, api, operations):
        assert api("POST", "/v1/tasks/batch", {"operations": operations}).status_code == 422


class TestRead:
    def test_answers_304_to_who_has_it(self, api):
        task = a_task(api)
        first = api("GET", f"/v1/tasks/{task['id']}")

        again = api("GET", f"/v1/tasks/{task['id']}", If_None_Match=first.headers["ETag"])

        assert (first.status_code, first.json) == (200, task)
        assert (again.status_code, again.data) == (304, b"")

    def test_answers_404_for_what_is_not_there(self, api):
        assert api("GET", f"/v1/tasks/{ids.new()}").status_code == 404
        assert api("GET", "/v1/nowhere").status_code == 404

    @pytest.mark.parametrize(("visibility", "status"), [("all", 200), ("private", 404)])
    def test_shows_what_is_private_to_its_owner_and_admins(self, app, visibility, status):
        owner = ids.new()
        task = a_task(Api(app, user_id=owner), owner_id=str(owner), visibility=visibility)
        path = f"/v1/tasks/{task['id']}"

        assert Api(app, user_id=owner)("GET", path).status_code == 200
        assert Api(app, "admin")("GET", path).status_code == 200
        assert Api(app)("GET", path).status_code == status
        assert len(Api(app)("GET", "/v1/tasks").json["items"]) == int(status == 200)


class TestFields:
    def test_that_are_wanted_are_answered_with_the_id(self, api):
        task = a_task(api)

        one = api("GET", f"/v1/tasks/{task['id']}?fields=title, version")
        page = api("GET", "/v1/tasks?fields=title&limit=1").json

        assert one.json == {name: task[name] for name in ("id", "title", "version")}
        assert one.headers["ETag"] == '"1"'
        assert page == {"items": [{"id": task["id"], "title": "Call"}], "next": None}

    @pytest.mark.parametrize("given", ["", "nonsense", "title,nonsense"])
    def test_that_there_are_not_are_refused(self, api, given):
        task = a_task(api)

        for path in (f"/v1/tasks/{task['id']}", "/v1/tasks"):
            answer = api("GET", f"{path}?fields={given}")
            assert (answer.status_code, list(answer.json["errors"])) == (422, ["fields"])


class TestListing:
    @pytest.mark.parametrize("sort", ["-created_at", "created_at", "title", "-version", "id"])
    def test_shows_each_once_over_ties(self, spine, api, sort):
        with db.transaction(spine.sessions, db.Context(actor="user:ann")) as session:
            for number in range(9):
                f.create_task(session, f.CreateTask(title=str(number // 3)), now=f.NOON)

        seen, cursor = [], ""
        while cursor is not None:
            page = api("GET", f"/v1/tasks?limit=2&sort={sort}&cursor={cursor}").json
            seen += page["items"]
            cursor = page["next"]

        assert len({each["id"] for each in seen}) == len(seen) == 9
        if sort == "title":
            assert [each["title"] for each in seen] == list("000111222")

    @pytest.mark.parametrize(
        "query",
        [
            "sort=nonsense",
            "limit=0",
            "limit=201",
            "limit=x",
            "cursor=%C3%A4",
            "cursor=bm9uc2Vuc2U",
            "cursor=e30",
        ],
    )
    def test_refuses_what_it_does_not_know(self, api, query):
        answer = api("GET", f"/v1/tasks?{query}")

        assert answer.status_code == 422
        assert answer.json["errors"]

    @pytest.mark.parametrize(
        ("sort", "value"),
        [
            ("title", "a\x00b"),
            ("version", "9" * 40),
            ("-created_at", "never"),
            ("version", "1.5"),
            ("-version", "1"),
        ],
    )
    def test_refuses_a_forged_cursor(self, api, sort, value):
        from crm_chassis.paging import _cursor

        cursor = _cursor(sort, value, ids.new())

        answer = api("GET", f"/v1/tasks?sort={sort.lstrip('-')}&cursor={cursor}")

        assert (answer.status_code, "cursor" in answer.json["errors"]) == (422, True)


class TestBadInput:
    @pytest.mark.parametrize(
        ("body", "content_type", "status"),
        [
            (b'{"title": "' + b"x" * 11_000_000 + b'"}', "application/json", 413),
            (b'{"title": ', "application/json", 400),
            (b'{"title": "\xff"}', "application/json", 400),
            (b"title=Call", "application/x-www-form-urlencoded", 415),
            (b'{"title": "a\\u0000b"}', "application/json", 422),
            (b'{"a\\u0000b": "x"}', "application/json", 422),
            (b"[]", "application/json", 422),
            (b'"text"', "application/json", 422),
            (b'{"title": "x", "unknown": 1}', "application/json", 422),
            (b'{"title": "  "}', "application/json", 422),
            (b"", "application/json", 422),
        ],
    )
    def test_is_a_problem_with_its_status(self, spine, api, body, content_type, status):
        answer = api("POST", "/v1/tasks", body, Content_Type=content_type)

        assert answer.status_code == status, answer.json
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == status
        assert f.rows(spine.url, "select from task") == []

    def test_takes_text_that_only_speaks_of_nul(self, api):
        answer = api("POST", "/v1/tasks", b'{"title": "write \\\\u0000 in JSON"}')

        assert (answer.status_code, answer.json.get("title")) == (201, "write \\u0000 in JSON")

    @pytest.mark.parametrize("query", ["sort=%00", "sort=title&sort=%00", "%00=1"])
    def test_with_nul_in_the_query_is_422(self, api, query):
        assert api("GET", f"/v1/tasks?{query}").status_code == 422

    def test_of_33_levels_is_refused_and_of_32_is_not_for_that(self, api):
        def deep(levels):
            return b'{"inner": ' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"

        assert api("POST", "/v1/tasks", deep(33)).json["errors"] == {
            "body": ["deeper than 32 levels"]
        }
        assert "body" not in api("POST", "/v1/tasks", deep(32)).json["errors"]

    def test_that_is_many_lists_beside_each_other_is_not_deep(self, api):
        wide = b'{"title": [' + b"[]," * 100 + b"[]]}"
        assert list(api("POST", "/v1/tasks", wide).json["errors"]) == ["title"]

    def test_names_nested_fields(self, api):
        answer = api("POST", "/v1/tasks", {"title": 1, "inner": {"at": "noon"}})

        assert set(answer.json["errors"]) == {"title", "inner.at"}

    @pytest.mark.parametrize(
        "at", ["2026-01-01T00:00:00", "1899-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00"]
    )
    def test_refuses_moments_without_offset_or_out_of_reach(self, api, at):
        answer = api("POST", "/v1/tasks", {"title": "x", "inner": {"at": at}})

        assert (answer.status_code, set(answer.json["errors"])) == (422, {"inner.at"})

    def test_of_a_method_nobody_offers_is_405_with_allow(self, api):
        answer = api("PUT", "/v1/tasks", {})

        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}

    @pytest.mark.parametrize(
        "header", [None, "Basic abc", "Bearer ", "Bearer nonsense", "Bearer ä"]
    )
    def test_without_a_good_token_is_401(self, app, header):
        headers = {"Authorization": header} if header else {}
        answer = app.test_client().get("/v1/tasks", headers=headers)

        assert answer.status_code == 401
        assert answer.json["type"].endswith("/unauthenticated")

    def test_keeps_a_callers_request_id(self, api):
        given = str(ids.new())

        kept = api("GET", "/v1/nowhere", X_Request_Id=given)
        replaced = api("GET", "/v1/nowhere", X_Request_Id="<script>")

        assert (kept.headers["X-Request-Id"], kept.json["request_id"]) == (given, given)
        assert "<" not in replaced.headers["X-Request-Id"]


class TestFault:
    def test_that_nobody_foresaw_is_500_and_says_nothing(self, api):
        answer = api("GET", "/v1/fails")

        assert answer.status_code == 500
        assert "ZeroDivision" not in answer.get_data(as_text=True)

    def test_of_an_absent_database_is_503_with_retry_after(self):
        engine = db.engine(f"postgresql://nobody@127.0.0.1:{free_port()}/none")
        api = Api(an_app(db.sessions(engine)))

        read, wrote = api("GET", f"/v1/tasks/{ids.new()}"), api("POST", "/v1/tasks", {"title": "x"})

        for answer in (read, wrote):
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        engine.dispose()

    def test_of_a_cut_connection_is_gone_at_the_next_request(self, spine, api, monkeypatch):
        monkeypatch.setattr(sys.modules[db.engine.__module__], "_RESTED_SECONDS", 0)
        task = a_task(api)
        f.rows(
            spine.url,
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s"
            " and datname = current_database()",
            "crm-test",
        )

        assert api("GET", f"/v1/tasks/{task['id']}").status_code == 200

    def test_of_a_lock_held_too_long_is_503(self, spine, api, monkeypatch):
        task = a_task(api)
        monkeypatch.setattr(sys.modules[db.engine.__module__], "_OPTIONS", {"lock_timeout": "50ms"})
        impatient = db.engine(spine.url)
        with spine.sessions() as session:
            session.execute(text("select from task for update"))
            api = Api(an_app(db.sessions(impatient)))
            answer = api("PATCH", f"/v1/tasks/{task['id']}", {"title": "x"}, If_Match='"1"')
        impatient.dispose()

        assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2")


class TestDocument:
    def test_describes_every_status_and_header(self, app):
        document = app.test_client().get("/openapi.json").json

        operation = document["paths"]["/v1/tasks/{task_id}"]["patch"]
        assert document["openapi"].startswith("3.1")
        assert {"409", "412", "415", "422", "428", "503"} <= set(operation["responses"])
        assert {"If-Match", "Idempotency-Key"} <= {p["name"] for p in operation["parameters"]}
        assert operation["x-crm-service"] == "contacts"
        assert orjson.dumps(document)


class TestAgeing:
    def test_is_said_on_each_answer_and_in_the_document(self, app, api: Api) -> None:
        answer = api("GET", "/v1/tasks/old")

        assert answer.headers["Deprecation"] == "@1767225600"
        assert answer.headers["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
        assert answer.headers["Link"] == '</v1/tasks>; rel="successor-version"'
        told = app.extensions["openapi"]()["paths"]["/v1/tasks/old"]["get"]
        assert told["deprecated"] is True
        assert "Deprecation" not in api("GET", "/v1/tasks").headers


class TestWords:
    FORM = "application/x-www-form-urlencoded"

    def test_are_taken_where_a_standard_says_so_and_nowhere_else(self, api: Api) -> None:
        answer = api("POST", "/v1/tasks/words", b"word=yes", Content_Type=self.FORM)
        assert answer.json == {"said": "yes"}
        assert api("POST", "/v1/tasks", b"title=yes", Content_Type=self.FORM).status_code == 415
        assert api("POST", "/v1/tasks/words", {"word": "yes"}).status_code == 415

    def test_are_few(self, api: Api) -> None:
        long = b"word=" + b"x" * 65 * 1024
        answer = api("POST", "/v1/tasks/words", long, Content_Type=self.FORM)
        assert answer.status_code == 413


class TestForms:
    FORM = "multipart/form-data; boundary=x"

    @staticmethod
    def form(content: bytes) -> bytes:
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        return head + content + b"\r\n--x--\r\n"

    def test_go_where_files_are_taken_and_nowhere_else(self, api: Api) -> None:
        body = self.form(b"abc")

        taken = api("POST", "/v1/tasks/files", body, Content_Type=self.FORM)

        assert (201, "3 bytes") == (taken.status_code, taken.json["title"])
        assert 415 == api("POST", "/v1/tasks", body, Content_Type=self.FORM).status_code

    def test_may_be_larger_than_json(self, api: Api) -> None:
        body = self.form(b"x" * 11_000_000)

        assert 201 == api("POST", "/v1/tasks/files", body, Content_Type=self.FORM).status_code
        assert 413 == api("POST", "/v1/tasks", body, Content_Type=self.FORM).status_code

    def test_are_told_apart_by_their_key(self, api: Api) -> None:
        first, again, other = (
            api(
                "POST", "/v1/tasks/files", self.form(content), Content_Type=self.FORM,
                Idempotency_Key="once",
            )
            for content in (b"abc", b"abc", b"abcd")
        )  # fmt: skip

        assert first.json["id"] == again.json["id"]
        assert 422 == other.status_code
