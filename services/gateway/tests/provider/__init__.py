"""A real OpenID provider for tests: installed by npm once, run as a process, visited as people do."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from crm_chassis.testing import free_port, wait_until

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
CLIENT, SECRET = "rapport", "a secret of the test's client"
_FORM = re.compile(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", re.DOTALL)
_INPUT = re.compile(r"<input[^>]*>")
_NAMED = re.compile(r"\b(name|value)=\"([^\"]*)\"")


@dataclass
class Running:
    """A provider that answers; the browser of `visit` keeps its cookies."""

    issuer: str

    def tell(self, subject: str, **claims: Any) -> None:
        """Change what the provider tells of somebody."""
        httpx.put(f"{self.issuer}/accounts/{subject}", json=claims).raise_for_status()

    def visit(self, browser: httpx.Client, url: str, who: str) -> httpx.Response:
        """Follow a sign-in from `url`: as `who`, agreeing to everything, until we are back."""
        page = browser.get(url)
        for _ in range(6):
            if not str(page.url).startswith(self.issuer):
                return page
            page = self._submitted(browser, page, who)
        raise AssertionError(page.text)

    def sign_out(self, browser: httpx.Client) -> httpx.Response:
        """End the session of a browser at the provider, which tells whoever it signed in to."""
        page = browser.get(f"{self.issuer}/session/end")
        action, body = _forms(page)[0]
        given = {**_hidden(body), "logout": "yes"}
        return browser.post(urljoin(str(page.url), action), data=given)

    def _submitted(self, browser: httpx.Client, page: httpx.Response, who: str) -> httpx.Response:
        action, body = _forms(page)[0]
        given = {**_hidden(body), "login": who, "password": "any"}
        return browser.post(urljoin(str(page.url), action), data=given)


def _forms(page: httpx.Response) -> list[tuple[str, str]]:
    found = [(unescape(action), body) for action, body in _FORM.findall(page.text)]
    assert found, f"{page.status_code} {page.url}\n{page.text}"
    return found


def _hidden(body: str) -> dict[str, str]:
    inputs = [dict(_NAMED.findall(each)) for each in _INPUT.findall(body)]
    return {each["name"]: unescape(each["value"]) for each in inputs if "value" in each}


@contextmanager
def running(redirect_uri: str, logout_uri: str, **accounts: Any) -> Iterator[Running]:
    """Run a provider that knows our client; `accounts` by subject, `conform` as it stands."""
    port = free_port()
    given = {
        "port": port,
        "conform": accounts.pop("conform", True),
        "accounts": accounts,
        "client": {
            "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [redirect_uri],
            "backchannel_logout_uri": logout_uri, "scope": "openid email profile groups",
        },
    }  # fmt: skip
    node, folder = _installed()
    words = [node, "provider.mjs", json.dumps(given)]
    log = (folder / f"provider-{port}.log").open("w+")
    process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log)
    found = Running(f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: _answers(found, process), 60, what="the provider")
        yield found
    finally:
        process.kill()
        process.wait()
        log.close()


def _answers(found: Running, process: Any) -> bool:
    assert process.poll() is None, "the provider ended: see its log in .local/provider"
    try:
        httpx.get(f"{found.issuer}/.well-known/openid-configuration").raise_for_status()
    except httpx.HTTPError:
        return False
    return True


def _installed() -> tuple[str, Path]:
    """Return node and the folder that holds the provider, fetched by npm when its lock changed."""
    sys.path.insert(0, str(ROOT / "deploy" / "local"))
    from rapport import assets
    from rapport.home import locked

    npm, folder = assets.npm(), ROOT / ".local" / "provider"
    files = ["package.json", "package-lock.json"]
    wanted = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in files)).hexdigest()
    stamp = folder / ".lock"
    path = f"{assets.node_folder()}:{os.environ['PATH']}"
    with locked(ROOT / ".local" / "provider.lock"):
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for name in files:
                shutil.copy(HERE / name, folder / name)
            words = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(words, cwd=folder, env={**os.environ, "PATH": path}, check=True)
            stamp.write_text(wanted)
        shutil.copy(HERE / "provider.mjs", folder / "provider.mjs")
    node = shutil.which("node", path=path)
    assert node, "npm without node"
    return node, folder
