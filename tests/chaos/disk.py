"""A small file system of our own under the database, so that it can be filled."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SIZE = "2500m"  # of memory, as far as it is used: a full run writes more than 800 MB


@contextmanager
def own_disk(home: Path) -> Iterator[Path | str]:
    """Mount it where the database of `home` is going to be; yield the place, or why there is none."""
    if os.getuid():
        yield "mounting needs root"
        return
    from rapport import postgres, secret_store
    from rapport.home import Home

    ours = Home(home)
    ours.create()
    place = postgres.root_of(ours, secret_store.ensure(ours)["id"])
    words = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=755", "tmpfs", str(place)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"mounting is not allowed here: {done.stderr.strip()}"
        return
    try:
        yield Path(place)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)
