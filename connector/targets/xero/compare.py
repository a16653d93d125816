"""What the books hold, compared with what was sent: the differences in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import msgspec

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


def differences(piece: Piece, held: RecordRead) -> list[str]:
    """In what the record as held differs from the one sent; nothing where they are equal."""
    sent, currency = _record(piece), str(piece.payload["currency"])
    return [
        *_heads(piece, sent, held),
        *_accounts(sent, held),
        *_amounts(piece, sent, held, currency),
        *_line_differences(piece, sent, held, currency),
    ]


def _heads(piece: Piece, sent: Mapping[str, object], held: RecordRead) -> Iterator[str]:
    yield from _difference("number", piece.mark, held.mark_of(piece.kind))
    yield from _difference("date", piece.day, day(held.date))
    if "CurrencyCode" in sent:
        yield from _difference("currency", str(sent["CurrencyCode"]), held.currency_code)
    if "Type" in sent:
        yield from _difference("type", str(sent["Type"]), held.type)
    if piece.kind == "payment":
        yield from _difference(
            "document paid", _paid(sent), held.invoice.invoice_number or held.credit_note.credit_note_number
        )
    if held.status not in _GOOD_STATUS[piece.kind]:
        yield f"The status is {held.status or 'missing'}."


def _accounts(sent: Mapping[str, object], held: RecordRead) -> Iterator[str]:
    for name, field in _ACCOUNTS.items():
        wanted = sent.get(name)
        found = getattr(held, field)
        if isinstance(wanted, dict) and isinstance(found, AccountRead) and wanted.get("AccountID") != found.account_id:
            yield f"The account ({name}) is {found.name or found.code or found.account_id or 'missing'}."


def _amounts(piece: Piece, sent: Mapping[str, object], held: RecordRead, currency: str) -> Iterator[str]:
    if "Amount" in sent:
        yield from _difference("amount", _text(sent["Amount"], currency), _plain(held.amount, currency))
    if "LineItems" in sent:
        lines = _lines(sent, "LineItems")
        total = sum(_whole(line["UnitAmount"]) for line in lines)
        tax = sum(_whole(line["TaxAmount"]) for line in lines)
        yield from _difference("total", decimal_text(total, currency), _plain(held.total, currency))
        yield from _difference("total tax", decimal_text(tax, currency), _plain(held.total_tax, currency))


def _line_differences(piece: Piece, sent: Mapping[str, object], held: RecordRead, currency: str) -> Iterator[str]:
    is_journal = piece.kind == "manual_journal"
    lines = _lines(sent, "JournalLines" if is_journal else "LineItems")
    found = held.journal_lines if is_journal else held.line_items
    by_id = {line.account_id: line.account_code for line in found if line.account_id and line.account_code}
    wanted = Counter(_sent_line(line, currency, by_id) for line in lines)
    there = Counter(_held_line(line, currency) for line in found)
    yield from (f"The line {line} is missing." for line in (wanted - there).elements())
    yield from (f"The line {line} was not sent." for line in (there - wanted).elements())


def _sent_line(line: Mapping[str, object], currency: str, by_id: Mapping[str, str]) -> str:
    identity = str(line.get("AccountID", ""))
    account = str(line.get("AccountCode") or by_id.get(identity) or identity)
    amount = line["LineAmount"] if "LineAmount" in line else line["UnitAmount"]
    tracking = msgspec.convert(line.get("Tracking", []), list[TrackingRead])
    return _words(account, str(line["TaxType"]), _text(amount, currency), _text(line["TaxAmount"], currency), tracking)


def _held_line(line: LineRead, currency: str) -> str:
    return _words(
        line.account_code or line.account_id,
        line.tax_type or "NONE",
        _plain(line.line_amount, currency),
        _plain(line.tax_amount, currency),
        line.tracking,
    )


def _words(account: str, tax_type: str, amount: str, tax: str, tracking: Sequence[TrackingRead]) -> str:
    tracked = "".join(sorted(f" {one.name}: {one.option}" for one in tracking))
    return f"{account} {amount} {tax_type} tax {tax}{tracked}"


def _difference(what: str, wanted: str, found: str) -> Iterator[str]:
    if wanted != found:
        yield f"The {what} is {found or 'missing'}, not {wanted}."


def _paid(sent: Mapping[str, object]) -> str:
    """The number of the invoice or credit note that a payment names."""
    return next(iter(msgspec.convert(sent.get("Invoice") or sent["CreditNote"], dict[str, str]).values()))


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
