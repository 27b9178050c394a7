"""Contents in a store that speaks S3: kept once, read in pieces, and gone; a store that is away."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from crm_contacts.commands.contents import Bucket
from crm_contacts.model.errors import StoreAway

pytestmark = pytest.mark.unit
ANY: Any = None
_ABSENT = b"<Error><Code>NoSuchKey</Code><Message>-</Message></Error>"


class _Store(BaseHTTPRequestHandler):
    """Keeps objects of any bucket; asks for a signature, and believes it."""

    objects: dict[str, bytes]
    asked: list[str]

    def _answer(self, status: int, body: bytes = b"", size: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if size is None else size))
        self.send_header("ETag", '"x"')
        self.send_header("Last-Modified", "Sun, 22 Nov 2026 12:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def _ask(self) -> bytes | None:
        self.asked.append(self.command)
        if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
            self._answer(403)
        return self.objects.get(self.path)

    def do_HEAD(self) -> None:
        known = self._ask()
        self._answer(404 if known is None else 200, size=len(known or b""))

    def do_GET(self) -> None:
        known = self._ask()
        self._answer(404, _ABSENT) if known is None else self._answer(200, known)

    def do_PUT(self) -> None:
        self._ask()
        self.objects[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200)

    def do_DELETE(self) -> None:
        self._ask()
        self.objects.pop(self.path, None)
        self._answer(204)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def store() -> Iterator[ThreadingHTTPServer]:
    handler = type("Handler", (_Store,), {"objects": {}, "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def bucket(store: ThreadingHTTPServer) -> Bucket:
    port = store.server_address[1]
    return Bucket.of_url(f"s3://me:se%2Fcret@127.0.0.1:{port}/papers?tls=false")


def test_a_content_is_sent_once_and_read_whole(bucket: Bucket, store: Any) -> None:
    pieces = [b"a" * 300_000, b"b"]
    for _ in range(2):
        bucket.keep(ANY, "ab12", pieces, size=300_001)

    found = b"".join(bucket.read(ANY, "ab12"))

    assert b"".join(pieces) == found
    assert ["HEAD", "PUT", "HEAD", "GET"] == store.RequestHandlerClass.asked
    assert ["/papers/contents/ab12"] == list(store.RequestHandlerClass.objects)


def test_a_content_that_broke_off_is_sent_again(bucket: Bucket, store: Any) -> None:
    store.RequestHandlerClass.objects["/papers/contents/ab12"] = b"half"

    bucket.keep(ANY, "ab12", [b"whole"], size=5)

    assert b"whole" == b"".join(bucket.read(ANY, "ab12"))


def test_what_is_forgotten_is_gone_and_nothing_to_forget_is_no_fault(bucket: Bucket) -> None:
    bucket.keep(ANY, "ab12", [b"x"], size=1)
    for _ in range(2):
        bucket.forget(ANY, "ab12")

    with pytest.raises(StoreAway):
        next(iter(bucket.read(ANY, "ab12")))


def test_a_store_that_is_away_is_said_to_be() -> None:
    bucket = Bucket.of_url("s3://me:secret@127.0.0.1:9/papers?tls=false")

    with pytest.raises(StoreAway, match="store"):
        bucket.keep(ANY, "ab12", [b"x"], size=1)


def test_an_address_names_bucket_region_and_keys() -> None:
    found = Bucket.of_url("s3://me:se%2Fcret@store.example:9000/papers?region=eu-north-1")

    assert "papers" == found.name
    assert "https://store.example:9000/papers/x" in found.store.presigned_get_object("papers", "x")
