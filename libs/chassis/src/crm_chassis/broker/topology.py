"""The whole topology as one RabbitMQ definitions document: exchanges, users, policies."""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

DELIVERY_LIMIT = 50
_SECTIONS = ("users", "permissions", "policies", "exchanges", "queues", "bindings")
_COMPARED = {
    "permissions": "permission",
    "policies": "policy",
    "exchanges": "exchange",
    "queues": "queue",
    "bindings": "binding",
}
_NAMES = {
    "users": ("name",),
    "permissions": ("user", "vhost"),
    "policies": ("name", "vhost"),
    "exchanges": ("name", "vhost"),
    "queues": ("name", "vhost"),
    "bindings": ("source", "destination", "routing_key", "vhost"),
}


def definitions(
    services: Iterable[str], *, vhost: str = "crm", passwords: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what `crm topology apply` sends and `load_definitions` reads.

    Without `passwords` the users are left out, so that what is public can be compared.
    """
    document: dict[str, Any] = {"vhosts": [{"name": vhost}]}
    document |= {section: [] for section in _SECTIONS}
    document["exchanges"].append(_exchange("crm.dead", vhost, type_="direct"))
    for service in services:
        for kind in ("events", "bulk"):
            document["exchanges"].append(_exchange(f"{service}.{kind}", vhost))
        document["queues"].append(_dead_letters(service, vhost))
        document["bindings"].append(_dead_binding(service, vhost))
        document["policies"].append(_policy(service, vhost))
        document["permissions"].append(_permission(service, vhost))
        if passwords:
            document["users"].append(_user(service, passwords[service]))
    return document


def difference(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Return what is missing or other than wanted, one line each; users' passwords are not read."""
    lines = []
    for section, word in _COMPARED.items():
        present = {_name(section, item): item for item in found.get(section, [])}
        for item in wanted[section]:
            name = _name(section, item)
            if name not in present:
                lines.append(f"missing {word} {' '.join(name)}")
            elif any(present[name].get(key) != value for key, value in item.items()):
                lines.append(f"changed {word} {' '.join(name)}")
    return lines


def _name(section: str, item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(item.get(part, "")) for part in _NAMES[section])


def _exchange(name: str, vhost: str, *, type_: str = "topic") -> dict[str, Any]:
    flags = {"durable": True, "auto_delete": False, "internal": False, "arguments": {}}
    return {"name": name, "vhost": vhost, "type": type_, **flags}


def _dead_letters(service: str, vhost: str) -> dict[str, Any]:
    arguments = {"x-queue-type": "quorum"}
    name = f"{service}.dead"
    return {
        "name": name,
        "vhost": vhost,
        "durable": True,
        "auto_delete": False,
        "arguments": arguments,
    }


def _dead_binding(service: str, vhost: str) -> dict[str, Any]:
    return {
        "source": "crm.dead",
        "vhost": vhost,
        "destination": f"{service}.dead",
        "destination_type": "queue",
        "routing_key": service,
        "arguments": {},
    }


def _policy(service: str, vhost: str) -> dict[str, Any]:
    return {
        "name": service,
        "vhost": vhost,
        "pattern": rf"^{service}\.(?!dead$).+",
        "apply-to": "queues",
        "priority": 0,
        "definition": {
            "dead-letter-exchange": "crm.dead",
            "dead-letter-routing-key": service,
            "dead-letter-strategy": "at-least-once",
            "overflow": "reject-publish",
            "delivery-limit": DELIVERY_LIMIT,
        },
    }


def _permission(service: str, vhost: str) -> dict[str, Any]:
    own = rf"^{service}\..*"
    readable = rf"^({service}\..*|[a-z]+\.(events|bulk)|crm\.dead)$"
    return {"user": service, "vhost": vhost, "configure": own, "write": own, "read": readable}


def _user(name: str, password: str) -> dict[str, Any]:
    salt = secrets.token_bytes(4)
    digest = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    algorithm = "rabbit_password_hashing_sha256"
    return {"name": name, "password_hash": digest, "hashing_algorithm": algorithm, "tags": []}
