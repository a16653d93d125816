"""What a report is made of, as it was read: one list for each kind of thing. Amounts in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from connector.reconcile.clearing.values import OpenItem


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOf:
    """A feed of the organisation: its name, the source and the books in words."""

    name: str
    source: str
    books: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """A line of a document in the books, debit positive; `tax` is the tax contained in it. `bank` says which bank line
    it was found on, `state` how its record stands in the books."""

    feed: str
    mark: str
    day: date
    kind: str
    narration: str
    place: str
    role: str
    account: str
    text: str
    currency: str
    amount: int
    tax: int = 0
    tax_code: str = ""
    map_version: int = 0
    is_prior_period: bool = False
    state: str = ""
    bank: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOut:
    """A payout or the deposit of a settlement: gross − fees = amount. `state` is matched, in transit, missing, not
    compared, failed or kept; `told` how that is known."""

    feed: str
    name: str
    sent: date
    day: date
    reference: str
    currency: str
    gross: int
    fees: int
    amount: int
    state: str
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRow:
    """A line of a bank statement; `state` is open, matched or ignored, with the reason and who said so."""

    number: int
    books: str
    account: str
    day: date
    text: str
    currency: str
    amount: int
    state: str
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRow:
    """Bank lines and deposits that were tied together, or were and no longer are; `evidence` in words."""

    number: int
    feed: str
    state: str
    lines: str
    items: str
    currency: str
    banked: int
    fee: int
    written_off: int
    exchange: int
    evidence: str
    by: str
    at: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A clearing account over the period: opening + posted − settled = closing = the sum of its items."""

    feed: str
    account: str
    currency: str
    opening: int
    posted: int
    settled: int
    closing: int
    items: tuple[OpenItem, ...]
    in_books: int | None = None
    proved_at: datetime | None = None

    @property
    def unexplained(self) -> int:
        return sum(item.amount for item in self.items if item.cause == "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """A balance or tax that is no clearing, beside what the source says; debit positive, `missing` is not in the
    books."""

    feed: str
    what: str
    name: str
    currency: str
    opening: int
    increased: int
    decreased: int
    by_source: int
    restated: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """Something that was not as it should be: how it was found, how it was resolved, and by whom."""

    of: str
    found_on: datetime | None
    found_by: str
    what: str
    about: str
    message: str
    currency: str
    amount: int
    state: str
    resolved_on: datetime | None = None
    resolution: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapDecision:
    """One decision of the account map that a version changed."""

    feed: str
    number: int
    author: str
    reason: str
    decided_at: datetime | None
    valid_from: date | None
    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreconciled:
    """A payment that is linked to no item of an invoice, or only in part."""

    connection: str
    account: str
    payment: str
    paid_on: date
    kind: str
    recorded_by: str
    currency: str
    amount: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What of the period is not in the books: held, parked or ignored, or refused by the books, and why."""

    feed: str
    of: str
    day: date
    state: str
    code: str
    reason: str
    currency: str
    amount: int
    difference: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything about an organisation in a period."""

    organisation: str
    first: date
    last: date
    made_at: datetime
    feeds: tuple[FeedOf, ...] = ()
    lines: tuple[BookLine, ...] = ()
    paid_out: tuple[PaidOut, ...] = ()
    bank: tuple[BankRow, ...] = ()
    matches: tuple[MatchRow, ...] = ()
    balances: tuple[Balance, ...] = ()
    ties: tuple[Tied, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()
    decisions: tuple[MapDecision, ...] = ()
    unreconciled: tuple[Unreconciled, ...] = ()
    waiting: tuple[Waiting, ...] = ()
