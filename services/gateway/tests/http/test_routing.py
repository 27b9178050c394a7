"""The way through to the services: real little servers stand where a fault must be staged."""

import json
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest

from crm_chassis import auth, db, ids
from crm_chassis.auth import Principal
from crm_chassis.testing import free_port, keys, wait_until
from crm_gateway.clients import Documents, Services
from crm_gateway.clients import documents as routes
from crm_gateway.clients import services as calls
from crm_gateway.model import ServiceAway, ServiceSlow

NOWHERE = db.engine("postgresql://nobody@127.0.0.1:9/nothing", pool_size=1)
PATIENCE = 10.0  # of a slow peer that nobody lets go
pytestmark = pytest.mark.integration
WHO = Principal(actor="user:1", roles=frozenset({"member"}))


def document(*paths: str) -> dict:
    operation = {"responses": {"200": {"description": "fine"}}}
    return {
        "openapi": "3.1.0", "info": {"title": "x", "version": "1"},
        "paths": {path: {"get": operation} for path in paths},
        "components": {"schemas": {"Thing": {"type": "object"}}},
    }  # fmt: skip


class Peer:
    """A service of this test's making: it publishes a document and answers as it is told."""

    def __init__(self, *paths: str) -> None:
        self.document: object = document(*paths)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.behave: Callable[[BaseHTTPRequestHandler], None] = _answer
        self.port = free_port()
        self._server: ThreadingHTTPServer | None = None
        self.open()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()

    def requests(self, path: str) -> list[tuple[str, str, dict[str, str], bytes]]:
        return [each for each in self.seen if each[1].partition("?")[0] == path]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == "/openapi.json":
                    given = peer.document
                    _answer(self, given if isinstance(given, bytes) else orjson.dumps(given))
                    return
                peer.seen.append((self.command, self.path, dict(self.headers), body))
                peer.behave(self)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815 - http.server names them

        return Handler


def _answer(handler, body=b'{"ok":true}', status=200, **headers):
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


