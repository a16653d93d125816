"""Chores: what nobody asks for and somebody must do, each by one worker of all, every so many seconds.

What costs calls to the books (a look at what became of documents there, an audit) becomes a job of those books, so that
it waits its turn among their other jobs, on any worker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from connector.errors import ConnectorError
from connector.store.changes import to_look_at
from connector.store.feeds import connections, feed_by_id
from connector.store.outbox import has_sent
from connector.store.schedules import audited, to_audit
from connector.store.webhook_events import forget_events
from connector.store.workers import moment
from connector.sync.check import check
from connector.sync.connect import finish_refreshes, renew_idle
from connector.sync.engine import Engine, Task
from connector.sync.house import House
from connector.sync.jobs import MOST_WAITING
from connector.sync.notices import send_notices
from connector.sync.standing import watch

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
JOBS_KEPT = timedelta(days=14)
LOOKED_AT, SWEPT, FURTHEST = timedelta(days=1), timedelta(days=8), timedelta(days=21)
AUDITED = timedelta(days=7)
AT_ONCE = 100  # jobs asked for in one turn

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something that one worker of all does every so many seconds."""

    name: str
    every: float
    work: Callable[[], object]


def chores(house: House, engine: Engine) -> list[Chore]:
    """All of them, what must not wait first."""
    return [
        Chore(name="refreshes", every=MINUTE, work=lambda: finish_refreshes(house)),
        Chore(name="check", every=HOUR, work=lambda: check_all(house)),
        Chore(name="consents", every=HOUR, work=lambda: watch(house)),
        Chore(name="notices", every=MINUTE, work=lambda: send_notices(house)),
        Chore(name="looks", every=10 * MINUTE, work=lambda: ask_looks(house, engine)),
        Chore(name="audits", every=10 * MINUTE, work=lambda: ask_audits(house, engine)),
        Chore(name="renew", every=DAY, work=lambda: renew_idle(house)),
        Chore(name="forget", every=HOUR, work=lambda: forget(house, engine)),
    ]


def check_all(house: House) -> None:
    """Asks of every company's books what must always hold; one that cannot be asked keeps no other from it."""
    with house.database.transaction() as tx:
        targets = [each for each in connections(tx) if each.side == "target"]
    for target in targets:
        try:
            check(house, target)
        except ConnectorError as error:
            log.warning("%s was not checked: %s", target.name, error)
        except Exception:
            log.exception("%s was not checked", target.name)


def ask_looks(house: House, engine: Engine) -> int:
    """Has books looked at that no run looks at any more: each day for eight days after something was posted, so that a
    mark that stands twice shows itself, then often enough that the books still remember what was changed."""
    now = house.now()
    with house.database.transaction() as tx:
        found = to_look_at(tx, now - LOOKED_AT, since=now - SWEPT, furthest=now - FURTHEST)
    for target in found[: _room(engine)]:
        engine.enqueue(_task("look", target, target, f"{now:%Y-%m-%d}"))
    return len(found)


def ask_audits(house: House, engine: Engine) -> int:
    """Has each feed audited once a week, where something was posted since the last time."""
    now, asked = house.now(), 0
    with house.database.transaction() as tx:
        turn = [(feed_by_id(tx, feed), since) for feed, since in to_audit(tx, now - AUDITED, _room(engine))]
        news = [feed for feed, since in turn if has_sent(tx, feed.target.id, since)]
    for feed in news:
        engine.enqueue(_task("audit", feed.id, feed.target.id, f"{now:%Y-%m-%d}"))
        asked += 1
    with house.database.transaction() as tx:
        for feed, _ in turn:
            audited(tx, feed.id, now)
    return asked


def forget(house: House, engine: Engine) -> None:
    """Lets go of jobs that ended, and of events that were heard, long ago."""
    with house.database.transaction() as tx:
        before = moment(tx) - JOBS_KEPT
        forget_events(tx, house.now())
    while engine.forget(before):
        pass


def _room(engine: Engine) -> int:
    """How many jobs may be asked for now: chores leave half of the room to what feeds ask for."""
    return max(0, min(AT_ONCE, MOST_WAITING // 2 - engine.waiting(MOST_WAITING)))


def _task(station: str, subject: int, target: int, slot: str) -> Task:
    job = f"{station}:{subject}:{slot}"
    return Task(
        id=job,
        queue="books",
        partition=str(target),
        station=station,
        what={"job": job, "of": subject, "target": target},
    )
