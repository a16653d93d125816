"""Repeats of reads: by error class, patient for a minute at most. Writes are never repeated here."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential_jitter

from connector.errors import RetryLater

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 20
TOTAL_SECONDS = 60
ATTEMPTS = 10
LONGEST_HEADER = 8  # digits; three years are no answer

T = TypeVar("T")


def reading(call: Callable[[], T], *, now: Callable[[], datetime], sleep: Callable[[float], None] = time.sleep) -> T:
    """The answer of a read, asked again while it raises RetryLater and never before the moment that one names.

    When the next try would come more than a minute after the first, the RetryLater is raised on: the job waits, not
    the thread. Every other error is raised at once."""
    started = now()

    def wait(state: RetryCallState) -> float:
        told = _after(state)
        return max(_jitter(state), (told - now()).total_seconds() if told else 0)

    def stop(state: RetryCallState) -> bool:
        # Slept seconds count besides the clock's: a clock that stands still (or is set back) must not repeat for ever.
        passed = max((now() - started).total_seconds(), state.idle_for)
        return state.attempt_number >= ATTEMPTS or passed + state.upcoming_sleep > TOTAL_SECONDS

    again = Retrying(retry=retry_if_exception_type(RetryLater), wait=wait, stop=stop, sleep=sleep, reraise=True)
    return again(call)


def told_after(header: str | None, now: datetime) -> datetime | None:
    """The moment a Retry-After header names, in seconds or as a date; None where there is none that can be read."""
    text = (header or "").strip()
    if text.isdecimal() and len(text) <= LONGEST_HEADER:
        return now + timedelta(seconds=int(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_jitter = wait_exponential_jitter(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS, jitter=FIRST_WAIT_SECONDS)


def _after(state: RetryCallState) -> datetime | None:
    error = state.outcome.exception() if state.outcome else None
    return error.after if isinstance(error, RetryLater) else None
