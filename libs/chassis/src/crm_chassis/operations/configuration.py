"""What a service was told by its deployment, as far as others must agree with it; no secret."""

import json
from typing import Any

from joserfc.jwk import OKPKey

from crm_chassis.settings import Deployment


def configuration(deployment: Deployment) -> dict[str, Any]:
    """Return fingerprints of the own key and of those accepted, the peers known, and the budgets."""
    accepted = json.loads(deployment.token_keys)["keys"]
    return {
        "key": _fingerprint(json.loads(deployment.signing_key)),
        "accepted_keys": [_fingerprint(each) for each in accepted],
        "peers": sorted(deployment.peers),
        "drain_seconds": deployment.drain_seconds,
        "threads": deployment.threads,
    }


def _fingerprint(key: dict[str, Any]) -> str:
    found = OKPKey.import_key(key)
    return f"{found.kid} {found.thumbprint()}"
