"""A bank's statement of one account: what stood there, what came and went, and what of it could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date

from connector.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPart:
    """One payment inside a line that the bank booked as a batch; its sign is the line's way of counting."""

    amount: int | None
    currency: str
    text: str = ""
    counterparty: str = ""
    reference: str = ""
    bank_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One line of a statement. `amount` is in minor units of `currency`; money in is positive.

    A field that cannot be read is None (dates, amount) or empty (texts) and has a warning; nothing is guessed. `raw`
    then holds what the file says. `is_booked` is False for what the bank only announces; it is in no balance.
    `bank_id` is the bank's own name of the line, `reference` the payer's. `charges` are the bank's, already taken
    out of the amount. `original` is the amount in the other currency, where the line was exchanged."""

    number: int
    date: Date | None
    amount: int | None
    currency: str
    value_date: Date | None = None
    text: str = ""
    counterparty: str = ""
    reference: str = ""
    bank_id: str = ""
    kind: str = ""
    check_number: str = ""
    is_reversal: bool = False
    is_booked: bool = True
    charges: int | None = None
    original: Money | None = None
    parts: tuple[StatementPart, ...] = ()
    raw: str = ""

    @property
    def is_complete(self) -> bool:
        """A line with a day and an amount; any other cannot be matched until somebody says what it is."""
        return self.date is not None and self.amount is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWarning:
    """What could not be read as it stands. `line` is the number of the line, 0 for the statement itself."""

    code: str
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One account over one stretch of time, as one file shows it. Balances are minor units, None where not told.

    `account` is the bank's own number of it and `institution` the bank's; `form` names the format that was read."""

    account: str
    currency: str
    form: str
    opening: int | None = None
    closing: int | None = None
    opening_on: Date | None = None
    closing_on: Date | None = None
    number: str = ""
    institution: str = ""
    lines: tuple[StatementLine, ...] = ()
    warnings: tuple[StatementWarning, ...] = ()

    @property
    def booked(self) -> int:
        """The sum of the booked lines whose amounts can be read, in the statement's currency."""
        return sum(
            line.amount
            for line in self.lines
            if line.amount is not None and line.is_booked and line.currency == self.currency
        )
