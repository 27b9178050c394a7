"""Users, sessions, API keys: who may do what, and for how long."""

import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from crm_chassis import clock, ids
from crm_gateway.identity import credentials

pytestmark = pytest.mark.integration
PASSWORD = "correct horse battery"


def _slug(answer):
    return answer.json["type"].rpartition("/")[2]


@pytest.fixture
def stranger(app, calling):
    """Somebody without a token, from an address of their own."""
    caller = calling("member")
    caller.token, caller.address = "", f"10.0.{ids.new().int % 250}.{ids.new().int % 250}"
    return caller


def _sign_in(caller, email, password=PASSWORD):
    return caller.post("/v1/auth/token", {"email": email, "password": password})


class TestCreateUser:
    def test_lets_them_sign_in(self, calling, stranger):
        made = calling("admin").post(
            "/v1/users", {"email": "ida@example.com", "name": "Ida", "password": PASSWORD}
        )
        assert made.status_code == 201, made.text
        assert made.json["roles"] == ["member"]

        token = _sign_in(stranger, "ida@example.com").json["access_token"]
        stranger.token = token
        assert stranger.get("/v1/users/me").json["email"] == "ida@example.com"

    def test_tells_no_password(self, calling, sessions):
        body = {"email": "ida@example.com", "name": "Ida", "password": PASSWORD}
        calling("admin").post("/v1/users", body)

        with sessions() as session:
            told = session.scalars(text("select body from outbox")).all()
        assert len(told) == 2
        assert not any("password" in body or "argon2" in body for body in told)

    @pytest.mark.parametrize("email", ["ida@example.com", "IDA@Example.COM", " Ida@example.com"])
    def test_refuses_an_address_taken_whatever_its_case(self, calling, person, email):
        person("member", email="Ida@Example.com")

        answer = calling("admin").post("/v1/users", {"email": email, "name": "Other"})

        assert answer.status_code in {409, 422}
        assert calling("admin").get("/v1/users?limit=200").json["items"][-1]["name"] == "Anna"

    def test_names_the_refusal(self, calling, person):
        person("member", email="ida@example.com")

        answer = calling("admin").post("/v1/users", {"email": "IDA@example.com", "name": "Ida"})

        assert (answer.status_code, _slug(answer)) == (409, "email-taken")

    def test_gives_an_archived_users_address_again(self, calling, person):
        admin, gone = calling("admin"), person("member", email="ida@example.com")
        admin.delete(f"/v1/users/{gone.id}", version=1)

        answer = admin.post("/v1/users", {"email": "ida@example.com", "name": "Ida again"})

        assert answer.status_code == 201

    @pytest.mark.parametrize("role", ["member", "read-only"])
    def test_is_the_admins_business(self, calling, role):
        answer = calling(role).post("/v1/users", {"email": "a@example.com", "name": "A"})

        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"email": "nobody", "name": "A"},
            {"email": "a@example.com", "name": " "},
            {"email": "a@example.com", "name": "A", "roles": []},
            {"email": "a@example.com", "name": "A", "roles": ["root"]},
            {"email": "a@example.com", "name": "A", "password": "short"},
            {"email": "a@example.com", "name": "A", "team_id": "7"},
            {"email": "a@example.com", "name": "A", "password_hash": "x"},
            {"email": "a@example.com", "name": "A\x00"},
        ],
    )
    def test_refuses_bad_fields(self, calling, body):
        answer = calling("admin").post("/v1/users", body)

        assert answer.status_code == 422
        assert answer.json["errors"]


