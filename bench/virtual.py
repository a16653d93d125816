"""Time that passes only while everybody sleeps: an hour's waiting is measured in a moment, exactly."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

_LOOK = 0.001  # real seconds between two looks; time moves on when two of them find everybody asleep


class VirtualClock:
    """A clock and its sleep. Who works in a lane (see connector.transport.lanes) holds the time still until it sleeps;
    without lanes, whoever sleeps is alone."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._asleep: dict[threading.Thread, datetime] = {}
        self._turned = threading.Condition()

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        """Returns when so much time has passed on this clock."""
        me = threading.current_thread()
        with self._turned:
            until = self._asleep[me] = self._now + timedelta(seconds=seconds)
            while self._now < until:
                if self._all_asleep() and not self._turned.wait(_LOOK) and self._all_asleep():
                    self._now = max(self._now, min(self._asleep.values()))
                    self._turned.notify_all()
                elif self._now < until:
                    self._turned.wait(_LOOK)
            del self._asleep[me]

    def _all_asleep(self) -> bool:
        lanes = {thread for thread in threading.enumerate() if thread.name.startswith("lane-")}
        return all(self._now < self._asleep.get(thread, self._now) for thread in lanes)
