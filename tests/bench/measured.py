"""One server, the requests it is measured with, and what it used to answer them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tests.bench.load import Load, burst
from tests.bench.serving import Server


@dataclass(kw_only=True)
class Measured:
    """Called, it sends requests for so long and returns answers per second."""

    server: Server
    requests: Callable[[], Iterable[bytes]]
    seconds: float = 3.0
    status: str = "200"
    connections: int = 8
    loads: list[Load] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        """Measure once; the burst and its CPU milliseconds per answer are kept."""
        asked = list(self.requests())
        before = self.server.cpu_seconds()
        load = burst(self.server.address, asked, seconds=self.seconds, connections=self.connections)
        assert set(load.statuses) == {self.status}, load.statuses
        self.loads.append(load)
        self.cpu.append((self.server.cpu_seconds() - before) * 1000 / (load.rate * self.seconds))
        return load.rate

    @property
    def p99(self) -> list[float]:
        """Return the 99th percentiles of the rounds that count, milliseconds."""
        return [load.p99 for load in self.loads[1:]]


def detail(parts: Mapping[str, Measured]) -> str:
    """Return rate and CPU of every part, of its last round."""
    return ", ".join(
        f"{name} {part.loads[-1].rate:.0f}/s {part.cpu[-1]:.2f} ms CPU p99 {part.loads[-1].p99:.1f} ms"
        for name, part in parts.items()
    )
