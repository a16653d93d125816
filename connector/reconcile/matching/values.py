"""Bank lines, ledger entries, and what is proposed about them. Of entries and reasons there are very many: they are
structs of msgspec, which the collector of circles passes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec

# Certain may be applied by itself; likely waits for a yes; possible is shown and never applied.
Confidence = Literal["certain", "likely", "possible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """One line of a bank statement; money in is positive, in minor units."""

    line_id: str
    day: date
    amount: int
    currency: str
    text: str = ""
    reference: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One ledger entry that waits for the bank, in the sign that the bank line would have.

    `channel` is where it comes from (a processor, the customers), `batch` the payout or settlement it belongs to, `fee`
    what the channel keeps of it (positive), as `fee_model` tells, exact or within `band` minor units; `reference` and
    `text` what else may stand on the bank line."""

    entry_id: str
    day: date
    amount: int
    currency: str
    channel: str = ""
    reference: str = ""
    batch: str = ""
    fee: int = 0
    fee_model: str = "known from the source"
    band: int = 0
    text: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One reason for a proposal, as data: `("lag_days", "2", "window 1..4")`."""

    fact: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Lines and entries that belong together, why, and what is left between them (`residual`: lines less entries, in
    minor units of the line's currency; not nothing under a write-off rule only). A line that is coded has no entries
    but an `account` of the books and its `tax_code`, where a residual goes too."""

    lines: tuple[str, ...]
    entries: tuple[str, ...]
    rung: int
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    residual: int = 0
    account: str = ""
    tax_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A line without an applied or likely proposal: what could explain it, and what nearly does."""

    line_id: str
    possible: Sequence[Proposal]
    misses: Sequence[Evidence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Certain and likely proposals, each line and entry in one at most; what waits; entries that no line has."""

    proposals: Sequence[Proposal]
    waiting: Sequence[Waiting]
    open_entries: Sequence[str]
