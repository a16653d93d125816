"""What the books hold, compared with what was sent: the differences in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from connector.domain.drift import Difference, DriftKind, line_kind
from connector.domain.money import decimal_text, exponent
from connector.targets.xero.records import AccountRead, LineRead, Piece, RecordRead, TrackingRead
from connector.targets.xero.wire import day

_GOOD_STATUS = {
    "invoice": frozenset({"AUTHORISED", "PAID"}),
    "credit_note": frozenset({"AUTHORISED", "PAID"}),
    "payment": frozenset({"AUTHORISED"}),
    "bank_transaction": frozenset({"AUTHORISED"}),
    "bank_transfer": frozenset({"AUTHORISED", ""}),  # its status is new, and not in every answer
    "manual_journal": frozenset({"POSTED"}),
}
_ACCOUNTS = {
    "Account": "account",
    "BankAccount": "bank_account",
    "FromBankAccount": "from_bank_account",
    "ToBankAccount": "to_bank_account",
}


class _Line(NamedTuple):
    """A line as it compares, and in words."""

    account: str
    amount: str
    words: str


def differences(piece: Piece, held: RecordRead) -> list[Difference]:
    """In what the record as held differs from the one sent; nothing where they are equal."""
    sent, currency = _record(piece), str(piece.payload["currency"])
    return [
        *_heads(piece, sent, held),
        *_accounts(sent, held),
        *_amounts(piece, sent, held, currency),
        *_line_differences(piece, sent, held, currency),
    ]


def _heads(piece: Piece, sent: Mapping[str, object], held: RecordRead) -> Iterator[Difference]:
    yield from _difference("number", "number", piece.mark, held.mark_of(piece.kind))
    yield from _difference("date", "date", piece.day, day(held.date))
    if "CurrencyCode" in sent:
        yield from _difference("currency", "currency", str(sent["CurrencyCode"]), held.currency_code)
    if "CurrencyRate" in sent:
        yield from _of_home_amount(Decimal(str(sent["CurrencyRate"])), held)
    if "LineAmountTypes" in sent and held.line_amount_types:
        wanted = str(sent["LineAmountTypes"])
        yield from _difference("tax", "kind of amounts on lines", wanted, held.line_amount_types)
    if "Type" in sent:
        yield from _difference("document", "type", str(sent["Type"]), held.type)
    if piece.kind == "payment":
        yield from _difference(
            "document",
            "document paid",
            paid_number(piece),
            held.invoice.invoice_number or held.credit_note.credit_note_number,
        )
    if held.status not in _GOOD_STATUS[piece.kind]:
        kind: DriftKind = "gone" if held.is_gone else "status"
        yield Difference(kind=kind, text=f"The status is {held.status or 'missing'}.")


def _of_home_amount(rate: Decimal, held: RecordRead) -> Iterator[Difference]:
    """What the books make of a foreign record in their own currency follows from its rate, foreign units for one of
    theirs; no answer of Xero tells it otherwise."""
    if held.currency_rate == rate:
        return
    there, total = held.currency_rate, held.total or held.amount
    told = f"The rate is {there or 'missing'}, not {rate}"
    if there:
        home, wanted = ((total / each).quantize(Decimal("0.01")) for each in (there, rate))
        told += f": at home that is {home}, not {wanted}"
    yield Difference(kind="currency", text=f"{told}.")


def _accounts(sent: Mapping[str, object], held: RecordRead) -> Iterator[Difference]:
    for name, field in _ACCOUNTS.items():
        wanted = sent.get(name)
        found = getattr(held, field)
        if isinstance(wanted, dict) and isinstance(found, AccountRead) and wanted.get("AccountID") != found.account_id:
            shown = found.name or found.code or found.account_id or "missing"
            yield Difference(kind="account", text=f"The account ({name}) is {shown}.")


def _amounts(piece: Piece, sent: Mapping[str, object], held: RecordRead, currency: str) -> Iterator[Difference]:
    if "Amount" in sent:
        yield from _difference("amount", "amount", _text(sent["Amount"], currency), _plain(held.amount, currency))
    if "LineItems" in sent:
        lines = _lines(sent, "LineItems")
        total = sum(_whole(line["UnitAmount"]) for line in lines)
        tax = sum(_whole(line["TaxAmount"]) for line in lines)
        yield from _difference("amount", "total", decimal_text(total, currency), _plain(held.total, currency))
        yield from _difference("tax", "total tax", decimal_text(tax, currency), _plain(held.total_tax, currency))


def _line_differences(
    piece: Piece, sent: Mapping[str, object], held: RecordRead, currency: str
) -> Iterator[Difference]:
    is_journal = piece.kind == "manual_journal"
    lines = _lines(sent, "JournalLines" if is_journal else "LineItems")
    found = held.journal_lines if is_journal else held.line_items
    by_id = {line.account_id: line.account_code for line in found if line.account_id and line.account_code}
    wanted = Counter(_sent_line(line, currency, by_id) for line in lines)
    there = Counter(_held_line(line, currency) for line in found)
    kind = line_kind(_coded(wanted - there), _coded(there - wanted))
    for line in (wanted - there).elements():
        yield Difference(kind=kind, text=f"The line {line.words} is missing.")
    for line in (there - wanted).elements():
        yield Difference(kind=kind, text=f"The line {line.words} was not sent.")


def _coded(lines: Counter[_Line]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for line, times in lines.items():
        found[line.account, line.amount] += times
    return found


def _sent_line(line: Mapping[str, object], currency: str, by_id: Mapping[str, str]) -> _Line:
    identity = str(line.get("AccountID", ""))
    account = str(line.get("AccountCode") or by_id.get(identity) or identity)
    amount = line["LineAmount"] if "LineAmount" in line else line["UnitAmount"]
    tracking = msgspec.convert(line.get("Tracking", []), list[TrackingRead])
    return _line(account, str(line["TaxType"]), _text(amount, currency), _text(line["TaxAmount"], currency), tracking)


def _held_line(line: LineRead, currency: str) -> _Line:
    return _line(
        line.account_code or line.account_id,
        line.tax_type or "NONE",
        _plain(line.line_amount, currency),
        _plain(line.tax_amount, currency),
        line.tracking,
    )


def _line(account: str, tax_type: str, amount: str, tax: str, tracking: Sequence[TrackingRead]) -> _Line:
    tracked = "".join(sorted(f" {one.name}: {one.option}" for one in tracking))
    return _Line(account=account, amount=amount, words=f"{account} {amount} {tax_type} tax {tax}{tracked}")


def _difference(kind: DriftKind, what: str, wanted: str, found: str) -> Iterator[Difference]:
    if wanted != found:
        yield Difference(kind=kind, text=f"The {what} is {found or 'missing'}, not {wanted}.")


def type_of(piece: Piece) -> str:
    """ACCREC, ACCPAY, RECEIVE …; empty for a record whose kind knows no types."""
    return str(_record(piece).get("Type", ""))


def paid_number(piece: Piece) -> str:
    """The number of the invoice, bill or credit note that a payment pays; empty for any other record."""
    sent = _record(piece)
    paid = msgspec.convert(sent.get("Invoice") or sent.get("CreditNote") or {}, dict[str, str])
    return next(iter(paid.values()), "")


def _record(piece: Piece) -> Mapping[str, object]:
    return msgspec.convert(piece.payload["record"], dict[str, object])


def _lines(sent: Mapping[str, object], name: str) -> list[dict[str, object]]:
    return msgspec.convert(sent.get(name, []), list[dict[str, object]])


def _whole(value: object) -> int:
    return msgspec.convert(value, int)


def _text(value: object, currency: str) -> str:
    return decimal_text(_whole(value), currency)


def _plain(amount: Decimal, currency: str) -> str:
    """The amount with at least its currency's decimals; a fraction of a cent stays visible."""
    places = Decimal(1).scaleb(-exponent(currency))
    rounded = amount.quantize(places)
    return f"{rounded if rounded == amount else amount:f}"
