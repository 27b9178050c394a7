"""The kinds of the sample company: where they live, and what tells one record from another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_client.demo.plan import MARK

Record = Mapping[str, Any]
_SET_OF_MANY_PARTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`key` reads a record and the body of one alike; `filters` narrow the list to the sample."""

    name: str
    path: str
    key: Callable[[Record], Any]
    filters: Mapping[str, str] = field(default_factory=dict)
    at_once: int = 500
    is_archivable: bool = True

    @property
    def plural(self) -> str:
        """As a person reads it."""
        return self.path.rpartition("/")[2]


def _about(field_name: str) -> Callable[[Record], Any]:
    return lambda each: (each[field_name], *(one["id"] for one in each["subjects"]))


KINDS = (
    Kind(name="account", path="/v1/accounts", key=lambda r: r["name"], filters={"tag": MARK}),
    Kind(
        name="contact",
        path="/v1/contacts",
        key=lambda r: r["emails"][0]["value"] if r["emails"] else None,
        filters={"source": MARK},
        at_once=250,
    ),
    Kind(name="pipeline", path="/v1/pipelines", key=lambda r: r["name"]),
    Kind(name="deal", path="/v1/deals", key=lambda r: r["name"], at_once=_SET_OF_MANY_PARTS),
    Kind(name="lead", path="/v1/leads", key=lambda r: r["email"], filters={"source": MARK}),
    Kind(name="segment", path="/v1/segments", key=lambda r: r["name"]),
    Kind(name="campaign", path="/v1/campaigns", key=lambda r: r["name"]),
    Kind(
        name="message",
        path="/v1/messages",
        key=lambda r: (r["campaign_id"], r["contact_id"]),
        at_once=_SET_OF_MANY_PARTS,
        is_archivable=False,
    ),
    Kind(
        name="ticket",
        path="/v1/tickets",
        key=lambda r: (r["subject"], r["requester_id"]),
        at_once=_SET_OF_MANY_PARTS,
    ),
    Kind(
        name="interaction",
        path="/v1/interactions",
        key=_about("subject"),
        filters={"source_service": MARK},
        is_archivable=False,
    ),
    Kind(name="note", path="/v1/notes", key=_about("body")),
    Kind(name="task", path="/v1/tasks", key=_about("title")),
)
