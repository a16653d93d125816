"""Reads are repeated with patience; everything else goes up at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from connector.errors import NeedsReconnect, OutcomeUnknown, RetryLater
from connector.transport.repeat import ATTEMPTS, FIRST_WAIT_SECONDS, TOTAL_SECONDS, reading, told_after

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


@dataclass
class Wall:
    """A clock that sleeping moves on."""

    moment: datetime = NOON
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


@dataclass
class Read:
    """Raises its errors one after the other, then answers."""

    errors: list[Exception]
    calls: int = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "orders"


def test_a_busy_provider_is_asked_again_until_it_answers() -> None:
    wall, read = Wall(), Read([RetryLater("busy"), RetryLater("busy")])
    assert reading(read, now=wall.now, sleep=wall.sleep) == "orders"
    assert read.calls == 3
    assert all(wait >= FIRST_WAIT_SECONDS for wait in wall.slept)
    assert wall.slept[1] >= 2 * FIRST_WAIT_SECONDS


def test_the_moment_the_provider_named_is_waited_for() -> None:
    wall, read = Wall(), Read([RetryLater("busy", NOON + timedelta(seconds=30))])
    reading(read, now=wall.now, sleep=wall.sleep)
    assert wall.slept == [30]


def test_a_wait_beyond_a_minute_is_left_to_the_job() -> None:
    tomorrow = NOON + timedelta(hours=20)
    wall, read = Wall(), Read([RetryLater("day limit", tomorrow)])
    with pytest.raises(RetryLater) as raised:
        reading(read, now=wall.now, sleep=wall.sleep)
    assert raised.value.after == tomorrow
    assert wall.slept == []


def test_waits_are_a_minute_at_most_in_all() -> None:
    wall, read = Wall(), Read([RetryLater("busy", NOON + timedelta(seconds=25 * n)) for n in range(1, 9)])
    with pytest.raises(RetryLater):
        reading(read, now=wall.now, sleep=wall.sleep)
    assert wall.slept == [25, 25]


def test_slow_answers_count_towards_the_minute() -> None:
    wall = Wall()

    def slow() -> str:
        wall.moment += timedelta(seconds=TOTAL_SECONDS)
        raise RetryLater("the read timed out")

    with pytest.raises(RetryLater):
        reading(slow, now=wall.now, sleep=wall.sleep)
    assert wall.slept == []


def test_a_clock_that_stands_still_does_not_repeat_for_ever() -> None:
    read = Read([RetryLater("busy")] * 1000)
    with pytest.raises(RetryLater):
        reading(read, now=lambda: NOON, sleep=lambda seconds: None)
    assert read.calls <= ATTEMPTS


@pytest.mark.parametrize("error", [OutcomeUnknown("lost"), NeedsReconnect("revoked"), ValueError("shape")])
def test_any_other_error_is_raised_at_once(error: Exception) -> None:
    read = Read([error])
    with pytest.raises(type(error)):
        reading(read, now=lambda: NOON, sleep=lambda seconds: None)
    assert read.calls == 1


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("30", NOON + timedelta(seconds=30)),
        ("Fri, 20 Mar 2026 12:01:00 GMT", NOON + timedelta(minutes=1)),
        ("soon", None),
        ("", None),
        (None, None),
        ("9" * 40, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, moment: datetime | None) -> None:
    assert told_after(header, NOON) == moment
