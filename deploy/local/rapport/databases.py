"""Databases of the services: made, then migrated unless they are known to be at the head."""

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .command import run, say
from .home import PYTHON, REPOSITORY, SERVICES, services
from .roles import Deployment, environment

PROVISION = REPOSITORY / "deploy" / "local" / "provision.py"
CONNECTIONS = 50  # five services stay under the server's 400
ADVICE = "read .local/logs/provision.log; the server must let you make roles and databases"
STATE = "migrated.json"


def provision(deployment: Deployment) -> dict[str, Any]:
    """Make a database and a role per service; return {service: {"created", "heads"}}."""
    wanted = {
        deployment.database(service): {
            "password": deployment.secrets["database"][service],
            "limit": CONNECTIONS,
        }
        for service in SERVICES
    }
    order = {"url": deployment.servers.pg_url, "databases": wanted}
    env = {**os.environ, "PROVISION": json.dumps(order)}
    log = deployment.home.logs / "provision.log"
    found = json.loads(run([PYTHON, PROVISION], log=log, advice=ADVICE, env=env))
    return {service: found[deployment.database(service)] for service in SERVICES}


def migrate(deployment: Deployment, *, always: bool = False) -> None:
    """Run the migrations of each service whose files or recorded heads are not those of last time."""
    found = provision(deployment)
    recorded = deployment.home.read(STATE)
    stale = [s for s in services() if always or recorded.get(s) != state(s, found[s]["heads"])]
    if not stale:
        say("databases: at their heads")
        return
    say(f"databases: migrating {', '.join(stale)}")
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda service: migrate_one(deployment, service), stale))
    after = provision(deployment)
    states = {service: state(service, after[service]["heads"]) for service in services()}
    deployment.home.write(STATE, states)


def migrate_one(deployment: Deployment, service: str) -> None:
    log = deployment.home.logs / f"{service}-migrate.log"
    env = {**os.environ, **environment(deployment, service, "serve")}
    words: list[str | Path] = [PYTHON, "-m", f"crm_{service}", "migrate"]
    run(words, log=log, advice="repair the migration it names, then repeat", env=env)


def state(service: str, heads: list[str]) -> dict[str, Any]:
    return {"files": files_print(service), "heads": heads}


def files_print(service: str) -> str:
    """Fingerprint of all that decides what `migrate` would do."""
    own = REPOSITORY / "services" / service
    spine = (REPOSITORY / "libs/chassis/src/crm_chassis/db").glob("*.sql")
    files = [*own.glob("migrations/**/*.py"), *own.glob("src/*/migrations/**/*.py"), *spine]
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(file.name.encode() + b"\0" + file.read_bytes())
    return total.hexdigest()[:16]
