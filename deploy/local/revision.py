#!/usr/bin/env python3
"""Write an empty migration on top of a service's head: revision.py sales "add product"."""

import re
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TEXT = '''"""{title}."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down!r}


def upgrade() -> None:
    """Old code must run on the new schema: expand now, contract in a later release."""


def downgrade() -> None:
    """Undo `upgrade`."""
'''


def main(service: str, message: str) -> int:
    folder = REPOSITORY / "services" / service / "migrations" / "versions"
    if not folder.is_dir():
        print(f"there is no {folder.relative_to(REPOSITORY)}")
        return 2
    heads = find_heads(folder)
    if len(heads) > 1:
        print(f"two heads: {', '.join(heads)}; let one follow the other first")
        return 1
    revision = time.strftime("%Y%m%d%H%M", time.gmtime())
    name = "_".join(re.findall(r"[a-z0-9]+", message.lower()))
    stamp = time.strftime("%Y-%m-%d-%H%M", time.gmtime())
    file = folder / f"{stamp}_{name}.py"
    down = heads[0] if heads else None
    file.write_text(TEXT.format(title=message.capitalize(), revision=revision, down=down))
    print(file.relative_to(REPOSITORY))
    return 0


def find_heads(folder: Path) -> list[str]:
    """Return the revisions no other follows."""
    texts = [file.read_text() for file in folder.glob("*.py")]
    known = {
        found for text in texts for found in re.findall(r'^revision\b.*"(.+)"', text, re.MULTILINE)
    }
    followed = {
        f for text in texts for f in re.findall(r'^down_revision\b.*"(.+)"', text, re.MULTILINE)
    }
    return sorted(known - followed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
