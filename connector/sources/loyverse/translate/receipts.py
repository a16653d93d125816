"""A receipt → the sale or refund with its tenders; or no sale at all."""

from __future__ import annotations

from functools import cache

from connector.domain.facts import UNKNOWN, Fact
from connector.domain.places import Frame, Name, Piece
from connector.domain.sales import NoSale
from connector.domain.sales import Receipt as SoldAndPaid
from connector.domain.shop import Shop
from connector.sources.loyverse.amounts import Inexact, NoAmount, minor, rounded
from connector.sources.loyverse.records import Receipt
from connector.sources.loyverse.translate.history import history_fact
from connector.sources.loyverse.translate.identities import receipt_problems
from connector.sources.loyverse.translate.lines import REFUNDED, SIDES, Side, lines_of
from connector.sources.loyverse.translate.places import amount_problems, currency_problems, framed
from connector.sources.loyverse.translate.tenders import tender_name


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
    except (Inexact, NoAmount) as error:
        return frame.fact(SoldAndPaid(receipt_id=number), [_unknown(receipt, frame)], amount_problems(error))


def _sold(receipt: Receipt, side: Side, frame: Frame, shop: Shop) -> Fact:
    lines = lines_of(receipt, side, shop.categories, frame.currency)
    paid, tenders = minor(receipt.total_money, frame.currency), _tenders(receipt, side, frame.currency)
    unpaid = paid - side.sign * sum([amount for _, amount in tenders])
    problems = receipt_problems(receipt, lines, unpaid, frame.currency)
    register = receipt.pos_device_id or ""
    about = SoldAndPaid(receipt_id=receipt.receipt_number, is_refund=side is REFUNDED, register=register)
    pieces = [piece for line in lines for piece in line.pieces]
    for name, amount in zip(extra_names(side), (receipt.tip, receipt.surcharge), strict=True):
        pieces.append((name, side.sign * minor(amount, frame.currency)))
    return frame.fact(about, pieces + tenders, currency_problems(frame) + problems)


@cache
def extra_names(side: Side) -> tuple[Name, Name]:
    """What a tip and a surcharge are called."""
    return Name(side.tip, "Tips"), Name(side.service_charge, "Surcharge")


def _tenders(receipt: Receipt, side: Side, currency: str) -> list[Piece]:
    return [
        (tender_name(payment.type, payment.name, side.tender), side.sign * minor(payment.money_amount, currency))
        for payment in receipt.payments or ()
    ]


def _unknown(receipt: Receipt, frame: Frame) -> Piece:
    code = f"receipt of type {receipt.receipt_type or '(none)'}"
    try:
        return Name(UNKNOWN, code), rounded(receipt.total_money, frame.currency)
    except NoAmount:
        return Name(UNKNOWN, code), 0
