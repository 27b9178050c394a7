"""A private RabbitMQ node with its own name service, both on ports of the home."""

import base64
import json
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from .command import wait_until
from .failure import Failure
from .home import Home, write_private
from .programs import Program
from .rabbitmq_packages import ADVICE, Binaries

ALL = ("configure", "write", "read")
PLUGINS = "[rabbitmq_management].\n"
# Tests wait for queues to be empty: how many messages there are is told every second, not every five.
COUNTED_OFTEN = " -rabbit quorum_tick_interval 1000 -rabbit collect_statistics_interval 1000"


def programs(
    home: Home,
    binaries: Binaries,
    secrets: dict[str, Any],
    ports: dict[str, int],
    *,
    volatile: bool,
) -> list[Program]:
    """Return epmd (in the foreground: elsewhere it outlives everything) and the node."""
    folder = home.path / "rabbitmq"
    folder.mkdir(exist_ok=True)
    write_private(folder / "rabbitmq.conf", settings(secrets, ports))
    (folder / "enabled_plugins").write_text(PLUGINS)
    (folder / "rabbitmq-env.conf").touch()
    env = environment(folder, binaries, ports)
    if volatile:
        env["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] += COUNTED_OFTEN
    epmd: list[str | Path] = [
        binaries.erlang / "epmd",
        "-port",
        str(ports["epmd"]),
        "-address",
        "127.0.0.1",
    ]
    node = [binaries.scripts / "rabbitmq-server"]
    return [
        Program(name="epmd", command=epmd, env=env, folder=folder),
        Program(name="rabbitmq", command=node, env=env, folder=folder, stop_seconds=40),
    ]


def settings(secrets: dict[str, Any], ports: dict[str, int]) -> str:
    return f"""listeners.tcp.local = 127.0.0.1:{ports["amqp"]}
management.tcp.ip = 127.0.0.1
management.tcp.port = {ports["management"]}
management_agent.disable_metrics_collector = false
default_user = admin
default_pass = {secrets["admin_amqp"]}
default_user_tags.administrator = true
loopback_users.admin = true
cluster_name = rapport
disk_free_limit.absolute = 200MB
vm_memory_high_watermark.absolute = 1GB
raft.wal_max_size_bytes = 67108864
log.console = true
log.console.level = info
log.file = false
"""


def environment(folder: Path, binaries: Binaries, ports: dict[str, int]) -> dict[str, str]:
    """Everything of the node's own: a second node on the machine does not notice it."""
    env = {
        "PATH": binaries.path,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": "rapport@localhost",
        "RABBITMQ_NODE_PORT": str(ports["amqp"]),
        "RABBITMQ_DIST_PORT": str(ports["dist"]),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RUNNING_UNDER_SYSTEMD": "1",  # no wrapper in between: signals reach the node itself
    }
    if binaries.libraries is not None:
        env["LD_LIBRARY_PATH"] = str(binaries.libraries)
    return env


def urls(secrets: dict[str, Any], ports: dict[str, int]) -> tuple[str, str]:
    """Return the administrator's AMQP address (without vhost) and the management address."""
    sign_in = f"admin:{secrets['admin_amqp']}@127.0.0.1"
    return f"amqp://{sign_in}:{ports['amqp']}", f"http://{sign_in}:{ports['management']}"


def ask(management: str, method: str, path: str, body: object = None) -> Any:
    """Call the management API; raises OSError (HTTPError included) when it cannot."""
    parts = urlsplit(management)
    request = urllib.request.Request(
        f"{parts.scheme}://{parts.hostname}:{parts.port}/api{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
    )
    sign_in = unquote(f"{parts.username}:{parts.password}").encode()
    request.add_header("Authorization", "Basic " + base64.b64encode(sign_in).decode())
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def wait(management: str) -> None:
    """Wait until the node answers its administrator."""

    def answers() -> bool:
        try:
            ask(management, "GET", "/overview")
        except OSError:
            return False
        return True

    if not wait_until(answers, seconds=90):
        raise Failure("RabbitMQ does not answer (.local/logs/rabbitmq.log)", ADVICE)


def ensure_vhost(management: str, vhost: str, users: dict[str, str]) -> None:
    """Make the virtual host and the service users, each confined to names of its own."""
    name = quote(vhost, safe="")
    ask(management, "PUT", f"/vhosts/{name}", {})
    admin = urlsplit(management).username
    for user, password in users.items():
        ask(management, "PUT", f"/users/{user}", {"password": password, "tags": ""})
        ask(management, "PUT", f"/permissions/{name}/{user}", permissions(user))
    ask(management, "PUT", f"/permissions/{name}/{admin}", dict.fromkeys(ALL, ".*"))


def permissions(service: str) -> dict[str, str]:
    own = rf"^{service}\..*"
    return {"configure": own, "write": own, "read": rf"^({service}\..*|[a-z]+\.(events|bulk))$"}
