"""One image, the role is the command: its arguments, its exit codes, its life."""

import json
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import urllib3

from crm_chassis import roles
from crm_chassis.testing import environment, wait_until
from crm_chassis.testing.roles import SERVICES

pytestmark = pytest.mark.integration


def run(service, *words, env):
    command = [sys.executable, "-m", f"crm_{service}", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)


class TestArguments:
    @pytest.mark.parametrize(
        "words", [["serve", "work"], ["relay", "work"], ["relay", "relay"], ["dance"], []]
    )
    def test_are_one_role_or_relay_with_project(self, words, capsys):
        with pytest.raises(SystemExit) as left:
            roles.main("sales", words)

        assert left.value.code == 2
        assert "usage" in capsys.readouterr().err


class TestSettings:
    @pytest.mark.parametrize("service", SERVICES)
    def test_that_are_absent_are_all_named_with_exit_78(self, service):
        done = run(service, "check", env={"PATH": "/usr/bin"})

        named = {line.split(":")[0] for line in done.stderr.splitlines()}
        assert done.returncode == 78
        assert {"CRM_DATABASE_URL", "CRM_AMQP_URL", "CRM_OPS_TOKEN", "CRM_SIGNING_KEY"} <= named
        assert "Traceback" not in done.stderr


class TestCheck:
    def test_passes_on_a_migrated_database_and_a_broker(self, database, vhost):
        env = environment("support", database("support"), vhost().url_of("support"))

        assert run("support", "check", env=env).returncode == 0

    def test_names_what_cannot_be_reached_with_exit_1(self):
        env = environment("support", "postgresql://nobody@127.0.0.1:9/x", "amqp://127.0.0.1:9")

        done = run("support", "check", env=env)

        assert done.returncode == 1
        assert [line.split(":")[0] for line in done.stderr.splitlines() if line[0] in "db"] == [
            "database",
            "broker",
        ]

    def test_names_a_schema_that_is_not_this_releases(self, servers, vhost):
        env = environment("support", servers.pg_url, vhost().url_of("support"))

        done = run("support", "check", env=env)

        assert done.returncode == 1
        assert "schema is at None" in done.stderr


class TestMigrate:
    def test_may_be_repeated_and_run_by_several_at_once(self, servers, database):
        from crm_chassis.testing.databases import drop, execute
        from crm_chassis.testing.servers import with_path

        execute(servers.pg_url, "create database test_migrate_twice")
        url = with_path(servers.pg_url, "test_migrate_twice")
        env = environment("support", url, "amqp://127.0.0.1:9")
        words = [sys.executable, "-m", "crm_support", "migrate"]
        both = [subprocess.Popen(words, env=env, stderr=subprocess.DEVNULL) for _ in range(2)]

        codes = [each.wait(60) for each in both]

        again = run("support", "migrate", env=env).returncode
        drop(servers, url)
        assert (codes, again) == ([0, 0], 0)


def alive(processes, role, env):
    process = processes([sys.executable, "-m", "crm_support", *role], env=env)
    url = f"http://127.0.0.1:{env['CRM_OPS_PORT']}/readyz"

    def ready():
        assert process.poll() is None
        try:
            return urllib3.request("GET", url, retries=False).json().get("ready")
        except urllib3.exceptions.HTTPError:
            return False

    wait_until(ready, 30, what=f"{role} to be ready")
    return process


def listens(pid, port):
    """Say whether a process itself has the port, nobody it came after."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}")}
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            if str(each.readlink()) in ours:
                return True
    return False


class TestLife:
    @pytest.mark.parametrize("role", [["serve"], ["relay", "project"], ["work"]])
    def test_begins_ready_and_ends_by_sigterm_with_0(self, database, vhost, processes, role):
        env = environment("support", database("support"), vhost().url_of("support"))
        process = alive(processes, role, env)

        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0

    def test_of_serve_gives_its_ports_back_when_it_is_killed(self, database, vhost, processes):
        env = environment("support", database("support"), vhost().url_of("support"))
        port = int(env["CRM_HTTP_PORT"])
        process = alive(processes, ["serve"], env)
        with socket.create_connection(("127.0.0.1", port)) as unfinished:
            unfinished.sendall(b"GET /livez HTTP/1.1\r\n")  # its worker waits for the rest
            process.kill()
            process.wait()

            again = processes([sys.executable, "-m", "crm_support", "serve"], env=env)
            wait_until(lambda: again.poll() is not None or listens(again.pid, port), 30)

        assert again.poll() is None

    def test_of_serve_answers_on_both_ports(self, database, vhost, processes):
        env = environment("support", database("support"), vhost().url_of("support"))
        process = alive(processes, ["serve"], env)

        http = f"http://127.0.0.1:{env['CRM_HTTP_PORT']}"
        document = urllib3.request("GET", f"{http}/openapi.json").json()
        inside = urllib3.request("GET", f"{http}/internal/status").status
        ops = f"http://127.0.0.1:{env['CRM_OPS_PORT']}"
        closed = urllib3.request("GET", f"{ops}/internal/status").status
        token = {"Authorization": f"Bearer {env['CRM_OPS_TOKEN']}"}
        opened = urllib3.request("GET", f"{ops}/internal/status", headers=token)

        process.terminate()
        process.wait(20)
        assert "/v1/tickets" in json.dumps(document["paths"])
        assert (inside, closed, opened.status) == (404, 401, 200)
        assert opened.json()["outbox_depth"] == 0
