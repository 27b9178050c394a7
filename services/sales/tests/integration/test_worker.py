"""What sales does by the clock."""

import pytest
from services.sales.tests.factories import NOON, hours
from sqlalchemy import text

from crm_sales.commands import pipelines
from crm_sales.commands.conversions import ConvertLead, convert_lead
from crm_sales.commands.leads import CaptureLead, capture_lead

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def worker():
    from crm_sales.worker import Worker

    return Worker()


def run(worker, timer, desk, now):
    getattr(type(worker), timer).__wrapped__(worker, desk.sessions, now)


def facts(desk):
    with desk.sessions() as session:
        return session.scalar(text("select count(*) from outbox"))


class TestTimers:
    def test_carry_stage_names_when_there_are_none(self, worker, desk):
        desk.do(pipelines.create_pipeline, pipelines.CreatePipeline(name="x"))

        told = facts(desk)
        run(worker, "carry_stage_names", desk, NOON)

        assert facts(desk) == told

    def test_report_a_conversion_nobody_answers(self, worker, desk, monkeypatch):
        from crm_sales import worker as module

        lead = desk.do(capture_lead, CaptureLead(last_name="x"))
        desk.do(convert_lead, ConvertLead(lead_id=lead.id, expected_version=1))
        reported = []
        monkeypatch.setattr(
            module.log, "error", lambda _, extra: reported.append(extra["lead_ids"])
        )

        run(worker, "report_unanswered_conversions", desk, NOON + hours(0.1))
        run(worker, "report_unanswered_conversions", desk, NOON + hours(0.2))

        assert [[str(lead.id)]] == reported
