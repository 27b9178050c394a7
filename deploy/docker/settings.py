"""Make every password and key of a composed platform once: `python settings.py /run/settings`.

One file per setting, read by the roles through `NAME_FILE`; a file that exists is left alone.
"""

import base64
import hashlib
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from crm_chassis.broker import definitions

SERVICES = ("contacts", "sales", "marketing", "support", "gateway")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("postgres_password", "rabbitmq_password", "ops_token", "session_secret"):
        once(folder / name, secrets.token_urlsafe(24))
    password = once(folder / "admin_password", secrets.token_urlsafe(18))
    keys = [service_settings(folder / service, service) for service in SERVICES]
    once(folder / "token_keys", json.dumps({"keys": keys}))
    write_definitions(folder)
    os.chown("/var/lib/rapport", 10001, 10001)
    print(f"sign in at http://localhost:8080 as admin@rapport.example with {password}")


def once(file: Path, text: str) -> str:
    """Write a file unless it is there; return what it holds."""
    if not file.exists():
        file.write_text(text)
    return file.read_text()


def service_settings(folder: Path, service: str) -> dict[str, Any]:
    """Write one service's own settings and return its public key."""
    folder.mkdir(exist_ok=True)
    database = once(folder / "database_password", secrets.token_urlsafe(24))
    broker = once(folder / "amqp_password", secrets.token_urlsafe(24))
    name = f"crm_{service}"
    once(folder / "database_url", f"postgresql://{name}:{database}@postgres:5432/{name}")
    once(folder / "amqp_url", f"amqp://{service}:{broker}@rabbitmq:5672/crm")
    fresh = OKPKey.generate_key("Ed25519", {"kid": service, "use": "sig"}).as_dict(private=True)
    key = OKPKey.import_key(json.loads(once(folder / "signing_key", json.dumps(fresh))))
    return {**key.as_dict(private=False), "kid": service, "use": "sig"}


def write_definitions(folder: Path) -> None:
    """Write what the broker loads at its start, with an administrator for `crm topology`."""
    passwords = {s: (folder / s / "amqp_password").read_text() for s in SERVICES}
    document = definitions(SERVICES, vhost="crm", passwords=passwords)
    password = (folder / "rabbitmq_password").read_text()
    document["users"].append(administrator(password))
    everything = dict.fromkeys(("configure", "write", "read"), ".*")
    document["permissions"].append({"user": "admin", "vhost": "crm", **everything})
    (folder / "definitions.json").write_text(json.dumps(document, indent=2))


def administrator(password: str) -> dict[str, Any]:
    salt = secrets.token_bytes(4)
    digest = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    kind = {"hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ["administrator"]}
    return {"name": "admin", "password_hash": digest, **kind}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
