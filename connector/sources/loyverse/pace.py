"""How fast Loyverse is called: its limit is not published, about sixty calls a minute are reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

AT_ONCE = 10  # calls that may follow each other without a pause
A_CALL = timedelta(seconds=1)
LONGEST = timedelta(seconds=8)


class Pace:
    """One call a second on average, a few at once; slower, and one at a time, once Loyverse said it was too fast."""

    def __init__(self, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._now = now
        self._sleep = sleep
        self._each = A_CALL
        self._at_once = AT_ONCE
        self._due = now()

    def wait(self) -> None:
        """Returns when the next call may go."""
        now = self._now()
        self._due = max(self._due, now) + self._each
        early = self._due - now - self._at_once * self._each
        if early > timedelta(0):
            self._sleep(early.total_seconds())

    def slow_down(self) -> None:
        """Loyverse answered 429: from now on with twice the pause."""
        self._each = min(2 * self._each, LONGEST)
        self._at_once = 1
