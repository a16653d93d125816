"""The worker: walks jobs through the stations until it is told to stop, and looks after what nobody asks for.

Its heart beats in the database; who stops beating is dead to the others, who take up what it had in hand. Should it
only have stood still, what it then writes is refused: cursors, leases and postings have moved on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from connector.errors import ConnectorError, Unreadable
from connector.store.feeds import connections
from connector.store.schedules import give_up_lease, hold_lease
from connector.store.schema import require_current
from connector.store.workers import beat, leave, living, moment
from connector.sync.check import check
from connector.sync.connect import finish_refreshes, renew_idle
from connector.sync.engine import Engine
from connector.sync.house import House
from connector.sync.jobs import MOST_WAITING, Desk, Job
from connector.sync.standing import watch
from connector.sync.ticker import tick
from connector.sync.work import first_task, stations

BEAT_SECONDS = 5.0
TURN_SECONDS = 1.0
JOBS_KEPT = timedelta(days=14)

log = logging.getLogger(__name__)


def desk_of(engine: Engine) -> Desk:
    """Where jobs are handed in, by any process, whether or not it works."""

    def enqueue(job: Job) -> None:
        engine.enqueue(first_task(job))

    return Desk(enqueue=enqueue, waiting=lambda: engine.waiting(MOST_WAITING + 1))


def keep_ticking(house: House, engine: Engine, stop: threading.Event) -> None:
    """Looks every second for feeds that are due, until told to stop; any number of processes may."""
    desk = desk_of(engine)
    while not stop.wait(TURN_SECONDS):
        try:
            tick(house, desk)
        except Exception:
            log.exception("a tick failed; the next one does what it left")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something that one worker of all does every so many seconds."""

    name: str
    every: float
    work: Callable[[], object]


@dataclass(slots=True, kw_only=True)
class Worker:
    """Works on the jobs of a house, so many at a time, until it is told to stop; then it waits `drain_seconds` for what
    is in hand, and hands back the rest. `chores` are done beside, besides its own."""

    house: House
    engine: Engine
    slots: int = 8
    drain_seconds: int = 30
    chores: Sequence[Chore] = ()
    _failed: threading.Event = field(default_factory=threading.Event)

    def run(self, stop: threading.Event) -> None:
        """Raises Unreadable where the database has become one that this code is not made for."""
        require_current(self.house.database)
        self._beat()
        hearts = threading.Event()
        heart = threading.Thread(target=self._keep_beating, args=(hearts,), name="heart", daemon=True)
        heart.start()
        self.engine.start(stations(self.house), worker=self.house.owner, slots=self.slots)
        try:
            self._look_after(stop)
        finally:
            self.engine.stop(self.drain_seconds)
            hearts.set()
            heart.join()
            self._leave()

    def _look_after(self, stop: threading.Event) -> None:
        due = {chore.name: time.monotonic() for chore in self._chores()}
        while not stop.is_set():
            for chore in self._chores():
                if due[chore.name] <= time.monotonic():
                    due[chore.name] = time.monotonic() + chore.every
                    self._do(chore)
            stop.wait(TURN_SECONDS)

    def _chores(self) -> list[Chore]:
        own = [
            Chore(name="schema", every=60, work=lambda: require_current(self.house.database)),
            Chore(name="sweep", every=10, work=self._sweep),
            Chore(name="refreshes", every=60, work=lambda: finish_refreshes(self.house)),
            Chore(name="check", every=3600, work=self._check),
            Chore(name="consents", every=3600, work=lambda: watch(self.house)),
            Chore(name="renew", every=86400, work=lambda: renew_idle(self.house)),
            Chore(name="forget", every=3600, work=self._forget),
        ]
        return [*own, *self.chores]

    def _do(self, chore: Chore) -> None:
        """A chore that fails is done again in its turn; a database of another schema ends the worker."""
        try:
            if chore.name == "schema" or self._is_mine(chore):
                chore.work()
        except Unreadable:
            if chore.name == "schema":
                raise
            log.exception("%s was not done", chore.name)
        except ConnectorError as error:
            log.warning("%s was not done: %s", chore.name, error)
        except Exception:
            log.exception("%s was not done", chore.name)

    def _is_mine(self, chore: Chore) -> bool:
        with self.house.database.transaction() as tx:
            lasts = timedelta(seconds=chore.every * 2 + 10)
            return hold_lease(tx, f"worker {chore.name}", self.house.owner, moment(tx), lasts)

    def _sweep(self) -> None:
        with self.house.database.transaction() as tx:
            alive = living(tx)
        if self.house.owner in alive:  # who has not beaten for a while itself cannot tell who is dead
            taken = self.engine.recover(alive)
            if taken:
                log.warning("%d jobs of workers that are gone go on", taken)

    def _check(self) -> None:
        with self.house.database.transaction() as tx:
            targets = [each for each in connections(tx) if each.side == "target"]
        for target in targets:
            check(self.house, target)

    def _forget(self) -> None:
        with self.house.database.transaction() as tx:
            before = moment(tx) - JOBS_KEPT
        while self.engine.forget(before):
            pass

    def _beat(self) -> None:
        with self.house.database.transaction() as tx:
            beat(tx, self.house.owner)

    def _keep_beating(self, stop: threading.Event) -> None:
        while not stop.wait(BEAT_SECONDS):
            try:
                self._beat()
            except Exception:
                log.exception("the heart of %s missed a beat", self.house.owner)

    def _leave(self) -> None:
        with self.house.database.transaction() as tx:
            leave(tx, self.house.owner)
            for chore in self._chores():
                give_up_lease(tx, f"worker {chore.name}", self.house.owner)
