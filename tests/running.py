"""A running platform as tests see it: its API, its databases, its processes."""

import json
import mailbox
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from crm_chassis.testing import wait_until
from crm_client import Client, settings
from crm_client.operations import Ops

ROOT = Path(__file__).resolve().parents[1]
UP = ROOT / "deploy" / "local" / "up.py"
SERVICES = settings.SERVICES
ROLES = ("serve", "relay", "work")


@contextmanager
def up(home: Path, *more: str, volatile: bool = True) -> Iterator[None]:
    """Run a platform of its own, with its own servers, for as long as the body takes.

    A volatile one forgets its last commits when its database is restarted without ceremony.
    """
    names = ("CRM_PG_URL", "CRM_AMQP_URL", "CRM_AMQP_MANAGEMENT_URL")
    env = {name: value for name, value in os.environ.items() if name not in names}
    env |= {"CRM_OUTGOING_ALLOWED": "127.0.0.0/8"}  # receivers of webhooks are tests' own
    words = [sys.executable, str(UP), "up", "--home", str(home), *more]
    words += ["--volatile"] if volatile else []
    try:
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        yield
    finally:
        subprocess.run([sys.executable, str(UP), "down", "--home", str(home)], env=env, check=True)


class Platform:
    """Asks by the API, looks into databases, stops and kills processes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        admin = self.state("admin.json")
        self.url = admin["url"]
        self.email, self.password = admin["email"], admin["password"]
        self.api = Client(self.url, email=self.email, password=self.password)
        ports = self.state("ports.json")
        address = "http://127.0.0.1:{}".format
        peers = {name: address(ports[f"{name}.serve"]) for name in SERVICES}
        peers |= {f"{name}.work": address(ports[f"{name}.work"]) for name in SERVICES}
        token = self.state("secrets.json")["ops_token"]
        self.ports = ports
        self.ops = Ops(settings.Operations(peers=peers, token=token))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.api.close()
        self.ops.close()

    def once(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask once, without the client's retries."""
        headers = {"Authorization": f"Bearer {self.api.token()}", **options.pop("headers", {})}
        return httpx.request(
            method, self.url + path, headers=headers, timeout=30, trust_env=False, **options
        )

    def contact(self, **fields: Any) -> dict[str, Any]:
        """Create a contact nobody else has."""
        name = f"flow{uuid.uuid4().hex[:10]}"
        body = {"first_name": "Flow", "last_name": name, "emails": [{"value": f"{name}@f.example"}]}
        return dict(self.api.post("/v1/contacts", body | fields))

    def deal(self, contact: dict[str, Any], **fields: Any) -> dict[str, Any]:
        body = {"name": f"Deal of {contact['name']}", "primary_contact_id": contact["id"]}
        return dict(self.api.post("/v1/deals", body | fields))

    def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        return list(self.api.pages(path, **params))

    def customer(self, customer_id: str, **params: Any) -> dict[str, Any]:
        """Return the customer view, {} while there is none."""
        answer = self.once("GET", f"/v1/customers/{customer_id}", params=params)
        return answer.json() if answer.status_code == 200 else {}

    def section(self, customer_id: str, service: str, name: str) -> list[dict[str, Any]]:
        found = self.customer(customer_id)
        return found["sections"][service]["data"][name] if found else []

    def row(self, service: str, table: str, record_id: str) -> dict[str, Any]:
        """Return a row of a service's own database, {} when there is none."""
        with self.database(service) as connection:
            cursor = connection.execute(f"select * from {table} where id = %s", (record_id,))
            found = cursor.fetchone()
            names = [column.name for column in cursor.description or ()]
        return dict(zip(names, found, strict=True)) if found else {}

    @property
    def server_url(self) -> str:
        """The administrator's address of the PostgreSQL server."""
        return str(self.state("servers.json")["pg_url"])

    def database(self, service: str | None) -> psycopg.Connection[Any]:
        url = urlsplit(self.server_url)
        suffix = self.state("run.json").get("suffix", "")
        name = f"/crm_{service}{suffix}" if service else "/postgres"
        return psycopg.connect(urlunsplit(url._replace(path=name)), autocommit=True)

    def broker(self, method: str, path: str, body: Any = None) -> Any:
        """Call the management API; `{vhost}` is the platform's."""
        url = httpx.URL(self.state("servers.json")["amqp_management_url"])
        vhost = f"crm{self.state('run.json').get('suffix', '')}"
        base = url.copy_with(username=None, password=None, path="/api" + path.format(vhost=vhost))
        sign_in = (url.username, url.password)
        answer = httpx.request(method, base, json=body, auth=sign_in, timeout=30, trust_env=False)
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else None

    def queues(self, service: str) -> list[str]:
        names = [queue["name"] for queue in self.broker("GET", "/queues/{vhost}")]
        return [name for name in names if name.startswith(f"{service}.")]

    def stop(self, *programs: str) -> None:
        self.control("stop", *programs)

    def start(self, *programs: str) -> None:
        self.control("start", *programs)

    def kill(self, program: str) -> None:
        """End a process as a crash would; the supervisor starts it anew."""
        number = int(self.control("pid", program))
        if number:
            os.kill(number, signal.SIGKILL)

    def roles(self, service: str) -> list[str]:
        return [f"roles:{service}-{role}" for role in ROLES]

    def heal(self) -> None:
        """Start what a test stopped; return when every role is ready."""
        self.control("start", "servers:*", "roles:*")
        wait_until(lambda: not self.unready(), timeout=90, what="every role ready")

    def unready(self) -> list[str]:
        return [f"{s}.{role}" for s in SERVICES for role in ROLES if not self._is_ready(s, role)]

    def _is_ready(self, service: str, role: str) -> bool:
        url = f"http://127.0.0.1:{self.ports[f'{service}.{role}']}/readyz"
        try:
            return httpx.get(url, timeout=5, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def migrate(self) -> None:
        words = [sys.executable, str(UP), "migrate", "--home", str(self.home)]
        subprocess.run(words, check=True, capture_output=True)

    def crm(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command line against this platform."""
        program = Path(sys.executable).with_name("crm")
        env = {**os.environ, "CRM_HOME": str(self.home)}
        return subprocess.run(
            [program, *words], env=env, capture_output=True, text=True, check=False
        )

    def is_quiet(self) -> bool:
        """Say whether every fact has been told and every queue is empty."""
        told = all(self.ops.get(name, "/internal/status")["outbox_depth"] == 0 for name in SERVICES)
        waiting = [q for q in self.broker("GET", "/queues/{vhost}") if q.get("messages")]
        return told and not waiting

    def differences(self, *services: str) -> int:
        """Return how many copies and documents are wrong, -1 while that cannot be said."""
        printed = self.crm("verify", *services, "--json").stdout
        if not printed:
            return -1
        found = json.loads(printed)
        if found["differences"]:
            print(printed)
        return int(found["differences"])

    def parked(self) -> list[dict[str, Any]]:
        return [i for name in SERVICES for i in self.ops.get(name, "/internal/parked")["items"]]

    def mails(self) -> Counter[str]:
        """Return how often each message of marketing was mailed."""
        box = mailbox.Maildir(self.home / "mail", create=False)
        return Counter(str(mail["X-CRM-Message"]) for mail in box if mail["X-CRM-Message"])

    def letters(self, to: str) -> list[str]:
        """Return the plain text of each mail that one of us got."""
        box = mailbox.Maildir(self.home / "mail", create=False)
        ours = (message_from_bytes(mail.as_bytes(), policy=default) for mail in box)
        bodies = (mail.get_body(("plain",)) for mail in ours if to in str(mail["To"]))
        return [str(body.get_content()) for body in bodies if body is not None]

    def control(self, *words: str) -> str:
        conf = str(self.home / "supervisord.conf")
        program = Path(sys.executable).with_name("supervisorctl")
        done = subprocess.run(
            [program, "-c", conf, *words], capture_output=True, text=True, check=False, cwd="/"
        )
        return done.stdout.strip()

    def state(self, name: str) -> dict[str, Any]:
        file = self.home / name
        return dict(json.loads(file.read_text())) if file.exists() else {}
