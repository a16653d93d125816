"""A job: one piece of work with a name of its own, so that asking for it twice is asking for it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connector.store.runs import RunKind

MOST_WAITING = 2_000  # jobs that wait for a worker, above which no more are let in


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A pull belongs to a source connection, a sync and a backfill to a feed. `slot` is when it was due, or the
    trading day; `cause` is what started it: "schedule", "news", "person"."""

    kind: RunKind
    slot: str
    source_connection_id: int
    target_connection_id: int | None = None
    feed_id: int | None = None
    cause: str = "schedule"
    again: int = 0

    @property
    def id(self) -> str:
        """Deterministic: `pull:{connection}:{slot}`, `sync:{feed}:{slot}`; a retry is the next job of its name."""
        subject = self.source_connection_id if self.kind == "pull" else self.feed_id
        return f"{self.kind}:{subject}:{self.slot}" + (f":a{self.again + 1}" if self.again else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where jobs are handed in. A job of a name that was handed in before is no work. `waiting` tells how many wait."""

    enqueue: Callable[[Job], None]
    waiting: Callable[[], int] = lambda: 0
