"""The environment of a role under test."""

import functools
import json
import os
from typing import Any

from crm_chassis.testing.waiting import free_port

SERVICES = ("contacts", "sales", "marketing", "support", "gateway")
OPS_TOKEN = "test-ops-token"  # noqa: S105 - opens nothing but a test's own process


@functools.cache
def keys(issuer: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the private and the public Ed25519 JWK of a service, made once per process."""
    from joserfc.jwk import OKPKey

    key = OKPKey.generate_key("Ed25519", {"kid": issuer, "use": "sig"})
    return dict(key.as_dict(private=True)), dict(key.as_dict(private=False))


def environment(service: str, database_url: str, amqp_url: str, **more: str) -> dict[str, str]:
    """Return a role's environment: valid settings, keys of this process, two free ports."""
    port = free_port()
    peers = dict.fromkeys(SERVICES, "http://127.0.0.1:9")
    ours = {
        "CRM_DATABASE_URL": database_url,
        "CRM_AMQP_URL": amqp_url,
        "CRM_HTTP_PORT": str(port),
        "CRM_OPS_PORT": str(free_port()),
        "CRM_OPS_TOKEN": OPS_TOKEN,
        "CRM_TOKEN_KEYS": json.dumps({"keys": [keys(name)[1] for name in SERVICES]}),
        "CRM_SIGNING_KEY": json.dumps(keys(service)[0]),
        "CRM_PEERS": json.dumps(peers),
        "CRM_DRAIN_SECONDS": "0",
        "CRM_SERVICES": json.dumps({k: v for k, v in peers.items() if k != "gateway"}),
        "CRM_ADMIN_EMAIL": "admin@example.com",
        "CRM_ADMIN_PASSWORD": "test-admin-password",
        "CRM_SESSION_SECRET": "test-session-secret-of-32-letters",
        "CRM_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CRM_SMTP_URL": "smtp://127.0.0.1:9",
        "CRM_MAIL_FROM": "crm@example.com",
    }
    foreign = {k: v for k, v in os.environ.items() if not k.startswith("CRM_")}
    return {**foreign, **ours, **more}
