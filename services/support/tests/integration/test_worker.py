"""What support does by the clock."""

import pytest
from services.support.tests.factories import NOON, hours

from crm_support import queries
from crm_support.commands.statuses import ResolveTicket, resolve_ticket
from crm_support.commands.tickets import OpenTicket, open_ticket

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def worker():
    from crm_support.worker import Worker

    return Worker()


def run(worker, timer, desk, now):
    getattr(type(worker), timer).__wrapped__(worker, desk.sessions, now)


class TestTimers:
    def test_breach_clocks_once(self, worker, desk):
        ticket = desk.do(open_ticket, OpenTicket(subject="x"))

        for _ in range(2):
            run(worker, "breach_overdue_clocks", desk, NOON + hours(9))

        with desk.sessions() as session:
            (clock,) = queries.clocks_of(session, ticket.id)
        assert ["started", "breached"] == desk.told(clock.id)

    def test_close_what_was_resolved_a_week_ago(self, worker, desk):
        ticket = desk.do(open_ticket, OpenTicket(subject="x"))
        desk.do(resolve_ticket, ResolveTicket(ticket_id=ticket.id, expected_version=1))

        run(worker, "close_silent_tickets", desk, NOON + hours(7 * 24))
        assert ["opened", "resolved"] == desk.told(ticket.id)
        run(worker, "close_silent_tickets", desk, NOON + hours(7 * 24 + 1))

        assert ["opened", "resolved", "closed"] == desk.told(ticket.id)
