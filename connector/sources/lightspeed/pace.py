"""Lightspeed's leaky bucket: every call pours in its cost, a steady drip drains it, and a full one refuses the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

SPARE = Decimal(10)  # room left for a dear call: one that loads many relations costs about that much
LONGEST_WAIT_SECONDS = 60
LONGEST_WAIT = timedelta(seconds=LONGEST_WAIT_SECONDS)
_LEVEL = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)/(\d{1,9}(?:\.\d{1,9})?)\Z")
_RATE = re.compile(r"\d{1,9}(?:\.\d{1,9})?\Z")


class Pace:
    """When the bucket of one account has room again, as its last answer told; the level told is a fraction, and the
    drip may be one."""

    def __init__(self) -> None:
        self._ready_at: datetime | None = None

    def wait(self, now: datetime, sleep: Callable[[float], None]) -> None:
        """Sleeps until there is room for a call. A moment farther off is of a clock that was set back since."""
        if self._ready_at is not None and now < self._ready_at <= now + LONGEST_WAIT:
            sleep((self._ready_at - now).total_seconds())

    def note(self, headers: Mapping[str, str], now: datetime) -> None:
        """What an answer tells: X-LS-Api-Bucket-Level "88.5/90" and X-LS-Api-Drip-Rate, units a second."""
        level = _LEVEL.match(headers.get("x-ls-api-bucket-level", ""))
        drip = headers.get("x-ls-api-drip-rate", "")
        if not level or not _RATE.match(drip) or not Decimal(drip):
            return
        used, size = Decimal(level[1]), Decimal(level[2])
        over = max(used + min(SPARE, size / 2) - size, Decimal(0))
        seconds = min(over / Decimal(drip), Decimal(LONGEST_WAIT_SECONDS))
        self._ready_at = now + timedelta(milliseconds=int((seconds * 1000).to_integral_value(ROUND_CEILING)))


@lru_cache(maxsize=1024)
def pace_of(account: str) -> Pace:
    """The one pace of an account in this process: its bucket is the same for every stream."""
    return Pace()
