"""An error and a count → what becomes of a posting. Nobody else decides to repeat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from connector.errors import AlreadyThere, ConnectorError, NeedsReconnect, OutcomeUnknown, RetryLater, Unsent

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The next state of a posting; `not_before` where it goes again by itself."""

    state: Literal["planned", "unknown", "rejected"]
    reason: str
    not_before: datetime | None = None


def after_attempt(error: ConnectorError, attempts: int, now: datetime) -> Decision:
    """What an attempt's error means: known not done and worth repeating, not known, or refused for good. What was not
    sent is never unknown: it waits for what it depends on."""
    match error:
        case Unsent():
            decided = after_attempt(error.because, attempts, now)
            return decided if decided.state != "unknown" else replace(decided, state="planned")
        case RetryLater():
            return Decision(state="planned", reason=str(error), not_before=error.after or now + wait(attempts))
        case NeedsReconnect():
            return Decision(state="planned", reason=str(error), not_before=now + LONGEST_WAIT)
        case OutcomeUnknown() | AlreadyThere():
            return Decision(state="unknown", reason=str(error))
        case _:
            return Decision(state="rejected", reason=str(error))


def wait(attempts: int) -> timedelta:
    """Doubling from half a minute to an hour."""
    doublings = min(max(attempts - 1, 0), 12)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
