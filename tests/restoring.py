"""A service's database saved to a dump and brought back from it, as deploy/runbooks/restore.md says."""

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from tests.running import ROOT, Platform


def backup(platform: Platform, service: str, file: Path) -> Path:
    """Save a service's database; return the dump."""
    _run(platform, service, "pg_dump", "--format=custom", f"--file={file}")
    return file


def restore(platform: Platform, service: str, dump: Path) -> None:
    """Empty the database and fill it from the dump; its roles must not run."""
    with platform.database(service) as connection:
        owner = connection.execute("select tableowner from pg_tables where tablename = 'outbox'")
        (role,) = owner.fetchone() or ("",)
        connection.execute("drop schema public cascade")
        connection.execute(f'create schema public authorization "{role}"'.encode())
    _run(platform, service, "pg_restore", "--exit-on-error", "--no-comments", str(dump))


def _run(platform: Platform, service: str, program: str, *words: str) -> None:
    found = sorted(ROOT.glob(f".local/venv/lib/python3*/site-packages/*/pginstall/bin/{program}"))
    found += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    with platform.database(service) as connection:
        url = urlsplit(platform.server_url)
        env = {
            "PGHOST": str(url.hostname), "PGPORT": str(url.port), "PGUSER": str(url.username),
            "PGPASSWORD": str(url.password), "PGDATABASE": connection.info.dbname,
        }  # fmt: skip
    target = ["--dbname", env["PGDATABASE"]] if program == "pg_restore" else []
    done = subprocess.run(
        [found[0], *target, *words], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
