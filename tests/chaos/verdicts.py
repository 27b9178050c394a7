"""Running the checks: some hold at every moment, the others once everything is told and taken."""

import time
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import psycopg
from tests.chaos.checks import answers, copies, effects, mails, outboxes, reactions, resources
from tests.chaos.history import UNKNOWN
from tests.chaos.stage import SERVICES, Stage
from tests.chaos.workload import Workload

from crm_client.errors import NotReachable, Refused

SETTLE_SECONDS = 90.0
# At least; a machine that takes longer to start all roles at once has twice that time.
READY_SECONDS = 30.0
Check = Callable[[], list[str]]


class Verdicts:
    """Checks of one stage, told to its tally."""

    def __init__(self, stage: Stage, workload: Workload) -> None:
        self._stage, self._workload = stage, workload
        self._base: dict[str, float] = {}
        for service in SERVICES:
            with stage.platform.database(service) as own:
                copies.watch(own)

    def at_any_moment(self) -> None:
        """Check what must hold even while everything breaks."""
        for service in SERVICES:
            with suppress(psycopg.OperationalError), self._stage.platform.database(service) as own:
                self._stage.tally.found(f"{service} outbox", outboxes.check(own))
                self._stage.tally.found(f"{service} copies only rise", copies.falls(own))

    def when_settled(self) -> None:
        """Let the stories under way end, then check everything, with patience for what is under way."""
        self._workload.pause()
        try:
            self.calm("all")
            deadline = time.monotonic() + SETTLE_SECONDS
            self._until(lambda: [] if self._workload.is_idle else ["stories under way"], deadline)
            for name, check in self._checks():
                self._stage.tally.found(name, self._until(check, deadline))
            self.at_any_moment()
        finally:
            self._workload.resume()

    def warm(self) -> None:
        """Measure what the platform holds once it has worked a little: the end is compared with it."""
        self._base = self._stage.measure()

    def nothing_grew(self) -> None:
        """Expect the platform to hold no more than when it was warm."""
        deadline = time.monotonic() + SETTLE_SECONDS
        found = self._until(lambda: resources.check(self._base, self._stage.measure()), deadline)
        self._stage.tally.found("resources", found)

    def rebuilt(self) -> None:
        """Delete random rows of the view, rebuild, and compare again."""
        with self._stage.platform.database("gateway") as own:
            for table in ("view_record", "customer_view"):
                own.execute(_DELETE_SOME.format(table).encode())
        deadline = time.monotonic() + SETTLE_SECONDS
        self._until(self._rebuild, deadline)
        self._stage.tally.found("view after a rebuild", self._until(self._view, deadline))

    def calm(self, after: str) -> None:
        """Expect every role at work again in time, now that nothing is broken any more."""
        began, patience = time.monotonic(), max(READY_SECONDS, 2 * self._stage.boot_seconds)
        late: list[str] = []
        try:
            self._stage.keeper.wait_ready(seconds=patience)
        except TimeoutError:
            unready = ", ".join(self._stage.keeper.unready())
            late = [f"{patience:.0f} s after {after}: {unready}"]
            with suppress(TimeoutError):
                self._stage.keeper.wait_ready(seconds=4 * patience)
        self._stage.tally.found("roles ready in time", late)
        self._stage.tally.recovered(after, time.monotonic() - began)

    def _checks(self) -> list[tuple[str, Check]]:
        database, poison = self._stage.platform.database, self._poison()
        losses = self._stage.losses
        return [
            ("reactions", lambda: reactions.check(database, SERVICES, poison | losses.events)),
            ("effects", lambda: effects.check(database, losses)),
            ("answers", lambda: answers.check(database, self._workload.history, losses)),
            ("mails", self._mails),
            ("copies", self._copies),
            ("placeholders", self._placeholders),
            ("view", self._view),
            ("parked", lambda: reactions.parked_innocents(database, SERVICES, poison)),
            ("deadlines", self._deadlines),
            ("reads", self._reads),
            ("rolling restart", self._rolls),
        ]

    def _until(self, check: Check, deadline: float) -> list[str]:
        """Return what a check finds once it finds nothing, or at the deadline."""
        while True:
            try:
                found = check()
            except (psycopg.Error, NotReachable, Refused, OSError) as error:
                found = [f"could not be checked: {error}"]
            if not found or time.monotonic() > deadline:
                return found[:20]
            time.sleep(0.5)

    def _poison(self) -> set[UUID]:
        return {UUID(each) for each in self._stage.poisoned}

    def _mails(self) -> list[str]:
        with self._stage.platform.database("marketing") as own:
            rows = own.execute("select id::text, status, contact_id::text from message").fetchall()
        lost = self._stage.losses
        contacts = lost.subjects("contacts.contact.created.")
        return mails.check(
            {message: status for message, status, _ in rows},
            self._stage.platform.mails(),
            ends_of_sender=self._stage.ends_of_sender(),
            lost=lost.subjects("marketing.message."),
            to_nobody={message for message, _, contact in rows if contact in contacts},
        )

    def _placeholders(self) -> list[str]:
        lost, found = self._stage.losses.subjects(""), []
        for service in SERVICES[:4]:
            with self._stage.platform.database(service) as own:
                found += [f"{service}: {each}" for each in copies.overdue(own, lost)]
        return found

    def _copies(self) -> list[str]:
        ops = self._stage.platform.ops
        return copies.differences((s, ops.get(s, "/internal/verify")) for s in SERVICES[:4])

    def _view(self) -> list[str]:
        answer = self._stage.platform.ops.get("gateway", "/internal/view/verify")
        return copies.differences([("view", answer)])

    def _rebuild(self) -> list[str]:
        self._stage.platform.ops.post("gateway", "/internal/view/rebuild", {})
        return []

    def _deadlines(self) -> list[str]:
        overdue = self._workload.history.overdue()
        return [f"{c.method} {c.path} took {c.seconds:.0f} s" for c in overdue]

    def _rolls(self) -> list[str]:
        """Return requests that a rolling restart failed other than by 503 with Retry-After."""
        return [
            f"{call.method} {call.path} answered {call.status} during a rolling restart"
            for call in tuple(self._workload.history.calls)
            if call.outcome == UNKNOWN and not (call.status == 503 and call.retry_after)
            if call.slug != "request-in-progress" and call.status != 401
            if any(began <= call.began <= ended for began, ended in self._stage.rolls)
        ]

    def _reads(self) -> list[str]:
        """Return reads that failed although the gateway and its database were up."""
        absences = [(a, b + 1.0) for n, a, b in self._stage.keeper.absences if n == "gateway-serve"]
        excused = [*self._stage.tally.reads_may_fail, *absences]
        lost = self._stage.losses.subjects("contacts.contact.created.")
        return [
            f"a read of {ended - began:.1f} s answered {status}, {self._nearest(began)}"
            for customer, began, ended, status in tuple(self._workload.failed_reads)
            if not (status == 404 and customer in lost)
            if not any(since - 0.5 <= ended and began <= until for since, until in excused)
        ]

    def _nearest(self, at: float) -> str:
        """Return when the gateway was away last before an instant."""
        ends = [b for n, _, b in self._stage.keeper.absences if n == "gateway-serve" and b <= at]
        return (
            f"{at - max(ends):.1f} s after the gateway was back" if ends else "gateway never away"
        )


_DELETE_SOME = "delete from {0} where ctid in (select ctid from {0} order by random() limit 25)"
