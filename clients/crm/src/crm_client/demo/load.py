"""Making what of the plan is not there yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_client.client import Client
from crm_client.demo.kinds import KINDS, Kind
from crm_client.demo.plan import Plan, Wish
from crm_client.errors import ClientError, reasons

Ids = dict[str, dict[str, str]]


@dataclass(kw_only=True)
class Report:
    """What was made, what was there already, and the customers worth opening."""

    created: dict[str, int] = field(default_factory=dict)
    already_there: dict[str, int] = field(default_factory=dict)
    customers: list[str] = field(default_factory=list)


def load(client: Client, plan: Plan, *, done: Callable[[int], None] = lambda _: None) -> Report:
    """Create what is missing, kind by kind; a second run, or one after a fault, goes on from there."""
    report, ids = Report(), Ids()
    for kind in KINDS:
        ids[kind.name] = _ensure(client, kind, plan.wishes[kind.name], ids, report, done)
        if kind.name == "pipeline":
            ids["stage"] = _stages(client, ids["pipeline"])
    report.customers = [f"{client.url}/customers/{ids['contact'][name]}" for name in plan.stars]
    return report


def _ensure(
    client: Client,
    kind: Kind,
    wishes: Sequence[Wish],
    ids: Ids,
    report: Report,
    done: Callable[[int], None],
) -> dict[str, str]:
    bodies = {wish.name: body_of(wish, ids) for wish in wishes}
    known = {kind.key(each): each["id"] for each in client.pages(kind.path, **kind.filters)}
    found = {
        name: known[kind.key(body)] for name, body in bodies.items() if kind.key(body) in known
    }
    missing = {name: body for name, body in bodies.items() if name not in found}
    report.already_there[kind.plural], report.created[kind.plural] = len(found), len(missing)
    done(len(found))
    for names in _sets(list(missing), kind.at_once):
        made = _create(client, kind, [missing[name] for name in names])
        found |= dict(zip(names, made, strict=True))
        done(len(names))
    return found


def body_of(wish: Wish, ids: Ids) -> dict[str, Any]:
    """Return the body of the API, with ids for names."""
    body = dict(wish.body) | {name: ids[kind][ref] for name, (kind, ref) in wish.links.items()}
    if wish.subjects:
        body["subjects"] = [{"type": kind, "id": ids[kind][ref]} for kind, ref in wish.subjects]
    if wish.stages:
        pipeline = wish.links["pipeline_id"][1]
        places = [ids["stage"][f"{pipeline}/{name}"] for name in wish.stages]
        steps = zip(wish.body["stage_history"], places, strict=True)
        body["stage_history"] = [{**step, "stage_id": place} for step, place in steps]
    return body


def _create(client: Client, kind: Kind, bodies: list[dict[str, Any]]) -> list[str]:
    items, _ = client.batch(kind.path, [{"op": "create", "body": body} for body in bodies])
    for body, item in zip(bodies, items, strict=True):
        if item["status"] != 201:
            why = "; ".join(reasons(item["problem"]))
            raise ClientError(f"{kind.name} {kind.key(body)!r} was refused: {why}")
    return [item["id"] for item in items]


def _stages(client: Client, pipelines: dict[str, str]) -> dict[str, str]:
    return {
        f"{name}/{stage['name']}": stage["id"]
        for name, pipeline_id in pipelines.items()
        for stage in client.get(f"/v1/pipelines/{pipeline_id}")["stages"]
    }


def _sets(names: list[str], at_once: int) -> list[list[str]]:
    return [names[start : start + at_once] for start in range(0, len(names), at_once)]
