"""The migrations go up, down and up again."""

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from crm_chassis import db
from crm_chassis.roles import migrations_of

pytestmark = pytest.mark.integration


def _tables(url):
    statement = "select count(*) from pg_tables where schemaname = 'public'"
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone()[0]


def test_down_leaves_nothing_and_up_brings_everything_back(database):
    url, scripts = database("contacts"), migrations_of("crm_contacts")
    before = _tables(url)
    config = Config()
    config.set_main_option("script_location", str(scripts))
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))

    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    engine.dispose()
    emptied = _tables(url)
    db.migrate(url, scripts)

    assert (emptied, _tables(url)) == (1, before)
    assert db.check_head(url, scripts) is None


def test_the_model_and_the_tables_have_the_same_columns(database):
    from crm_contacts import worker, wsgi  # noqa: F401
    from crm_contacts.model.root import Base

    statement = "select table_name, column_name from information_schema.columns"
    with psycopg.connect(database("contacts")) as connection:
        there = {(table, column) for table, column in connection.execute(statement)}

    mapped = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
    }
    tables = {name for name, _ in mapped}
    assert mapped == {(table, column) for table, column in there if table in tables}
