"""What can be asked of tickets, on a real database."""

from dataclasses import replace

import pytest
from services.support.tests.factories import NOON, hours, unseen

from crm_chassis.problems import NotFound, PreconditionRequired, StaleVersion
from crm_support import queries
from crm_support.commands.clocks import breach_overdue_clocks
from crm_support.commands.messages import AddMessage, add_message
from crm_support.commands.statuses import (
    ChangeStatus,
    ReopenTicket,
    ResolveTicket,
    change_status,
    close_silent_tickets,
    reopen_ticket,
    resolve_ticket,
)
from crm_support.commands.tickets import (
    ArchiveTicket,
    AssignTicket,
    OpenTicket,
    PrioritiseTicket,
    RestoreTicket,
    UpdateTicket,
    archive_ticket,
    assign_ticket,
    open_ticket,
    prioritise_ticket,
    restore_ticket,
    update_ticket,
)
from crm_support.model.errors import (
    RecordArchived,
    StatusNotReachable,
    TicketClosed,
    TicketIsSpam,
)
from crm_support.model.ticket import Ticket
from crm_support.model.values import (
    ClockState,
    Direction,
    MessageVisibility,
    Priority,
    TicketStatus,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def ticket(desk):
    return desk.do(open_ticket, OpenTicket(subject="Broken", requester_id=unseen()))


def clocks(desk, ticket):
    with desk.sessions() as session:
        return queries.clocks_of(session, ticket.id)


def stored(desk, ticket):
    with desk.sessions() as session:
        return session.get(Ticket, ticket.id)


def say(desk, ticket, at=NOON, **options):
    command = AddMessage(ticket_id=ticket.id, body="Text", **options)
    return desk.do(add_message, command, now=at)


class TestOpenTicket:
    def test_tells_the_ticket_its_clock_and_what_was_said(self, desk):
        command = OpenTicket(subject="Broken", body="It is", priority=Priority.URGENT)

        ticket = desk.do(open_ticket, command)

        (clock,) = clocks(desk, ticket)
        assert (TicketStatus.NEW, NOON + hours(1)) == (ticket.status, clock.due_at)
        assert ["opened"] == desk.told(ticket.id)
        assert ["started"] == desk.told(clock.id)
        said = desk.rows("select direction, author from ticket_message where ticket_id = :id",
                         id=ticket.id)  # fmt: skip
        assert [("in", "customer")] == said

    def test_accepts_ids_nobody_has_seen(self, desk):
        unknown = {name: unseen() for name in ("requester_id", "account_id", "deal_id")}

        ticket = desk.do(open_ticket, OpenTicket(subject="x", **unknown))

        assert unknown == {name: getattr(ticket, name) for name in unknown}
        assert [(0,)] == desk.rows(
            "select version from deal_copy where id = :id", id=unknown["deal_id"]
        )


class TestTransitions:
    def test_are_told_once_however_often_they_are_asked(self, desk, ticket):
        steps = [
            (assign_ticket, AssignTicket, {"assignee_id": unseen()}),
            (prioritise_ticket, PrioritiseTicket, {"priority": Priority.HIGH}),
            (change_status, ChangeStatus, {"status": TicketStatus.ON_HOLD}),
            (resolve_ticket, ResolveTicket, {}),
            (reopen_ticket, ReopenTicket, {}),
            (change_status, ChangeStatus, {"status": TicketStatus.CLOSED}),
            (archive_ticket, ArchiveTicket, {}),
            (restore_ticket, RestoreTicket, {}),
        ]

        for version, (function, command_class, options) in enumerate(steps, start=1):
            command = command_class(ticket_id=ticket.id, expected_version=version, **options)
            first, again = desk.do(function, command), desk.do(function, command)
            assert version + 1 == first.version == again.version

        assert [
            "opened", "assigned", "priority_changed", "status_changed", "resolved", "reopened",
            "closed", "archived", "restored",
        ] == desk.told(ticket.id)  # fmt: skip

    @pytest.mark.parametrize(
        ("function", "command"),
        [
            (assign_ticket, AssignTicket(ticket_id=unseen(), expected_version=None,
                                         assignee_id=unseen())),
            (prioritise_ticket, PrioritiseTicket(ticket_id=unseen(), expected_version=None,
                                                 priority=Priority.LOW)),
            (change_status, ChangeStatus(ticket_id=unseen(), expected_version=None,
                                         status=TicketStatus.OPEN)),
            (resolve_ticket, ResolveTicket(ticket_id=unseen(), expected_version=None)),
            (archive_ticket, ArchiveTicket(ticket_id=unseen(), expected_version=None)),
            (update_ticket, UpdateTicket(ticket_id=unseen(), expected_version=None, changes={})),
        ],
    )  # fmt: skip
    def test_need_the_version(self, desk, ticket, function, command):
        with pytest.raises(NotFound):
            desk.do(function, command)
        with pytest.raises(PreconditionRequired):
            desk.do(function, replace(command, ticket_id=ticket.id))
        with pytest.raises(StaleVersion):
            desk.do(function, replace(command, ticket_id=ticket.id, expected_version=9))

    def test_refuse_what_the_status_does_not_allow(self, desk, ticket):
        closed = ChangeStatus(ticket_id=ticket.id, expected_version=1, status=TicketStatus.CLOSED)
        desk.do(change_status, closed)

        with pytest.raises(StatusNotReachable):
            desk.do(resolve_ticket, ResolveTicket(ticket_id=ticket.id, expected_version=2))
        with pytest.raises(TicketClosed):
            desk.do(
                reopen_ticket,
                ReopenTicket(ticket_id=ticket.id, expected_version=2),
                now=NOON + hours(200),
            )


class TestUpdateTicket:
    def test_changes_what_is_named_and_tells_only_changes(self, desk, ticket):
        command = UpdateTicket(
            ticket_id=ticket.id, expected_version=1, changes={"subject": "Mended", "tags": ["a"]}
        )

        desk.do(update_ticket, command)
        again = desk.do(update_ticket, replace(command, expected_version=2))

        assert ("Mended", 2) == (again.subject, again.version)
        assert ["opened", "updated"] == desk.told(ticket.id)

    def test_refuses_an_archived_ticket(self, desk, ticket):
        desk.do(archive_ticket, ArchiveTicket(ticket_id=ticket.id, expected_version=1))

        with pytest.raises(RecordArchived):
            desk.do(
                update_ticket,
                UpdateTicket(ticket_id=ticket.id, expected_version=2, changes={"subject": "x"}),
            )


class TestAddMessage:
    def test_an_answer_stops_the_clock_and_waits_for_the_customer(self, desk, ticket):
        message = say(desk, ticket, at=NOON + hours(1))

        (clock,) = clocks(desk, ticket)
        assert (ClockState.MET, NOON + hours(1)) == (clock.state, clock.stopped_at)
        assert (TicketStatus.PENDING_CUSTOMER, NOON + hours(1)) == (
            stored(desk, ticket).status,
            stored(desk, ticket).first_response_at,
        )
        assert ["started", "met"] == desk.told(clock.id)
        assert ["opened", "replied"] == desk.told(ticket.id)
        assert (["sent"], "user:test") == (desk.told(message.id), message.author)

    def test_a_late_answer_breaches_the_clock(self, desk, ticket):
        say(desk, ticket, at=NOON + hours(9))

        assert [ClockState.BREACHED] == [each.state for each in clocks(desk, ticket)]

    def test_a_note_touches_neither_ticket_nor_clock(self, desk, ticket):
        note = say(desk, ticket, visibility=MessageVisibility.INTERNAL)

        assert [ClockState.RUNNING] == [each.state for each in clocks(desk, ticket)]
        assert ["opened"] == desk.told(ticket.id)
        assert ["sent"] == desk.told(note.id)

    def test_the_customers_message_opens_the_ticket_again(self, desk, ticket):
        say(desk, ticket)

        message = say(desk, ticket, direction=Direction.IN)

        assert TicketStatus.OPEN is stored(desk, ticket).status
        assert ["opened", "replied", "customer_replied"] == desk.told(ticket.id)
        assert ["received"] == desk.told(message.id)

    def test_the_customers_message_reopens_a_closed_ticket_for_a_week(self, desk, ticket):
        desk.do(
            change_status,
            ChangeStatus(ticket_id=ticket.id, expected_version=1, status=TicketStatus.CLOSED),
        )

        with pytest.raises(TicketClosed):
            say(desk, ticket, at=NOON + hours(169), direction=Direction.IN)
        say(desk, ticket, at=NOON + hours(167), direction=Direction.IN)

        assert (TicketStatus.OPEN, 1) == (
            stored(desk, ticket).status,
            stored(desk, ticket).reopen_count,
        )
        assert "reopened" == desk.told(ticket.id)[-1]

    @pytest.mark.parametrize(
        ("status", "refusal"),
        [(TicketStatus.SPAM, TicketIsSpam), (TicketStatus.CLOSED, TicketClosed)],
    )
    def test_refuses_to_answer_what_is_finished(self, desk, ticket, status, refusal):
        desk.do(change_status, ChangeStatus(ticket_id=ticket.id, expected_version=1, status=status))

        with pytest.raises(refusal):
            say(desk, ticket)

    def test_refuses_what_is_archived_or_not_there(self, desk, ticket):
        with pytest.raises(NotFound):
            desk.do(add_message, AddMessage(ticket_id=unseen(), body="x"))
        desk.do(archive_ticket, ArchiveTicket(ticket_id=ticket.id, expected_version=1))
        with pytest.raises(RecordArchived):
            say(desk, ticket, visibility=MessageVisibility.INTERNAL)


class TestClocks:
    def breach(self, desk, now):
        def sweep(session, _, *, now):
            return breach_overdue_clocks(session, now=now)

        return desk.do(sweep, None, now=now)

    def test_are_breached_once(self, desk, ticket):
        (clock,) = clocks(desk, ticket)

        self.breach(desk, NOON + hours(7))
        assert ["started"] == desk.told(clock.id)
        for _ in range(2):
            self.breach(desk, NOON + hours(9))

        assert ["started", "breached"] == desk.told(clock.id)

    def test_stay_breached_when_the_answer_comes(self, desk, ticket):
        (clock,) = clocks(desk, ticket)
        self.breach(desk, NOON + hours(9))

        say(desk, ticket, at=NOON + hours(10))

        assert ["started", "breached"] == desk.told(clock.id)

    def test_get_the_target_of_a_new_priority_from_the_same_start(self, desk, ticket):
        command = PrioritiseTicket(
            ticket_id=ticket.id, expected_version=1, priority=Priority.URGENT
        )

        desk.do(prioritise_ticket, command, now=NOON + hours(0.5))

        old, new = sorted(clocks(desk, ticket), key=lambda each: each.state)
        assert (ClockState.CANCELLED, ClockState.RUNNING) == (old.state, new.state)
        assert (NOON, NOON + hours(1)) == (new.started_at, new.due_at)

    @pytest.mark.parametrize(
        "status", [TicketStatus.RESOLVED, TicketStatus.CLOSED, TicketStatus.SPAM]
    )
    def test_are_cancelled_when_no_answer_is_awaited(self, desk, ticket, status):
        desk.do(change_status, ChangeStatus(ticket_id=ticket.id, expected_version=1, status=status))

        assert [ClockState.CANCELLED] == [each.state for each in clocks(desk, ticket)]


class TestCloseSilentTickets:
    def test_closes_what_was_resolved_long_enough_ago(self, desk, ticket):
        desk.do(resolve_ticket, ResolveTicket(ticket_id=ticket.id, expected_version=1))

        def close(before):
            return lambda session, _, *, now: close_silent_tickets(
                session, resolved_before=before, now=now
            )

        desk.do(close(NOON), None)
        assert TicketStatus.RESOLVED is stored(desk, ticket).status
        desk.do(close(NOON + hours(1)), None)

        assert TicketStatus.CLOSED is stored(desk, ticket).status
        assert "closed" == desk.told(ticket.id)[-1]
