"""Break a whole platform by a schedule and say what was lost, doubled or out of date.

`python -m tests.chaos.run --short --seed 7`; the same seed draws the same schedule again.
"""

import argparse
import json
import random
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos import report, schedule
from tests.chaos.client import Client
from tests.chaos.faults import Fault, all_faults
from tests.chaos.faults.kills import HOWS, burst
from tests.chaos.history import History
from tests.chaos.stage import KINDS, SHORT_SCALE, Stage, staged
from tests.chaos.verdicts import Verdicts
from tests.chaos.workload import Workload

FULL_SCALE = 1.0
ROUNDS = 1
WARM_SECONDS = 6.0
CALM_EVERY = 4
KILL_EVERY_SECONDS = 0.5
WANTED_KILLS = {"short": 100, "full": 1000}
MORE_KILLS_SECONDS = {"short": 60.0, "full": 240.0}


def main() -> int:
    options = _options()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # what was started is ended all the same
    seed = options.seed if options.seed is not None else secrets.randbelow(10_000)
    home = Path(options.home or tempfile.mkdtemp(prefix="crm-chaos-")).resolve()
    steps = schedule.draw(
        seed, _chosen(options.only), is_short=options.short,
        rounds=options.rounds or ROUNDS,
    )  # fmt: skip
    say(f"chaos: seed {seed}, {len(steps)} steps, home {home}")
    for step in steps:
        say(f"  {step}")
    kind = "part" if options.only else "short" if options.short else "full"
    history = History(home / "history.jsonl")
    home.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    say(f"logs: {home / 'logs'}")
    with staged(home, seed=seed, scale=_scale(options), history=history) as stage:
        workload = break_it(
            stage, steps, seed=seed, kind=kind, minutes=options.minutes,
            kill_every=None if options.no_kills else KILL_EVERY_SECONDS,
        )  # fmt: skip
    if kind == "full":
        stage.tally.found("crash points", report.missed_points(stage))
    result = report.result(stage, workload, seed=seed, kind=kind, began=began)
    result["scale"] = _scale(options)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / f"{kind}-{seed}.json").write_text(json.dumps(result, indent=2) + "\n")
    say(report.summary(result))
    if not options.keep and not result["findings"]:
        shutil.rmtree(home, ignore_errors=True)
    if result["findings"]:
        say(f"seed {seed} again: make chaos{'-short' * options.short} args='--seed {seed}'; "
            f"what the platform said: {home / 'logs'}, what clients saw: {home / 'history.jsonl'}")  # fmt: skip
    return 1 if result["findings"] else 0


def break_it(
    stage: Stage,
    steps: list[schedule.Step],
    *,
    seed: int,
    kill_every: float | None,
    kind: str,
    minutes: float,
) -> Workload:
    """Walk through the schedule under load; findings are told to the stage's tally."""
    platform = stage.platform
    client = Client(platform.url, platform.email, platform.password, stage.history)
    workload = Workload(client, stage.history, seed=seed, writers=4)
    faults, killer = all_faults(), Killer(stage, seed=seed, every=kill_every)
    with workload.running():
        verdicts = Verdicts(stage, workload)
        time.sleep(WARM_SECONDS)
        verdicts.warm()
        for step in steps:
            if step.fault == schedule.RESTORE:
                stage.back_up(step.argument)
        until = time.monotonic() + 60 * minutes
        for number, step in enumerate(steps, 1):
            began = time.monotonic()
            if began > until and (step.fault or step is not steps[-1]):
                stage.tally.skip(str(step), f"the run's {minutes:g} minutes were over")
                continue
            if step.fault is None:
                verdicts.when_settled()
            else:
                with killer.at_work():
                    _do(stage, faults[step.fault], step.argument)
                if kind != "short" and number % CALM_EVERY == 0:
                    verdicts.calm(str(step))
                    verdicts.at_any_moment()
            say(f"{step}: {time.monotonic() - began:.1f} s, {report.kills(stage)} kills so far")
            for problem in stage.tally.news():
                say(f"  BROKEN {problem}")
        if kill_every:
            _kill_more(stage, killer, kind)
        workload.stop(seconds=60)
        verdicts.rebuilt()
        verdicts.when_settled()
        verdicts.nothing_grew()
    client.close()
    return workload


def _kill_more(stage: Stage, killer: "Killer", kind: str) -> None:
    """Go on killing until the run has its kills, or its time is over."""
    until = time.monotonic() + MORE_KILLS_SECONDS.get(kind, 0)
    with killer.at_work():
        while report.kills(stage) < WANTED_KILLS.get(kind, 0) and time.monotonic() < until:
            burst(stage, stage.dice.choice(KINDS))
            time.sleep(1)


def _do(stage: Stage, fault: Fault, argument: str) -> None:
    began = time.monotonic()
    try:
        fault.run(stage, argument)
        stage.tally.did(fault.name)
    except Exception as error:  # noqa: BLE001 - one fault that cannot be done must not end the run
        stage.tally.found("faults done", [f"{fault.name} {argument}: {error!r}"])
    if fault.touches_reads:
        stage.tally.excuse_reads(began, patience=6.0)


class Killer:
    """Kills a random role again and again while it is at work."""

    def __init__(self, stage: Stage, *, seed: int, every: float | None) -> None:
        self._stage, self._every, self._dice = stage, every, random.Random(seed)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Kill while the body runs."""
        ended = threading.Event()
        thread = threading.Thread(target=self._work, args=(ended,))
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _work(self, ended: threading.Event) -> None:
        if self._every is None:
            return
        while not ended.wait(self._every * self._dice.uniform(0.4, 1.6)):
            if not self._stage.may_kill.is_set():
                continue
            self._stage.keeper.kill(
                self._dice.choice(self._stage.roles), how=self._dice.choice(HOWS)
            )


def say(text: str) -> None:
    """Print at once: a run is watched."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def _chosen(only: str | None) -> dict[str, Fault]:
    faults = all_faults()
    if not only:
        return faults
    return {
        name: fault for name, fault in faults.items() if name.startswith(tuple(only.split(",")))
    }


def _scale(options: argparse.Namespace) -> float:
    return options.scale or (SHORT_SCALE if options.short else FULL_SCALE)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="the schedule; a new one when absent")
    parser.add_argument("--short", action="store_true", help="about two minutes")
    parser.add_argument("--scale", type=float, help="factor of the full run's durations")
    parser.add_argument("--minutes", type=float, default=15, help="then only the last check")
    parser.add_argument("--rounds", type=int, help="how often each fault is drawn")
    parser.add_argument("--only", help="faults whose names begin so, separated by commas")
    parser.add_argument("--home", help="where the platform lives")
    parser.add_argument("--keep", action="store_true", help="do not remove the home")
    parser.add_argument("--no-kills", action="store_true", help="only the schedule's faults")
    parser.add_argument("--out", type=Path, default=Path(".local/chaos"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
