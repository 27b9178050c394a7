"""The rules of a ticket."""

from contextlib import suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from services.support.tests.factories import NOON, a_ticket, hours, unseen

from crm_support.model.errors import (
    RecordArchived,
    StatusNotReachable,
    SupportError,
    TicketClosed,
    TicketIsSpam,
    TicketNotResolved,
)
from crm_support.model.ticket import UNRESOLVED
from crm_support.model.values import Priority, TicketStatus

pytestmark = pytest.mark.unit
S = TicketStatus


class TestMove:
    @pytest.mark.parametrize("start", sorted(UNRESOLVED))
    @pytest.mark.parametrize("end", sorted({*S} - {S.NEW}))
    def test_goes_from_any_unresolved_status_to_any_but_new(self, start, end):
        ticket = a_ticket(status=start)

        ticket.move(end, at=NOON)

        assert end is ticket.status

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (S.OPEN, S.NEW),
            (S.RESOLVED, S.ON_HOLD),
            (S.CLOSED, S.RESOLVED),
            (S.SPAM, S.OPEN),
        ],
    )
    def test_refuses_what_is_not_reachable(self, start, end):
        with pytest.raises(StatusNotReachable):
            a_ticket(status=start).move(end, at=NOON)

    def test_notes_when_it_was_resolved_and_closed(self):
        ticket = a_ticket()

        ticket.move(S.RESOLVED, at=NOON)
        ticket.move(S.CLOSED, at=NOON + hours(1))

        assert (NOON, NOON + hours(1)) == (ticket.resolved_at, ticket.closed_at)

    def test_reopens_when_it_opens_again(self):
        ticket = a_ticket()
        ticket.move(S.RESOLVED, at=NOON)

        ticket.move(S.OPEN, at=NOON)

        assert (1, None) == (ticket.reopen_count, ticket.resolved_at)


class TestReopen:
    def test_takes_a_ticket_closed_up_to_seven_days_ago(self):
        ticket = a_ticket()
        ticket.move(S.CLOSED, at=NOON)

        ticket.reopen(at=NOON + hours(7 * 24))

        assert (S.OPEN, 1, None) == (ticket.status, ticket.reopen_count, ticket.closed_at)

    def test_refuses_one_closed_longer_ago(self):
        ticket = a_ticket()
        ticket.move(S.CLOSED, at=NOON)

        with pytest.raises(TicketClosed):
            ticket.reopen(at=NOON + hours(7 * 24 + 0.001))

    @pytest.mark.parametrize("status", [*sorted(UNRESOLVED), S.SPAM])
    def test_refuses_what_is_not_resolved(self, status):
        with pytest.raises(TicketNotResolved):
            a_ticket(status=status).reopen(at=NOON)


class TestHear:
    @pytest.mark.parametrize("status", [S.PENDING_CUSTOMER, S.PENDING_INTERNAL, S.ON_HOLD, S.OPEN])
    def test_opens_what_was_waiting(self, status):
        ticket = a_ticket(status=status)

        ticket.hear(at=NOON)

        assert (S.OPEN, 0) == (ticket.status, ticket.reopen_count)

    def test_leaves_a_new_ticket_new(self):
        ticket = a_ticket()

        ticket.hear(at=NOON)

        assert S.NEW is ticket.status

    def test_reopens_what_was_resolved(self):
        ticket = a_ticket()
        ticket.move(S.RESOLVED, at=NOON)

        ticket.hear(at=NOON + hours(1000))

        assert (S.OPEN, 1) == (ticket.status, ticket.reopen_count)

    def test_refuses_spam(self):
        with pytest.raises(TicketIsSpam):
            a_ticket(status=S.SPAM).hear(at=NOON)


class TestAnswer:
    @pytest.mark.parametrize("status", sorted(UNRESOLVED))
    def test_makes_it_the_customers_turn(self, status):
        ticket = a_ticket(status=status)

        ticket.answer(at=NOON)

        assert (S.PENDING_CUSTOMER, NOON) == (ticket.status, ticket.first_response_at)

    def test_keeps_the_first_response_and_a_resolved_ticket_resolved(self):
        ticket = a_ticket()
        ticket.answer(at=NOON)
        ticket.move(S.RESOLVED, at=NOON + hours(1))

        ticket.answer(at=NOON + hours(2))

        assert (S.RESOLVED, NOON) == (ticket.status, ticket.first_response_at)


class TestFinished:
    @pytest.mark.parametrize(
        "verb",
        [
            lambda ticket: ticket.assign(unseen(), None),
            lambda ticket: ticket.prioritise(Priority.LOW),
            lambda ticket: ticket.answer(at=NOON),
        ],
    )
    def test_takes_no_more_work(self, verb):
        with pytest.raises(TicketClosed):
            verb(a_ticket(status=S.CLOSED))
        with pytest.raises(TicketIsSpam):
            verb(a_ticket(status=S.SPAM))
        archived = a_ticket()
        archived.archive(at=NOON)
        with pytest.raises(RecordArchived):
            verb(archived)


class Lifecycle(RuleBasedStateMachine):
    """Whatever is asked in whatever order, the dates agree with the status."""

    def __init__(self):
        super().__init__()
        self.ticket, self.now = a_ticket(), NOON

    def ask(self, verb, pause):
        self.now += hours(pause)
        with suppress(SupportError):
            verb()

    @rule(status=st.sampled_from(TicketStatus), pause=st.integers(0, 100))
    def move(self, status, pause):
        self.ask(lambda: self.ticket.move(status, at=self.now), pause)

    @rule(pause=st.integers(0, 100))
    def hear(self, pause):
        self.ask(lambda: self.ticket.hear(at=self.now), pause)

    @rule(pause=st.integers(0, 100))
    def answer(self, pause):
        self.ask(lambda: self.ticket.answer(at=self.now), pause)

    @rule(pause=st.integers(0, 200))
    def reopen(self, pause):
        self.ask(lambda: self.ticket.reopen(at=self.now), pause)

    @invariant()
    def dates_agree_with_the_status(self):
        ticket = self.ticket
        assert (ticket.status is S.CLOSED) == (ticket.closed_at is not None)
        assert ticket.is_ended == (ticket.resolved_at is not None)


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
