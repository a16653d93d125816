"""BAI2 files → statements: one for each account and day. Records are cut by the bai2 library, fields are read here,
so that one bad field leaves the rest of the file readable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date as Date

from bai2.constants import RecordCode, TypeCodes, TypeCodeTransaction
from bai2.helpers import record_generator

from connector.domain.statement import Statement, StatementLine
from connector.errors import Unreadable
from connector.reconcile.statements.amounts import read_amount
from connector.reconcile.statements.reading import (
    Reading,
    Warnings,
    checked_count,
    cleaned,
    currency_of,
    finished,
)

_CODES = {code.value for code in RecordCode}
_BY_RANGE = {  # of codes that the library does not know: the definition's own ranges of credits and debits
    range(100, 400): 1,
    range(400, 700): -1,
    range(920, 960): 1,
    range(960, 1000): -1,
}
_PAIRS = 4  # digits of the count of pairs
_OPENING, _CLOSING = "010", "015"
_DEFAULT = "USD"  # the definition's own, where neither group nor account names a currency
_GROUPS = {"2": "The bank withdraws this group (status 2).", "4": "This group is a test (status 4)."}


@dataclass(slots=True)
class _Account:
    number: str
    day: Date | None
    currency: str
    institution: str
    balances: dict[str, int | None] = field(default_factory=dict)
    control: int = 0
    lines: list[StatementLine] = field(default_factory=list)
    warnings: Warnings = field(default_factory=Warnings)


def read_bai2(text: str, reading: Reading) -> tuple[Statement, ...]:
    """One statement for each account record, dated by its group. Money in is positive by the type code.

    Amounts have no point: they are minor units already. Raises Unreadable where there is no account record."""
    accounts: list[_Account] = []
    group: list[str] = []
    for code, fields in _records(text):
        if code == "02":
            group = fields
        elif code == "03":
            accounts.append(_account(fields, group))
        elif accounts and code == "16":
            _take_line(accounts[-1], fields)
        elif accounts and code == "49":
            _check_control(accounts[-1], fields)
    if not accounts:
        raise Unreadable("it holds no account (no 03 record)")
    checked_count(sum(len(account.lines) for account in accounts))
    return tuple(_statement(account, reading) for account in accounts)


def _records(text: str) -> Iterator[tuple[str, list[str]]]:
    """Records with their continuations joined; lines of no known record continue what stands before them."""
    lines: list[str] = []
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        lines.append(line if line[:2] in _CODES and line[2:3] in (",", "/", "") else f"88,{line}")
    while lines and lines[0].startswith("88"):
        lines.pop(0)
    for record in record_generator(lines) if lines else ():
        yield record.code.value, [value.strip() for value in record.fields]


def _account(fields: list[str], group: list[str]) -> _Account:
    currency = _at(fields, 1) or _at(group, 5) or _DEFAULT
    account = _Account(
        number=cleaned(_at(fields, 0), 100),
        day=_day(_at(group, 3)),
        currency=currency,
        institution=cleaned(_at(group, 1), 40),
    )
    if account.day is None:
        account.warnings.add("date", f"{_at(group, 3)!r} is no day; the lines of this group have none.")
    if reason := _GROUPS.get(_at(group, 2)):
        account.warnings.add("status", reason)
    for code, amount in _summaries(fields):
        account.control += _minor(amount, "", account) or 0
        if amount and code in (_OPENING, _CLOSING):
            account.balances[code] = _minor(amount, f"balance {code}", account)
    return account


def _summaries(fields: list[str]) -> Iterator[tuple[str, str]]:
    """Code, amount, count and funds type over and over, each with as many more fields as its funds type has."""
    at = 2
    while at < len(fields):
        yield fields[at], _at(fields, at + 1)
        at += 4 + _availability(fields, at + 3)


def _availability(fields: list[str], at: int) -> int:
    """How many fields tell when the money is free: S three amounts, V a date and a time, D pairs after their count."""
    funds = _at(fields, at).upper()
    if funds == "D":
        pairs = _at(fields, at + 1)
        return 1 + 2 * int(pairs) if pairs.isdecimal() and len(pairs) < _PAIRS else 1
    return {"S": 3, "V": 2}.get(funds, 0)


def _take_line(account: _Account, fields: list[str]) -> None:
    code, written, funds = _at(fields, 0), _at(fields, 1), _at(fields, 2).upper()
    number = len(account.lines) + 1
    after = 3 + _availability(fields, 2)
    text = cleaned(",".join(fields[after + 2 :]).rstrip("/"))
    if not written and _direction(code) is None:
        account.warnings.add("text", f"The bank says without an amount ({code}): {text}", number)
        return
    minor = _minor(written, "amount", account, number)
    account.control += minor or 0
    sign = _direction(code)
    if sign is None:
        account.warnings.add("kind", f"The type code {code!r} does not tell money in from money out.", number)
    value_date = _day(_at(fields, 3)) if funds == "V" else None
    line = StatementLine(
        number=number,
        date=account.day,
        value_date=value_date,
        amount=None if minor is None or sign is None else sign * minor,
        currency=account.currency,
        text=text,
        reference=cleaned(_at(fields, after + 1), 200),
        bank_id=cleaned(_at(fields, after), 300),
        kind=cleaned(code, 10),
        raw=cleaned(",".join(fields)) if minor is None or sign is None else "",
    )
    account.lines.append(line)


def _direction(code: str) -> int | None:
    """1 for money in, -1 for money out, None where the code tells neither."""
    known = TypeCodes.get(code)
    if known is not None and known.transaction is not None:
        return {TypeCodeTransaction.credit: 1, TypeCodeTransaction.debit: -1}.get(known.transaction)
    number = int(code) if re.fullmatch(r"\d{3}", code) else 0
    return next((sign for codes, sign in _BY_RANGE.items() if number in codes), None)


def _minor(written: str, what: str, account: _Account, line: int = 0) -> int | None:
    """An amount without a point; one with a point is read as decimals. No `what` is no warning."""
    if re.fullmatch(r"[+-]?\d{1,18}", written):
        return int(written)
    try:
        minor = read_amount(written, account.currency, ".").minor
    except ValueError:
        minor = None
    if what:
        said = "has a point, which BAI2 does not know; read as decimals" if minor is not None else "is no amount"
        account.warnings.add(what.split()[0], f"{cleaned(written, 60)!r} {said}.", line)
    return minor


def _check_control(account: _Account, fields: list[str]) -> None:
    written = _at(fields, 0)
    if re.fullmatch(r"[+-]?\d{1,18}", written) and int(written) != account.control:
        account.warnings.add(
            "totals", f"The account's control total is {written}, its records add up to {account.control}."
        )


def _statement(account: _Account, reading: Reading) -> Statement:
    statement = Statement(
        account=account.number,
        institution=account.institution,
        currency=currency_of(account.currency, reading, account.warnings),
        form="BAI2",
        opening=account.balances.get(_OPENING),
        closing=account.balances.get(_CLOSING),
        opening_on=account.day,
        closing_on=account.day,
        lines=tuple(account.lines),
    )
    return finished(statement, account.warnings, reading)


def _day(written: str) -> Date | None:
    found = re.fullmatch(r"(\d{2})(\d{2})(\d{2})", written)
    try:
        return Date(2000 + int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _at(fields: list[str], index: int) -> str:
    return fields[index] if index < len(fields) else ""
