"""A provider that says what a test wants: right in every part but the one that is tried."""

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from crm_chassis import clock


@dataclass
class Impostor:
    """Its tokens are right unless `claims`, `header` or `forge` say otherwise."""

    port: int = 0
    client_id: str = "rapport"
    nonce: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    forge: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    open: threading.Event = field(default_factory=threading.Event)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    asked: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, **changes: Any) -> str:
        """Return a token with these claims besides the right ones; None leaves one out."""
        now = int(clock.now().timestamp())
        right = {
            "iss": self.issuer, "aud": self.client_id, "sub": "ida", "iat": now, "exp": now + 300,
        }  # fmt: skip
        claims = {name: value for name, value in (right | changes).items() if value is not None}
        if self.forge == "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        if self.forge == "symmetric":
            secret = OctKey.import_key(json.dumps(self.key.as_dict(private=False)))
            return jwt.encode({"alg": "HS256"}, claims, secret, algorithms=["HS256"])
        key = ECKey.generate_key("P-256") if self.forge == "other key" else self.key
        typ = {"typ": "logout+jwt"} if "events" in claims else {}
        return jwt.encode({"alg": "ES256", "kid": "one", **typ}, claims, key)

    def answer(self, path: str) -> Any:
        self.asked.append(path)
        self.open.wait(30)
        if path.startswith("/.well-known/"):
            return {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
                **self.metadata,
            }  # fmt: skip
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        given = {"nonce": self.nonce, "email": "ida@example.com", "email_verified": True}
        return {
            "access_token": "x", "id_token": self.token(**given | {"name": "Ida"} | self.claims),
        }  # fmt: skip


def _part(given: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(given).encode()).decode().rstrip("=")


@contextmanager
def impostor() -> Iterator[Impostor]:
    found = Impostor()
    found.open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.dumps(found.answer(self.path)).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    found.open.set()
    server.shutdown()
    server.server_close()
