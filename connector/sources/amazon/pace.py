"""Amazon's own pace: so many calls at once for each operation, then one at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from connector.errors import RetryLater

REPORTS, DOCUMENT = "getReports", "getReportDocument"
TRANSACTIONS, PARTICIPATIONS = "listTransactions", "getMarketplaceParticipations"

# calls a second and calls at once; the answers tell the rate that is really meant
USUAL = {
    REPORTS: (Decimal("0.0222"), 10),
    DOCUMENT: (Decimal("0.0167"), 15),
    TRANSACTIONS: (Decimal("0.5"), 10),
    PARTICIPATIONS: (Decimal("0.016"), 15),
}
LONGEST_WAIT = timedelta(minutes=2)
_MICROSECONDS = 1_000_000


class Pace:
    """Waits before a call until Amazon's allowance has room for it. One object for one pull."""

    def __init__(self, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._now, self._sleep = now, sleep
        self._rates = {operation: rate for operation, (rate, _) in USUAL.items()}
        self._spent: dict[str, datetime] = {}  # until when the calls so far use the allowance up

    def wait(self, operation: str) -> None:
        """Waits for the turn of the next call. Raises RetryLater where that would take minutes."""
        now, each = self._now(), self.interval(operation)
        until = max(self._spent.get(operation, now), now) + each
        self._spent[operation] = until
        rest = until - now - each * USUAL[operation][1]
        if rest > LONGEST_WAIT:
            raise RetryLater(f"Amazon allows {operation} again in {rest}.", after=now + rest)
        if rest > timedelta(0):
            self._sleep(rest.total_seconds())

    def learn(self, operation: str, header: str | None) -> None:
        """Takes the rate from an answer's x-amzn-RateLimit-Limit; one that cannot be read changes nothing."""
        try:
            rate = Decimal(header or "")
        except InvalidOperation:
            return
        if rate.is_finite() and rate > 0:
            self._rates[operation] = rate

    def interval(self, operation: str) -> timedelta:
        """The time after which one more call is allowed."""
        return timedelta(microseconds=int(_MICROSECONDS / self._rates[operation]) + 1)  # never a moment too early
