"""The fields of MT940 that banks write in their own ways: :61:, :86: and the balances."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date as Date

from mt940.models import Transactions
from mt940.options import Options
from mt940.processors import transaction_details_post_processor
from mt940.tags import BalanceBase, Statement, StatementASNB, StatementGLS, Tag, TransactionDetails

from connector.domain.statement import StatementLine
from connector.reconcile.statements.amounts import read_amount
from connector.reconcile.statements.reading import Warnings, cleaned, joined

_LINE, _LONG, _IBAN = Statement(), StatementGLS(), StatementASNB()
_DIALECTS: tuple[Tag, ...] = (_LINE, _LONG, _IBAN)
_BALANCE, _DETAILS = BalanceBase(), TransactionDetails()
_SIGNS = {"C": 1, "D": -1, "RC": -1, "RD": 1, "EC": 1, "ED": -1}
_NONE = {"", "NONREF", "NOTPROVIDED"}
_NUMBERED = re.compile(r"(\d{3})([?~<>^+])(?=\d{2})")
_SLASHED = re.compile(
    r"/(TRTP|EREF|ORDP|BENM|REMI|NAME|IBAN|BIC|CNTP|KREF|MARF|CSID|PREF|RTRN|ISDT|ULTD|ULTC|PURP|ADDR|OCMT|EXCH|CHGS)/"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What stood on the account, in minor units, and the day of it; None where the file's own cannot be read."""

    amount: int | None
    day: Date | None


def balance_of(value: str, currency: str, warnings: Warnings) -> Balance:
    """A balance field; D is below nothing."""
    found = _BALANCE.re.match(value)
    if not found:
        warnings.add("balance", f"{cleaned(value, 60)!r} is no balance.")
        return Balance(amount=None, day=None)
    amount = _amount(found["amount"], currency, 0, warnings)
    day = _day(found["year"], found["month"], found["day"])
    if day is None:
        warnings.add("date", f"{cleaned(value, 60)!r} has no day of the calendar.")
    sign = -1 if found["status"].upper() == "D" else 1
    return Balance(amount=None if amount is None else sign * amount, day=day)


def line_of(value: str, number: int, currency: str, warnings: Warnings) -> StatementLine:
    """A :61: field. The booking day is the entry day, with the year that lies nearest to the value day."""
    found = _matched(value)
    if found is None:
        warnings.add("line", f"{cleaned(value, 80)!r} is no statement line.", number)
        return StatementLine(number=number, date=None, amount=None, currency=currency, raw=cleaned(value))
    value_date = _day(found["year"], found["month"], found["day"])
    entry = _entry_day(found["entry_month"], found["entry_day"], int(found["year"]), value_date)
    if value_date is None:
        written = f"{found['year']}{found['month']}{found['day']}"
        warnings.add("date", f"{written!r} is no day of the calendar; the value day is left out.", number)
    mark = found["status"].upper()
    sign, amount = _SIGNS.get(mark), _amount(found["amount"], currency, number, warnings)
    if sign is None:
        warnings.add("amount", f"The mark {mark!r} does not tell money in from money out.", number)
    line = StatementLine(
        number=number,
        date=entry or value_date,
        value_date=value_date,
        amount=None if amount is None or sign is None else sign * amount,
        currency=currency,
        text=joined(found["extra_details"] or ""),
        reference=_reference(found["customer_reference"] or ""),
        bank_id=cleaned(found["bank_reference"] or "", 300),
        kind=cleaned(found["id"] or "", 10),
        is_reversal=mark.startswith("R"),
        is_booked=not mark.startswith("E"),
    )
    return line if line.is_complete else replace(line, raw=cleaned(value))


def details_of(line: StatementLine, value: str) -> StatementLine:
    """The line with what its :86: field says, in whichever way the bank writes it."""
    if numbered := _NUMBERED.match(value):
        return _numbered(line, value.replace(numbered[2], "?"))
    if _SLASHED.match(value):
        return _slashed(line, value.replace("\n", ""))
    return replace(line, text=joined(line.text, value))


def _matched(value: str) -> re.Match[str] | None:
    """The first of the library's patterns that fits; the standard one gives way to a longer reference."""
    found = [match for tag in _DIALECTS if (match := tag.re.match(value))]
    if len(found) > 1 and "//" in (found[0]["extra_details"] or ""):
        return found[1]
    return found[0] if found else None


def _amount(written: str, currency: str, number: int, warnings: Warnings) -> int | None:
    try:
        amount = read_amount(written, currency, ",")
    except ValueError:
        warnings.add("amount", f"{cleaned(written, 60)!r} is no amount.", number)
        return None
    if amount.is_rounded:
        warnings.add("decimals", f"{written} has more decimals than {currency or 'the currency'}; rounded.", number)
    return amount.minor


def _day(year: str, month: str, day: str) -> Date | None:
    try:
        return Date(2000 + int(year), int(month), int(day))
    except ValueError:
        return None


def _entry_day(month: str | None, day: str | None, year: int, value_date: Date | None) -> Date | None:
    if not (month or "").strip() or not (day or "").strip():
        return None
    found = [near for each in (year - 1, year, year + 1) if (near := _day(str(each), str(month), str(day)))]
    if value_date is None:
        return _day(str(year), str(month), str(day))
    return min(found, key=lambda near: abs(near - value_date), default=None)


def _reference(written: str) -> str:
    found = cleaned(written, 200)
    return "" if found.upper() in _NONE else found


def _numbered(line: StatementLine, value: str) -> StatementLine:
    """020?00POSTING TEXT?20purpose…?32name: German, Austrian, Polish banks."""
    read = {"transaction_details": value}
    whole = Transactions(options=Options.all())
    said = transaction_details_post_processor(whole, _DETAILS, dict(read), dict(read))
    reference = _reference(said.get("end_to_end_reference") or said.get("customer_reference") or "")
    return replace(
        line,
        text=joined(
            said.get("posting_text") or "", said.get("purpose") or "", said.get("additional_purpose") or "", line.text
        ),
        counterparty=cleaned(said.get("applicant_name") or "", 200),
        reference=reference or line.reference,
    )


def _slashed(line: StatementLine, value: str) -> StatementLine:
    """/TRTP/SEPA/EREF/…/REMI/…: Dutch, Belgian and many international banks."""
    said: dict[str, str] = {}
    marks = list(_SLASHED.finditer(value))
    for mark, after in zip(marks, [*(each.start() for each in marks[1:]), len(value)], strict=True):
        said.setdefault(mark[1], value[mark.end() : after])
    counterparty = [*said.get("CNTP", "").split("/"), "", "", ""][2]  # account, bank, name, town
    return replace(
        line,
        text=joined(said.get("TRTP", ""), said.get("REMI", "").removeprefix("USTD//").rstrip("/"), line.text)
        or cleaned(value),
        counterparty=cleaned(said.get("NAME", "") or counterparty, 200),
        reference=_reference(said.get("EREF", "")) or line.reference,
    )
