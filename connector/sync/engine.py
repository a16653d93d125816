"""Durable jobs: a thin port over DBOS, the only file that knows it.

A job is asked for under a name; asked for again, it is the same job, finished or not (to do it again, give it another
name). It survives the process: what a worker that died had in hand, another takes up. It may run twice, so whatever it
does is safe to repeat: the engine is for speed and for many machines, the hand-overs in the store are for truth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, WorkflowStatus
from dbos import DBOSPortableJSONSerializer as PortableJson

from connector.store.jobs_database import JobsDatabase

Queue = Literal["pull", "books"]
State = Literal["waiting", "running", "done", "failed"]
QUEUES: tuple[Queue, ...] = ("pull", "books")

VERSION = "1"  # constant, or what waits is never taken up by newer code
WAITING = ("ENQUEUED", "DELAYED")
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
MOST_TAKEN_UP = 20  # times that a job is begun again after its worker died; one that kills its worker is left
POLL_SECONDS = 0.5
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A piece of work: `station` is what does it, `what` goes with it (texts and whole numbers only). Of a queue's
    tasks of one partition one goes on at a time, on however many workers."""

    id: str
    queue: Queue
    partition: str
    station: str
    what: Mapping[str, int | str] = field(default_factory=dict)
    delay_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A task as the engine knows it; `state` is waiting, running, done or failed."""

    id: str
    state: State
    queue: str
    partition: str
    worker: str


Station = Callable[[Mapping[str, int | str]], Sequence[Task]]
"""Does a task's work and says what is to be done next. It may run twice."""


class Engine:
    """The jobs of one database, for asking, looking and, once started, working. Close it at the end."""

    def __init__(self, database: JobsDatabase) -> None:
        self._database = database
        DBOS.migrate(database.url.render_as_string(hide_password=False))
        self._client = DBOSClient(system_database_engine=database, serializer=PortableJson(), application_name=NAME)
        self._is_working = False

    def enqueue(self, task: Task) -> None:
        """Asks for a task; one of that name that was asked for before, even one that has ended, is no work."""
        _enqueue(self._client, task)

    def cancel(self, ids: Sequence[str]) -> None:
        """Tasks that wait are not begun, tasks in hand are not gone on with after what they are doing."""
        self._client.cancel_workflows(list(ids))

    def list(self, ids: Sequence[str] = (), *, limit: int = BATCH) -> list[Known]:
        """Tasks by name, or the newest of all."""
        found = self._client.list_workflows(
            workflow_ids=list(ids) or None, limit=limit, sort_desc=True, load_input=False, load_output=False
        )
        return [_known(each) for each in found]

    def recover(self, living: Collection[str]) -> int:
        """Gives the tasks of workers that are not among the living to those that are; how many."""
        orphans: dict[str, list[str]] = {}
        for each in self._held():
            if each.executor_id not in living and each.queue_name:
                orphans.setdefault(each.queue_name, []).append(each.workflow_id)
        for queue, ids in orphans.items():
            self._client.resume_workflows(ids, queue_name=queue)
        return sum(map(len, orphans.values()))

    def _held(self) -> Iterator[WorkflowStatus]:
        """All tasks in hand, however many workers there are."""
        seen = 0
        while found := self._client.list_workflows(
            status="PENDING", limit=BATCH, offset=seen, load_input=False, load_output=False
        ):
            yield from found
            seen += len(found)

    def waiting(self, most: int) -> int:
        """How many tasks wait for a worker, counted no further than `most`."""
        found = self._client.list_workflows(status=list(WAITING), limit=most, load_input=False, load_output=False)
        return len(found)

    def stats(self, most: int) -> dict[str, dict[str, int]]:
        """By queue, how many tasks wait and how many are in hand, counted no further than `most`."""
        open_states = [*WAITING, "PENDING"]
        found = self._client.list_workflows(status=open_states, limit=most, load_input=False, load_output=False)
        counts: dict[str, dict[str, int]] = {queue: {"waiting": 0, "running": 0} for queue in QUEUES}
        for each in map(_known, found):
            if each.queue in counts and each.state in ("waiting", "running"):
                counts[each.queue][each.state] += 1
        return counts

    def forget(self, before: datetime) -> int:
        """Forgets some of the tasks that ended before a moment; how many. Ask again until it is none."""
        ended = self._client.list_workflows(
            status=list(ENDED), completed_before=before.isoformat(), limit=BATCH, load_input=False, load_output=False
        )
        if ended:
            self._client.delete_workflows([each.workflow_id for each in ended])
        return len(ended)

    def start(self, stations: Mapping[str, Station], *, worker: str, slots: int) -> None:
        """Begins to work in threads of this process, so many tasks of a queue at a time. One engine of a process works.

        `worker` is a name that no process had before: what stands under it is taken up by others when it dies."""
        _stations.clear()
        _stations.update(stations)
        DBOS(config=_config(self._database, worker, slots))
        DBOS.launch()
        self._is_working = True
        for queue in QUEUES:
            DBOS.register_queue(
                queue,
                partition_concurrency=1,
                worker_concurrency=slots,
                polling_interval_sec=POLL_SECONDS,
                on_conflict="always_update",
            )

    def stop(self, drain_seconds: int) -> None:
        """Begins nothing more, and waits so long for what is in hand; what is not done then is left to others."""
        if self._is_working:
            DBOS.destroy(workflow_completion_timeout_sec=drain_seconds)
            self._is_working = False

    def close(self) -> None:
        self.stop(0)
        self._client.destroy()
        self._database.dispose()


NAME = "connector"
_stations: dict[str, Station] = {}


@DBOS.workflow(name="job", max_recovery_attempts=MOST_TAKEN_UP)
def job(station: str, what: dict[str, int | str]) -> None:
    """One task. What the station did is remembered with what it asked for next, so that only asking repeats."""
    following = DBOS.run_step({"name": station}, _do, station, what)
    for task in following:
        _enqueue(None, msgspec.convert(task, Task))


def _do(station: str, what: dict[str, int | str]) -> list[dict[str, object]]:
    return [msgspec.to_builtins(task) for task in _stations[station](what)]


def _enqueue(client: DBOSClient | None, task: Task) -> None:
    options = EnqueueOptions(
        workflow_name="job",
        queue_name=task.queue,
        workflow_id=task.id,
        queue_partition_key=task.partition,
        app_version=VERSION,
    )
    if task.delay_seconds > 0:
        options["delay_seconds"] = task.delay_seconds
    if client:
        client.enqueue(options, task.station, dict(task.what))
    else:
        DBOS.enqueue_workflow_with_options(options, task.station, dict(task.what))


def _config(database: JobsDatabase, worker: str, slots: int) -> DBOSConfig:
    """Nothing is told to anybody: no conductor, no telemetry, no schedules of the engine's own."""
    return DBOSConfig(
        name=NAME,
        system_database_engine=database,
        application_version=VERSION,
        executor_id=worker,
        serializer=PortableJson(),
        use_listen_notify=False,
        enable_otlp=False,
        max_executor_threads=len(QUEUES) * slots + 8,
        log_level="ERROR",
    )


def _known(found: WorkflowStatus) -> Known:
    return Known(
        id=found.workflow_id,
        state=_STATES.get(found.status, "failed"),
        queue=found.queue_name or "",
        partition=found.queue_partition_key or "",
        worker=found.executor_id or "",
    )


_STATES: Mapping[str, State] = {
    "ENQUEUED": "waiting",
    "DELAYED": "waiting",
    "PENDING": "running",
    "SUCCESS": "done",
}
