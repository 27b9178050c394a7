"""The way through to the services, the merged document, and the gateway's own probes."""

from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request

from crm_chassis import rights, web
from crm_chassis.problems import NotFound
from crm_gateway.clients import Body, Documents, Reply, Services, merged

_DOTS = frozenset({".", ".."})  # a client library would resolve them into another path
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
PASSED_ON = (
    "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-CRM-Source",
    "X-CRM-Version", "traceparent", "Accept", "User-Agent",
)  # fmt: skip
PASSED_BACK = (
    "Content-Type", "ETag", "Location", "X-CRM-Version", "X-CRM-Warnings", "Retry-After", "Allow",
    "Idempotency-Replayed", "Cache-Control", "Content-Disposition", "X-Content-Type-Options",
    "Content-Security-Policy", "Deprecation", "Sunset", "Link",
)  # fmt: skip
_DOCS = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rapport API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}
code{background:#eef;padding:.1rem .3rem;border-radius:.2rem}li{margin:.2rem 0}</style></head><body>
<h1>Rapport API</h1><p>OpenAPI 3.1: <a href="/openapi.json">/openapi.json</a></p>%s</body></html>"""


def install(app: Flask, services: Services, documents: Documents, *, url: str) -> None:
    """Route what the services own to them, beside the gateway's own resources."""

    @web.takes_form
    def through(path: str) -> Response:
        del path
        owner = documents.owner(request.path)
        if owner is None or _DOTS.intersection(request.path.split("/")):
            raise NotFound(request.path)
        public = documents.is_public(request.path)
        return answer(services, owner, public=public)

    through.crm_right = rights.Right()  # type: ignore[attr-defined]  # the owner sees to it
    own = app.extensions["openapi"]()
    documents.reserve(own)

    def document() -> dict[str, Any]:
        return merged({**documents.all, "gateway": own}, title="Rapport CRM", url=url)

    app.extensions["openapi"] = document

    app.add_url_rule("/v1/<path:path>", "through", through, methods=_METHODS)
    app.add_url_rule("/t/<path:path>", "tracking", through, methods=["GET", "POST"])
    app.add_url_rule("/docs", "docs", lambda: _docs(document()))
    app.add_url_rule("/livez", "livez", lambda: {"status": "ok"})
    app.add_url_rule("/readyz", "readyz", _ready)


def answer(services: Services, owner: str, *, public: bool) -> Response:
    """Call the owning service with this request and stream its answer through."""
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    headers["X-Request-Id"] = g.request_id
    if not public and request.remote_addr:
        headers[web.ADDRESS] = request.remote_addr
    query = request.query_string.decode("latin-1")
    reply = services.call(
        owner, request.method, quote(request.path) + (f"?{query}" if query else ""),
        principal=None if public else web.principal(), body=_body(headers), headers=headers,
    )  # fmt: skip
    if not public:
        current_app.extensions["reads"].note_answer(
            web.principal(), request.method, request.path, reply.status, web.origin
        )
    return passed_back(reply)


def _body(headers: dict[str, str]) -> Body:
    """Return the body; a form with files goes through as it comes, never held whole."""
    if request.mimetype != "multipart/form-data" or not request.content_length:
        return request.get_data() or None
    headers["Content-Length"] = str(request.content_length)
    return request.stream


def passed_back(reply: Reply) -> Response:
    """Return a service's answer with the headers that are the client's business."""
    headers = {name: reply.headers[name] for name in PASSED_BACK if name in reply.headers}
    return Response(reply.body, status=reply.status, headers=headers)


def _ready() -> tuple[dict[str, bool], int]:
    reader, documents = current_app.extensions["view"], current_app.extensions["documents"]
    reader.read(lambda connection: connection.execute("select 1").fetchone())
    return {"ready": documents.is_settled}, 200 if documents.is_settled else 503


def _docs(document: dict[str, Any]) -> str:
    groups: dict[str, list[str]] = {}
    for path, methods in sorted(document["paths"].items()):
        for method, operation in methods.items():
            if isinstance(operation, dict) and "responses" in operation:
                line = (
                    f"<li><code>{method.upper()} {path}</code> {operation.get('summary', '')}</li>"
                )
                groups.setdefault(operation.get("x-crm-service", ""), []).append(line)
    sections = [
        f"<h2>{name}</h2><ul>{''.join(lines)}</ul>" for name, lines in sorted(groups.items())
    ]
    return _DOCS % "".join(sections)
