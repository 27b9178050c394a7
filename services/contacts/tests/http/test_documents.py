"""/v1/documents as a client sees them."""

import hashlib
import json
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from urllib3 import encode_multipart_formdata

from crm_chassis import clock, ids
from crm_contacts.commands import documents as commands
from crm_contacts.commands.contents import Folder, Parts
from crm_contacts.commands.contents.scanning import Scanner

pytestmark = pytest.mark.integration
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 2000  # more than one piece
OTHER = PDF + b"second"
CONTACT = str(ids.new())


@pytest.fixture(params=["parts", "folder"])
def depot(app, request, tmp_path) -> Any:
    """The application's depot, in the database and in a folder."""
    before = app.extensions["depot"]
    contents = Parts() if request.param == "parts" else Folder(tmp_path / "contents")
    app.extensions["depot"] = replace(before, contents=contents)
    yield app.extensions["depot"]
    app.extensions["depot"] = before


@pytest.fixture
def send(api) -> Callable[..., Any]:
    """`send(content, name, …)` uploads a form."""

    def post(
        content: bytes = PDF, name: str = "contract.pdf", *, path: str = "/v1/documents",
        version: int | None = None, key: str | None = None, **form: Any,
    ) -> Any:  # fmt: skip
        fields: dict[str, Any] = {
            k: v if isinstance(v, str) else json.dumps(v) for k, v in form.items()
        }
        fields["file"] = (name, content, "application/octet-stream")
        body, kind = encode_multipart_formdata(fields)
        headers = {"Content-Type": kind, **({"Idempotency_Key": key} if key else {})}
        return api.post(path, body, version, **headers)

    return post


class TestContents:
    def test_come_back_as_they_were_sent_and_are_never_shown(self, api, depot, send, facts):
        made = send(title="Frame contract", kind="contract", folder="/Contracts//2027/").json
        path = f"/v1/documents/{made['id']}"

        fetched = api.get(f"{path}/content")
        again = api.get(f"{path}/content", If_None_Match=fetched.headers["ETag"])

        assert fetched.data == PDF
        assert fetched.headers["Content-Type"] == "application/octet-stream"
        assert made["versions"][0]["mime"] == "application/pdf"
        assert fetched.headers["Content-Disposition"] == "attachment; filename*=UTF-8''contract.pdf"
        assert fetched.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in fetched.headers["Content-Security-Policy"]
        assert again.status_code == 304
        assert (made["folder"], made["versions"][0]["size"]) == ("Contracts/2027", len(PDF))
        assert facts() == ["document.added"]

    def test_are_kept_once_and_let_go_with_the_last_version(
        self, api, depot, send, sessions, doing
    ):
        one, two = send(title="One").json, send(title="Two").json
        sha256 = hashlib.sha256(PDF).hexdigest()
        for each in (one, two):
            send(OTHER, path=f"/v1/documents/{each['id']}/versions", version=1)
        assert kept(sessions) == {sha256, hashlib.sha256(OTHER).hexdigest()}

        api.delete(f"/v1/documents/{one['id']}/versions/1", 2)
        assert cleaned(doing, depot) == 0
        api.delete(f"/v1/documents/{two['id']}/versions/1", 2)

        assert [cleaned(doing, depot), cleaned(doing, depot)] == [1, 0]
        assert kept(sessions) == {hashlib.sha256(OTHER).hexdigest()}
        assert api.get(f"/v1/documents/{one['id']}/content").data == OTHER
        assert send().status_code == 201  # which writes it anew
        assert api.get("/v1/documents?limit=1").status_code == 200

    def test_that_are_gone_are_said_to_be(self, api, app, depot, send):
        if isinstance(depot.contents, Parts):
            pytest.skip("nobody deletes files behind the database's back")
        made = send().json
        for path in Path(depot.contents.root).rglob("*"):
            if path.is_file():
                path.unlink()

        answer = api.get(f"/v1/documents/{made['id']}/content")

        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (503, "store-away")


class TestWhatIsLetIn:
    @pytest.mark.parametrize(
        ("content", "name"), [(b"MZ\x90", "setup.exe"), (b"<html>", "a.pdf"), (PDF, "a.png")]
    )
    def test_other_types_are_not(self, send, facts, content, name):
        refused = send(content, name)

        assert (refused.status_code, facts()) == (415, [])

    def test_large_ones_are_not(self, app, send, monkeypatch):
        monkeypatch.setitem(
            app.extensions, "depot", replace(app.extensions["depot"], most_bytes=len(PDF) - 1)
        )

        assert send().status_code == 413
        assert send(PDF[:-2]).status_code == 201

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({"folder": "../../etc"}, "folder"),
            ({"kind": "poem"}, "kind"),
            ({"status": "signed"}, "status"),
            ({"subjects": "nobody"}, "subjects"),
            ({"valid_from": "2027-02-01", "valid_to": "2027-01-01"}, "valid_to"),
        ],
    )
    def test_fields_are_checked(self, send, form, field):
        refused = send(**form)

        assert (refused.status_code, list(refused.json["errors"])) == (422, [field])

    def test_the_same_request_is_one_document(self, send, facts):
        first, again = send(key="k1"), send(key="k1")

        assert (first.json["id"], facts()) == (again.json["id"], ["document.added"])


