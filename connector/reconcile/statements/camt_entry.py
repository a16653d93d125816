"""One CAMT entry → one line, with the payments of a batch as its parts."""

from __future__ import annotations

import re
from datetime import date as Date

from connector.domain.money import Money
from connector.domain.statement import StatementLine, StatementPart
from connector.reconcile.statements.amounts import read_amount
from connector.reconcile.statements.reading import Warnings, cleaned, joined
from connector.reconcile.statements.xml_tree import Node

PARTS = 100_000

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_NO_REFERENCE = {"", "NOTPROVIDED", "NONREF"}
_FOREIGN = ("AmtDtls/InstdAmt/Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt")


def line_of(entry: Node, number: int, warnings: Warnings) -> StatementLine:
    """Money in is positive: CdtDbtInd tells the way the money went, of a reversal too."""
    amount, currency = amount_of(entry, number, warnings)
    details = entry.all("NtryDtls/TxDtls")[:PARTS]
    only = details[0] if len(details) == 1 else None
    is_reversal = entry.text_of("RvslInd") in ("true", "1")
    is_from_payer = ((amount or 0) > 0) != is_reversal
    parts = tuple(_part(detail, entry, is_from_payer) for detail in details) if len(details) > 1 else ()
    line = StatementLine(
        number=number,
        date=day_of(entry, "BookgDt") or day_of(entry, "ValDt"),
        value_date=day_of(entry, "ValDt"),
        amount=amount,
        currency=currency,
        text=joined(*(_text(only) if only else ()), entry.text_of("AddtlNtryInf")),
        counterparty=_counterparty(only, is_from_payer) if only else "",
        reference=_reference(only) if only else "",
        bank_id=cleaned(entry.text_of("AcctSvcrRef") or (only.text_of("Refs/AcctSvcrRef") if only else ""), 300),
        kind=_kind(entry),
        is_reversal=is_reversal,
        is_booked=entry.text_of("Sts/Cd", "Sts") in ("BOOK", ""),
        charges=_charges(entry, only),
        original=_original(entry, only, currency),
        parts=parts,
        raw="" if amount is not None else cleaned(entry.text_of("Amt") + " " + entry.text_of("CdtDbtInd")),
    )
    _doubt(line, entry, warnings)
    return line


def amount_of(node: Node, number: int, warnings: Warnings) -> tuple[int | None, str]:
    """The signed minor units of an entry or a balance, and its currency. None where no way or no amount is told."""
    amount = node.first("Amt")
    currency = _currency(amount)
    written, side = (amount.text.strip() if amount else ""), node.text_of("CdtDbtInd")
    sign = {"CRDT": 1, "DBIT": -1}.get(side)
    try:
        read = read_amount(written, currency, ".")
    except ValueError:
        warnings.add("amount", f"{cleaned(written, 60)!r} is no amount.", number)
        return None, currency
    if sign is None:
        warnings.add("amount", f"{cleaned(side, 20)!r} is neither CRDT nor DBIT.", number)
        return None, currency
    if read.is_rounded:
        warnings.add("decimals", f"{written} has more decimals than {currency or 'the currency'}; rounded.", number)
    return sign * read.minor, currency


def day_of(node: Node, name: str) -> Date | None:
    """The day of a date or a moment, as the bank writes it."""
    found = _DAY.match(node.text_of(f"{name}/Dt", f"{name}/DtTm"))
    try:
        return Date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _part(detail: Node, entry: Node, is_from_payer: bool) -> StatementPart:
    amount = detail.first("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
    side = detail.text_of("CdtDbtInd") or entry.text_of("CdtDbtInd")
    return StatementPart(
        amount=_signed(amount, side),
        currency=_currency(amount) or _currency(entry.first("Amt")),
        text=joined(*_text(detail)),
        counterparty=_counterparty(detail, is_from_payer),
        reference=_reference(detail),
        bank_id=cleaned(detail.text_of("Refs/AcctSvcrRef", "Refs/TxId"), 300),
    )


def _signed(amount: Node | None, side: str) -> int | None:
    try:
        read = read_amount(amount.text, _currency(amount), ".") if amount else None
    except ValueError:
        return None
    return None if read is None else -read.minor if side == "DBIT" else read.minor


def _currency(amount: Node | None) -> str:
    written = amount.attributes.get("Ccy", "").strip().upper() if amount else ""
    return written if _CURRENCY.match(written) else ""


def _text(detail: Node) -> list[str]:
    remittance = [node.text for node in detail.all("RmtInf/Ustrd")]
    structured = [node.text for node in detail.all("RmtInf/Strd/AddtlRmtInf")]
    return [*remittance, *structured, detail.text_of("AddtlTxInf")]


def _reference(detail: Node) -> str:
    paths = ("Refs/EndToEndId", "RmtInf/Strd/CdtrRefInf/Ref", "Refs/InstrId", "Refs/PmtInfId", "Refs/MsgId")
    found = (detail.text_of(path) for path in paths)
    return next((cleaned(text, 200) for text in found if text.upper() not in _NO_REFERENCE), "")


def _counterparty(detail: Node, is_from_payer: bool) -> str:
    """The payer of money in, the payee of money out; of money that comes back, who had it."""
    sides = ("Dbtr", "Cdtr") if is_from_payer else ("Cdtr", "Dbtr")
    ends = ("Nm", "Pty/Nm")
    paths = [f"RltdPties/{party}/{end}" for side in sides for party in (side, f"Ultmt{side}") for end in ends]
    return cleaned(detail.text_of(*paths), 200)


def _kind(entry: Node) -> str:
    domain = [entry.text_of(f"BkTxCd/Domn/{path}") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    return cleaned("/".join(filter(None, domain)) or entry.text_of("BkTxCd/Prtry/Cd"), 40)


def _charges(entry: Node, only: Node | None) -> int | None:
    """What the bank kept of the amount; credited charges count against it."""
    for node in filter(None, (entry, only)):
        total = node.first("Chrgs/TtlChrgsAndTaxAmt")
        records = (
            [total] if total else [record.first("Amt") for record in (node.all("Chrgs/Rcrd") or node.all("Chrgs"))]
        )
        read = [minor for amount in records if (minor := _signed(amount, "")) is not None]
        if read:
            return sum(read)
    return None


def _original(entry: Node, only: Node | None, currency: str) -> Money | None:
    for node in filter(None, (only, entry)):
        for path in _FOREIGN:
            amount = node.first(path)
            minor, other = _signed(amount, entry.text_of("CdtDbtInd")), _currency(amount)
            if minor is not None and other and other != currency:
                return Money(minor=minor, currency=other)
    return None


def _doubt(line: StatementLine, entry: Node, warnings: Warnings) -> None:
    if line.date is None:
        warnings.add("date", "The entry has no day that can be read.", line.number)
    elif day_of(entry, "BookgDt") is None and line.is_booked:
        warnings.add("date", "The entry has no booking day; its value day is taken.", line.number)
    if line.amount is not None and not line.currency:
        warnings.add("currency", "The entry names no currency; two decimals are taken.", line.number)
    amounts = [part.amount for part in line.parts if part.currency == line.currency]
    if line.amount is None or not line.parts or None in amounts or len(amounts) != len(line.parts):
        return
    over = sum(amount for amount in amounts if amount is not None) - line.amount
    if over and over != (line.charges or 0):
        warnings.add("parts", f"The {len(line.parts)} payments of the batch differ from it by {over} minor units.",
                     line.number)  # fmt: skip
