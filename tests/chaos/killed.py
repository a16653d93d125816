"""Real processes, killed at random moments: each runs the whole way over real HTTP until SIGKILL ends it, and the books
must hold in the end what they hold when nothing ever died.

`python -m tests.chaos.killed --seeds 5 [--first 1] [--on sqlite] [--on postgresql]`."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from uuid import uuid4

import psycopg

from connector.bootstrap import house as open_house
from connector.sandbox.town import Town
from connector.settings import Settings
from connector.store.invariants import breaches, targets
from connector.sync.house import House
from tests.postgresql import NOTED, TEMPLATE, address_in, binaries, serving
from tests.sync.walking import NOW, balances_in, connected, documents_in, town, walked

On = Literal["sqlite", "postgresql"]
KILLS = 6
APART = timedelta(minutes=15)  # longer than a lease: what a dead process held is free by then
LONGEST = 300  # seconds that a run may take on a busy machine

Documents = list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the books hold in the end, how many processes were killed on the way, and what is wrong with it."""

    documents: Documents
    balances: dict[str, int]
    kills: int
    wrong: tuple[str, ...]


def fair(target: str, folder: Path) -> tuple[Ended, float]:
    """One process that nobody kills, and how many seconds it took."""
    with town(folder) as here:
        _connect(folder, here, target)
        began = time.monotonic()
        assert _runs(folder, 0, None)
        return _ended(folder, here, target, 0), time.monotonic() - began


def killed(seed: int, target: str, folder: Path, seconds: float) -> Ended:
    """Processes one after another, each killed within the time that a whole run takes; and a last one that is not."""
    rng = random.Random(seed)
    with town(folder) as here:
        _connect(folder, here, target)
        kills = sum(not _runs(folder, n, rng.uniform(0.2, 1) * seconds) for n in range(KILLS))
        for n in range(KILLS, KILLS + 3):
            assert _runs(folder, n, None)
        return _ended(folder, here, target, kills)


def _connect(folder: Path, here: Town, target: str) -> None:
    with _house(folder, 0) as opened:
        connected(opened, here, target)


def _ended(folder: Path, here: Town, target: str, kills: int) -> Ended:
    at = here.xero.base_url if target == "xero" else here.quickbooks.base_url
    with _house(folder, KILLS + 3) as opened:
        with opened.database.transaction() as tx:
            broken = {n: names for each in targets(tx) for n, names in breaches(tx, each, opened.now()).items()}
        again = walked(opened)
    wrong = [f"{number}: {', '.join(names)}" for number, names in broken.items()]
    wrong += [f"a second run posted {done.posted + done.adopted}" for done in again.values() if done.posted]
    wrong += [f"{done.waiting} wait, {done.drifted} drifted" for done in again.values() if done.waiting or done.drifted]
    return Ended(documents=documents_in(at), balances=balances_in(at), kills=kills, wrong=tuple(wrong))


@contextmanager
def _house(folder: Path, n: int) -> Iterator[House]:
    settings = Settings(home=folder / "data", database=address_in(folder), settle_seconds=0)
    with open_house(settings, lambda: NOW + n * APART) as opened:
        yield opened


def _runs(folder: Path, n: int, within: float | None) -> bool:
    """Whether the nth process came to its end by itself; `within` so many seconds it is killed."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.chaos.killed", "--child", str(folder), "--n", str(n)]
    with subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}) as process:
        try:
            assert process.wait(within or LONGEST) == 0, "a process that nobody killed did not end well"
        except subprocess.TimeoutExpired:
            process.kill()
            return False
    return True


@contextmanager
def databases(on: On) -> Iterator[str]:
    """The address of a server for all seeds; empty for SQLite, which needs none."""
    found = binaries() if on == "postgresql" else None
    if on == "sqlite":
        yield ""
        return
    assert found is not None, "no PostgreSQL on this machine"
    from connector.store.schema import upgrade

    with TemporaryDirectory(prefix="pg", dir="/tmp") as folder, serving(found, Path(folder)) as address:
        with psycopg.connect(f"{address}postgres", autocommit=True) as admin:
            admin.execute(f"create database {TEMPLATE}")
        upgrade(_driven(f"{address}{TEMPLATE}"))
        yield address


@contextmanager
def folder_on(server: str) -> Iterator[Path]:
    """A folder for one seed, with a database of its own where there is a server."""
    with TemporaryDirectory(prefix="killed-") as name:
        if server:
            database = f"k{uuid4().hex[:12]}"
            with psycopg.connect(f"{server}postgres", autocommit=True) as admin:
                admin.execute(f"create database {database} template {TEMPLATE}")
            (Path(name) / NOTED).write_text(_driven(f"{server}{database}"), encoding="ascii")
        yield Path(name)


def _driven(address: str) -> str:
    return address.replace("postgresql", "postgresql+psycopg", 1)


def differences(ended: Ended, truth: Ended) -> list[str]:
    """In what an end is not that of the fair run."""
    found = list(ended.wrong)
    found += [f"{each} stands twice" for each in sorted(set(ended.documents)) if ended.documents.count(each) > 1]
    found += [f"{each} is lost" for each in truth.documents if each not in ended.documents]
    found += [f"{each} is not ours" for each in ended.documents if each not in truth.documents]
    return found + (["the balances differ"] if ended.balances != truth.balances else [])


def lane(on: On, target: str, seeds: Sequence[int]) -> list[str]:
    """What is wrong after each seed, told as it is found."""
    wrong = []
    with ExitStack() as opened:
        server = opened.enter_context(databases(on))
        truth, seconds = fair(target, opened.enter_context(folder_on(server)))
        for seed in seeds:
            with folder_on(server) as folder:
                ended = killed(seed, target, folder, seconds)
            found = differences(ended, truth)
            wrong += found
            sys.stdout.write(f"{on} {target} seed {seed}: {ended.kills} killed, {'; '.join(found) or 'all is well'}\n")
            sys.stdout.flush()
    return wrong


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--first", type=int, default=1)
    asked.add_argument("--on", action="append", choices=("sqlite", "postgresql"))
    asked.add_argument("--child", type=Path)
    asked.add_argument("--n", type=int, default=0)
    wish = asked.parse_args()
    if wish.child:
        with _house(wish.child, wish.n) as opened:
            walked(opened)
        return 0
    lanes: list[On] = wish.on or ["sqlite", *(["postgresql"] if binaries() else [])]
    seeds = range(wish.first, wish.first + wish.seeds)
    wrong = [each for on in lanes for target in ("quickbooks", "xero") for each in lane(on, target, seeds)]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
