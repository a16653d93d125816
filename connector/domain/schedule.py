"""What an owner decides about when a feed runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

ScheduleKind = Literal["daily", "hourly", "closure", "settlement", "cron"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What decides when a feed runs. `hour` is the local hour of a daily run, which closes the day before; `cron` five
    fields with the weekdays of cron (0 and 7 are Sunday); nothing runs before `starts_on` begins in the zone.

    "closure" and "settlement" are looked for every hour, and run when a register was closed or a settlement arrived."""

    feed_id: int
    kind: ScheduleKind = "daily"
    cron: str = ""
    hour: int = 4
    zone: str = "UTC"
    starts_on: date | None = None
