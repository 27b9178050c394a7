"""CRM work through the gateway, as stories of one customer each, while the platform is broken."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from tests.chaos.client import Client, Gone
from tests.chaos.history import History, now

PAUSE_SECONDS = 0.05
GUESS_EVERY_SECONDS = 20.0  # ten failures a minute would shut our address out
MOST_CUSTOMERS = 400
Record = dict[str, Any]


class Workload:
    """Threads that tell stories until stopped, and one that reads customers all the time."""

    def __init__(self, client: Client, history: History, *, seed: int, writers: int) -> None:
        self.client, self.history = client, history
        self.customers: list[str] = []
        self.failed_reads: list[tuple[str, float, float, int]] = []
        self.reads = 0
        self.stories: dict[str, int] = {}
        self._stopping = threading.Event()
        self._paused = threading.Event()
        self._next_guess = 0.0
        self._seed, self._writers = seed, writers
        self._threads: list[threading.Thread] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Work for as long as the body takes; then stories come to their ends."""
        self.client.sign_in()
        works = [self._write] * self._writers + [self._read]
        self._threads = [
            threading.Thread(target=work, args=(random.Random(self._seed * 1000 + n),))
            for n, work in enumerate(works)
        ]
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self.stop(seconds=60)

    def stop(self, *, seconds: float) -> None:
        """Begin no more stories; those under way have `seconds` to end."""
        self._stopping.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(timeout=max(0.1, deadline - time.monotonic()))
        self.client.ending.set()
        for thread in self._threads:
            thread.join(timeout=75)

    def pause(self) -> None:
        """Begin no story until `resume`; wait for those under way."""
        self._paused.set()

    def resume(self) -> None:
        self._paused.clear()

    @property
    def is_idle(self) -> bool:
        return self._busy == 0

    _busy = 0
    _busy_lock = threading.Lock()

    def _write(self, dice: random.Random) -> None:
        tell: list[tuple[Callable[[random.Random], None], int]] = [
            (self.sell, 6), (self.help, 4), (self.convert, 3), (self.rename, 5),
            (self.repeat, 2), (self.race, 2), (self.forget, 2), (self.stray, 1),
        ]  # fmt: skip
        stories, weights = zip(*tell, strict=True)
        while not self._stopping.is_set():
            if self._paused.is_set():
                self._stopping.wait(0.1)
                continue
            story = dice.choices(stories, weights)[0]
            with self._busy_lock:
                self._busy += 1
            try:
                story(dice)
                self.stories[story.__name__] = self.stories.get(story.__name__, 0) + 1
            except Gone:
                pass
            finally:
                with self._busy_lock:
                    self._busy -= 1
            self._stopping.wait(PAUSE_SECONDS)

    def _read(self, dice: random.Random) -> None:
        """Read a customer again and again: that must work whichever service is down."""
        while not self._stopping.is_set():
            if self.customers:
                customer, began = dice.choice(self.customers), time.monotonic()
                answer = self.client.once("GET", f"/v1/customers/{customer}")
                self.reads += 1
                if not answer.is_ok:
                    failed = (customer, began, time.monotonic(), answer.status)
                    self.failed_reads.append(failed)
            self._stopping.wait(0.05)

    def contact(self, **fields: Any) -> Record:
        """Create a contact that nobody else has."""
        mark = f"c{uuid.uuid4().hex}"
        body = {
            "first_name": "Chaos",
            "last_name": mark,
            "emails": [{"value": f"{mark}@c.example"}],
        }
        return self.client.made("/v1/contacts", body | fields, mark=mark)

    def known(self, contact: Record) -> None:
        """Remember a customer whose page is kept, for the reader: one asked for live is not yet."""
        if len(self.customers) >= MOST_CUSTOMERS:
            return
        answer = self.client.once("GET", f"/v1/customers/{contact['id']}")
        if answer.is_ok and not answer.headers.get("X-CRM-Served-Live"):
            self.customers.append(contact["id"])

    def sell(self, dice: random.Random) -> None:
        """A deal is won, or lost, or reopened and won."""
        contact = self.contact()
        mark = f"d{uuid.uuid4().hex}"
        body = {"name": mark, "primary_contact_id": contact["id"]}
        deal = self.client.made("/v1/deals", body, mark=mark)
        path, end = f"/v1/deals/{deal['id']}", dice.random()
        if end < 0.3:
            deal = self.client.moved(f"{path}/loss", deal, {"reason": "too dear"})
            deal = self.client.moved(f"{path}/reopening", deal, {"reason": "cheaper now"})
        if end < 0.9:
            deal = self.client.moved(f"{path}/win", deal)
        if end < 0.1:
            deal = self.client.moved(f"{path}/reopening", deal, {"reason": "more"})
            self.client.moved(f"{path}/win", deal)
        self.known(contact)

    def help(self, dice: random.Random) -> None:
        """A ticket is opened, answered, perhaps urgent."""
        contact = self.contact()
        mark = f"t{uuid.uuid4().hex}"
        body: Record = {"subject": mark, "requester_id": contact["id"]}
        if dice.random() < 0.4:
            body["priority"] = "urgent"
        ticket = self.client.made("/v1/tickets", body, mark=mark)
        path = f"/v1/tickets/{ticket['id']}"
        if dice.random() < 0.5:
            self.client.moved(f"{path}/priority", ticket, {"priority": "urgent"})
        message = {"body": f"Answer {mark}", "direction": dice.choice(("in", "out"))}
        self.client.made(f"{path}/messages", message)
        self.known(contact)

    def convert(self, dice: random.Random) -> None:
        """A lead becomes contact, account and deal."""
        mark = f"l{uuid.uuid4().hex}"
        body = {"first_name": "Lea", "last_name": mark, "company": f"Company {mark}",
                "email": f"{mark}@l.example"}  # fmt: skip
        lead = self.client.made("/v1/leads", body, mark=mark)
        asked = {"create_deal": dice.random() < 0.7, "deal_name": f"First of {mark}"}
        if not asked["create_deal"]:
            del asked["deal_name"]
        path = f"/v1/leads/{lead['id']}/conversion"
        self.client.do("POST", path, asked, version=lead["version"])

    def rename(self, dice: random.Random) -> None:
        """A contact changes several times; every copy follows."""
        contact = self.contact()
        for number in range(dice.randint(1, 4)):
            changes = {"first_name": f"Chaos {number}", "job_title": f"Job {dice.random()}"}
            path = f"/v1/contacts/{contact['id']}"
            answer = self.client.do("PATCH", path, changes, version=contact["version"])
            if not answer.is_ok:
                return
            contact = answer.body
        self.known(contact)

    def forget(self, _: random.Random) -> None:
        """A client that asks once and never learns what came of it."""
        mark = f"f{uuid.uuid4().hex}"
        body = {"first_name": "Once", "last_name": mark}
        self.client.once("POST", "/v1/contacts", body, key=str(uuid.uuid4()), mark=mark)

    def stray(self, _: random.Random) -> None:
        """Somebody guesses a password: refused, and nobody else is kept out by it."""
        with self._busy_lock:
            if now() < self._next_guess:
                return
            self._next_guess = now() + GUESS_EVERY_SECONDS
        since, body = now(), {"email": "admin@rapport.example", "password": "a guess"}
        answer = self.client.once("POST", "/v1/auth/token", body)
        if answer.is_ok:
            self.history.violated("gateway", "a guessed password was good", since=since)

    def repeat(self, dice: random.Random) -> None:
        """Many repeat one request at the same time: one effect, one answer."""
        mark, key, since = f"r{uuid.uuid4().hex}", str(uuid.uuid4()), now()
        body = {"first_name": "Repeated", "last_name": mark}
        with ThreadPoolExecutor(4) as pool:
            asked = [
                pool.submit(self.client.do, "POST", "/v1/contacts", body, mark=mark, key=key)
                for _ in range(dice.randint(3, 4))
            ]
        answers = [each.result() for each in asked]
        bodies = {str(answer.body) for answer in answers}
        if len(bodies) != 1 or any(answer.status != 201 for answer in answers):
            statuses = [answer.status for answer in answers]
            what = f"repeats of {key}: {len(bodies)} answers, statuses {statuses}"
            self.history.violated("contacts", what, since=since)

    def race(self, dice: random.Random) -> None:
        """Many write one version: as many succeed as versions come to be."""
        contact, since = self.contact(), now()
        path, before = f"/v1/contacts/{contact['id']}", int(contact["version"])
        with ThreadPoolExecutor(4) as pool:
            asked = [
                pool.submit(
                    self.client.do, "PATCH", path, {"job_title": f"Job {n}"}, version=before
                )
                for n in range(dice.randint(3, 4))
            ]
        succeeded = sum(each.result().is_ok for each in asked)
        after = self._read_version(path)
        if succeeded != 1 or after != before + succeeded:
            what = f"writers of {path}: {succeeded} succeeded, version {before} became {after}"
            self.history.violated("contacts", what, since=since)

    def _read_version(self, path: str) -> int:
        while True:
            answer = self.client.once("GET", path)
            if answer.is_ok:
                return int(answer.body["version"])
            if self.client.ending.wait(0.2):
                raise Gone
