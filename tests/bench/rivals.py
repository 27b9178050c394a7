"""What ours is measured against: the least code that does the work, behind Flask or bare."""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import psycopg
from flask import Flask, Response, request
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from crm_chassis import ids

PAGE = b"x" * 4096
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
_LOCAL = threading.local()


def connection() -> psycopg.Connection[Any]:
    """Return this thread's connection, autocommit."""
    if not hasattr(_LOCAL, "connection"):
        _LOCAL.connection = psycopg.connect(os.environ["RIVAL_PG_URL"], autocommit=True)
    return _LOCAL.connection  # type: ignore[no-any-return]


def fixed() -> Wsgi:
    """Answer 4 KB without a database, without Flask."""
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(PAGE)))]

    def answer(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", headers)
        return (PAGE,)

    return answer


def one_read() -> Flask:
    """One primary-key read of 4 KB of ready bytes, nothing else."""
    app = Flask("one_read")

    @app.get("/pages/<uuid:page_id>")
    def read(page_id: Any) -> Response:
        row = connection().execute("select body from page where id = %s", (page_id,)).fetchone()
        return Response(row[0] if row else b"", mimetype="application/json")

    return app


def one_statement() -> Flask:
    """A contact and its outbox row by one statement."""
    app = Flask("one_statement")

    @app.post("/contacts")
    def write() -> Response:
        given = orjson.loads(request.get_data())
        body = orjson.dumps(given).decode()
        values = (ids.new(), given["last_name"], given["emails"][0]["value"], body, ids.new(), body)
        connection().execute(_WRITE, values)
        return Response(body, status=201, mimetype="application/json")

    return app


def orm_insert() -> Flask:
    """A contact and its outbox row by the ORM."""
    from tests.bench.tables import Contact, Outbox

    app = Flask("orm_insert")
    engine = create_engine(os.environ["RIVAL_PG_URL"].replace("postgresql:", "postgresql+psycopg:"))

    @app.post("/contacts")
    def write() -> Response:
        given = orjson.loads(request.get_data())
        body = orjson.dumps(given).decode()
        with Session(engine) as session, session.begin():
            email = given["emails"][0]["value"]
            session.add(Contact(id=ids.new(), last_name=given["last_name"], email=email, body=body))
            session.add(Outbox(id=ids.new(), body=body))
        return Response(body, status=201, mimetype="application/json")

    return app


def list_json() -> Flask:
    """Fifty contacts of a lifecycle, newest first, as json_agg text; RIVAL_LIST is the query."""
    app = Flask("list_json")

    @app.get("/contacts")
    def read() -> Response:
        row = (
            connection().execute(os.environ["RIVAL_LIST"], (request.args["lifecycle"],)).fetchone()
        )
        return Response(row[0] if row else "[]", mimetype="application/json")

    return app


def ilike() -> Flask:
    """Twenty records whose text holds what is looked for, newest first, found by reading them all."""
    app = Flask("ilike")

    @app.get("/found")
    def read() -> Response:
        wanted = (f"%{request.args['q']}%",)
        rows = connection().execute(_ILIKE, wanted).fetchall()
        return Response(orjson.dumps(rows), mimetype="application/json")

    return app


def make_tables(url: str) -> None:
    """Make what the rivals read and write."""
    with psycopg.connect(url, autocommit=True) as own:
        own.execute(_TABLES)


_TABLES = """
create table if not exists page (id uuid primary key, body bytea not null);
create table if not exists rival_contact
    (id uuid primary key, last_name text, email text unique, body text not null);
create table if not exists rival_outbox (seq bigint generated always as identity primary key,
    id uuid not null unique, body text not null);
"""
_WRITE = """
with made as (insert into rival_contact values (%s, %s, %s, %s))
insert into rival_outbox (id, body) values (%s, %s)
"""
_ILIKE = """
select kind, id, title from view_record where search_text ilike %s order by sort_at desc limit 20
"""
