"""How often a provider may be called: its limits as data, and a governor that waits before a call, never after a 429.

A limit is kept as moments in microseconds since 1970 (`tat`, the theoretical arrival time of GCRA): one for a limit
that is spread evenly, one for each call where all calls of a window may come at once. Taking a call is arithmetic on
one such moment, so that processes can share it by one conditional update."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from connector.errors import RetryLater

PATIENCE = timedelta(seconds=90)  # a minute's limit is waited for; a longer wait is the job's, not the thread's
RESERVE = 5  # readers leave one call in five to posting
JITTER = 50  # calls travel for different times: a window is taken to be a fiftieth longer than published

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `calls` in any `window`, wherever it begins. `burst` of them may come at once.

    Where `burst` is all of them, each is remembered until it has left the window; else the others are spread evenly
    over the window, and burst and spread calls together never exceed it. `name` tells a person which limit it is."""

    key: str
    name: str
    calls: int
    window: timedelta
    burst: int

    def __post_init__(self) -> None:
        if not 1 <= self.burst <= self.calls:
            raise ValueError(f"{self.key}: between 1 and {self.calls} calls may come at once, not {self.burst}")

    @property
    def slots(self) -> int:
        """How many moments are kept for it."""
        return self.calls if self.burst == self.calls else 1

    @property
    def interval(self) -> int:
        """Microseconds after which a slot has room for one more call."""
        widened = self.window // _MICROSECOND * (JITTER + 1) // JITTER
        return widened if self.slots > 1 else -(-widened // (self.calls - self.burst))

    @property
    def spacing(self) -> int:
        """Microseconds from slot to slot when all of them begin anew."""
        return self.interval // self.slots

    @property
    def ahead(self) -> int:
        """Microseconds by which a slot's moment may run ahead of the time."""
        return self.interval * (1 if self.slots > 1 else self.burst)

    @property
    def for_readers(self) -> Limit:
        """What readers take from besides: four fifths of it."""
        calls, burst = self.calls - self.calls // RESERVE, self.burst - self.burst // RESERVE
        return replace(self, key=f"{self.key}:reading", calls=calls, burst=burst)


def taken(limit: Limit, tat: int, now: int) -> int:
    """The moment of a slot after one more call."""
    return max(tat, now) + limit.interval


def waiting(limit: Limit, tat: int, now: int) -> int:
    """Microseconds until the call may go that made `tat` of its slot."""
    return max(0, tat - limit.ahead - now)


def latest(limit: Limit, now: int) -> int:
    """The latest moment of a slot at which a further call waits no longer than PATIENCE."""
    return now + PATIENCE // _MICROSECOND + limit.ahead - limit.interval


def stopped(limit: Limit, until: int) -> int:
    """The moment of the first slot where nothing may be called before `until`, and one call then."""
    return until + limit.ahead - limit.interval


def exhausted(limit: Limit, remaining: int, now: int) -> int:
    """The moment of a slot that is spread evenly, where only so many calls are left."""
    return now + (limit.burst - remaining) * limit.interval


def used_up(limit: Limit, after: datetime) -> RetryLater:
    """What a caller gets instead of a wait that is too long."""
    return RetryLater(f"{limit.name} are used up until {after:%Y-%m-%d %H:%M:%S} UTC; it goes on by itself.", after)


class Budget(Protocol):
    """Where the moments are kept, shared by all threads and processes. The store implements it; the corridor hands it
    in."""

    def take(self, limits: Sequence[Limit], now: datetime) -> timedelta:
        """Takes one call from every limit, and gives how long it has to wait. Raises RetryLater where that is longer
        than PATIENCE; nothing is taken then."""
        ...

    def learn(self, left: Sequence[tuple[Limit, int]], now: datetime) -> None:
        """The provider says how many calls are left: no more than that will be taken."""
        ...

    def stop(self, limit: Limit, until: datetime) -> None:
        """Nobody calls before that moment."""
        ...


class Unlimited:
    """No limits: for stand-ins."""

    def take(self, limits: Sequence[Limit], now: datetime) -> timedelta:
        return timedelta(0)

    def learn(self, left: Sequence[tuple[Limit, int]], now: datetime) -> None:
        """There is nothing to learn."""

    def stop(self, limit: Limit, until: datetime) -> None:
        """There is nobody to stop."""


UNLIMITED: Budget = Unlimited()


class Governor:
    """Stands before every call to one account: so many in flight at once, so many in a window."""

    def __init__(
        self,
        budget: Budget,
        limits: Sequence[Limit],
        at_once: int,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._budget, self._now, self._sleep = budget, now, sleep
        self._limits = {False: limits, True: (*limits, *(limit.for_readers for limit in limits))}
        self._places = _places(limits[0].key, at_once)

    @contextmanager
    def call(self, *, reading: bool) -> Iterator[None]:
        """Waits for the turn of a call and holds its place while it is in flight. Raises RetryLater, with nothing
        sent, where that would take longer than PATIENCE."""
        with self._places:
            wait = self._budget.take(self._limits[reading], self._now())
            if wait:
                self._sleep(wait.total_seconds())
            yield

    def learn(self, left: Sequence[tuple[Limit, int]]) -> None:
        """Hears what an answer says is left, of which readers leave the reserve. While that is most of what may come
        at once, nothing is kept: so much cannot be overdrawn before the next answer."""
        little = [(limit, remaining) for limit, remaining in left if remaining < limit.burst * 4 // 5]
        if little:
            readers = [(limit.for_readers, max(0, rest - limit.calls // RESERVE)) for limit, rest in little]
            self._budget.learn([*little, *readers], self._now())

    def stop(self, limit: Limit, until: datetime) -> None:
        """Hears that the provider refused a call until that moment."""
        self._budget.stop(limit, until)


def micros(moment: datetime) -> int:
    """A moment as it is kept."""
    return (moment - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=4096)
def _places(key: str, at_once: int) -> threading.BoundedSemaphore:
    """The places of one account in this process: however many clients it has, they share them."""
    return threading.BoundedSemaphore(at_once)
