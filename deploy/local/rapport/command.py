"""Run other programs: quietly, with a log, and with a clear failure."""

import os
import pwd
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .failure import Failure


def say(text: str) -> None:
    print(text, flush=True)


def run(
    words: Sequence[str | Path],
    *,
    log: Path | None,
    advice: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
    user: int | None = None,
    seconds: float = 900,
) -> str:
    """Run to the end and return what it printed; raises Failure with the end of its output.

    Output also goes to `log`, unless it is a secret. The working folder is the root unless told, so that a reduced user
    may enter it and no module beside a script is imported by accident.
    """
    reduced = {} if user is None else {"user": user, "group": user_group(user), "extra_groups": []}
    try:
        done = subprocess.run(
            [str(word) for word in words],
            env=dict(env if env is not None else os.environ),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
            **reduced,  # type: ignore[call-overload]
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"{Path(words[0]).name} did not run: {error}", advice) from error
    if log is not None:
        write_log(log, words, done.stdout)
    if done.returncode:
        more = f"{advice}; whole log: {log}" if log is not None else advice
        raise Failure(failed(words, done.returncode, done.stdout), more)
    return str(done.stdout)


def user_group(user: int) -> int:
    return pwd.getpwuid(user).pw_gid


def write_log(log: Path, words: Sequence[str | Path], output: str) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        file.write(f"--- {Path(words[0]).name} {time.strftime('%F %T')}\n{output}\n")


def failed(words: Sequence[str | Path], code: int, output: str) -> str:
    end = "\n    ".join(output.strip().splitlines()[-8:])
    return f"{Path(words[0]).name} ended with {code}\n    {end}"


def wait_until(is_done: Callable[[], bool], *, seconds: float) -> bool:
    """Ask every 50 ms until yes; False when the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_done():
            return True
        time.sleep(0.05)
    return is_done()


def tail(path: Path, lines: int = 8) -> str:
    """Return the end of a log, '' when there is none."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
