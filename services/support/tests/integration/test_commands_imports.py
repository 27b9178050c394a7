"""Tickets that bring their conversation along."""

from dataclasses import replace

import pytest
from services.support.tests.factories import NOON, hours

from crm_support import queries
from crm_support.commands.imports import ImportTicket, PastMessage, import_ticket
from crm_support.commands.tickets import OpenTicket
from crm_support.model.errors import HistoryImpossible
from crm_support.model.values import ClockState, Direction, TicketStatus

pytestmark = pytest.mark.integration


def an_import(*messages, **options):
    past = tuple(
        PastMessage(body="Text", sent_at=NOON - hours(ago), direction=direction)
        for ago, direction in messages
    )
    ticket = OpenTicket(subject="Old")
    return ImportTicket(ticket=ticket, opened_at=NOON - hours(100), messages=past, **options)


def clock_of(desk, ticket):
    with desk.sessions() as session:
        (clock,) = queries.clocks_of(session, ticket.id)
    return clock


class TestImportTicket:
    def test_lives_its_conversation_and_is_told_once(self, desk):
        command = an_import((100, Direction.IN), (98, Direction.OUT), (50, Direction.IN))

        ticket = desk.do(import_ticket, command)

        assert (TicketStatus.OPEN, NOON - hours(98), NOON - hours(100)) == (
            ticket.status,
            ticket.first_response_at,
            ticket.created_at,
        )
        assert ["opened"] == desk.told(ticket.id)
        clock = clock_of(desk, ticket)
        assert (ClockState.MET, ["met"]) == (clock.state, desk.told(clock.id))

    @pytest.mark.parametrize("status", [TicketStatus.RESOLVED, TicketStatus.CLOSED])
    def test_ends_as_it_is_told(self, desk, status):
        command = an_import((99, Direction.OUT), status=status, resolved_at=NOON - hours(9))

        ticket = desk.do(import_ticket, command)

        assert (status, NOON - hours(9)) == (ticket.status, ticket.resolved_at)

    @pytest.mark.parametrize(
        ("command", "state"),
        [
            (an_import(), ClockState.BREACHED),
            (an_import((50, Direction.OUT)), ClockState.BREACHED),
            (an_import(status=TicketStatus.SPAM), ClockState.CANCELLED),
            (replace(an_import(), opened_at=NOON - hours(1)), ClockState.RUNNING),
            (
                an_import(status=TicketStatus.RESOLVED, resolved_at=NOON - hours(80)),
                ClockState.BREACHED,
            ),
        ],
    )
    def test_judges_its_clock(self, desk, command, state):
        assert state is clock_of(desk, desk.do(import_ticket, command)).state

    @pytest.mark.parametrize(
        "command",
        [
            an_import((101, Direction.IN)),
            an_import((50, Direction.IN), (60, Direction.IN)),
            an_import((-1, Direction.IN)),
            an_import(status=TicketStatus.RESOLVED, resolved_at=NOON - hours(101)),
        ],
    )
    def test_refuses_times_out_of_order_or_to_come(self, desk, command):
        with pytest.raises(HistoryImpossible):
            desk.do(import_ticket, command)
