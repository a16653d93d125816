"""What was sent against what QuickBooks holds, in words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from connector.domain.drift import Difference, DriftKind, line_kind
from connector.domain.money import decimal_text
from connector.targets.quickbooks.marks import bracketed, is_voided
from connector.targets.quickbooks.records import NUMBERED, Line, Record, Ref
from connector.targets.quickbooks.wire import currency_of, minor, wire

Side = tuple[str, str, int]  # account, item or linked record; Debit, Credit or nothing; minor units without tax
Taxed = tuple[str, str, str, int]  # account or item; side; tax code id; minor units of tax where the line says them

_REFS: tuple[tuple[DriftKind, str, str], ...] = (
    ("account", "account it comes from", "from_account_ref"),
    ("account", "account it goes to", "to_account_ref"),
    ("account", "account it is paid into", "deposit_to_account_ref"),
    ("document", "customer", "customer_ref"),
    ("document", "vendor", "vendor_ref"),
)


def differences(kind: str, payload: dict[str, object], found: Record) -> list[Difference]:
    """None where the record stands as it was sent. Names and descriptions, which people may edit, do not count."""
    if is_voided(found.private_note):
        return [Difference(kind="gone", text=f"QuickBooks holds {kind} {found.id} as voided")]
    currency = currency_of(payload)
    sent = msgspec.json.decode(wire({"Id": found.id, "SyncToken": found.sync_token, **payload}), type=Record)
    return [
        *_of_mark(kind, sent, found),
        *_of_head(sent, found),
        *_of_amounts(kind, sent, found, currency),
        *_of_lines(sides(sent, currency), sides(found, currency), currency),
        *_of_taxes(taxes(sent, currency), taxes(found, currency), currency),
    ]


def sides(record: Record, currency: str) -> Counter[Side]:
    """The lines of a record, in no order."""
    return Counter(
        (where, line.detail.posting_type if line.detail else "", minor(line.amount, currency))
        for line in record.line
        if (where := _where(line))
    )


def taxes(record: Record, currency: str) -> Counter[Taxed]:
    """The tax on the lines of a record, in no order."""
    return Counter(
        (_where(line), detail.posting_type, detail.tax_code_ref.value, minor(detail.tax_amount, currency))
        for line in record.line
        if (detail := line.detail) and detail.tax_code_ref
    )


def _where(line: Line) -> str:
    """What a line stands on; empty where it stands on nothing (a subtotal, a description)."""
    detail = line.detail
    if detail and detail.account_ref:
        return f"account {detail.account_ref.value}"
    if detail and detail.item_ref:
        return f"item {detail.item_ref.value}"
    return " and ".join(f"{link.txn_type} {link.txn_id}" for link in line.linked_txn)


def _of_mark(kind: str, sent: Record, found: Record) -> Iterator[Difference]:
    if kind in NUMBERED:
        yield from _differ("number", "number", sent.doc_number or "", found.doc_number or "")
        return
    mark = bracketed(sent.private_note)
    if f"[{mark}]" not in (found.private_note or ""):
        yield Difference(kind="number", text=f"the note has lost the mark {mark}")


def _of_head(sent: Record, found: Record) -> Iterator[Difference]:
    yield from _differ("date", "date", sent.txn_date, found.txn_date)
    if found.currency_ref:  # left out where a company has one currency only
        yield from _differ("currency", "currency", (sent.currency_ref or Ref()).value, found.currency_ref.value)
    if sent.exchange_rate and found.exchange_rate and sent.exchange_rate != found.exchange_rate:
        yield from _differ("currency", "exchange rate", f"{sent.exchange_rate:f}", f"{found.exchange_rate:f}")
    yield from _of_home_amount(sent, found)
    for kind, what, field in _REFS:
        if getattr(sent, field):
            yield from _differ(kind, what, getattr(sent, field).value, (getattr(found, field) or Ref()).value)
    if _paid_from(sent):
        yield from _differ("account", "account it is paid from", _paid_from(sent), _paid_from(found))


def _of_home_amount(sent: Record, found: Record) -> Iterator[Difference]:
    """What the books made of a foreign record in their own currency: by the rate that was sent, or else by their own,
    to the rounding of each line and of the whole."""
    rate = sent.exchange_rate or found.exchange_rate
    if not rate or rate == 1:
        return
    if found.exchange_rate is None and found.home_total_amt is None:
        yield Difference(kind="currency", text="the exchange rate is missing: its home amount is not known")
    if found.home_total_amt is None or found.total_amt is None:
        return
    wanted = found.total_amt * rate
    is_whole = found.home_total_amt == found.home_total_amt.to_integral()  # as every amount in yen
    cent = Decimal(1) if is_whole else Decimal("0.01")
    if abs(found.home_total_amt - wanted) > cent * (len(found.line) + 1):
        told = f"{found.home_total_amt:f}, by the rate {rate:f} it is {wanted.quantize(cent):f}"
        yield Difference(kind="currency", text=f"the home amount is {told}")


def _paid_from(record: Record) -> str:
    paid = record.check_payment or record.credit_card_payment
    ref = (paid.bank or paid.card) if paid else None
    return ref.value if ref else ""


def _of_amounts(kind: str, sent: Record, found: Record, currency: str) -> Iterator[Difference]:
    if sent.amount is not None:
        yield from _differ("amount", "amount", *_texts(sent.amount, found.amount, currency))
    if sent.total_amt is not None:
        yield from _differ("amount", "total", *_texts(sent.total_amt, found.total_amt, currency))
    if kind != "JournalEntry":
        told = [record.txn_tax_detail.total_tax if record.txn_tax_detail else None for record in (sent, found)]
        yield from _differ("tax", "total tax", *_texts(told[0], told[1], currency))


def _differ(kind: DriftKind, what: str, sent: str, found: str) -> Iterator[Difference]:
    if sent != found:
        yield Difference(kind=kind, text=f"the {what} is {found or 'missing'}, sent was {sent or 'none'}")


def _of_lines(sent: Counter[Side], found: Counter[Side], currency: str) -> Iterator[Difference]:
    kind = line_kind(_signed(sent - found), _signed(found - sent))
    for lines, word in ((sent - found, "missing"), (found - sent, "not ours")):
        for (where, side, amount), times in sorted(lines.items()):
            told = f"{side} {decimal_text(amount, currency)}".strip()
            yield Difference(kind=kind, text=f"{word}: {told} on {where}{_times(times)}")


def _signed(lines: Counter[Side]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for (where, side, amount), times in lines.items():
        found[where, f"{side} {amount}"] += times
    return found


def _of_taxes(sent: Counter[Taxed], found: Counter[Taxed], currency: str) -> Iterator[Difference]:
    for lines, word in ((sent - found, "missing"), (found - sent, "not ours")):
        for (where, side, code, tax), times in sorted(lines.items()):
            amount = decimal_text(tax, currency)
            told = f" ({side})" if side else ""
            yield Difference(kind="tax", text=f"{word}: tax {amount} by code {code}{told} on {where}{_times(times)}")


def _texts(sent: Decimal | None, found: Decimal | None, currency: str) -> tuple[str, str]:
    return decimal_text(minor(sent, currency), currency), decimal_text(minor(found, currency), currency)


def _times(times: int) -> str:
    return f", {times} times" if times > 1 else ""
