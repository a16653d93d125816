"""What whoever hands in a file may say about it, and what every reader ends with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from connector.domain.money import decimal_text
from connector.domain.statement import Statement, StatementLine, StatementWarning
from connector.errors import Unreadable

LINES = 500_000
TEXT_LENGTH = 2000
WARNINGS = 1000  # of one statement; the rest is counted

_NAME = re.compile(r"[A-Z]{3}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the file itself may not tell. `account` and `currency` stand in for what is missing; `account` also
    replaces what is there, so that a file can be filed under the owner's own name of the account. `dates` is "dmy"
    or "mdy", `decimals` is "." or ",", `profile` the name of a table profile or its columns."""

    account: str = ""
    currency: str = ""
    profile: str = ""
    dates: str = ""
    decimals: str = ""


@dataclass(slots=True)
class Warnings:
    """Collects what could not be read of one statement."""

    found: list[StatementWarning] = field(default_factory=list)
    left_out: int = 0

    def add(self, code: str, text: str, line: int = 0) -> None:
        """Keeps a warning, or counts it when there are too many to read."""
        if len(self.found) < WARNINGS:
            self.found.append(StatementWarning(code=code, text=text, line=line))
        else:
            self.left_out += 1

    def all(self) -> tuple[StatementWarning, ...]:
        """What was kept, with a last one that counts the rest."""
        rest = StatementWarning(code="more", text=f"There are {self.left_out} more warnings.")
        return (*self.found, rest) if self.left_out else tuple(self.found)


def finished(statement: Statement, warnings: Warnings, reading: Reading) -> Statement:
    """The statement under the account's given name, with its sum checked and its warnings in it."""
    _check_sum(statement, warnings)
    if not statement.account and not reading.account:
        warnings.add("account", "The file does not say which account it is; say it with --account.")
    return replace(statement, account=reading.account or statement.account, warnings=warnings.all())


def checked_count(count: int) -> None:
    """Raises Unreadable where a file holds more lines than anybody's account."""
    if count > LINES:
        raise Unreadable(f"it holds more than {LINES:,} lines; ask the bank for a shorter period")


def currency_of(written: str, reading: Reading, warnings: Warnings) -> str:
    """The currency that the file names, else the given one, else none, with a warning."""
    named = written.strip().upper()
    if _NAME.match(named):
        return named
    if reading.currency:
        return reading.currency
    reason = f"{cleaned(written, 40)!r} is no currency" if named else "The file names no currency"
    warnings.add("currency", f"{reason}: amounts are read with two decimals. Say which with --currency.")
    return ""


def cleaned(text: str, limit: int = TEXT_LENGTH) -> str:
    """Text on one line, without characters that only steer a terminal or a page, cut at the limit."""
    if text.isprintable():
        return " ".join(text.split())[:limit].rstrip()
    kept = "".join(
        " " if character.isspace() else character
        for character in text[: limit * 4]
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    return " ".join(kept.split())[:limit].rstrip()


def joined(*texts: str) -> str:
    """The texts that say something, each once, in their order."""
    return cleaned(" ".join(dict.fromkeys(part for part in (cleaned(text) for text in texts) if part)))


def _check_sum(statement: Statement, warnings: Warnings) -> None:
    if statement.opening is None or statement.closing is None:
        return
    _check_other_currencies(statement.lines, statement.currency, warnings)
    difference = statement.opening + statement.booked - statement.closing
    if difference:
        amounts = (statement.opening, statement.booked, statement.closing, difference)
        opening, booked, closing, over = (decimal_text(amount, statement.currency) for amount in amounts)
        warnings.add(
            "sum", f"Opening {opening} and lines {booked} are not the closing {closing}; they differ by {over}."
        )


def _check_other_currencies(lines: Sequence[StatementLine], currency: str, warnings: Warnings) -> None:
    others = sorted({line.currency for line in lines if line.currency != currency})
    if others:
        warnings.add("currency", f"Lines in {', '.join(others)} are not in the sum of this {currency} account.")
