"""What jobs do: a pull reads a source and asks for a sync of its feeds; a sync journalizes a feed and posts its books.

Each may run twice and be killed at any line. Whatever goes wrong becomes a decision (again later, or wait for a
person), a sentence in the run, and where a consent has ended, a pause of the connection."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar, cast

from connector.errors import ConnectorError, NeedsReconnect, NeedsScope, OutcomeUnknown, RetryLater
from connector.store.credentials import end_consent
from connector.store.database import Transaction
from connector.store.feeds import Connection, Feed, connection_by_id, feed_by_id, feeds
from connector.store.runs import Ended, NewRun, RunKind, RunState, Stage, add_stage, begin_run, end_run
from connector.store.schedules import mark_good, mark_read, schedule_of
from connector.sync.audit import audit_feed
from connector.sync.drift import look
from connector.sync.engine import Station, Task
from connector.sync.house import House
from connector.sync.jobs import Job
from connector.sync.journalize import Written, journalize
from connector.sync.post import Posted, post
from connector.sync.pull import Pulled, comes_by_files, pull
from connector.sync.retry import wait

MOST_TRIES = 100  # most of them an hour apart: after four days a person is told
MOST_STUMBLES = 3  # of what nobody foresaw
STUMBLED = timedelta(minutes=5)

What = Mapping[str, int | str]
Done = TypeVar("Done")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trouble:
    """A station that stopped: how it is told, and when it is tried again, where it is."""

    state: RunState
    error: str
    next_step: str = ""
    again_at: datetime | None = None


def stations(house: House) -> Mapping[str, Station]:
    """What the engine calls by name."""
    return {
        "pull": partial(pull_job, house),
        "sync": partial(sync_job, house),
        "look": partial(look_job, house),
        "audit": partial(audit_job, house),
    }


def first_task(job: Job) -> Task:
    """The task that begins a job: a source is read before anything of it is journalized."""
    said: What = {"job": job.id, "kind": job.kind, "slot": job.slot, "cause": job.cause, "feed": job.feed_id or 0}
    return Task(
        id=job.id,
        queue="pull",
        partition=str(job.source_connection_id),
        station="pull",
        what={**said, "connection": job.source_connection_id},
    )


def pull_job(house: House, what: What) -> Sequence[Task]:
    """Reads a source; then a sync of the feed that asked, or of every feed on it that is not paused."""
    with house.database.transaction() as tx:
        source = connection_by_id(tx, int(what["connection"]))
        run = begin_run(tx, _new_run(what), house.now())
    began = house.now()
    done = _tried(house, source, what, lambda: Pulled() if comes_by_files(house, source) else pull(house, source))
    if isinstance(done, _Trouble):
        return _stopped(house, run, what, Stage(station="pull", started_at=began, ended_at=house.now()), done)
    stage = Stage(
        station="pull",
        started_at=began,
        ended_at=house.now(),
        calls=done.pages,
        records_seen=done.seen,
        records_new=done.new,
    )
    with house.database.transaction() as tx:
        add_stage(tx, run, stage)
        mark_read(tx, source.id, house.now())  # also one that only takes files: that none came is known
        if not what["feed"]:
            end_run(tx, run, Ended(state="good", summary=f"{done.new} of {done.seen} records are new."), house.now())
        return [_sync_task(what, feed, run if what["feed"] else 0) for feed in _following(tx, what, source)]


def sync_job(house: House, what: What) -> Sequence[Task]:
    """Journalizes a feed and posts into its books; what could not be sent yet is tried again by itself."""
    with house.database.transaction() as tx:
        feed = feed_by_id(tx, int(what["feed"]))
        run = int(what["run"]) or begin_run(tx, _new_run(what), house.now())
    began = house.now()
    written = _tried(house, feed.target, what, lambda: journalize(house, feed))
    stage = Stage(station="journalize", started_at=began, ended_at=house.now())
    if isinstance(written, _Trouble):
        return _stopped(house, run, what, stage, written)
    with house.database.transaction() as tx:
        add_stage(tx, run, replace(stage, documents=written.documents, held=written.held))
    began = house.now()
    posted = _tried(house, feed.target, what, lambda: _posted(house, feed))
    stage = Stage(station="post", started_at=began, ended_at=house.now())
    if isinstance(posted, _Trouble):
        return _stopped(house, run, what, stage, posted)
    return _ended(house, run, what, feed, stage, (written, posted))


def look_job(house: House, what: What) -> Sequence[Task]:
    """Looks at what became of our documents in some books; what stops it is told in the log, and the next day looks."""
    with house.database.transaction() as tx:
        target = connection_by_id(tx, int(what["target"]))
    _told(what, _tried(house, target, what, lambda: look(house, target)))
    return []


def audit_job(house: House, what: What) -> Sequence[Task]:
    """Audits a feed; what it finds is kept."""
    with house.database.transaction() as tx:
        feed, all_feeds = feed_by_id(tx, int(what["of"])), feeds(tx)
    _told(what, _tried(house, feed.target, what, lambda: audit_feed(house, feed, all_feeds)))
    return []


def _told(what: What, done: object) -> None:
    if isinstance(done, _Trouble):
        log.warning("%s was not done: %s", what["job"], done.error)


def _posted(house: House, feed: Feed) -> Posted:
    done = post(house, feed.target)
    look(house, feed.target)
    return done


def _ended(
    house: House, run: int, what: What, feed: Feed, stage: Stage, done: tuple[Written, Posted]
) -> Sequence[Task]:
    (written, posted), tries = done, int(what.get("tries", 0))
    goes_on = posted.waiting > 0 and tries < MOST_TRIES
    held = written.held + posted.rejected + posted.drifted + (0 if goes_on else posted.waiting)
    state: RunState = "later" if goes_on else "held" if held else "good"
    sent = posted.posted + posted.adopted
    said = f"{feed.name}: {written.documents} documents, {sent} posted, {posted.waiting} on their way."
    step = "connector status shows what waits for a decision." if state == "held" else ""
    with house.database.transaction() as tx:
        add_stage(tx, run, replace(stage, state=state, posted=sent, held=posted.rejected))
        end_run(tx, run, Ended(state=state, summary=said, next_step=step), house.now())
        if not goes_on:
            mark_good(tx, [feed.id], house.now())
    if not goes_on:
        return []
    patience = wait(tries) if tries else timedelta(seconds=1)
    return [_again(house, {**what, "run": run}, posted.wait_until or house.now() + max(house.settle, patience))]


def _tried(house: House, connection: Connection, what: What, work: Callable[[], Done]) -> Done | _Trouble:
    """What a station did, or why it stopped."""
    tries, now = int(what.get("tries", 0)), house.now()
    try:
        return work()
    except (RetryLater, OutcomeUnknown) as error:
        after = error.after if isinstance(error, RetryLater) else None
        at = after or now + wait(tries + 1)
        return _Trouble(state="later", error=str(error), again_at=at if tries < MOST_TRIES else None)
    except NeedsReconnect as error:
        fix = f"connector connect {connection.provider} --name {connection.name}"
        if not isinstance(error, NeedsScope):
            with house.database.transaction() as tx:
                end_consent(tx, connection.id, str(error), now)
        return _Trouble(state="held", error=str(error), next_step=fix)
    except ConnectorError as error:
        return _Trouble(state="held", error=str(error))
    except Exception as error:
        log.exception("job %s stopped", what["job"])
        said = f"It stopped for a reason that nobody foresaw ({type(error).__name__}); the log says where."
        return _Trouble(state="failed", error=said, again_at=now + STUMBLED if tries < MOST_STUMBLES else None)


def _stopped(house: House, run: int, what: What, stage: Stage, trouble: _Trouble) -> Sequence[Task]:
    with house.database.transaction() as tx:
        add_stage(tx, run, replace(stage, state=trouble.state, error=trouble.error, next_step=trouble.next_step))
        ended = Ended(state=trouble.state, summary=trouble.error, next_step=trouble.next_step)
        end_run(tx, run, ended, house.now())
    return [_again(house, {**what, "run": run}, trouble.again_at)] if trouble.again_at else []


def _again(house: House, what: What, at: datetime) -> Task:
    """The same once more, under its next name: one that has ended is never begun again."""
    tries, is_pull = int(what.get("tries", 0)) + 1, "target" not in what
    return Task(
        id=f"{what['job']}:{'pull' if is_pull else 'books'}:{tries}",
        queue="pull" if is_pull else "books",
        partition=str(what["connection"] if is_pull else what["target"]),
        station="pull" if is_pull else "sync",
        what={**what, "tries": tries},
        delay_seconds=max(1, int((at - house.now()).total_seconds())),
    )


def _sync_task(what: What, feed: Feed, run: int) -> Task:
    """The second half of a feed's own job, or, after a pull for all of them, a job of the feed's own."""
    job = what["job"] if what["feed"] else f"sync:{feed.id}:{what['slot']}"
    given = {"job": job, "kind": "sync", "feed": feed.id, "target": feed.target.id, "run": run, "tries": 0}
    return Task(
        id=f"{job}:books",
        queue="books",
        partition=str(feed.target.id),
        station="sync",
        what={**what, **given},
    )


def _following(tx: Transaction, what: What, source: Connection) -> list[Feed]:
    if what["feed"]:
        return [feed_by_id(tx, int(what["feed"]))]
    on_it = [feed for feed in feeds(tx) if feed.source.id == source.id]
    return [feed for feed in on_it if not _is_paused(tx, feed)]


def _is_paused(tx: Transaction, feed: Feed) -> bool:
    schedule = schedule_of(tx, feed.id)
    return schedule is not None and schedule.next_run_at is None


def _new_run(what: What) -> NewRun:
    return NewRun(
        job_id=str(what["job"]),
        kind=cast(RunKind, what["kind"]),
        slot=str(what["slot"]),
        feed_id=int(what["feed"]) or None,
        connection_id=int(what["connection"]),
        cause=str(what["cause"]),
    )