class TestScanner:
    def test_what_it_finds_is_kept_out(self, app, send, facts, clamd, monkeypatch):
        monkeypatch.setitem(
            app.extensions, "depot", replace(app.extensions["depot"], scanner=Scanner.of_url(clamd))
        )

        refused = send(PDF + b"EICAR")
        clean = send()

        assert (refused.status_code, refused.json["errors"]) == (422, {"file": ["Eicar-Signature"]})
        assert (clean.status_code, facts()) == (201, ["document.added"])

    def test_one_that_is_away_lets_nothing_in(self, app, send, facts, monkeypatch):
        away = Scanner.of_url("unix:///nowhere/clamd.sock")
        monkeypatch.setitem(app.extensions, "depot", replace(app.extensions["depot"], scanner=away))

        refused = send()

        assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (
            503,
            "scanner-away",
        )
        assert facts() == []


class TestLife:
    def test_from_draft_to_signed_and_over(self, api, send, facts, doing):
        yesterday = (clock.now() - timedelta(days=2)).date().isoformat()
        made = send(valid_to=yesterday).json
        path = f"/v1/documents/{made['id']}"
        assert doing(commands.expire_documents) == 0  # a draft is not in force

        active = api.put(f"{path}/activation", 1)
        signed = api.put(f"{path}/signature", 2)
        again = api.put(f"{path}/signature", 3)
        refused = send(OTHER, path=f"{path}/versions", version=3)
        assert [doing(commands.expire_documents) for _ in range(2)] == [1, 0]
        back = api.put(f"{path}/signature", 4)

        assert (active.json["status"], signed.json["status"]) == ("active", "signed")
        assert signed.json["signed_at"]
        assert again.json["version"] == 3
        assert (refused.status_code, back.status_code) == (409, 409)
        assert api.get(path).json["status"] == "expired"
        assert facts() == [
            "document.added", "document.activated", "document.signed", "document.expired",
        ]  # fmt: skip

    def test_versions_follow_one_another(self, api, send, facts):
        path = f"/v1/documents/{send().json['id']}"

        same = send(path=f"{path}/versions", version=1)
        newer = send(OTHER, "contract-2.pdf", path=f"{path}/versions", version=1, comment="Price")
        stale = send(PDF + b"3", path=f"{path}/versions", version=1)

        assert (same.json["version"], len(newer.json["versions"])) == (1, 2)
        assert newer.json["versions"][1]["comment"] == "Price"
        assert stale.status_code == 412
        assert api.get(f"{path}/versions/1/content").data == PDF
        assert api.get(f"{path}/content").data == OTHER
        assert api.get(f"{path}/versions/9/content").status_code == 404
        assert api.delete(f"{path}/versions/2", 2).status_code == 200
        assert api.delete(f"{path}/versions/1", 3).status_code == 409
        assert facts()[1:] == ["document.version_added", "document.updated"]

    def test_is_changed_published_put_away_and_brought_back(self, api, send, facts):
        path = f"/v1/documents/{send().json['id']}"

        changed = api.patch(path, {"title": "NDA", "kind": "nda"}, 1)
        published = api.put(f"{path}/publication", 2)
        withdrawn = api.delete(f"{path}/publication", 3)
        api.delete(path, 4)
        restored = api.put(f"{path}/restoration", 5)

        assert (changed.json["title"], changed.json["kind"]) == ("NDA", "nda")
        assert published.json["published_at"]
        assert (withdrawn.json["published_at"], restored.json["archived_at"]) == (None, None)
        assert facts()[1:] == [
            "document.updated", "document.published", "document.updated", "document.archived",
            "document.restored",
        ]  # fmt: skip


class TestFinding:
    def test_by_folder_subject_and_words(self, api, send):
        about = [{"type": "contact", "id": CONTACT}]
        send(title="Frame", folder="Contracts/2027", subjects=about)
        send(title="Offer", folder="Contracts", kind="proposal")
        send(title="Odds", folder="Contractsx")

        def titles(query: str) -> list[str]:
            return [each["title"] for each in api.get(f"/v1/documents?{query}").json["items"]]

        assert titles("folder=Contracts&sort=title") == ["Frame", "Offer"]
        assert titles(f"subject_id={CONTACT}") == ["Frame"]
        assert titles("kind=proposal") == ["Offer"]
        assert titles("q=fra") == ["Frame"]
        assert api.get("/v1/documents/folders").json["items"][:2] == [
            {"folder": "Contracts", "documents": 1},
            {"folder": "Contracts/2027", "documents": 1},
        ]

    def test_a_private_one_is_nobody_elses(self, api, calling, send):
        made = send(visibility="private", folder="Mine").json
        other = calling("member", user_id=ids.new(), team_ids=())

        for path in ("", "/content", "/versions/1/content"):
            assert other.get(f"/v1/documents/{made['id']}{path}").status_code == 404
        assert other.get("/v1/documents/folders").json["items"] == []


def kept(sessions: Any) -> set[str]:
    with sessions() as session:
        return set(session.scalars(text("select sha256 from content")))


def cleaned(doing: Any, depot: Any) -> int:
    """Clean up as it will be in two hours."""

    def work(session: Any, *, now: Any) -> int:
        return commands.clean_up(session, depot.contents, now=now + timedelta(hours=2))

    return int(doing(work))


class _Clamd(socketserver.StreamRequestHandler):
    """Speaks INSTREAM as clamd does."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        found = b"Eicar-Signature FOUND" if b"EICAR" in content else b"OK"
        self.wfile.write(b"stream: " + found + b"\0")


@pytest.fixture
def clamd() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
