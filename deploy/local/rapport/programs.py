"""What the supervisor runs: one program per role or server, and the file that starts it."""

import hashlib
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .home import REPOSITORY, Home, write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A process kept alive. `stop_signal` ends it in order, also when the supervisor is killed."""

    name: str
    command: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path = REPOSITORY
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 20

    def starter(self, home: Home) -> Path:
        return home.roles / f"{self.name}.sh"

    def write(self, home: Home) -> str:
        """Write the starter (its environment holds secrets: mode 600); return its fingerprint.

        A person may run it by hand: `sh .local/roles/sales-serve.sh`.
        """
        exports = [f"export {key}={shlex.quote(value)}" for key, value in sorted(self.env.items())]
        lines = ["#!/bin/sh", *exports, f"exec {shlex.join(self.words())}", ""]
        text = "\n".join(lines)
        write_private(self.starter(home), text)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def words(self) -> list[str]:
        """Ask the kernel to stop it when its supervisor dies: no role is ever left doubled."""
        setpriv = shutil.which("setpriv")
        before = [setpriv, "--pdeathsig", self.stop_signal, "--"] if setpriv else []
        return [*before, *(str(word) for word in self.command)]

    def launch(self, home: Home) -> list[str]:
        """Start by the starter; a reduced user cannot read it, so its program is started plainly."""
        if self.user is not None:
            return [f"command={shlex.join(self.words())}", f"user={self.user}"]
        starter = self.starter(home)
        mark = f'environment=CRM_STARTER="{self.write(home)}"'
        return [f"command=/bin/sh {shlex.quote(str(starter))}", mark]

    def section(self, home: Home) -> str:
        """Return the supervisor's section; the fingerprint makes it restart what changed."""
        lines = [
            f"[program:{self.name}]",
            *self.launch(home),
            f"directory={self.folder}",
            "autostart=true",
            "autorestart=true",
            "startsecs=2",
            "startretries=5",
            f"stopsignal={self.stop_signal}",
            f"stopwaitsecs={self.stop_seconds}",
            "killasgroup=true",
            "redirect_stderr=true",
            f"stdout_logfile={home.logs / self.name}.log",
            "stdout_logfile_maxbytes=20MB",
            "stdout_logfile_backups=2",
        ]
        return "\n".join(lines) + "\n"


def group_sections(home: Home, group: str, priority: int, programs: Sequence[Program]) -> str:
    """Return a group: all its programs start and stop together; a higher number stops earlier."""
    names = ",".join(program.name for program in programs)
    head = f"[group:{group}]\nprograms={names}\npriority={priority}\n"
    return "\n".join([head, *(program.section(home) for program in programs)])
