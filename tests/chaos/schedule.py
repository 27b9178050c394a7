"""The order of a run, drawn from its seed: which fault, with which argument, when to check."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from tests.chaos.faults import Fault

SHORT_SECONDS = 60.0
CHECK_EVERY = 12
BURST, MORE_BURSTS = "kill.burst", 5
# Its backup is of the run's beginning: late enough to be old, early enough that much comes after.
RESTORE, RESTORE_AT = "database.brought_back", 0.7


@dataclass(frozen=True, slots=True)
class Step:
    """One fault, or (without) a moment to check everything."""

    fault: str | None
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.fault} {self.argument}".strip() if self.fault else "check"


def draw(seed: int, faults: Mapping[str, Fault], *, is_short: bool, rounds: int = 1) -> list[Step]:
    """Return the steps of a run, with a check after every twelve and at the end.

    A full run has every fault once per round; a short one at least one of each room (the word
    before the dot), and as many more as its time allows.
    """
    dice = random.Random(seed)
    names: list[str] = []
    for _ in range(rounds):
        names += _some(dice, faults) if is_short else _all(dice, faults)
    if RESTORE in names:
        names = [name for name in names if name != RESTORE]
        names.insert(round(RESTORE_AT * len(names)), RESTORE)
    steps = []
    for number, name in enumerate(names, 1):
        steps.append(Step(name, dice.choice(faults[name].arguments)))
        if number % CHECK_EVERY == 0 or number == len(names):
            steps.append(Step(None))
    return steps


def _all(dice: random.Random, faults: Mapping[str, Fault]) -> list[str]:
    """Return every fault once; crash points come first, for a run whose time is over leaves out the rest."""
    names = dice.sample(sorted(faults), len(faults))
    return sorted(names, key=lambda name: not name.startswith("crash."))


def _some(dice: random.Random, faults: Mapping[str, Fault]) -> list[str]:
    names = sorted(name for name, fault in faults.items() if fault.is_in_short_run)
    dice.shuffle(names)
    first = {name.partition(".")[0]: name for name in reversed(names)}
    chosen = list(first.values())
    left = SHORT_SECONDS - sum(faults[name].cost_seconds for name in chosen)
    for name in names:
        if name not in chosen and faults[name].cost_seconds <= left:
            chosen.append(name)
            left -= faults[name].cost_seconds
    chosen += [BURST] * (MORE_BURSTS if BURST in faults else 0)
    dice.shuffle(chosen)
    return chosen