@pytest.fixture
def held():
    """Whatever a slow peer waits for: it comes when the test is over."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(scope="module")
def peers():
    made = {
        "contacts": Peer("/v1/contacts", "/v1/contacts/{id}"), "sales": Peer("/v1/deals", "/v1/leads/{id}"),
        "marketing": Peer("/v1/segments", "/t/o/{token}"), "support": Peer("/v1/tickets"),
    }  # fmt: skip
    yield made
    for peer in made.values():
        peer.close()


@pytest.fixture(scope="module")
def app(building, peers):
    return building(CRM_SERVICES=json.dumps({name: peer.url for name, peer in peers.items()}))


@pytest.fixture
def sales(peers, app, monkeypatch):
    """The sales service, with patience short enough to test."""
    peer = peers["sales"]
    peer.seen.clear()
    for one in app.extensions["services"]._peers.values():
        one.breaker.close()
    app.extensions["documents"].refresh()
    yield peer
    peer.close()
    peer.behave = _answer
    peer.open()


@pytest.fixture
def ida(calling):
    return calling("member")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(calls, "READ_SECONDS", {"GET": 0.4, "HEAD": 0.4})
    monkeypatch.setattr(calls, "WRITE_SECONDS", 0.4)


def answers(call, services):
    try:
        return call(services).status == 200
    except ServiceAway:
        return False


def _slug(answer):
    return answer.json["type"].rpartition("/")[2]


class TestThrough:
    def test_goes_to_the_owner_with_its_own_token(self, sales, ida, app):
        answer = ida.get("/v1/deals?limit=3&q=%C3%A9", X_Request_Id="request-0001")

        assert (answer.status_code, answer.json) == (200, {"ok": True})
        method, path, headers, _ = sales.seen[0]
        assert (method, path) == ("GET", "/v1/deals?limit=3&q=%C3%A9")
        assert headers["X-Request-Id"] == "request-0001" == answer.headers["X-Request-Id"]
        assert int(headers["X-CRM-Deadline-Ms"]) == 10_000
        public = json.dumps({"keys": [keys("gateway")[1]]})
        token = headers["Authorization"]
        assert auth.Verifier(public, "sales").principal(token).user_id == ida.user_id
        with pytest.raises(auth.Unauthenticated):
            auth.Verifier(public, "contacts").principal(token)
        assert ida.token not in token

    def test_sends_bodies_and_the_headers_that_matter_only(self, sales, ida):
        ida.ask(
            "POST", "/v1/deals", {"name": "x"}, Idempotency_Key="k1", If_Match='"3"',
            Cookie="crm_session=secret", X_Forwarded_User="admin", X_CRM_Source="ui",
            X_CRM_Address="203.0.113.66",
        )  # fmt: skip

        method, _, headers, body = sales.seen[0]
        assert (method, json.loads(body)) == ("POST", {"name": "x"})
        assert headers["Idempotency-Key"] == "k1"
        assert headers["If-Match"] == '"3"'
        assert "Cookie" not in headers
        assert "X-Forwarded-User" not in headers
        assert headers["X-CRM-Address"] == ida.address

    def test_gives_back_the_headers_that_matter_only(self, sales, ida):
        sales.behave = lambda handler: _answer(
            handler, status=201, Location="/v1/deals/1", ETag='"1"', X_CRM_Version="deal/1@1",
            Server="secret/1.0", Set_Cookie="a=b", X_Internal="yes",
        )  # fmt: skip

        answer = ida.post("/v1/deals", {})

        assert answer.status_code == 201
        assert answer.headers["Location"] == "/v1/deals/1"
        assert answer.headers["X-CRM-Version"] == "deal/1@1"
        leaked = {"Set-Cookie", "X-Internal"} & set(answer.headers.keys())
        assert (leaked, "secret" in str(answer.headers)) == (set(), False)

    @pytest.mark.parametrize(
        ("asked", "sent"),
        [
            ("/v1/deals/a%3Fb", "/v1/deals/a%3Fb"),
            ("/v1/deals/a%23b", "/v1/deals/a%23b"),
            ("/v1/deals/%252e%252e/x", "/v1/deals/%252e%252e/x"),
            ("/v1/deals/%C3%A9%20e", "/v1/deals/%C3%A9%20e"),
        ],
    )
    def test_sends_the_path_it_was_given(self, sales, ida, asked, sent):
        ida.get(asked)

        assert [each[1] for each in sales.seen] == [sent]

    @pytest.mark.parametrize(
        "path",
        [
            "/internal/records?kind=deal", "/v1/internal/records", "/v1/deals/../../internal/records",
            "/v1/deals/%2e%2e/%2e%2e/internal/records", "/v1/../internal/records", "/metrics",
            "/t/../internal/records", "/v1/nothing", "/v1/deals/..", "/v1/./deals",
            "/v1/deals/a%0d%0aX-Evil:1",
        ],
    )  # fmt: skip
    def test_has_no_way_to_anything_else(self, sales, peers, ida, path):
        for peer in peers.values():
            peer.seen.clear()

        assert ida.get(path).status_code == 404
        assert [peer.seen for peer in peers.values()] == [[], [], [], []]

    def test_needs_a_token_but_for_tracking(self, sales, peers, ida):
        ida.token = ""

        assert ida.get("/v1/deals").status_code == 401
        assert sales.seen == []
        assert ida.get("/t/o/abc").status_code == 200
        assert "Authorization" not in peers["marketing"].seen[-1][2]

    def test_streams_a_large_answer(self, sales, ida):
        sales.behave = lambda handler: _answer(handler, b"x" * 3_000_000)

        assert len(ida.get("/v1/deals").data) == 3_000_000


class TestFaults:
    def test_answers_503_for_a_service_that_is_down(self, sales, ida, app):
        sales.close()
        app.extensions["documents"].refresh()

        for answer in (ida.get("/v1/deals"), ida.post("/v1/deals", {})):
            assert (answer.status_code, _slug(answer)) == (503, "service-away")
            assert int(answer.headers["Retry-After"]) >= 1

    def test_knows_the_routes_of_a_service_that_was_never_seen_by_this_process(
        self, sales, peers, building, calling
    ):
        urls = {name: peer.url for name, peer in peers.items()}
        building(CRM_SERVICES=json.dumps(urls)).extensions["documents"].refresh()
        gone = building(CRM_SERVICES=json.dumps(urls | {"sales": "http://127.0.0.1:9"}))
        gone.extensions["documents"]._load()

        answer = calling("member", of=gone).get("/v1/deals")

        assert answer.status_code == 503

    def test_answers_503_for_what_a_service_not_yet_heard_of_may_own(
        self, peers, building, calling
    ):
        urls = {name: peer.url for name, peer in peers.items()}
        fresh = building(CRM_SERVICES=json.dumps(urls | {"sales": "http://127.0.0.1:9"}))
        fresh.extensions["documents"].refresh()

        unknown, known = (
            calling("member", of=fresh).get(path) for path in ("/v1/deals", "/v1/contacts")
        )

        assert (unknown.status_code, _slug(unknown)) == (503, "service-away")
        assert int(unknown.headers["Retry-After"]) >= 1
        assert known.status_code == 200

    def test_is_ready_when_every_service_was_heard_of_or_waited_for(
        self, peers, building, monkeypatch
    ):
        urls = {name: peer.url for name, peer in peers.items()}
        fresh = building(CRM_SERVICES=json.dumps(urls))
        before = fresh.test_client().get("/readyz").status_code
        fresh.extensions["documents"].refresh()
        after = fresh.test_client().get("/readyz").status_code
        monkeypatch.setattr(routes, "_PATIENCE_SECONDS", -1.0)
        impatient = building(CRM_SERVICES=json.dumps(urls))

        assert (before, after) == (503, 200)
        assert impatient.test_client().get("/readyz").status_code == 200

    def test_answers_504_at_the_deadline(self, sales, ida, impatient, held):
        sales.behave = lambda handler: held.wait(PATIENCE)

        started = time.monotonic()
        answers = [ida.get("/v1/deals"), ida.post("/v1/deals", {})]

        assert [(each.status_code, _slug(each)) for each in answers] == [(504, "service-slow")] * 2
        assert time.monotonic() - started < 2

    def test_gives_a_dripping_answer_no_more_time(self, sales, ida, impatient, held):
        def drip(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", "100")
            handler.end_headers()
            for _ in range(100):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                if held.wait(0.05):
                    return

        sales.behave = drip
        started = time.monotonic()

        assert ida.get("/v1/deals").status_code == 504
        assert time.monotonic() - started < 2

    @pytest.mark.parametrize("written", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"])
    def test_answers_503_when_the_answer_breaks_off(self, sales, ida, written):
        def break_off(handler):
            handler.wfile.write(written)
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR)

        sales.behave = break_off

        assert ida.get("/v1/deals").status_code == 503
        assert len(sales.seen) == 2

    @pytest.mark.parametrize(("method", "times"), [("GET", 2), ("POST", 1), ("PATCH", 1)])
    def test_tries_only_reads_again_and_once(self, sales, ida, method, times):
        sales.behave = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)

        answer = ida.ask(method, "/v1/deals", {} if method != "GET" else None)

        assert answer.status_code == 503
        assert len(sales.seen) == times

    def test_does_not_try_again_what_was_refused(self, sales, ida):
        sales.behave = lambda handler: _answer(handler, b"{}", status=500)

        assert ida.get("/v1/deals").status_code == 500
        assert len(sales.seen) == 1


class TestBreaker:
    def _call(self, services, service="sales", method="GET"):
        return services.call(service, method, "/v1/deals", principal=WHO)

    @pytest.fixture
    def services(self, peers, sales, monkeypatch):
        monkeypatch.setattr(calls, "_OPEN_SECONDS", 0.2)
        signer = auth.Signer(json.dumps(keys("gateway")[0]))
        return Services({name: peer.url for name, peer in peers.items()}, signer)

    def test_opens_after_five_faults_and_closes_by_itself(self, services, sales):
        sales.behave = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
        for _ in range(3):
            with pytest.raises(ServiceAway):
                self._call(services)
        asked = len(sales.seen)

        with pytest.raises(ServiceAway):
            self._call(services)
        assert len(sales.seen) == asked == 5

        sales.behave = _answer
        wait_until(lambda: answers(self._call, services), what="the breaker to try again")
        assert self._call(services).status == 200

    def test_is_each_services_own(self, services, sales):
        sales.close()
        for _ in range(4):
            with pytest.raises(ServiceAway):
                self._call(services)

        assert self._call(services, "support").status == 200

    def test_is_not_opened_by_refusals(self, services, sales):
        sales.behave = lambda handler: _answer(handler, b"{}", status=422)

        assert {self._call(services).status for _ in range(8)} == {422}

    def test_keeps_a_slow_service_from_the_others(self, services, sales, monkeypatch, held):
        monkeypatch.setattr(calls, "READ_SECONDS", {"GET": 1.5})
        monkeypatch.setattr(calls, "_WAIT_FOR_PLACE_SECONDS", 0.1)
        sales.behave = lambda handler: held.wait(PATIENCE)
        outcomes = []

        def call():
            try:
                self._call(services)
            except (ServiceAway, ServiceSlow) as refusal:
                outcomes.append(type(refusal))

        threads = [threading.Thread(target=call) for _ in range(20)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(outcomes) >= 4, what="those without a place")
        started = time.monotonic()
        quick = self._call(services, "support").status
        took = time.monotonic() - started
        for thread in threads:
            thread.join()

        assert outcomes[:4] == [ServiceAway] * 4
        assert len(outcomes) == 20
        assert (quick, took < 0.5) == (200, True)


class TestDocuments:
    @pytest.fixture
    def documents(self, peers, sales, sessions):
        signer = auth.Signer(json.dumps(keys("gateway")[0]))
        services = Services({name: peer.url for name, peer in peers.items()}, signer)
        before = {name: peer.document for name, peer in peers.items()}
        yield Documents(services, sessions)
        for name, peer in peers.items():
            peer.document = before[name]

    def test_refuse_and_name_a_path_claimed_twice(self, documents, peers, caplog):
        peers["support"].document = document("/v1/tickets", "/v1/deals/{id}/tickets")

        documents.refresh()

        assert documents.refused == ["support claims v1/deals of sales"]
        assert "route refused" in caplog.text
        assert documents.owner("/v1/deals/1/tickets") == "sales"
        assert list(documents.all["support"]["paths"]) == ["/v1/tickets"]

    def test_give_no_resource_of_the_gateway_away(self, documents, peers):
        documents.reserve(document("/v1/users", "/v1/users/{id}"))
        peers["support"].document = document("/v1/tickets", "/v1/users/{id}/tickets")

        documents.refresh()

        assert documents.refused == ["support claims v1/users of gateway"]
        assert documents.owner("/v1/users/1/tickets") is None

    @pytest.mark.parametrize(
        "nonsense", [b"not JSON", b"[]", b"{}", b'{"paths": []}', b'{"paths": {"x": 1}}', b"null"]
    )
    def test_keep_the_last_good_one(self, documents, peers, nonsense):
        documents.refresh()
        peers["contacts"].document = nonsense
        peers["support"].document = document("/v1/tickets", "/v1/macros")

        documents.refresh()

        assert documents.owner("/v1/contacts/1") == "contacts"
        assert documents.owner("/v1/macros") == "support"

    def test_follow_a_service_that_gains_an_endpoint(self, documents, peers):
        documents.refresh()
        assert documents.owner("/v1/quotes") is None
        peers["sales"].document = document("/v1/deals", "/v1/quotes")

        documents.refresh()

        assert documents.owner("/v1/quotes") == "sales"


class TestReads:
    """What a service tells of one person is noted, as looks at a customer's page are."""

    @pytest.fixture
    def noted(self, app, connection):
        def rows():
            app.extensions["looks"].flush()
            sql = "select action, actor, object_id, agent from audit where action like '%.read'"
            return connection.execute(sql).fetchall()

        return rows

    @pytest.mark.parametrize("way", [{}, {"X_Request_Id": "request-0001"}], ids=["fast", "flask"])
    @pytest.mark.parametrize(
        ("path", "action"),
        [
            ("/v1/contacts/{}", "customer.read"), ("/v1/contacts/{}?fields=name", "customer.read"),
            ("/v1/contacts/{}/history", "customer.read"), ("/v1/leads/{}", "lead.read"),
        ],
    )  # fmt: skip
    def test_of_somebody_are_noted_once(self, sales, ida, noted, path, action, way):
        person = ids.new()

        for _ in range(2):
            assert ida.get(path.format(person), User_Agent="Shop", **way).status_code == 200

        assert [(action, f"user:{ida.user_id}", person, "Shop")] == noted()

    @pytest.mark.parametrize("way", [{}, {"X_Request_Id": "request-0001"}], ids=["fast", "flask"])
    def test_that_told_nothing_of_somebody_are_not(self, sales, peers, ida, noted, way):
        person = ids.new()
        ida.get("/v1/contacts?email=ada@a.example", **way)
        ida.get("/v1/deals", **way)
        ida.ask("PATCH", f"/v1/contacts/{person}", {}, **way)
        for status in (304, 404, 503):
            peers["contacts"].behave = lambda handler, to=status: _answer(handler, b"", to)
            assert status == ida.get(f"/v1/contacts/{person}", **way).status_code
        peers["contacts"].behave = _answer

        assert [] == noted()

    def test_are_not_answered_where_they_cannot_be_noted(self, sales, ida, app, monkeypatch):
        monkeypatch.setattr(app.extensions["looks"], "_most", 1)
        monkeypatch.setattr(app.extensions["looks"], "_sessions", db.sessions(NOWHERE))
        assert ida.get(f"/v1/contacts/{ids.new()}").status_code == 200  # this one waits

        for way in ({}, {"X_Request_Id": "request-0001"}):
            answer = ida.get(f"/v1/contacts/{ids.new()}", **way)
            assert (503, "unavailable") == (answer.status_code, _slug(answer))
        app.extensions["looks"]._waiting.clear()


