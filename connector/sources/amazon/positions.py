"""How far the streams were read, kept as text between pulls."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from connector.domain.facts import Fact, sums_by_kind
from connector.sources.amazon.answers import Report, Transaction, read

LISTED = timedelta(days=90) - timedelta(minutes=10)  # Amazon lists no older report; its clock may differ from ours
OVERLAP = timedelta(days=30)  # a report may be listed long after it was created; a longer window costs no call
REMEMBERED = timedelta(days=400)  # a settlement may be delivered again under another report id
DAILY = timedelta(hours=20)  # a pull that comes every day may come a little early


class Taken(msgspec.Struct, frozen=True):
    """A report that was taken in: when Amazon made it, whose settlement it is, and a digest of its sums.

    The digest is empty where the report failed its own identity, so that a better one may come in its place; both are
    where it could not be read."""

    created: datetime
    settlement: str
    money: str


class ReportsRead(msgspec.Struct, frozen=True, omit_defaults=True):
    """The reports taken in by id, and the moment before which nothing waits any more."""

    since: datetime | None = None
    taken: dict[str, Taken] = {}

    @staticmethod
    def of(text: str) -> ReportsRead:
        return read(text.encode(), ReportsRead) if text else ReportsRead()

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()

    def begin(self, now: datetime) -> datetime:
        """From when on reports are listed: never more than Amazon keeps."""
        oldest = now - LISTED
        return max(oldest, self.since - OVERLAP) if self.since else oldest

    def money_of(self, settlement: str) -> str:
        """The digest of a settlement taken in before; empty where there is none that is sound."""
        known = (each.money for each in self.taken.values() if each.settlement == settlement and each.money)
        return next(known, "")

    def after(self, report: Report, fact: Fact | None, waiting: Iterable[Report]) -> ReportsRead:
        """The position once the bytes of a report are kept, `fact` being None where they could not be read; `waiting`
        are those that are still to come."""
        remembered = {
            name: each for name, each in self.taken.items() if report.created_time - each.created < REMEMBERED
        }
        settlement, money = (fact.source_id, money_in(fact)) if fact else ("", "")
        this = Taken(created=report.created_time, settlement=settlement, money=money)
        taken = {**remembered, report.report_id: this}
        still = [each.created_time for each in waiting]
        since = min(still) if still else max(each.created for each in taken.values())
        return ReportsRead(since=max(since, self.since or since), taken=taken)


class MarketplacesRead(msgspec.Struct, frozen=True, omit_defaults=True):
    """When the marketplaces were read."""

    read_at: datetime | None = None

    @staticmethod
    def of(text: str) -> MarketplacesRead:
        return read(text.encode(), MarketplacesRead) if text else MarketplacesRead()

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()

    def is_due(self, now: datetime) -> bool:
        return self.read_at is None or now - self.read_at >= DAILY


class TransactionsRead(msgspec.Struct, frozen=True, omit_defaults=True):
    """The deferred transactions that are open, by id, with the moment each was posted; when all of them were last
    listed, and the moment of posting up to which they are known since."""

    open: dict[str, datetime] = {}
    swept_at: datetime | None = None
    read_to: datetime = datetime.min.replace(tzinfo=UTC)

    @staticmethod
    def of(text: str) -> TransactionsRead:
        return read(text.encode(), TransactionsRead) if text else TransactionsRead()

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()

    def is_due(self, now: datetime) -> bool:
        """Whether all of it is to be listed again."""
        return self.swept_at is None or now - self.swept_at >= DAILY


def opened(transactions: Iterable[Transaction]) -> dict[str, datetime]:
    """The transactions by id, with the moment each was posted."""
    return {each.transaction_id: each.posted_date for each in transactions}


def money_in(fact: Fact) -> str:
    """A digest of what a settlement holds by kind and month: equal for two spellings of the same money."""
    if fact.problems:
        return ""
    sums = sorted((kind, period, amount) for (kind, period), amount in sums_by_kind(fact).items())
    return hashlib.sha256(msgspec.json.encode([fact.currency, *sums])).hexdigest()[:16]
