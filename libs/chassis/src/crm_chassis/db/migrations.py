"""Running a service's migrations, and the columns they share."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects.postgresql import JSONB


def spine_upgrade(op: Operations | Any, step: int) -> None:
    """Create the chassis's own tables; step n is frozen once released (a test holds its hash)."""
    script = files("crm_chassis.db").joinpath(f"spine_{step}.sql").read_text()
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(script)


def spine_downgrade(op: Operations | Any, step: int) -> None:
    """Drop what `spine_upgrade` of the same step created."""
    for table in _SPINE_TABLES[step]:
        op.drop_table(table)
    for statement in _SPINE_UNDONE[step]:
        op.execute(statement)


def aggregate_columns() -> list[sa.Column[Any]]:
    """Return the columns of the Aggregate mixin, for `op.create_table`."""
    moment = sa.DateTime(timezone=True)
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("public_no", sa.BigInteger(), sa.Identity(), nullable=False, unique=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("archived_at", moment),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("team_id", sa.Uuid()),
        sa.Column("visibility", sa.Text(), nullable=False, server_default="all"),
    ]


def repointing_columns() -> list[sa.Column[Any]]:
    """Return the columns of a service's `repointing`, which says that it followed a merge."""
    return [
        *aggregate_columns(),
        sa.Column("absorbed_id", sa.Uuid(), nullable=False),
        sa.Column("absorbed_version", sa.BigInteger(), nullable=False),
        sa.Column("survivor_id", sa.Uuid()),
        sa.Column("counts", JSONB(), nullable=False),
    ]


def copy_columns() -> list[sa.Column[Any]]:
    """Return the columns of every copy; a placeholder has version 0 and nulls."""
    moment = sa.DateTime(timezone=True)
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Uuid()),
        sa.Column("merged_into", sa.Uuid()),
        sa.Column("archived_at", moment),
        sa.Column("first_seen_at", moment, nullable=False, server_default=sa.func.now()),
    ]


def role_copy_columns() -> list[sa.Column[Any]]:
    """Return the columns of `role_copy`: what the rights of a token's holder are looked up in."""
    return [
        *copy_columns(),
        sa.Column("grants", JSONB()),
        sa.Column("fields", JSONB()),
        sa.Column("special", sa.ARRAY(sa.Text())),
    ]


def migrate(url: str, scripts: Path) -> None:
    """Bring the database to the head; replicas that start together wait for one another."""
    with sa.create_engine(_driver(url), poolclass=sa.NullPool).connect() as connection:
        lock = sa.text("select pg_advisory_lock(hashtextextended('migrate', 0))")
        connection.execute(lock)
        connection.commit()
        config = _config(scripts)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.execute(sa.text("select pg_advisory_unlock_all()"))
        connection.commit()


def check_head(url: str, scripts: Path) -> str | None:
    """Return what is wrong with the schema's version, or None."""
    wanted = ScriptDirectory.from_config(_config(scripts)).get_current_head()
    with sa.create_engine(_driver(url), poolclass=sa.NullPool).connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return None if found == wanted else f"schema is at {found}, this release needs {wanted}"


def run_environment(metadata: sa.MetaData | None = None) -> None:
    """Run alembic's environment: the whole of a service's `env.py`."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        connection.execute(sa.text("set local lock_timeout = '4s'"))
        context.run_migrations()


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option(
        "file_template", "%%(year)d-%%(month).2d-%%(day).2d-%%(hour).2d%%(minute).2d_%%(slug)s"
    )
    return config


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


_SPINE_TABLES = {
    1: (
        "outbox", "relay_state", "record", "history", "history_value", "inbox", "parked",
        "registration", "watermark", "idempotency",
    ),
    2: ("operation", "restoration", "verification"),
    3: ("moved_reference",),
    4: (),
    5: ("audit_seal", "audit"),
}  # fmt: skip
_SPINE_UNDONE = {
    1: ("drop function outbox_partitions(date)",),
    2: ("drop function refuse_change()", "alter table parked drop column edited"),
    3: (),
    4: ("alter table record drop column assignee_id",),
    5: (
        "drop function refuse_audit_change()",
        "drop function audit_values_hash(uuid, jsonb, jsonb)",
        "alter table history_value drop column salt",
    ),
}
