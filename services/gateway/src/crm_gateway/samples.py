"""Folders in which the processes of `serve` share what they measured; the dead leave theirs behind."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "crm-metrics-"
_NAMED = re.compile(rf"{_PREFIX}(\d+)-")


@contextmanager
def folder() -> Iterator[str]:
    """Make a folder that names this process, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as made:
        yield made


def forget_dead() -> list[str]:
    """Remove the folders of our processes that are gone; return their names.

    To be called before this one makes its own: in a container each has the number 1. Where another
    program has taken a number, the folder stays until that is gone too.
    """
    gone = [each for each in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _is_left(each)]
    for each in gone:
        shutil.rmtree(each, ignore_errors=True)
    return [each.name for each in gone]


def _is_left(path: Path) -> bool:
    named = _NAMED.match(path.name)
    try:
        if named is None or path.stat().st_uid != os.getuid():
            return False
        if int(named[1]) != os.getpid():
            os.kill(int(named[1]), 0)
            return False
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return True
