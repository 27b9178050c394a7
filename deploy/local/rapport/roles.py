"""Every role of every service as a program: its command, its ports, its environment."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from .home import PYTHON, SERVICES, Home, service_package, services
from .programs import Program
from .servers import Servers

ROLES = {"serve": ["serve"], "relay": ["relay", "project"], "work": ["work"]}
ADMIN = "admin@rapport.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One platform: what its roles have to be told. `suffix` tells it from another on its servers."""

    home: Home
    secrets: dict[str, Any]
    ports: dict[str, int]
    servers: Servers
    suffix: str = ""

    @property
    def vhost(self) -> str:
        return f"crm{self.suffix}"

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.ports['gateway.http']}"

    def database(self, service: str) -> str:
        return f"crm_{service}{self.suffix}"

    def database_url(self, service: str) -> str:
        name, password = self.database(service), self.secrets["database"][service]
        return signed_in(self.servers.pg_url, name, password, name)

    def amqp_url(self, service: str) -> str:
        return signed_in(self.servers.amqp_url, service, self.secrets["amqp"][service], self.vhost)

    def address(self, port_name: str) -> str:
        return f"http://127.0.0.1:{self.ports[port_name]}"


def signed_in(server: str, user: str, password: str, path: str) -> str:
    """Return a server's address for another user, and another database or virtual host."""
    parts = urlsplit(server)
    port = f":{parts.port}" if parts.port else ""
    place = f"{quote(user)}:{quote(password)}@{parts.hostname}{port}"
    return urlunsplit(parts._replace(netloc=place, path="/" + quote(path, safe="")))


def port_names() -> list[str]:
    """Return every port of the roles; a serve role has one for its API and one for operations."""
    names = [f"{s}.{kind}" for s in SERVICES for kind in ("http", *ROLES)]
    return [*names, "smtp", "mail_in"]


def programs(deployment: Deployment) -> list[Program]:
    """Return the roles of the services that exist in this clone, and where mail goes and comes."""
    found = [
        Program(
            name=f"{service}-{role}",
            command=[*runner(service), *words],
            env=environment(deployment, service, role),
        )
        for service in services()
        for role, words in ROLES.items()
    ]
    return [*found, mail_sink(deployment), mail_in(deployment)]


def runner(service: str) -> list[Path | str]:
    """Return what runs a role: this clone's Python, or CRM_ROLE_COMMAND, say from an image."""
    given = os.environ.get("CRM_ROLE_COMMAND")
    return [given, service] if given else [PYTHON, "-m", f"crm_{service}"]


def mail_sink(deployment: Deployment) -> Program:
    """Keep every mail in a maildir: a local run writes to nobody."""
    listen = f"127.0.0.1:{deployment.ports['smtp']}"
    folder = deployment.home.path / "mail"
    words = ["-m", "aiosmtpd", "-n", "-l", listen, "-c", "aiosmtpd.handlers.Mailbox", str(folder)]
    return Program(name="mail", command=[str(PYTHON), *words])


def mail_in(deployment: Deployment) -> Program:
    """Take mail in by SMTP, as a mail system would relay it here."""
    words = ["mail", "listen", "--smtp", mail_in_address(deployment)]
    crm = Path(PYTHON).with_name("crm")
    return Program(
        name="mail-in", command=[str(crm), *words], env={"CRM_HOME": str(deployment.home.path)}
    )


def mail_in_address(deployment: Deployment) -> str:
    return f"127.0.0.1:{deployment.ports['mail_in']}"


def environment(deployment: Deployment, service: str, role: str) -> dict[str, str]:
    """Return the settings of one role; secrets of a service go to that service only."""
    keys = deployment.secrets["keys"]
    peers = {name: deployment.address(f"{name}.serve") for name in SERVICES}
    env = {
        "CRM_DATABASE_URL": deployment.database_url(service),
        "CRM_AMQP_URL": deployment.amqp_url(service),
        "CRM_HTTP_HOST": "127.0.0.1",
        "CRM_HTTP_PORT": str(deployment.ports[f"{service}.http"]),
        "CRM_OPS_PORT": str(deployment.ports[f"{service}.{role}"]),
        "CRM_OPS_TOKEN": deployment.secrets["ops_token"],
        "CRM_TOKEN_KEYS": json.dumps({"keys": [keys[name]["public"] for name in SERVICES]}),
        "CRM_SIGNING_KEY": json.dumps(keys[service]["private"]),
        "CRM_PEERS": json.dumps(peers),
        "CRM_FILES_URL": (deployment.home.path / "files" / service).as_uri(),
        "CRM_DRAIN_SECONDS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return env | own_settings(deployment, service)


def own_settings(deployment: Deployment, service: str) -> dict[str, str]:
    if service not in {"marketing", "gateway"}:
        return {}
    mail = {
        "CRM_SMTP_URL": f"smtp://127.0.0.1:{deployment.ports['smtp']}",
        "CRM_MAIL_FROM": "crm@rapport.example",
        "CRM_PUBLIC_URL": deployment.console,
    }
    if service == "marketing":
        return mail
    behind = {s: deployment.address(f"{s}.http") for s in SERVICES if s != "gateway"}
    return mail | {
        "CRM_SERVICES": json.dumps(behind),
        "CRM_ADMIN_EMAIL": ADMIN,
        "CRM_ADMIN_PASSWORD": deployment.secrets["admin_sign_in"],
        "CRM_SESSION_SECRET": deployment.secrets["session"],
        "CRM_ASSETS_DIR": str(assets_folder()),
    }


def assets_folder() -> Path:
    return service_package("gateway") / "static" / "vendor"


def admin(deployment: Deployment) -> dict[str, str]:
    """Return what a person or the command line needs to sign in."""
    password = deployment.secrets["admin_sign_in"]
    return {"url": deployment.console, "email": ADMIN, "password": password}
