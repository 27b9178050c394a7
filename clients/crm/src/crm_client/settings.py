"""Where the platform is and who asks: flags, then the environment, then `.local` of a local run."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from crm_client.errors import SettingMissing

SERVICES = ("contacts", "sales", "marketing", "support", "gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a caller of the public API is known."""

    url: str
    token: str | None = None
    email: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Ops addresses: `sales` is its serve role, `sales.work` and `sales.relay` the others."""

    peers: dict[str, str]
    token: str
    operator: str | None = None

    @property
    def services(self) -> list[str]:
        """The services that can be asked, in the usual order."""
        return [name for name in SERVICES if name in self.peers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """The broker's management API, with the administrator's sign-in in its address."""

    management_url: str
    vhost: str
    passwords: dict[str, str] | None

    @property
    def vhost_path(self) -> str:
        """The virtual host as a part of a path."""
        return quote(self.vhost, safe="")


def sign_in(url: str | None = None, token: str | None = None) -> SignIn:
    """Return address and sign-in. Raises SettingMissing."""
    local = _state("admin.json")
    url = url or os.environ.get("CRM_URL") or local.get("url")
    if not url:
        raise SettingMissing("no address: give --url or CRM_URL, or start one with `make up`")
    token = token or os.environ.get("CRM_TOKEN")
    if token:
        return SignIn(url=url, token=token)
    email, password = os.environ.get("CRM_EMAIL"), os.environ.get("CRM_PASSWORD")
    if not email and local.get("url") == url:
        email, password = local.get("email"), local.get("password")
    if not (email and password):
        raise SettingMissing("no sign-in: give --token or CRM_TOKEN, or CRM_EMAIL and CRM_PASSWORD")
    return SignIn(url=url, email=email, password=password)


def operations() -> Operations:
    """Return the ops addresses and their token. Raises SettingMissing."""
    given, token = os.environ.get("CRM_OPS_PEERS"), os.environ.get("CRM_OPS_TOKEN")
    peers = json.loads(given) if given else _local_peers(_state("ports.json"))
    token = token or _state("secrets.json").get("ops_token")
    if not peers or not token:
        raise SettingMissing("no operations port: give CRM_OPS_PEERS and CRM_OPS_TOKEN")
    return Operations(peers=peers, token=token, operator=os.environ.get("CRM_OPERATOR"))


def broker() -> Broker:
    """Return the broker's management API. Raises SettingMissing."""
    local = _state("servers.json").get("amqp_management_url")
    url = os.environ.get("CRM_AMQP_MANAGEMENT_URL") or local
    if not url:
        raise SettingMissing("no broker: give CRM_AMQP_MANAGEMENT_URL")
    vhost = os.environ.get("CRM_AMQP_VHOST") or f"crm{_state('run.json').get('suffix', '')}"
    given = os.environ.get("CRM_AMQP_PASSWORDS")
    passwords = json.loads(given) if given else _state("secrets.json").get("amqp")
    return Broker(management_url=url, vhost=vhost, passwords=passwords)


def mailbox(url: str | None = None) -> tuple[str, str | None]:
    """Return a mailbox's address, and its password if that is not in it. Raises SettingMissing."""
    url = url or _secret("CRM_IMAP_URL")
    if not url:
        raise SettingMissing("no mailbox: give imaps://user@host/folder or CRM_IMAP_URL")
    return url, _secret("CRM_IMAP_PASSWORD")


def _secret(name: str) -> str | None:
    """A setting, or what the file holds that `<name>_FILE` names. Raises SettingMissing."""
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return os.environ.get(name)
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise SettingMissing(f"{name}_FILE: {error.strerror}") from error


def _local_peers(ports: dict[str, Any]) -> dict[str, str]:
    roles = {"": "serve", ".relay": "relay", ".work": "work"}
    return {
        f"{service}{suffix}": f"http://127.0.0.1:{ports[f'{service}.{role}']}"
        for service in SERVICES
        for suffix, role in roles.items()
        if f"{service}.{role}" in ports
    }


def home() -> Path | None:
    """Return the folder of the local run: CRM_HOME, else the nearest `.local` that has one."""
    given, here = os.environ.get("CRM_HOME"), Path.cwd()
    folders = [Path(given)] if given else [each / ".local" for each in (here, *here.parents)]
    return next((folder for folder in folders if (folder / "admin.json").exists()), None)


def _state(name: str) -> dict[str, Any]:
    """Return a file of the local run, empty when there is none."""
    folder = home()
    if folder is None or not (folder / name).exists():
        return {}
    found = json.loads((folder / name).read_text())
    return found if isinstance(found, dict) else {}
