"""A small application over the tests' aggregate, as a service would put it together."""

import hashlib
import json
from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask, Response, request
from libs.chassis.tests import factories as f
from marshmallow import Schema, fields
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from crm_chassis import ids, paging, web
from crm_chassis.testing import keys
from crm_chassis.web import Name, batch_in
from crm_chassis.web.blueprints import Blueprint

tasks = Blueprint("tasks", "tasks", url_prefix="/v1/tasks", kind="task")
failing = Blueprint("failing", "failing", url_prefix="/v1/fails")
SORTS = {
    "created_at": f.Task.created_at,
    "title": f.Task.title,
    "version": f.Task.version,
    "id": f.Task.id,
}


class TaskIn(Schema):
    title = Name(required=True, longest=100_000)
    origin = fields.String(load_default=None)
    owner_id = fields.UUID(load_default=None)
    visibility = fields.String(load_default="all")
    inner = fields.Nested(Schema.from_dict({"at": web.Moment()}), load_default=None)


class WordsIn(Schema):
    word = fields.String(required=True)


@tasks.post("")
@tasks.arguments(TaskIn)
def create(body: dict[str, Any]) -> Response:
    body.pop("inner")
    return web.write(f.create_task, f.CreateTask(**body), status=201)


@tasks.get("")
@tasks.arguments(paging.PageIn, location="query")
def listed(args: dict[str, Any]) -> Response:
    return web.listing(select(f.Task), kind="task", id_column=f.Task.id, sorts=SORTS, args=args)


@tasks.get("/<uuid:task_id>")
def one(task_id: UUID) -> Response:
    return web.read("task", task_id)


@tasks.patch("/<uuid:task_id>")
@tasks.arguments(TaskIn)
def rename(body: dict[str, Any], task_id: UUID) -> Response:
    command = f.RenameTask(task_id=task_id, title=body["title"], expected_version=web.if_match())
    return web.write(f.rename_task, command)


@tasks.post("/batch")
@tasks.arguments(batch_in("create", "rename", "complete"))
def batch(body: dict[str, Any]) -> Response:
    return web.write_batch(web.operations(body, BUILDERS))


@tasks.post("/files")
@web.takes_form
def count_bytes() -> Response:
    content = request.files["file"].read()
    web.stand_for_body(hashlib.sha256(content).digest())
    return web.write(f.create_task, f.CreateTask(title=f"{len(content)} bytes"), status=201)


@tasks.get("/old")
@web.deprecated(since=date(2026, 1, 1), until=date(2027, 1, 1), instead="/v1/tasks")
@web.needs()
def old() -> dict[str, str]:
    return {}


@tasks.post("/words")
@tasks.arguments(WordsIn, location="form")
@web.takes_words
@web.needs()
def words(body: dict[str, str]) -> dict[str, str]:
    return {"said": body["word"]}


@failing.get("")
@web.needs()
def fails() -> Response:
    raise ZeroDivisionError


def create_of(item: Any) -> web.Operation:
    body = TaskIn().load(item["body"])
    body.pop("inner")
    return web.Operation(f.create_task, f.CreateTask(**body), status=201)


def rename_of(item: Any) -> web.Operation:
    task_id, version = web.subject_of(item)
    title = TaskIn().load(item["body"])["title"]
    return web.Operation(
        f.rename_task, f.RenameTask(task_id=task_id, title=title, expected_version=version)
    )


def complete_of(item: Any) -> web.Operation:
    return web.Operation(f.complete_task, f.CompleteTask(task_id=web.subject_of(item)[0]))


BUILDERS = {"create": create_of, "rename": rename_of, "complete": complete_of}


class Api:
    """A client with somebody's token."""

    def __init__(self, app: Flask, *roles: str, user_id: UUID | None = None) -> None:
        bearer = f.token("contacts", *roles, user_id=user_id or ids.new())
        self.client, self.headers = app.test_client(), {"Authorization": f"Bearer {bearer}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        options: dict[str, Any] = {"headers": {**self.headers, **given}}
        if isinstance(body, bytes):
            options |= {"data": body, "content_type": given.get("Content-Type", "application/json")}
        elif body is not None:
            options["json"] = body
        return self.client.open(path, method=method, **options)


def an_app(sessions: sessionmaker[Session], verifier: Any = None) -> Flask:
    return web.create_app(
        "contacts",
        title="Tasks",
        blueprints=[tasks, failing],
        sessions=sessions,
        verifier=verifier,
        token_keys=json.dumps({"keys": [keys("gateway")[1], keys("sales")[1]]}),
        conflicts={"task_origin": f.TitleTaken},
    )