class TestAddress:
    def test_is_refused_as_a_problem_when_too_long(self, sales, ida):
        answer = ida.get("/v1/deals?q=" + "a" * 8000)

        assert (answer.status_code, answer.mimetype) == (414, "application/problem+json")
        assert sales.seen == []


class TestPassing:
    """What is plain is passed on in front of Flask, and says what Flask says."""

    @pytest.fixture
    def behind(self, app, monkeypatch):
        """Count the requests that go on to Flask."""
        counted, passing = [], app.wsgi_app._behind
        inner = passing._behind
        monkeypatch.setattr(
            passing,
            "_behind",
            lambda *args: (counted.append(args[0]["PATH_INFO"]), inner(*args))[1],
        )
        return counted

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/v1/deals?limit=3&q=%C3%A9", None), ("POST", "/v1/deals", {"name": "é"}),
            ("DELETE", "/v1/deals/1", None), ("PATCH", "/v1/deals/1", {}), ("POST", "/v1/deals/1", None),
        ],
    )  # fmt: skip
    def test_says_and_sends_what_flask_does(self, sales, ida, behind, method, path, body):
        sales.behave = lambda handler: _answer(
            handler, status=201, Location="/v1/deals/1", ETag='"1"', Set_Cookie="a=b"
        )
        own = {"Date", "X-Request-Id", "RateLimit-Remaining", "RateLimit-Reset"}
        plain = ida.ask(method, path, body, Idempotency_Key="k", Cookie="a=b")
        slow = ida.ask(method, path, body, Idempotency_Key="k", X_Request_Id="request-0001")

        said = [
            (each.status_code, each.data, {k: v for k, v in each.headers.items() if k not in own})
            for each in (plain, slow)
        ]
        sent = [
            (each[0], each[1], each[3],
             {k: v for k, v in each[2].items() if k not in {"X-Request-Id", "User-Agent"}})
            for each in sales.seen
        ]  # fmt: skip
        assert said[0] == said[1]
        assert sent[0] == sent[1]
        assert len(behind) == 1
        assert own <= {"Date", *plain.headers.keys()}

    def test_refuses_as_flask_does(self, sales, ida, behind):
        sales.close()

        plain, slow = ida.get("/v1/deals"), ida.get("/v1/deals", X_Request_Id="request-0001")

        assert plain.status_code == slow.status_code == 503
        assert plain.headers["Retry-After"] == slow.headers["Retry-After"]
        assert plain.headers["Content-Type"] == slow.headers["Content-Type"]
        own = plain.json.pop("request_id"), slow.json.pop("request_id")
        assert own == (plain.headers["X-Request-Id"], "request-0001")
        assert len(behind) == 1

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/v1/users", None), ("GET", "/v1/nothing", None), ("HEAD", "/v1/deals", None),
            ("GET", "/v1/deals/%2e%2e", None), ("GET", "/v1/deals?q=%00", None),
            ("GET", "/v1/deals?q=" + "a" * 9_000, None), ("POST", "/v1/deals", b"x=1"),
        ],
    )  # fmt: skip
    def test_leaves_the_rest_to_flask(self, sales, ida, behind, method, path, body):
        ida.ask(method, path, body, Content_Type="text/plain")

        assert len(behind) == 1

    def test_counts_and_limits(self, building, peers, calling):
        urls = {name: peer.url for name, peer in peers.items()}
        strict = building(CRM_SERVICES=json.dumps(urls), CRM_RATE_LIMIT="3/minute")
        strict.extensions["documents"].refresh()
        ida = calling("member", of=strict)

        assert [ida.get("/v1/deals").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
