"""The order of a run, drawn from its seed: which fault, with which argument, when to check."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.chaos.faults import Fault


@dataclass(frozen=True, slots=True)
class Step:
    """One fault, or (without) a moment to check everything."""

    fault: str | None
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.fault} {self.argument}".strip() if self.fault else "check"


def draw(seed: int, faults: Mapping[str, Fault], *, is_short: bool, rounds: int) -> list[Step]:
    """Return every fault once per round, shuffled, with a check in the middle and at each end."""
    dice = random.Random(seed)
    wanted = sorted(name for name, f in faults.items() if f.is_in_short_run or not is_short)
    return [step for _ in range(rounds) for step in _round(dice, faults, wanted)]


def _round(dice: random.Random, faults: Mapping[str, Fault], names: list[str]) -> Iterator[Step]:
    order = dice.sample(names, len(names))
    for index, name in enumerate(order):
        yield Step(name, dice.choice(faults[name].arguments))
        if index == len(order) // 2:
            yield Step(None)
    yield Step(None)
