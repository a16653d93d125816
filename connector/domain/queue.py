"""The specialist's queue: what is open over all organisations, grouped by cause, by money and age. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connector.domain.finding import Finding, Severity, rank
from connector.domain.money import exponent


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One finding about one feed, with who looks after it; or about a connection, whose name stands for the feed's, and
    which has no `feed_id`: it closes by itself, and nobody need look after it. `row` names it in the store; `said`
    counts its comments."""

    row: int
    organisation: str
    feed: str
    feed_id: int
    finding: Finding
    first_seen: datetime
    assignee: str = ""
    said: int = 0
    muted_until: datetime | None = None
    muted_because: str = ""
    muted_by: str = ""

    @property
    def is_of_connection(self) -> bool:
        return not self.feed_id

    def is_muted(self, now: datetime) -> bool:
        return self.muted_until is not None and now < self.muted_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Findings of one cause, wherever they are: the largest sums first, then the oldest."""

    code: str
    items: tuple[Item, ...]

    @property
    def severity(self) -> Severity:
        return max((item.finding.severity for item in self.items), key=rank)

    @property
    def amounts(self) -> dict[str, int]:
        """By currency, in minor units."""
        found: dict[str, int] = {}
        for item in self.items:
            if item.finding.currency:
                found[item.finding.currency] = found.get(item.finding.currency, 0) + item.finding.amount
        return found

    @property
    def oldest(self) -> datetime:
        return min(item.first_seen for item in self.items)


def causes(items: Iterable[Item]) -> tuple[Cause, ...]:
    """The queue: the gravest causes first, of equals that of the most money, then the oldest. Amounts of different
    currencies are compared by their figures: there is no rate that all of them would agree on."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.finding.code, []).append(item)
    made = [Cause(code=code, items=tuple(sorted(some, key=_order))) for code, some in found.items()]
    return tuple(sorted(made, key=lambda each: (-rank(each.severity), -_most(each), each.oldest, each.code)))


def _order(item: Item) -> tuple[int, datetime, str, str]:
    size = _figure(item.finding.amount, item.finding.currency)
    return -size, item.first_seen, item.feed, item.finding.subject


def _most(cause: Cause) -> int:
    return max((_figure(amount, currency) for currency, amount in cause.amounts.items()), default=0)


def _figure(amount: int, currency: str) -> int:
    """The amount in thousandths of a unit, whatever the currency's decimals are."""
    return amount * 10 ** (3 - exponent(currency)) if currency else 0
