"""What is wrong with a platform and what to do about each: rules over what was found out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Facts = dict[str, Any]
_SKEW_SECONDS, _OLD_SECONDS, _LATE_SECONDS, _LONG_TRANSACTION_SECONDS = 5.0, 60.0, 30.0, 300.0
_FEW_CONNECTIONS, _NO_CONNECTIONS = 0.8, 0.95
_DEEP_QUEUE = 10_000
_MAIL_STATES = {"failed": "failed", "unsure": "may have been sent, or not"}
_LITTLE_DISK, _BARE_DISK = 0.10, 0.03


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: how bad (error, warning), where, what, and what to do."""

    level: str
    where: str
    what: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that was found out; `None` for the broker or the disk: not asked."""

    services: dict[str, Facts]
    roles: dict[str, Facts]
    configurations: dict[str, Facts] = field(default_factory=dict)
    asked_at: dict[str, datetime] = field(default_factory=dict)
    broker: Facts | None = None
    disk_free: float | None = None


def findings(case: Case) -> list[Finding]:
    """Return everything that is wrong, errors first."""
    rules = (
        _reachable,
        _ready,
        _clocks,
        _relays,
        _parked,
        _mails,
        _copies,
        _databases,
        _settings,
        _broker,
    )
    found = [finding for rule in rules for finding in rule(case)] + list(_disk(case))
    return sorted(found, key=lambda each: (each.level != "error", each.where))


def _alive(case: Case) -> Iterator[tuple[str, Facts]]:
    return ((name, each) for name, each in case.services.items() if "fault" not in each)


def _reachable(case: Case) -> Iterator[Finding]:
    for name, each in case.services.items():
        if "fault" in each:
            advice = "is its serve role up, is CRM_OPS_TOKEN right? deploy/runbooks/role-down.md"
            yield Finding("error", name, each["fault"], advice)
        elif f"{name}.work" not in case.roles or f"{name}.relay" not in case.roles:
            advice = "name them in CRM_OPS_PEERS, as SERVICE.relay and SERVICE.work"
            yield Finding("warning", name, "relay or work cannot be looked at", advice)


def _ready(case: Case) -> Iterator[Finding]:
    for role, each in case.roles.items():
        for check, said in each["checks"].items():
            if said != "ok":
                level = "warning" if check == "draining" else "error"
                yield Finding(level, role, f"{check}: {said}", _advice(check, str(said)))


def _advice(check: str, said: str) -> str:
    if "too many parked" in said:
        return "`crm parked list`; roll a bad release back: deploy/runbooks/parked-messages.md"
    if check == "draining":
        return "it is being stopped; look again in a minute"
    if check == "database":
        return "is PostgreSQL up, does its role have connections left?"
    if check in {"reactions", "relay"} or ".copy." in check or ".view." in check:
        return "is RabbitMQ up? `crm topology diff`; deploy/runbooks/broker-down.md"
    return "read its log; deploy/runbooks/role-down.md"


def _clocks(case: Case) -> Iterator[Finding]:
    for name, each in _alive(case):
        asked = case.asked_at.get(name)
        skew = (datetime.fromisoformat(each["now"]) - asked).total_seconds() if asked else 0.0
        own = each["database"]["clock_skew_seconds"]
        for whose, seconds in (("its clock", skew), ("its database's clock", own)):
            if abs(seconds) > _SKEW_SECONDS:
                advice = "synchronise the clocks: tokens live 60 s, timers and lag depend on them"
                yield Finding("error", name, f"{whose} is off by {seconds:.0f} s", advice)


def _relays(case: Case) -> Iterator[Finding]:
    for name, each in _alive(case):
        leader, old = each["database"]["leader"], each["outbox_oldest_seconds"]
        if leader is None:
            advice = f"start a relay: python -m crm_{name} relay project"
            yield Finding("error", name, "no relay leads", advice)
        elif old > _OLD_SECONDS:
            what = f"{each['outbox_depth']} facts wait, the oldest for {old:.0f} s, though {leader['pid']} leads"
            advice = (
                "the broker does not take them, or nobody is bound: `crm topology diff`; a leader that "
                f"hangs gives way: select pg_terminate_backend({leader['pid']}) in {name}'s database"
            )
            yield Finding("error", name, what, advice)


def _parked(case: Case) -> Iterator[Finding]:
    for name, each in _alive(case):
        for group in each["parked"]:
            what = f"{group['messages']} messages of {group['consumer']} parked: {group['cause']}"
            advice = f"`crm parked list --service {name}`; deploy/runbooks/parked-messages.md"
            yield Finding("warning", name, what, advice)


def _mails(case: Case) -> Iterator[Finding]:
    advice = "causes, and sending again: console, Settings, Mail; the mail server's own log"
    for name, each in _alive(case):
        for state, number in each.get("mails", {}).items():
            mails = "a mail" if number == 1 else f"{number} mails"
            said = f"{mails} of the last day {_MAIL_STATES.get(state, state)}"
            yield Finding("warning", name, said, advice)


def _copies(case: Case) -> Iterator[Finding]:
    for name, each in _alive(case):
        for what, found in each["verified"].items():
            if found["differences"]:
                said = f"{found['differences']} differences in its {what} at {found['at'][:19]}"
                mend = "crm view rebuild --follow" if what == "view" else f"crm resync {name}"
                yield Finding("error", name, said, f"`{mend}`; deploy/runbooks/copies-differ.md")
        for service, seconds in each["lag_seconds"].items():
            if seconds > _LATE_SECONDS:
                said = f"has not heard of {service} for {seconds:.0f} s"
                yield Finding("warning", name, said, "deploy/runbooks/facts-late.md")


def _databases(case: Case) -> Iterator[Finding]:
    for name, each in _alive(case):
        database = each["database"]
        used, limit = database["connections"], database["connection_limit"]
        if used >= _FEW_CONNECTIONS * limit:
            level = "error" if used >= _NO_CONNECTIONS * limit else "warning"
            advice = "fewer replicas or threads, or a higher CONNECTION LIMIT of its role"
            yield Finding(level, name, f"{used} of {limit} database connections are taken", advice)
        if database["oldest_transaction_seconds"] > _LONG_TRANSACTION_SECONDS:
            said = f"a transaction is open for {database['oldest_transaction_seconds']:.0f} s"
            advice = "it holds back cursors and vacuum: find it in pg_stat_activity, end it"
            yield Finding("warning", name, said, advice)


def _settings(case: Case) -> Iterator[Finding]:
    for name, own in case.configurations.items():
        for other, theirs in case.configurations.items():
            if own["key"] not in theirs["accepted_keys"]:
                advice = f"put the public half of {name}'s CRM_SIGNING_KEY into CRM_TOKEN_KEYS"
                yield Finding("error", other, f"does not accept the tokens of {name}", advice)
        missing = sorted(set(case.services) - set(own["peers"]) - {name})
        if missing:
            said = f"knows no address of {', '.join(missing)}"
            yield Finding("error", name, said, "name them in its CRM_PEERS")


def _broker(case: Case) -> Iterator[Finding]:
    broker = case.broker or {}
    if "fault" in broker:
        advice = "is RabbitMQ up, is CRM_AMQP_MANAGEMENT_URL right? deploy/runbooks/broker-down.md"
        yield Finding("error", "broker", broker["fault"], advice)
    for line in broker.get("drift", ()):
        yield Finding("error", "broker", line, "`crm topology apply`")
    for name in broker.get("abandoned", ()):
        yield Finding("warning", "broker", f"nobody reads {name}", "`crm topology prune --yes`")
    for node in broker.get("nodes", ()):
        for alarm in ("mem_alarm", "disk_free_alarm"):
            if node.get(alarm):
                advice = "publishing stands still until it has more; facts wait in the outboxes"
                yield Finding("error", "broker", f"{alarm} on {node['name']}", advice)
    for queue in broker.get("queues", ()):
        deep = queue.get("messages", 0) >= _DEEP_QUEUE
        if deep or (queue["name"].endswith(".dead") and queue.get("messages")):
            what = f"{queue['messages']} messages in {queue['name']}"
            yield Finding(
                "warning", "broker", what, "is its role at work? deploy/runbooks/facts-late.md"
            )


def _disk(case: Case) -> Iterator[Finding]:
    if case.disk_free is not None and case.disk_free < _LITTLE_DISK:
        level = "error" if case.disk_free < _BARE_DISK else "warning"
        what = f"{case.disk_free:.0%} of the disk is free"
        yield Finding(level, "this machine", what, "make room: a full disk stops both servers")
