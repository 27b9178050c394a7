"""Make one database and role per service; print what is there. Runs in the virtualenv.

Environment: PROVISION = {"url": superuser URL, "databases": {database: {"password", "limit"}}}.
Prints {database: {"created": bool, "heads": [migration heads]}}.
"""

import json
import os
import time
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

EXTENSIONS = ("pg_trgm", "unaccent", "citext")


def main() -> None:
    order = json.loads(os.environ["PROVISION"])
    with connect(order["url"]) as server:
        made = {name: ensure(server, name, want) for name, want in order["databases"].items()}
    print(json.dumps({name: look(order["url"], name, created=new) for name, new in made.items()}))


def connect(url: str, dbname: str | None = None) -> psycopg.Connection[Any]:
    """Connect in autocommit, waiting out a server that is still starting."""
    place = make_conninfo(url, **({"dbname": dbname} if dbname else {}))
    deadline = time.monotonic() + 30
    while True:
        try:
            return psycopg.connect(place, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def ensure(server: psycopg.Connection[Any], name: str, want: dict[str, Any]) -> bool:
    """Make the role and its database; return whether the database is new."""
    role = sql.Identifier(name)
    if not server.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).rowcount:
        server.execute(sql.SQL("CREATE ROLE {}").format(role))
    settle = "ALTER ROLE {} LOGIN CREATEDB PASSWORD {} CONNECTION LIMIT {}"
    if not want.get("createdb"):
        settle = settle.replace("CREATEDB", "NOCREATEDB")
    limit, password = sql.Literal(int(want["limit"])), sql.Literal(want["password"])
    server.execute(sql.SQL(settle).format(role, password, limit))
    if server.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).rowcount:
        return False
    server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
    server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))
    return True


def look(url: str, name: str, *, created: bool) -> dict[str, Any]:
    """Make the extensions of a new database; return the migration heads of any."""
    with connect(url, name) as database:
        for extension in EXTENSIONS if created else ():
            database.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
        tables = database.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE tablename LIKE '%alembic_version%' ORDER BY 1"
        ).fetchall()
        heads: list[str] = []
        for (table,) in tables:
            rows = database.execute(f"SELECT version_num FROM {table} ORDER BY 1")
            heads += [row[0] for row in rows]
    return {"created": created, "heads": heads}


if __name__ == "__main__":
    main()
