"""A service's database as it was minutes ago, and what an operator does about it."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests import restoring
from tests.chaos import losses
from tests.chaos.faults import Fault
from tests.chaos.stage import SERVICES, Stage

from crm_chassis.testing import wait_until

WAIT_SECONDS = 150
_IN_DOUBT = "select count(*) from message where status in ('queued', 'sending')"


def restore(stage: Stage, service: str) -> None:
    """Bring a service back from the backup of the run's beginning; others keep what they know."""
    with stage.peace():
        began = time.monotonic()
        _bring_back(stage, service)
        stage.losses.spans.append((service, began, time.monotonic()))


def _bring_back(stage: Stage, service: str) -> None:
    dump, platform = stage.backup_of(service), stage.platform
    for kind in ("serve", "work", "relay"):
        stage.keeper.stop(f"{service}-{kind}")
    with platform.database(service) as own:
        before = losses.told(own)
    restoring.restore(platform, service, dump)
    with platform.database(service) as own:
        stage.losses.note(before, losses.told(own))
        if service == "marketing":
            stage.losses.in_doubt += (own.execute(_IN_DOUBT).fetchone() or (0,))[0]
    for kind in ("serve", "relay"):
        stage.keeper.start(f"{service}-{kind}")
    wait_until(lambda: f"{service}-serve" not in stage.keeper.unready(), timeout=60)
    with ThreadPoolExecutor(1) as pool:
        bump = pool.submit(
            platform.crm, "restore-bump", service, "--json", "--wait", str(WAIT_SECONDS)
        )
        # Only then: what was due in the backup may have gone out since.
        wait_until(lambda: bump.done() or _has_begun(stage, service), timeout=60)
        stage.keeper.start(f"{service}-work")
        done = bump.result()
    assert done.returncode == 0, f"restore-bump {service}: {done.stdout} {done.stderr}"


def _has_begun(stage: Stage, service: str) -> bool:
    with stage.platform.database(service) as own:
        return own.execute("select from restoration limit 1").fetchone() is not None


FAULTS = (
    Fault("database.brought_back", restore, SERVICES[:4], touches_reads=True, cost_seconds=25),
)
