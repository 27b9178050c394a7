"""Sending files, and running the work they are given to."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session, sessionmaker
from urllib3 import encode_multipart_formdata

from crm_contacts.commands import jobs
from crm_contacts.schemas.rows import checked

WORKS = jobs.works(checked)
HEADER = "First Name,Last Name,Email,Company\n"
Caller = Any


def upload(
    api: Caller, content: str | bytes, *, name: str = "people.csv", preview: bool = False,
    key: str | None = None, **settings: Any,
) -> Any:  # fmt: skip
    """Send a file as a form."""
    raw = content.encode() if isinstance(content, str) else content
    form: dict[str, Any] = {"file": (name, raw, "application/octet-stream")}
    if settings:
        form["settings"] = json.dumps(settings)
    body, content_type = encode_multipart_formdata(form)
    headers = {"Content-Type": content_type, **({"Idempotency_Key": key} if key else {})}
    return api.ask("POST", "/v1/imports" + ("?preview=true" if preview else ""), body, **headers)


def finished(api: Caller, sessions: sessionmaker[Session], answer: Any) -> Any:
    """Run the work an answer stands for, and return the record it names after it."""
    assert answer.status_code == 202, answer.text
    kind = "imports" if "system" in answer.json else "exports"
    while True:
        jobs.run(sessions, kinds=WORKS)
        job = api.get(answer.headers["Location"]).json
        if job["status"] in {"done", "failed"}:
            return api.get(f"/v1/{kind}/{answer.json['id']}").json


def rows(api: Caller, import_id: str, **params: Any) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in {"limit": 200, **params}.items())
    return api.get(f"/v1/imports/{import_id}/rows?{query}").json["items"]


Importing = Callable[..., Any]
