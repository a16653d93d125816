"""What the audit saw: a value, never an exception."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from connector.domain.account_map import AccountMap
from connector.domain.document import Document, Line, Tracking

Severity = Literal["info", "warning", "blocking"]

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "blocking")  # the mildest first


class Footing(NamedTuple):
    """Where lines of documents stand; lines of the same footing are right or wrong together."""

    role: str
    account: str
    tax_code: str
    tracking: Tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """The documents that would be wrong: those with a line on one of the footings, or of sales of one of the days.
    Where `taxes` of the source are named, only lines that hold money under one of them."""

    footings: frozenset[Footing] = frozenset()
    days: frozenset[date] = frozenset()
    taxes: frozenset[str] = frozenset()

    def holds(self, document: Document) -> bool:
        if document.date in self.days and any(line.role == "sales" for line in document.lines):
            return True
        lines = (line for line in document.lines if line.amount and self._is_taxed(line)) if self.footings else ()
        return any(Footing(line.role, line.account, line.tax_code, line.tracking) in self.footings for line in lines)

    def _is_taxed(self, line: Line) -> bool:
        return not self.taxes or any(share.bucket.tax_code in self.taxes for share in line.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a fix does by itself: `change` holds the decisions that take the place of those in the account map (an empty
    one takes the decision out), `opens` says that the accounts it needs are opened as proposed, and `role` is what the
    feed posts from then on (empty: as before)."""

    change: AccountMap = field(default_factory=AccountMap)
    opens: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing to know or to mend: what, about what, how grave, and the next step.

    `amount` is the money behind it in minor units of `currency`, never negative, and `movements` their count; `blocked`
    names the periods that wait for it, oldest first. Where a station does not know them they stay empty. `proposal` is
    the fix as far as it can be applied by itself; `concern` tells which documents a blocking one keeps from the books,
    where it is not mapping itself that holds them."""

    code: str
    subject: str
    severity: Severity
    message: str
    fix: str = ""
    amount: int = 0
    currency: str = ""
    movements: int = 0
    blocked: tuple[str, ...] = ()
    proposal: Proposal | None = field(default=None, compare=False)
    concern: Concern | None = field(default=None, compare=False)

    @property
    def finding_id(self) -> str:
        """Stable over runs: the same code about the same subject is the same finding."""
        return hashlib.sha256(f"{self.code}\n{self.subject}".encode()).hexdigest()[:16]


def rank(severity: Severity) -> int:
    """Higher is graver."""
    return SEVERITIES.index(severity)
