"""Amazon's usage plans: each operation has an allowance that fills up slowly; the answers tell the rate."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from connector.sandbox.body import Body
from connector.sandbox.calls import Answer

PLANS = {
    "getReports": (Decimal("0.0222"), 10),
    "getReportDocument": (Decimal("0.0167"), 15),
    "listTransactions": (Decimal("0.5"), 10),
    "getMarketplaceParticipations": (Decimal("0.016"), 15),
}
"""Calls a second, and calls at once."""


class AmazonRefusal(Exception):
    """Amazon says no; `answer` bears its list of errors."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        body: Body = {"errors": [{"code": code, "message": message, "details": ""}]}
        self.answer = Answer(status=status, body=body)


class Limits:
    """The allowances of one seller. Not `is_kept`, every call goes through and the rates are only told."""

    def __init__(self, clock: Callable[[], datetime], *, is_kept: bool) -> None:
        self._clock, self._is_kept = clock, is_kept
        self._left: dict[str, tuple[Decimal, datetime]] = {}

    def take(self, operation: str) -> None:
        """Uses one call up. Raises AmazonRefusal where the allowance is empty; a refused call costs nothing."""
        rate, burst = PLANS[operation]
        now = self._clock()
        left, since = self._left.get(operation, (Decimal(burst), now))
        left = min(Decimal(burst), left + rate * Decimal((now - since) // timedelta(microseconds=1)) / 1_000_000)
        self._left[operation] = (left, now)
        if not self._is_kept:
            return
        if left < 1:
            raise AmazonRefusal(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
        self._left[operation] = (left - 1, now)

    def header(self, operation: str) -> dict[str, str]:
        return {"x-amzn-RateLimit-Limit": str(PLANS[operation][0])}
