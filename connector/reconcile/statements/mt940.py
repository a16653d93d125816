"""MT940 and MT942 messages → statements. Fields are read by the mt-940 library, one at a time, so that one bad field
leaves its message readable, and one bad message the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from connector.domain.statement import Statement, StatementLine
from connector.errors import Unreadable
from connector.reconcile.statements.mt940_fields import Balance, balance_of, details_of, line_of
from connector.reconcile.statements.reading import (
    Reading,
    Warnings,
    checked_count,
    cleaned,
    currency_of,
    finished,
)

_TAG = re.compile(r"\s*:(\d{2}[A-Z]?|NS):(.*)", re.DOTALL)
_KNOWN = {
    "20", "21", "25", "25P", "28", "28C", "13", "13D", "34F", "60F", "60M", "60", "61", "62F", "62M", "62", "64", "65",
    "86", "90C", "90D", "NS",
}  # fmt: skip
_ENDS = re.compile(r"\s*(?:-\}?\s*$|-\}|\{)")


def read_mt940(text: str, reading: Reading) -> tuple[Statement, ...]:
    """One statement for each account and number; one that runs over several messages is joined again.

    Money in is positive: C and RD, against D and RC. Raises Unreadable where there is no message."""
    messages = [_message(fields) for fields in _messages(text)]
    if not messages:
        raise Unreadable("it holds no message (no :20: field)")
    checked_count(sum(len(message.lines) for message in messages))
    return tuple(_statement(message, reading) for message in _joined(messages))


@dataclass(slots=True)
class _Message:
    account: str = ""
    number: str = ""
    currency: str = ""
    opening: Balance | None = None
    closing: Balance | None = None
    has_more_before: bool = False
    has_more_after: bool = False
    is_interim: bool = False
    lines: list[StatementLine] = field(default_factory=list)
    warnings: Warnings = field(default_factory=Warnings)


def _messages(text: str) -> Iterator[list[tuple[str, str]]]:
    """The fields of each message: each begins with :20:, and what stands between messages is no field."""
    fields: list[tuple[str, str]] = []
    is_open = False
    for line in text.split("\n"):
        found = _TAG.match(line)
        if found and found[1] in _KNOWN:
            if found[1] == "20" and fields:
                yield fields
                fields = []
            fields.append((found[1], found[2].rstrip()))
            is_open = True
        elif _ENDS.match(line):
            is_open = False
        elif is_open and line.strip():
            tag, value = fields[-1]
            fields[-1] = (tag, f"{value}\n{line.rstrip()}")
    if fields:
        yield fields


def _message(fields: list[tuple[str, str]]) -> _Message:
    message = _Message()
    for tag, value in fields:  # balances come last, but tell the currency of the lines
        if tag[:2] in ("60", "62", "64", "65", "34") and not message.currency:
            found = re.search(r"[A-Z]{3}", value[7:] if tag[:2] != "34" else value)
            message.currency = found[0] if found else ""
    before = ""
    for tag, value in fields:
        _take(message, tag, value, before)
        before = before if tag == "NS" else tag
    return message


def _take(message: _Message, tag: str, value: str, before: str) -> None:
    if tag in ("25", "25P"):
        message.account = cleaned(value, 100)
    elif tag in ("28", "28C"):
        message.number = cleaned(value, 40)
    elif tag == "61":
        message.lines.append(line_of(value, len(message.lines) + 1, message.currency, message.warnings))
    elif tag == "86" and before in ("61", "86") and message.lines:
        message.lines[-1] = details_of(message.lines[-1], value)
    elif tag == "NS" and before in ("61", "86") and message.lines:
        message.lines[-1] = details_of(message.lines[-1], re.sub(r"(?m)^\d{2}", "", value))
    elif tag[:2] == "60":
        message.opening = balance_of(value, message.currency, message.warnings)
        message.has_more_before = tag == "60M"
    elif tag[:2] == "62":
        message.closing = balance_of(value, message.currency, message.warnings)
        message.has_more_after = tag == "62M"
    elif tag == "34F":
        message.is_interim = True


def _joined(messages: list[_Message]) -> list[_Message]:
    """A message that ends between pages (62M) goes on in the next that begins so (60M), of the same account."""
    whole: list[_Message] = []
    for message in messages:
        before = whole[-1] if whole else None
        if before and before.has_more_after and message.has_more_before and before.account == message.account:
            _append(before, message)
        else:
            whole.append(message)
    for message in whole:
        if message.has_more_after:
            message.warnings.add("page", "The statement goes on in a message that is not in the file.")
        if message.has_more_before:
            message.warnings.add("page", "The statement begins in a message that is not in the file.")
    return whole


def _append(before: _Message, page: _Message) -> None:
    if before.closing and page.opening and before.closing.amount != page.opening.amount:
        before.warnings.add("page", "A page does not begin with the balance with which the page before it ends.")
    count = len(before.lines)
    before.lines += [replace(line, number=line.number + count) for line in page.lines]
    for warning in page.warnings.all():
        before.warnings.add(warning.code, warning.text, warning.line + count if warning.line else 0)
    before.closing, before.has_more_after = page.closing, page.has_more_after


def _statement(message: _Message, reading: Reading) -> Statement:
    if message.is_interim and message.opening is None:
        message.warnings.add("interim", "This is an interim report (MT942), no statement: it tells no balances.")
    opening, closing = message.opening, message.closing
    statement = Statement(
        account=message.account,
        currency=currency_of(message.currency, reading, message.warnings),
        form="MT940",
        number=message.number,
        opening=opening.amount if opening else None,
        closing=closing.amount if closing else None,
        opening_on=opening.day if opening else None,
        closing_on=closing.day if closing else None,
        lines=tuple(message.lines),
    )
    return finished(statement, message.warnings, reading)
