"""What a clearing account holds and what is known about it: values in, open items out. Debit positive, minor units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Cause = Literal[
    "in transit", "next batch", "reserve", "dispute", "cash not banked", "tender mismatch", "late change",
    "missing posting", "edit in the books", "rounding", "exchange", "unknown",
]  # fmt: skip
TakingKind = Literal["card", "cash", "reserve", "dispute", "opening"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What a document of ours in the books does to the account. `of` names the period or payout it is made of."""

    day: date
    amount: int
    of: str
    mark: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A tender, refund or part of a settlement, as its record puts it on the account on its day; `period` names what
    its document is made of. `is_changed` says that the source changed the record after it was first read."""

    name: str
    day: date
    amount: int
    period: str
    kind: TakingKind = "card"
    is_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """Money the processor sent on `sent`, at the bank on `day`. `settles` says what it takes out of the account for
    each taking, `others` the same for what no taking stands for; both debit positive, as the takings came in.

    `is_booked` says that a document of ours moves it to the bank on its day; else it leaves the account when the bank
    line is matched. A payout that `has_failed` puts back what it took, less its fees: `others` is negative for that."""

    name: str
    sent: date
    day: date
    settles: Mapping[str, int] = field(default_factory=dict)
    others: int = 0
    is_booked: bool = True
    has_failed: bool = False
    title: str = ""

    @property
    def said(self) -> str:
        """What people call it."""
        return self.title or f"payout {self.name}"

    @property
    def takes(self) -> int:
        return sum(self.settles.values()) + self.others


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """A matched bank line of a payout that no document of ours books: what it settles on the account, in the account's
    currency. `is_exchanged` says that the bank received another currency."""

    payout: str
    day: date
    amount: int
    is_exchanged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A period or payout that is held or ignored, wholly or in part, and why."""

    of: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What somebody did in the books to a document of ours: by how much the account differs for it, None if untold."""

    mark: str
    day: date
    amount: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Everything that is known about one clearing account. `opening` are the opening items of the cut-over, as postings
    of their own, each under a text that no other has: payouts settle them by it. `elsewhere` names the account of
    takings that stand on another one, `in_books` the books' balance where it is known for the day that is asked for."""

    name: str
    currency: str
    opening: Sequence[Posting] = ()
    postings: Sequence[Posting] = ()
    takings: Sequence[Taking] = ()
    payouts: Sequence[Payout] = ()
    deposits: Sequence[Deposit] = ()
    waiting: Sequence[Waiting] = ()
    edits: Sequence[Edit] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    in_books: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """One named part of a balance. `day` is when it arose, `age` the days since."""

    cause: Cause
    text: str
    amount: int
    day: date
    age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The balance on a day: opening + posted − settled = `by_documents`; and what it is made of.

    The items sum to the books' balance where it is known, else to `by_documents`. `unexplained` is what of them nobody
    can name."""

    account: str
    currency: str
    on: date
    opening: int
    posted: int
    settled: int
    in_books: int | None
    items: tuple[OpenItem, ...]

    @property
    def by_documents(self) -> int:
        return self.opening + self.posted - self.settled

    @property
    def unexplained(self) -> int:
        return sum(item.amount for item in self.items if item.cause == "unknown")
