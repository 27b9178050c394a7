"""The links of a platform through our proxy: what each role is told instead of the real addresses."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from tests.running import ROOT

_SINGLE = {"CRM_DATABASE_URL": "postgres", "CRM_AMQP_URL": "amqp", "CRM_SMTP_URL": "smtp"}
_MANY = {"CRM_SERVICES": "http", "CRM_PEERS": "ops"}


class Links:
    """The proxy's process and its orders; a link is named `<who>.<what>`, `*` is all of them."""

    def __init__(self, targets: Mapping[str, tuple[str, int]]) -> None:
        words = [sys.executable, "-m", "tests.chaos.proxy", json.dumps(targets)]
        self._process = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._lock = threading.Lock()
        self.ports: dict[str, int] = json.loads(self._said())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()
        self._process.wait(timeout=10)
        if self._process.stdout:
            self._process.stdout.close()

    def become(self, link: str, mode: str, value: float = 0) -> None:
        """Put a link into a mode of the proxy."""
        order = json.dumps({"link": link, "mode": mode, "value": value})
        with self._lock:
            assert self._process.stdin
            self._process.stdin.write(order + "\n")
            self._process.stdin.flush()
            assert self._said() == "ok\n"

    def named(self, *kinds: str) -> list[str]:
        """Return the links whose name ends in one of `kinds`."""
        return sorted(name for name in self.ports if name.rpartition(".")[2] in kinds)

    def through(self, service: str, env: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a role with every address led through its link."""
        found = dict(env)
        for name, kind in _SINGLE.items():
            if name in found:
                found[name] = _led(found[name], self.ports[f"{service}.{kind}"])
        for name, kind in _MANY.items():
            if name in found:
                led = {
                    peer: _led(url, self.ports[f"{peer}.{kind}"])
                    for peer, url in json.loads(found[name]).items()
                }
                found[name] = json.dumps(led)
        return found

    def _said(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


def targets(environments: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, tuple[str, int]]:
    """Return link name -> (host, port) for the environments of (service, role)s."""
    found: dict[str, tuple[str, int]] = {}
    for service, env in environments:
        for name, kind in _SINGLE.items():
            if name in env:
                found[f"{service}.{kind}"] = _place(env[name])
        for name, kind in _MANY.items():
            for peer, url in json.loads(env.get(name, "{}")).items():
                found[f"{peer}.{kind}"] = _place(url)
    return found


def _place(url: str) -> tuple[str, int]:
    parts: Any = urlsplit(url)
    return parts.hostname, parts.port


def _led(url: str, port: int) -> str:
    parts = urlsplit(url)
    sign_in, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{sign_in}{at}127.0.0.1:{port}"))
