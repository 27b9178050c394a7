"""The pages written from the contracts: docs/events.md and docs/asyncapi.json."""

from typing import Any

from crm_contracts.base import FACTS, SERVICES, Fact
from crm_contracts.schema import fact_schema


def events_page() -> str:
    """Every fact by service, as Markdown."""
    lines = [
        "# Facts",
        "",
        "Written by `python -m crm_contracts generate`; do not edit. A fact is a CloudEvent with",
        "`data.record` (the whole record after the change) and `data.changed`; its type is the",
        "routing key on the exchange `<service>.events`, or `<service>.bulk` for bulk work.",
    ]
    for service in SERVICES:
        lines += ["", f"## {service}", "", "| fact | record | timeline | |", "|---|---|---|---|"]
        lines += [_row(fact) for fact in _facts_of_service(service)]
    return "\n".join(lines) + "\n"


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel per exchange, a message per fact."""
    schemas: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for fact in FACTS.values():
        schema = fact_schema(fact, "#/components/schemas/{name}")
        schemas.update(schema.pop("$defs"))
        messages[fact.type] = _message(fact, schema)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Rapport CRM facts",
            "version": "1",
            "description": "What the services tell each other, over AMQP 0-9-1 topic exchanges.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {f"{service}Events": _channel(service) for service in SERVICES},
        "operations": {f"{service}Tells": _operation(service) for service in SERVICES},
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


def _row(fact: type[Fact[Any]]) -> str:
    title = f"“{fact.title}”" if fact.title else ""
    return f"| `{fact.type}` | {fact.record_type.__name__} | {title} | {fact.__doc__} |"


def _facts_of_service(service: str) -> list[type[Fact[Any]]]:
    return [fact for fact in FACTS.values() if fact.type.startswith(service + ".")]


def _message(fact: type[Fact[Any]], schema: dict[str, Any]) -> dict[str, Any]:
    payload = {key: value for key, value in schema.items() if key not in {"$schema", "$id"}}
    return {
        "name": fact.type,
        "title": fact.__name__,
        "summary": fact.__doc__,
        "contentType": "application/cloudevents+json",
        "payload": payload,
    }


def _channel(service: str) -> dict[str, Any]:
    exchange = {"name": f"{service}.events", "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": f"{service}.events",
        "title": f"What {service} tells",
        "messages": {
            fact.type: {"$ref": f"#/components/messages/{fact.type}"}
            for fact in _facts_of_service(service)
        },
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _operation(service: str) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{service}Events"},
        "summary": f"{service} publishes its facts",
    }