class TestChangeUser:
    def test_needs_the_version_read(self, calling, person):
        admin, ida = calling("admin"), person("member")

        assert admin.patch(f"/v1/users/{ida.id}", {"name": "Ida"}).status_code == 428
        stale = admin.patch(f"/v1/users/{ida.id}", {"name": "Ida"}, version=7)
        assert (stale.status_code, stale.json["current_version"]) == (412, 1)
        changed = admin.patch(f"/v1/users/{ida.id}", {"name": "Ida"}, version=1)
        assert (changed.status_code, changed.json["name"]) == (200, "Ida")

    def test_keeps_the_last_admin(self, calling):
        admin = calling("admin")
        path = f"/v1/users/{admin.user_id}"

        for answer in (
            admin.patch(path, {"roles": ["member"]}, version=1),
            admin.patch(path, {"active": False}, version=1),
            admin.delete(path, version=1),
        ):
            assert (answer.status_code, _slug(answer)) == (409, "last-admin")

    def test_lets_one_of_two_admins_go(self, calling):
        admin, other = calling("admin"), calling("admin")

        answer = admin.patch(f"/v1/users/{other.user_id}", {"roles": ["member"]}, version=1)

        assert answer.status_code == 200

    def test_keeps_an_admin_when_two_demote_each_other_at_once(self, calling, sessions):
        first, second = calling("admin"), calling("admin")
        start = threading.Barrier(2)

        def demote(caller, other):
            start.wait()
            caller.patch(f"/v1/users/{other.user_id}", {"roles": ["member"]}, version=1)

        pairs = [(first, second), (second, first)]
        threads = [threading.Thread(target=demote, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        with sessions() as session:
            left = session.scalar(text("select count(*) from \"user\" where 'admin' = any(roles)"))
        assert left >= 1

    def test_takes_a_new_password(self, calling, person, stranger):
        ida = person("member", email="ida@example.com", password=PASSWORD)

        calling("admin").patch(f"/v1/users/{ida.id}", {"password": "another horse"}, version=1)

        assert _sign_in(stranger, "ida@example.com").status_code == 401
        assert _sign_in(stranger, "ida@example.com", "another horse").status_code == 200


class TestSignIn:
    def test_ignores_the_case_of_the_address(self, person, stranger):
        person("member", email="ida@example.com", password=PASSWORD)

        answer = _sign_in(stranger, "IDA@EXAMPLE.com")

        assert answer.status_code == 200
        assert answer.json["token_type"] == "Bearer"
        assert answer.json["expires_in"] == 12 * 3600

    def test_answers_a_wrong_password_like_an_unknown_user(self, person, stranger):
        person("member", email="ida@example.com", password=PASSWORD)
        person("member", email="nopassword@example.com")

        wrong = _sign_in(stranger, "ida@example.com", "wrong password")
        unknown = _sign_in(stranger, "nobody@example.com", "wrong password")
        without = _sign_in(stranger, "nopassword@example.com", "nobody's password")

        answers = [
            {k: v for k, v in answer.json.items() if k != "request_id"}
            for answer in (wrong, unknown, without)
        ]
        assert wrong.status_code == 401
        assert answers[0] == answers[1] == answers[2]

    def test_refuses_archived_and_inactive_users(self, calling, person, stranger):
        admin = calling("admin")
        gone = person("member", email="gone@example.com", password=PASSWORD)
        idle = person("member", email="idle@example.com", password=PASSWORD)
        admin.delete(f"/v1/users/{gone.id}", version=1)
        admin.patch(f"/v1/users/{idle.id}", {"active": False}, version=1)

        assert _sign_in(stranger, "gone@example.com").status_code == 401
        assert _sign_in(stranger, "idle@example.com").status_code == 401

    def test_allows_ten_failures_a_minute_from_an_address(self, person, stranger):
        person("member", email="ida@example.com", password=PASSWORD)

        answers = [_sign_in(stranger, "ida@example.com", "guess") for _ in range(10)]
        refused = _sign_in(stranger, "ida@example.com")

        assert {answer.status_code for answer in answers} == {401}
        assert (refused.status_code, _slug(refused)) == (429, "too-many-requests")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        person("member", email="otto@example.com", password=PASSWORD)
        stranger.address = "10.99.0.1"
        assert _sign_in(stranger, "otto@example.com").status_code == 200

    def test_keeps_only_a_hash_of_the_token(self, person, stranger, sessions):
        person("member", email="ida@example.com", password=PASSWORD)
        token = _sign_in(stranger, "ida@example.com").json["access_token"]

        with sessions() as session:
            kept = session.scalar(text("select token_hash from credential order by id desc"))
        assert bytes(kept) == credentials.token_hash(token)


class TestSession:
    def test_ends_after_twelve_hours(self, person, stranger):
        person("member", email="ida@example.com", password=PASSWORD)
        stranger.token = _sign_in(stranger, "ida@example.com").json["access_token"]
        assert stranger.get("/v1/users/me").status_code == 200

        with time_machine.travel(clock.now() + timedelta(hours=12, seconds=6), tick=True):
            assert stranger.get("/v1/users/me").status_code == 401

    def test_ends_with_its_user_within_five_seconds(self, calling):
        admin, ida = calling("admin"), calling("member")
        assert ida.get("/v1/users/me").status_code == 200

        admin.delete(f"/v1/users/{ida.user_id}", version=1)

        with time_machine.travel(clock.now() + timedelta(seconds=5.1), tick=True):
            assert ida.get("/v1/users/me").status_code == 401

    def test_ends_when_signed_out(self, calling):
        ida = calling("member")

        assert ida.delete("/v1/auth/token").status_code == 204

        with time_machine.travel(clock.now() + timedelta(seconds=5.1), tick=True):
            assert ida.get("/v1/users/me").status_code == 401

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer \xe9"])
    def test_is_needed(self, stranger, header):
        answer = stranger.get("/v1/users/me", Authorization=header)

        assert (answer.status_code, _slug(answer)) == (401, "unauthenticated")


class TestApiKey:
    def _made(self, caller, *scopes):
        return caller.post("/v1/api-keys", {"name": "export", "scopes": list(scopes)})

    def test_is_shown_once(self, calling):
        ida = calling("member")

        made = self._made(ida, "read", "write")

        assert made.status_code == 201
        assert made.json["key"].startswith("crm_k_")
        listed = ida.get("/v1/api-keys").json["items"]
        assert [key["id"] for key in listed] == [made.json["id"]]
        assert "key" not in listed[0]

    @pytest.mark.parametrize(
        ("role", "scopes", "allowed"),
        [
            ("admin", ["read"], False),
            ("admin", ["read", "write"], False),
            ("admin", ["read", "write", "admin"], True),
            ("member", ["read", "write", "admin"], False),
            ("read-only", ["read", "write", "admin"], False),
        ],
    )
    def test_never_exceeds_its_users_roles_nor_its_scopes(
        self, person, signed_in, role, scopes, allowed
    ):
        key = signed_in(person(role), kind="key", scopes=scopes)

        answer = key.post("/v1/teams", {"name": "North"})

        assert answer.status_code == (201 if allowed else 403)

    @pytest.mark.parametrize(
        ("role", "scopes"),
        [("member", ["admin"]), ("read-only", ["write"]), ("read-only", ["read", "admin"])],
    )
    def test_is_not_made_with_more_than_its_maker_holds(self, calling, role, scopes):
        assert self._made(calling(role), *scopes).status_code == 403

    @pytest.mark.parametrize("scopes", [["read"], ["read", "write"]])
    def test_makes_and_revokes_no_other_key(self, person, signed_in, scopes):
        admin = person("admin")
        other = self._made(signed_in(admin), "read").json
        key = signed_in(admin, kind="key", scopes=scopes)

        assert self._made(key, "read").status_code == 403
        assert key.delete(f"/v1/api-keys/{other['id']}").status_code == 403

    def test_is_refused_within_five_seconds_of_its_revocation(self, app, calling):
        ida = calling("member")
        made = self._made(ida, "read").json
        key = type(ida)(app.test_client(), made["key"])
        assert key.get("/v1/users/me").status_code == 200

        assert ida.delete(f"/v1/api-keys/{made['id']}").status_code == 204

        with time_machine.travel(clock.now() + timedelta(seconds=5.1), tick=True):
            assert key.get("/v1/users/me").status_code == 401

    def test_is_its_owners_or_the_admins(self, calling):
        ida, otto, admin = calling("member"), calling("member"), calling("admin")
        made = self._made(ida, "read").json

        assert otto.get("/v1/api-keys").json["items"] == []
        assert otto.delete(f"/v1/api-keys/{made['id']}").status_code == 404
        assert admin.delete(f"/v1/api-keys/{made['id']}").status_code == 204


class TestRateLimit:
    def test_is_said_on_every_answer(self, calling):
        ida = calling("member")

        first, second = ida.get("/v1/users/me"), ida.get("/v1/users/me")

        assert first.headers["RateLimit-Limit"] == "6000"
        left = [int(answer.headers["RateLimit-Remaining"]) for answer in (first, second)]
        assert left[0] - left[1] == 1
        assert 0 <= int(first.headers["RateLimit-Reset"]) <= 60

    def test_refuses_what_is_too_much_and_only_that_caller(self, building, calling):
        app = building(CRM_RATE_LIMIT="3/minute")
        busy, other = calling("member", of=app), calling("member", of=app)

        statuses = [busy.get("/v1/users/me").status_code for _ in range(4)]
        refused = busy.get("/v1/users/me")

        assert statuses == [200, 200, 200, 429]
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.headers["RateLimit-Remaining"] == "0"
        assert other.get("/v1/users/me").status_code == 200
