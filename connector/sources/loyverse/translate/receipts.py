"""A receipt → the sale or refund with its tenders; or no sale at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.domain.facts import UNKNOWN, Fact
from connector.domain.sales import NoSale
from connector.domain.sales import Receipt as SoldAndPaid
from connector.domain.shop import Shop
from connector.sources.loyverse.records import Inexact, Receipt, minor, rounded
from connector.sources.loyverse.translate.history import history_fact
from connector.sources.loyverse.translate.identities import receipt_problems
from connector.sources.loyverse.translate.lines import SIDES, Line, Side, line_pieces, lines_of
from connector.sources.loyverse.translate.places import Frame, Piece, currency_problems, decimals_problems, framed
from connector.sources.loyverse.translate.tenders import tender_kind


def receipt_fact(receipt: Receipt, shop: Shop) -> Fact:
    """The fact of a receipt, on the local day of `receipt_date`: its sale side in the seller's view (sale +, discount
    −, tax +, tip +, surcharge +; a refund the opposite) and its tenders (money received +). A cancelled one is void."""
    number = receipt.receipt_number
    if receipt.history_before:
        return history_fact("receipts", number, receipt.history_before)
    frame = framed("receipts", number, receipt.store_id or "", receipt.receipt_date, shop)
    if receipt.cancelled_at:
        return frame.fact(NoSale(record_id=number, reason="cancelled"))
    side = SIDES.get(receipt.receipt_type or "")
    if side is None:
        return frame.fact(SoldAndPaid(receipt_id=number), [_unknown(receipt, frame)], currency_problems(frame))
    try:
        return _sold(receipt, side, frame, shop)
    except Inexact as error:
        return frame.fact(SoldAndPaid(receipt_id=number), [_unknown(receipt, frame)], decimals_problems(error))


def _sold(receipt: Receipt, side: Side, frame: Frame, shop: Shop) -> Fact:
    lines = lines_of(receipt, shop.categories, frame.currency)
    about = SoldAndPaid(receipt_id=receipt.receipt_number, is_refund=side.sign < 0)
    problems = (*currency_problems(frame), *receipt_problems(receipt, lines, frame.currency))
    return frame.fact(about, _pieces(receipt, lines, side, frame.currency), problems)


def _pieces(receipt: Receipt, lines: Sequence[Line], side: Side, currency: str) -> Iterator[Piece]:
    for line in lines:
        yield from line_pieces(line, side)
    yield Piece(side.tip, "Tips", side.sign * minor(receipt.tip, currency))
    yield Piece(side.service_charge, "Surcharge", side.sign * minor(receipt.surcharge, currency))
    for payment in receipt.payments or ():
        kind, code = tender_kind(payment, side.tender)
        yield Piece(kind, code, side.sign * minor(payment.money_amount, currency))


def _unknown(receipt: Receipt, frame: Frame) -> Piece:
    code = f"receipt of type {receipt.receipt_type or '(none)'}"
    return Piece(UNKNOWN, code, rounded(receipt.total_money, frame.currency))
