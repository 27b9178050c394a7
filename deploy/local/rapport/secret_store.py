"""Passwords and keys of one home: made once, kept in secrets.json, readable by the owner only."""

import json
import secrets
from typing import Any

from .command import run
from .home import PYTHON, SERVICES, Home

MAKE_KEYS = """
import json, sys
from joserfc.jwk import OKPKey
keys = {}
for issuer in sys.argv[1:]:
    key = OKPKey.generate_key("Ed25519", {"kid": issuer, "use": "sig"})
    keys[issuer] = {"private": key.as_dict(private=True), "public": key.as_dict(private=False)}
print(json.dumps(keys))
"""


def ensure(home: Home) -> dict[str, Any]:
    """Return the home's secrets, adding what is missing; nothing starts before they are saved."""
    content = home.read("secrets.json")
    content.setdefault("id", secrets.token_hex(4))
    for name in ("postgres", "admin_amqp", "ops_token", "session", "admin_sign_in"):
        content.setdefault(name, secrets.token_urlsafe(24))
    for kind in ("database", "amqp"):
        known = content.setdefault(kind, {})
        for service in SERVICES:
            known.setdefault(service, secrets.token_urlsafe(24))
    home.write("secrets.json", content)
    return content


def ensure_keys(home: Home) -> dict[str, Any]:
    """Return the secrets with an Ed25519 key pair per service; needs the virtualenv."""
    content = ensure(home)
    keys = content.setdefault("keys", {})
    missing = [service for service in SERVICES if service not in keys]
    if missing:
        advice = "repeat `make up`; if it stays, remove .local/venv"
        printed = run([PYTHON, "-c", MAKE_KEYS, *missing], log=None, advice=advice)
        keys.update(json.loads(printed))
        home.write("secrets.json", content)
    return content
