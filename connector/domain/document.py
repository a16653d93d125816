"""Documents: balanced entries for the books, the same for every target. An unbalanced one refuses to exist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from connector.domain.facts import BucketKey
from connector.domain.money import decimal_text
from connector.errors import Broken

Role = Literal[
    "sales", "other_income", "discount", "refund", "tax", "tip", "service_charge", "gift_card", "store_credit",
    "customer_deposit", "house_account", "rounding", "over_short", "paid_out", "fee", "fee_tax", "reimbursement",
    "dispute", "reserve", "deferred", "balance", "loan", "withholding", "cogs", "inventory", "fx", "adjustment",
    "receivable", "due_from", "opening", "clearing", "carry", "bank",
]  # fmt: skip
Family = Literal["", "journal", "invoice", "receipt", "transfer", "deposit", "bill"]
Kind = Literal["sales", "refund", "settlement", "payout", "transfer", "adjustment", "opening"]

ROLES: frozenset[str] = frozenset(get_args(Role))
FAMILIES: frozenset[str] = frozenset(get_args(Family))
KINDS: frozenset[str] = frozenset(get_args(Kind))
PROFIT_AND_LOSS: frozenset[str] = frozenset({
    "sales", "other_income", "discount", "refund", "service_charge", "rounding", "over_short", "fee", "reimbursement",
    "dispute", "cogs", "fx",
})  # fmt: skip

Tracking = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a bucket gives to a line: its whole sum, in the source's sign, and its movements."""

    bucket: BucketKey
    amount: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A part of a document. `amount` is gross, debit positive; `tax` is the tax contained in it, of the same sign.

    A line without shares is derived: it balances the others (a clearing, carry or bank line)."""

    role: Role
    account: str
    amount: int
    number: str = ""
    tax_code: str = ""
    tax: int = 0
    tracking: Tracking = ()
    text: str = ""
    shares: tuple[Share, ...] = ()

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise Broken(f"{self.role!r} is not a role of a line")
        if not self.account:
            raise Broken(f"a {self.role} line without an account")
        if abs(self.tax) > abs(self.amount) or self.tax * self.amount < 0:
            raise Broken(f"the tax {self.tax} is not contained in the amount {self.amount} on {self.account}")

    @property
    def movements(self) -> int:
        return sum(share.count for share in self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A balanced entry for the books, in one currency. `rate`: home units for one foreign unit, as text, and
    `rate_source` where it comes from; both empty where nothing is foreign, or the books have not said theirs yet.

    `period` names the day, payout or settlement it is made of (see facts.period_name). `version` is 1, or higher for
    one that holds only what the source changed after the versions before it went into the books; `prior_period` flags
    such a one that stands on a later day because its own is locked. `family` says which records of the books it
    becomes: a journal, an invoice with payments, receipts, a transfer or deposit, a paid bill for its fees; empty for
    what is usual in those books. A correction takes the family of what it corrects."""

    key: str
    mark: str
    date: date
    currency: str
    kind: Kind
    narration: str
    source_ref: str
    lines: tuple[Line, ...]
    location: str = ""
    rate: str = ""
    rate_source: str = ""
    version: int = 1
    period: str = ""
    prior_period: bool = False
    family: Family = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise Broken(f"{self.kind!r} is not a kind of document")
        if self.family not in FAMILIES:
            raise Broken(f"{self.family!r} is not a family of records")
        if len(self.lines) < 2:
            raise Broken(f"{self.key}: a document has two lines at least")
        off = sum(line.amount for line in self.lines)
        if off:
            raise Broken(f"{self.key}: debits and credits differ by {decimal_text(off, self.currency)} {self.currency}")

    @property
    def debits(self) -> int:
        return sum(line.amount for line in self.lines if line.amount > 0)

    @property
    def movements(self) -> int:
        return sum(line.movements for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A period or part that waits, with its reason; it goes by itself when the cause is gone.

    `difference` is in minor units of `currency`, zero where none is meant; `amount` is what waits altogether, and
    `waits_for` names the decisions that are missing, where it waits for some."""

    key: str
    code: str
    reason: str
    currency: str
    difference: int = 0
    shares: tuple[Share, ...] = ()
    period: str = ""
    amount: int = 0
    waits_for: tuple[str, ...] = ()

    @property
    def movements(self) -> int:
        return sum(share.count for share in self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Movements that belong in no document, with the reason."""

    key: str
    reason: str
    currency: str
    shares: tuple[Share, ...] = ()
    period: str = ""

    @property
    def movements(self) -> int:
        return sum(share.count for share in self.shares)

    @property
    def sum(self) -> int:
        return sum(share.amount for share in self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class InBooks:
    """A business key that is on its way or in the books: its live versions, oldest first, and the number of the map
    they were made with. `is_settled` says that each of their records is there for certain; `set_aside` are the
    movements of documents that a person detached or undid, which stay with that decision. `last_version` counts also
    the versions that the books no longer hold."""

    key: str
    period: str
    documents: tuple[Document, ...]
    last_version: int
    map_version: int
    is_settled: bool
    set_aside: tuple[Share, ...] = ()
    set_aside_as: str = ""


def shares_of(lines: Iterable[Line]) -> tuple[Share, ...]:
    """Every share of some lines: what moves to the shelf when their document is held."""
    return tuple(share for line in lines for share in line.shares)
