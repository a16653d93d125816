"""The worker: walks jobs through the stations until it is told to stop, and looks after what nobody asks for.

Its heart beats in the database; who stops beating is dead to the others, who take up what it had in hand. Should it
only have stood still, what it then writes is refused: cursors, leases and postings have moved on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from connector.errors import ConnectorError, Unreadable
from connector.store.schedules import give_up_lease, hold_lease
from connector.store.schema import require_current
from connector.store.workers import beat, bury, free_leases, leave, living, moment
from connector.sync.chores import Chore, chores
from connector.sync.engine import Engine
from connector.sync.house import House
from connector.sync.jobs import MOST_WAITING, Desk, Job
from connector.sync.ticker import TICKING, tick
from connector.sync.work import first_task, stations

BEAT_SECONDS = 5.0
TURN_SECONDS = 1.0

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
    with house.database.transaction() as tx:
        give_up_lease(tx, TICKING, house.owner)


def bury_predecessors(house: House) -> None:
    """Who works alone has no neighbours: what a process that was killed had in hand goes on at once, not only when its
    heart has been still for long. They are listed before it is asked whether others work, so that nobody who starts
    meanwhile is among them."""
    with house.database.transaction() as tx:
        others = [each for each in living(tx) if each != house.owner]
    if others and house.alone():
        with house.database.transaction() as tx:
            bury(tx, others)


@dataclass(slots=True, kw_only=True)
class Worker:
    """Works on the jobs of a house, so many at a time, until it is told to stop; then it waits `drain_seconds` for what
    is in hand, and hands back the rest. Chores are done beside."""

    house: House
    engine: Engine
    slots: int = 8
    drain_seconds: int = 30

    def run(self, stop: threading.Event) -> None:
        """Raises Unreadable where the database has become one that this code is not made for."""
        require_current(self.house.database)
        self._beat()
        bury_predecessors(self.house)
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
        """What the others depend on is done here; chores that may take long have a thread of their own."""
        own = [
            Chore(name="schema", every=60, work=lambda: require_current(self.house.database)),
            Chore(name="sweep", every=10, work=self._sweep),
        ]
        long, ended = chores(self.house, self.engine), threading.Event()
        beside = threading.Thread(target=self._in_turn, args=(long, ended), name="chores", daemon=True)
        beside.start()
        try:
            self._in_turn(own, stop)
        finally:
            ended.set()
            beside.join(self.drain_seconds)

    def _in_turn(self, all_of_them: Sequence[Chore], stop: threading.Event) -> None:
        due = {chore.name: time.monotonic() for chore in all_of_them}
        while not stop.is_set():
            for chore in all_of_them:
                if due[chore.name] <= time.monotonic() and not stop.is_set():
                    due[chore.name] = time.monotonic() + chore.every
                    self._do(chore)
            stop.wait(TURN_SECONDS)

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
            free_leases(tx)
            alive = living(tx)
        if self.house.owner in alive:  # who has not beaten for a while itself cannot tell who is dead
            taken = self.engine.recover(alive)
            if taken:
                log.warning("%d jobs of workers that are gone go on", taken)

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
