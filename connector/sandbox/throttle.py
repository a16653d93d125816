"""How many calls a stand-in lets through within a window of time."""

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta


class Throttle:
    """Counts calls by key over the last `window`; a limit of 0 lets everything through."""

    def __init__(self, window: timedelta, clock: Callable[[], datetime]) -> None:
        self._window = window
        self._clock = clock
        self._seen: dict[str, deque[datetime]] = defaultdict(deque)

    def lets_through(self, key: str, limit: int) -> bool:
        """Count one more call under `key` and say whether it may go on; a refused call is not counted."""
        seen = self._recent(key)
        if 0 < limit <= len(seen):
            return False
        if limit:
            seen.append(self._clock())
        return True

    def count(self, key: str) -> int:
        """How many calls were let through within the window."""
        return len(self._recent(key))

    def seconds_to_wait(self, key: str) -> int:
        """Whole seconds, at least 1, until the oldest counted call leaves the window."""
        seen = self._recent(key)
        left = seen[0] + self._window - self._clock() if seen else timedelta(0)
        return max(1, -(-left // timedelta(seconds=1)))

    def _recent(self, key: str) -> deque[datetime]:
        seen = self._seen[key]
        while seen and seen[0] <= self._clock() - self._window:
            seen.popleft()
        return seen
