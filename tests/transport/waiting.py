"""A clock that a test moves, whose sleep lets its time pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Clock:
    at: datetime = NOON
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)

    def no_sleep(self, seconds: float) -> None:
        raise AssertionError(f"it slept {seconds} seconds")
