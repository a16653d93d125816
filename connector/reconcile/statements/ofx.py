"""OFX 1.x and 2.x, QFX and .qbo files → statements, as banks write them rather than as the definition wants them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date as Date

from connector.domain.statement import Statement, StatementLine
from connector.errors import Unreadable
from connector.reconcile.statements.amounts import read_amount
from connector.reconcile.statements.ofx_markup import Group, groups
from connector.reconcile.statements.reading import (
    Reading,
    Warnings,
    checked_count,
    cleaned,
    currency_of,
    finished,
    joined,
)

_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_NO_CASH = {"REINVEST", "TRANSFER", "SPLIT", "JRNLSEC", "CLOSUREOPT"}
_SIGNS = {"DEBIT": -1, "CREDIT": 1}


def read_ofx(text: str, reading: Reading) -> tuple[Statement, ...]:
    """One statement for each account in the file, its lines in the file's order.

    The ledger balance is the closing; OFX knows no opening. Raises Unreadable where there is no statement."""
    found, answer = groups(text)
    if not found:
        raise Unreadable(f"the bank answers {cleaned(answer, 200)!r}" if answer else "it holds no statement")
    checked_count(sum(len(group.transactions) for group in found))
    return tuple(_statement(group, reading) for group in found)


def _statement(group: Group, reading: Reading) -> Statement:
    warnings = Warnings()
    currency = currency_of(group.fields.get("CURDEF", "") or _only_currency(group), reading, warnings)
    lines: list[StatementLine] = []
    for fields in group.transactions:
        if fields["@kind"] in _NO_CASH:
            warnings.add("no cash", f"{fields['@kind']} {_bank_id(fields)} moves securities, no cash; it is no line.")
        else:
            lines.append(_line(fields, len(lines) + 1, currency, warnings))
    balance = group.fields.get("LEDGERBAL.BALAMT", "")
    closing_on = _date(group.fields.get("LEDGERBAL.DTASOF", ""))
    statement = Statement(
        account=cleaned(group.fields.get("ACCTID", "") or group.fields.get("ACCTKEY", ""), 100),
        institution=cleaned(group.fields.get("BANKID", "") or group.fields.get("BROKERID", ""), 100),
        currency=currency,
        form="OFX",
        closing=_amount(balance, currency, ("balance", 0), warnings) if balance else None,
        closing_on=closing_on,
        lines=tuple(lines),
    )
    _check_ids(lines, warnings)
    return finished(statement, warnings, reading)


def _only_currency(group: Group) -> str:
    """Where the statement names no currency, its transactions may all name the same."""
    found = {fields.get("CURRENCY.CURSYM", "") for fields in group.transactions}
    return found.pop() if len(found) == 1 else ""


def _line(fields: dict[str, str], number: int, currency: str, warnings: Warnings) -> StatementLine:
    """CURRENCY says that the amount is in another currency than the account."""
    own = fields.get("CURRENCY.CURSYM", "").upper()
    currency = own if re.fullmatch(r"[A-Z]{3}", own) else currency
    written = fields.get("TRNAMT", "") or fields.get("TOTAL", "")
    posted = fields.get("DTPOSTED", "") or fields.get("DTSETTLE", "") or fields.get("DTTRADE", "")
    line = StatementLine(
        number=number,
        date=_date(posted or fields.get("DTTRAN", "")),
        value_date=_date(fields.get("DTAVAIL", "") or fields.get("DTUSER", "")),
        amount=_amount(written, currency, ("amount", number), warnings),
        currency=currency,
        text=joined(fields.get("NAME", "") or fields.get("PAYEE.NAME", ""), fields.get("MEMO", "")),
        counterparty=cleaned(fields.get("NAME", "") or fields.get("PAYEE.NAME", ""), 200),
        reference=cleaned(fields.get("REFNUM", "") or fields.get("CHECKNUM", ""), 200),
        bank_id=_bank_id(fields),
        kind=cleaned(fields.get("TRNTYPE", "") or fields["@kind"], 40),
        check_number=cleaned(fields.get("CHECKNUM", ""), 40),
        is_booked=fields["@kind"] != "STMTTRNP",
    )
    return _doubted(line, fields, posted, warnings)


def _doubted(line: StatementLine, fields: dict[str, str], posted: str, warnings: Warnings) -> StatementLine:
    if line.date is None:
        warnings.add("date", f"{posted!r} is no day." if posted else "The line has no date.", line.number)
    sign = _SIGNS.get(line.kind, 0)
    if line.amount is not None and sign * line.amount < 0:
        warnings.add("sign", f"The type is {line.kind}, the amount says otherwise; the amount is kept.", line.number)
    if not line.is_complete:
        line = replace(line, raw=cleaned(" ".join(f"{name}={value}" for name, value in fields.items())))
    return line


def _bank_id(fields: dict[str, str]) -> str:
    return cleaned(fields.get("FITID", ""), 300)


def _amount(written: str, currency: str, where: tuple[str, int], warnings: Warnings) -> int | None:
    code, number = where
    try:
        amount = read_amount(written, currency)
    except ValueError:
        warnings.add(code, f"{cleaned(written, 60)!r} is no amount.", number)
        return None
    if amount.is_rounded:
        warnings.add("decimals", f"{written.strip()} has more decimals than {currency or 'the currency'}.", number)
    return amount.minor


def _date(written: str) -> Date | None:
    """The day as written; the bank's own zone counts, so a time behind it changes nothing. Zeros are no day."""
    found = _DATE.match(written.strip())
    try:
        return Date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _check_ids(lines: list[StatementLine], warnings: Warnings) -> None:
    seen: dict[str, StatementLine] = {}
    for line in lines:
        if not line.bank_id:
            warnings.add("id", "The bank gives this line no id (FITID).", line.number)
            continue
        before = seen.setdefault(line.bank_id, line)
        if before is not line:
            warnings.add("id", f"The bank gives the id {line.bank_id} to line {before.number} too.", line.number)
