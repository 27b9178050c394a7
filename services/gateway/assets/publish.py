#!/usr/bin/env python3
"""Copy what the console loads under names that hold a hash: publish.py node_modules target."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

# Logical name -> file inside node_modules; what follows is all the console loads of others.
FILES = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.js": "@tabler/core/dist/js/tabler.min.js",
    "sortable.js": "sortablejs/Sortable.min.js",
}


def main(modules: Path, target: Path) -> None:
    """Fill a fresh folder, its manifest last, and put it in the old one's place."""
    fresh = target.with_name(f"{target.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    manifest = {}
    for logical, place in FILES.items():
        content = without_map((modules / place).read_bytes())
        stem, _, ending = logical.rpartition(".")
        manifest[logical] = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
        (fresh / manifest[logical]).write_bytes(content)
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    shutil.rmtree(target, ignore_errors=True)
    fresh.replace(target)


def without_map(content: bytes) -> bytes:
    """Cut the last line's pointer to a source map, which is not copied."""
    for mark in (b"\n//# sourceMappingURL=", b"\n/*# sourceMappingURL="):
        head, found, _ = content.rpartition(mark)
        if found:
            return head + b"\n"
    return content


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
