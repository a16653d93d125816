"""The swarm: each seed turns a random half of the faults on, and in the end nothing is doubled, lost or stuck.

`python -m tests.chaos.swarm --seeds 2000 [--first 1] [--jobs 2]`. The same seed does the same twice."""

from __future__ import annotations

import argparse
import gc
import hashlib
import random
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.types import Scope

from connector.errors import ConnectorError
from connector.sync.drift import look
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.sync.pull import pull
from tests.chaos.oracle import wrong_in_the_end
from tests.chaos.weather import Mishap
from tests.chaos.world import Books, Died, Stage, World, feed_of, source_of, target_of, world

CALLS = ("lost_request", "lost_answer", "server_error", "throttled", "late", "cut_short", "not_json")
EVENTS = ("crash", "lag", "edited", "deleted", "lock", "shop_changes", "fetch")
RUNS = 4
TOLD_EVERY = 100
CHANCE_OF_MISHAP = 0.3
CHANCE_OF_DEATH = 0.02

_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a seed: what is wrong in the end, the faults that were on, and the hash of all that happened."""

    seed: int
    wrong: dict[str, list[str]]
    faults: tuple[str, ...]
    log: str = field(repr=False)


def survived(seed: int) -> Outcome:
    """Plays one seed to its end."""
    rng = random.Random(seed)
    books: Books = rng.choice(("quickbooks", "xero"))
    on = {name for name in (*CALLS, *EVENTS) if rng.random() < 0.5}
    stage: Stage = "connected" if "fetch" in on else "journalized"
    with TemporaryDirectory(prefix="seed-") as folder, world(books, Path(folder), stage, seed=seed) as made:
        made.pulls = bool(on & {"fetch", "shop_changes"})
        try:
            changed = _play(made, rng, on)
            wrong = wrong_in_the_end(made, is_changed=changed)
        except Exception as error:
            wrong = {"broken": [repr(error)]}
        return Outcome(seed=seed, wrong=wrong, faults=tuple(sorted(on)), log=log_hash(made))


def log_hash(made: World) -> str:
    """Of every call, fault point and death, in order; ids that the books draw by lot left out."""
    heard = [f"{each.house} {each.method} {_RANDOM.sub('id', each.path)} {each.status}" for each in made.wire.heard]
    return hashlib.sha256("\n".join([*made.log, *heard]).encode()).hexdigest()


def _play(made: World, rng: random.Random, on: set[str]) -> bool:
    """Some runs in bad weather; whether the shop has changed."""
    kinds = sorted(on & set(CALLS))
    for name, weather in made.weather.items():
        if name != "square" or "fetch" in on:
            weather.next_mishap = _mishaps(rng, kinds, is_source=name == "square")
    if "lag" in on:
        made.weather[made.books].lag = timedelta(seconds=rng.randrange(5, 30))
    if "crash" in on:
        made.hook = _deaths(rng)
    events: list[Callable[[], object]] = [_event(made, name) for name in sorted(on & set(DOES))]
    rng.shuffle(events)
    for _ in range(RUNS):
        made.run(_station(rng, "fetch" in on))
        made.passes(seconds=rng.choice((5, 61, 200, 400, 3700)))
        if events and rng.random() < 0.6:
            events.pop()()
    return "shop_changes" in on and made.changes > 0


def _event(made: World, name: str) -> Callable[[], object]:
    return lambda: DOES[name](made)


def _by_hand(act: Callable[[World], str]) -> Callable[[World], object]:
    """What a person does to a document, if there is one that may be touched."""

    def does(made: World) -> None:
        if made.has_one_to_touch() and not made.locked:
            act(made)

    return does


DOES: dict[str, Callable[[World], object]] = {
    "edited": _by_hand(World.edits),
    "deleted": _by_hand(World.deletes),
    "lock": lambda made: made.lock("2026-03-11"),
    "shop_changes": lambda made: made.shop_changes(),
}


def _station(rng: random.Random, pulls: bool) -> Callable[[House], object]:
    """A run as a worker does it: what a station cannot do now is left to the next run."""
    looks = rng.random() < 0.3

    def run(house: House) -> None:
        try:
            if pulls:
                pull(house, source_of(house))
            journalize(house, feed_of(house))
            post(house, target_of(house))
            if looks:
                look(house, target_of(house), at_once=True)
        except ConnectorError:
            return

    return run


def _mishaps(rng: random.Random, kinds: list[str], *, is_source: bool) -> Callable[[Scope], Mishap | None]:
    usable = [kind for kind in kinds if kind != "late" or not is_source]

    def next_mishap(scope: Scope) -> Mishap | None:
        if not usable or rng.random() >= (CHANCE_OF_MISHAP if not is_source else CHANCE_OF_MISHAP / 5):
            return None
        kind = rng.choice(usable)
        if kind == "late" and (scope["method"] == "GET" or scope["path"].endswith("/query")):
            return None
        return Mishap(kind=kind, seconds=rng.randrange(10, 240))  # type: ignore[arg-type]

    return next_mishap


def _deaths(rng: random.Random) -> Callable[[str], None]:
    def hook(point: str) -> None:
        if rng.random() < CHANCE_OF_DEATH:
            raise Died

    return hook


def played(seeds: Iterable[int], jobs: int) -> Iterator[Outcome]:
    """All seeds, in order, each told when it ends."""
    if jobs < 2:
        yield from map(survived, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(survived, seeds, chunksize=10)


def main() -> int:
    """Plays the seeds, and names those that fail."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=200)
    asked.add_argument("--first", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=2)
    wish = asked.parse_args()
    gc.set_threshold(100_000, 20, 50)  # what a seed leaves is little; looking through everything is a fifth of its time
    outcomes = []
    for each in played(range(wish.first, wish.first + wish.seeds), wish.jobs):
        outcomes.append(each)
        if each.wrong:
            sys.stdout.write(f"seed {each.seed} ({', '.join(each.faults)}): {each.wrong}\n")
        if len(outcomes) % TOLD_EVERY == 0:
            sys.stdout.write(f"{len(outcomes)} of {wish.seeds} seeds\n")
        sys.stdout.flush()
    counts = {what: sum(what in each.wrong for each in outcomes) for what in ("doubled", "lost", "stuck", "broken")}
    sys.stdout.write(
        f"{len(outcomes)} seeds: {counts['doubled']} duplicates, {counts['lost']} lost, {counts['stuck']} stuck"
        + (f", {counts['broken']} broken" if counts["broken"] else "")
        + "\n"
    )
    return 1 if any(each.wrong for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
