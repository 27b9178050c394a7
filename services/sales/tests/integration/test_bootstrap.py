"""A new deployment has a pipeline to work in."""

import psycopg
import pytest

from crm_chassis.testing import environment
from crm_sales.__main__ import open_shop
from crm_sales.commands.deals import CreateDeal, create_deal

pytestmark = pytest.mark.integration


@pytest.fixture
def url(app, desk):
    url = desk.sessions.kw["bind"].url.render_as_string(hide_password=False)
    url = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as connection:
        connection.execute("truncate pipeline, record, outbox, history cascade")
    return url


class TestDefaultPipeline:
    def test_is_made_by_migrate_once(self, url, desk, monkeypatch):
        for name, value in environment("sales", url, "amqp://127.0.0.1:9").items():
            monkeypatch.setenv(name, value)

        for _ in range(2):
            open_shop()

        assert [("Sales", True)] == desk.rows("select name, is_default from pipeline")
        assert [("sales.pipeline.created.v1",)] == desk.rows("select type from outbox")

    def test_is_made_on_first_need(self, url, desk):
        deals = [desk.do(create_deal, CreateDeal(name="x")) for _ in range(2)]

        assert deals[0].pipeline_id == deals[1].pipeline_id
        assert ["created"] == desk.told(deals[0].pipeline_id)
