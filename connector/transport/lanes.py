"""Several calls in flight at once, their outcomes in the order asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def abreast(work: Callable[[Item], Outcome], items: Sequence[Item], lanes: int) -> list[Outcome]:
    """The outcome of each item, in order; so many are worked on at once, begun in order.

    The first exception ends it: what is in flight is waited for, what was not begun is left, and it is raised."""
    if lanes == 1 or len(items) < 2:
        return [work(item) for item in items]
    run = _Run(work, items)
    threads = [threading.Thread(target=run.lane, name=f"lane-{number}") for number in range(min(lanes, len(items)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if run.raised:
        raise run.raised[0]
    return [run.outcomes[place] for place in range(len(items))]


class _Run(Generic[Item, Outcome]):
    """What the lanes of one run share."""

    def __init__(self, work: Callable[[Item], Outcome], items: Sequence[Item]) -> None:
        self._work, self._items = work, items
        self._places, self._lock = iter(range(len(items))), threading.Lock()
        self.outcomes: dict[int, Outcome] = {}
        self.raised: list[BaseException] = []

    def lane(self) -> None:
        """Works on one item after the other until there is none left."""
        while (place := self._next()) is not None:
            try:
                self.outcomes[place] = self._work(self._items[place])
            except BaseException as error:  # it is raised in the thread that waits
                self.raised.append(error)

    def _next(self) -> int | None:
        with self._lock:
            return None if self.raised else next(self._places, None)
