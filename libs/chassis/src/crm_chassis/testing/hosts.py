"""Virtual hosts of a test: the whole topology of the platform, away from everybody else's."""

import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from crm_chassis.testing.roles import SERVICES
from crm_chassis.testing.servers import Servers, with_path


@dataclass(frozen=True, slots=True)
class Vhost:
    """A virtual host with the whole topology; `url` is an administrator's, with the host."""

    name: str
    url: str
    management_url: str

    def url_of(self, service: str) -> str:
        """Return the address of a service's own user, with that service's permissions only."""
        parts = urlsplit(self.url)
        place = f"{service}:{service}@{parts.hostname}:{parts.port}"
        return urlunsplit(parts._replace(netloc=place))

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Call the management API; `{vhost}` in `path` is this host."""
        return manage(self.management_url, method, path.replace("{vhost}", self.name), body)


def fresh(servers: Servers) -> Vhost:
    """Return a new virtual host with exchanges, users, permissions and policies."""
    from crm_chassis.broker import definitions

    name = f"test-{uuid.uuid4().hex[:12]}"
    host = Vhost(name, with_path(servers.amqp_url, name), servers.management_url)
    everything = dict.fromkeys(("configure", "write", "read"), ".*")
    host.ask("PUT", "/vhosts/{vhost}", {})
    host.ask("PUT", f"/permissions/{{vhost}}/{urlsplit(host.url).username}", everything)
    passwords = {service: service for service in SERVICES}
    host.ask("POST", "/definitions", definitions(SERVICES, vhost=name, passwords=passwords))
    return host


def manage(management_url: str, method: str, path: str, body: object = None) -> Any:
    """Call the management API; raises RuntimeError with its answer when it refuses."""
    import urllib3

    parts = urlsplit(management_url)
    sign_in = urllib3.make_headers(basic_auth=f"{parts.username}:{parts.password}")
    url = f"{parts.scheme}://{parts.hostname}:{parts.port}/api{path}"
    payload = None if body is None else json.dumps(body)
    headers = {**sign_in, "Content-Type": "application/json"}
    answer = urllib3.request(method, url, body=payload, headers=headers, retries=3, timeout=20)
    if answer.status >= 400:
        raise RuntimeError(f"{method} {path}: {answer.status} {answer.data.decode()}")
    return json.loads(answer.data) if answer.data else None
