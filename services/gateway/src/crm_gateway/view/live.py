"""The live answer: every service asked at once, under one deadline, composed like the view."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

import crm_contracts as contracts
from crm_chassis import records
from crm_chassis.project import Item
from crm_gateway.queries.view import cursor
from crm_gateway.view.compose import NEWEST, Shown, compose, sums_of
from crm_gateway.view.render import Freshness, Stored
from crm_gateway.view.shapes import SECTION_KINDS, SECTIONS, sort_at
from crm_gateway.view.sight import Sight

DEADLINE_SECONDS = 2.0
Answer = tuple[list[Item], str]


class Live:
    """Asks the owners themselves."""

    def __init__(self, peers: records.Peers, *, threads: int = 16) -> None:
        """`threads`: how many services are asked at once, over all requests."""
        self._peers = peers
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="live")

    def document(
        self,
        customer_id: UUID,
        stored: Stored | None,
        *,
        sight: Sight,
        only: Sequence[str] = SECTIONS,
        named: Sequence[UUID] = (),
    ) -> tuple[Stored, dict[str, Freshness]]:
        """Return the customer as somebody sees it, `only` these sections asked for; others as stored.

        `named`: all ids by which records may name the customer, if there are more than its own. A
        section whose service does not answer in time stays as stored, marked unavailable.
        """
        asked = {
            name: self._pool.submit(self._ask, name, [*named] or [customer_id]) for name in only
        }
        wait(asked.values(), timeout=DEADLINE_SECONDS)
        answers = {name: _result(future) for name, future in asked.items()}
        items = _seen([item for each in answers.values() if each for item in each[0]], sight)
        shown, next_ = _shown(items, set(named) - {customer_id})
        sums = sight.whole_sums(_sums(items))
        document = compose(customer_id, sight.whole(shown), sums, next_)
        fresh = Stored.of_document(document)
        standing = {name: _standing(answer) for name, answer in answers.items()}
        return _merged(stored, fresh, {n for n, answer in answers.items() if answer}), standing

    def _ask(self, section: str, named: Sequence[UUID]) -> Answer:
        kinds = (*SECTION_KINDS[section], "timeline")
        items, as_of = self._peers.of_customers(section, kinds, named, timeout=DEADLINE_SECONDS)
        if section == "contacts":
            items += self._accounts(named[0], items)
        return items, as_of

    def _accounts(self, customer_id: UUID, items: Iterable[Item]) -> list[Item]:
        mine = next((item for item in items if item.id == customer_id and item.body), None)
        if mine is None or mine.kind != "contact":
            return []
        contact = contracts.record_from("contacts", "contact", mine.body or b"")
        wanted = sorted(contact.customers() - {customer_id})
        return self._peers.by_ids("contacts", "account", wanted) if wanted else []


def _result(future: Future[Answer]) -> Answer | None:
    if not future.done():
        future.cancel()
        return None
    return None if future.exception() else future.result()


def _seen(items: Sequence[Item], sight: Sight) -> list[Item]:
    told = [(item.kind, item.id, orjson.loads(item.body)) for item in items if item.body]
    seen = sight.among(told)
    return [item for item in items if (item.kind, item.id) in seen]


def _shown(items: Iterable[Item], absorbed: set[UUID]) -> tuple[list[Shown], str | None]:
    """Return the newest of each kind, and the cursor behind the timeline's last when it goes on."""
    found = []
    for item in items:
        if item.body and not (item.kind == "contact" and item.id in absorbed):
            record: Any = contracts.record_from(item.service, item.kind, item.body)
            shown = Shown(item.kind, item.id, item.version, item.body.decode(), record.visibility)
            found.append(((item.kind, sort_at(record), item.id), shown))
    found.sort(key=lambda pair: pair[0], reverse=True)
    kept: list[Shown] = []
    counts: dict[str, int] = {}
    last = next_ = None
    for (kind, at, id_), shown in found:
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= NEWEST:
            kept.append(shown)
        if kind == "timeline":
            next_ = last if counts[kind] > NEWEST else None
            last = cursor(at, id_) if counts[kind] <= NEWEST else last
    return kept, next_


def _sums(items: Iterable[Item]) -> Any:
    return sums_of((item.kind, orjson.loads(item.body)) for item in items if item.body)


def _standing(answer: Answer | None) -> Freshness:
    if answer is None:
        return Freshness("unavailable", None)
    return Freshness("ok", datetime.fromisoformat(answer[1]))


def _merged(stored: Stored | None, fresh: Stored, live: set[str]) -> Stored:
    """Take the live sections from `fresh`, the rest from `stored`."""
    if stored is None or live == set(SECTIONS):
        return fresh
    sections = {name: (fresh if name in live else stored).sections[name] for name in SECTIONS}
    whose = fresh if "contacts" in live else stored
    return replace(
        stored, etag=f"{stored.etag}-{fresh.etag[:8]}", known=whose.known, head=whose.head,
        restricted=stored.restricted or fresh.restricted, sections=sections,
    )  # fmt: skip
