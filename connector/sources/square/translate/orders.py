"""An order → the sale, the return or both of an exchange; or no sale at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.domain.facts import Fact, Problem
from connector.domain.sales import NoSale, Sale
from connector.domain.shop import Shop
from connector.sources.square.records import Discount, Order, Return, Tax, Tender, minor
from connector.sources.square.translate.identities import differing, order_problems, return_amounts
from connector.sources.square.translate.lines import EXCHANGED, REFUNDED, SOLD, Half, half_pieces
from connector.sources.square.translate.places import Frame, Piece, currency_of, local_day, needed

_STATES = frozenset({"OPEN", "COMPLETED", "CANCELED", "DRAFT"})
_NOT_TAKEN = frozenset({"AUTHORIZED", "PENDING", "VOIDED", "FAILED"})


def order_fact(order: Order, shop: Shop) -> Fact:
    """The fact of an order: its sale side in the seller's view (sale +, discount −, tax +, tip +; returns the
    opposite), on the local day of the tender that completed it. One that is open and paid in part holds nothing yet:
    what was paid is a deposit. Orders that hold no money say why."""
    tenders = [tender for tender in order.tenders or () if tender.status not in _NOT_TAKEN]
    moments = _moments(order, tenders)
    frame = _frame(order, moments, shop)
    problems = [] if order.state in _STATES else [_unknown_state(order)]
    reason = _no_sale(order, tenders)
    if reason:
        return frame.fact(NoSale(record_id=order.id, reason=reason), problems=tuple(problems))
    pieces, total, wrong = _pieces(order, shop)
    about = Sale(
        sale_id=order.id,
        total=total,
        tendered=tuple((tender.payment_id or tender.id or "", minor(tender.amount_money)) for tender in tenders),
        is_return=not order.line_items and bool(order.returns),
        is_complete=order.state != "OPEN" or sum(minor(tender.amount_money) for tender in tenders) >= total,
    )
    if not about.is_complete:
        return frame.fact(about, problems=(*problems, *wrong))
    return frame.fact(about, pieces, (*problems, *wrong, *order_problems(order)))


def _frame(order: Order, moments: Sequence[datetime], shop: Shop) -> Frame:
    location, last = order.location_id or "", max(moments)
    return Frame(
        stream="orders",
        source_id=order.id,
        location=location,
        occurred_at=last,
        business_day=local_day(shop, location, last),
        currency=currency_of(shop, location, *_currencies(order)),
        channel=(order.source.name if order.source else "") or "",
    )


def _currencies(order: Order) -> list[str]:
    totals = [order.total_money, *(amounts.total_money for amounts in return_amounts(order))]
    totals += [tender.amount_money for tender in order.tenders or ()]
    return [money.code for money in totals if money]


def _moments(order: Order, tenders: Sequence[Tender]) -> list[datetime]:
    """When the money was taken. A sale that took none counts when it was closed; a return when it was made, which is
    when its refund was made too."""
    paid = [tender.created_at for tender in tenders if tender.created_at]
    if paid:
        return paid
    closed = order.created_at if order.returns and not order.line_items else order.closed_at
    return [needed(closed or order.created_at, "orders", order.id)]


def _no_sale(order: Order, tenders: Sequence[Tender]) -> str:
    """Why an order holds no money; empty where it does. Whether an OPEN one was fulfilled does not matter: paid
    is what has tenders."""
    if order.state in ("DRAFT", "CANCELED"):
        return "a draft" if order.state == "DRAFT" else "cancelled"
    if tenders or order.state == "COMPLETED" or (order.returns and not order.line_items):
        return ""
    return "open, and its payment is not taken yet" if order.tenders else "open and not paid"


def _unknown_state(order: Order) -> Problem:
    return Problem(code="unknown_state", message=f"the order's state {order.state or '(none)'} is not known")


def _pieces(order: Order, shop: Shop) -> tuple[list[Piece], int, list[Problem]]:
    """The pieces of both halves, what was to be paid, and where a half is not the sum of its pieces."""
    pieces, problems = half_pieces(_sold(order), shop.categories)
    problems += differing("S2", minor(order.total_money) - _sum(pieces))
    back: list[Piece] = []
    for each in order.returns or ():
        found, wrong = half_pieces(_returned(each, is_exchange=bool(order.line_items)), shop.categories)
        back += found
        problems += wrong
    amounts = [minor(each.total_money) for each in return_amounts(order)]
    returned = sum(amounts) if amounts else -_sum(back)
    problems += differing("S6", returned + _sum(back))
    return pieces + back, minor(order.total_money) - returned, problems


def _sold(order: Order) -> Half:
    return Half(
        side=SOLD,
        lines=order.line_items or (),
        charges=order.service_charges or (),
        taxes=_by_uid(order.taxes or ()),
        discounts=_names(order.discounts or ()),
        tip=minor(order.total_tip_money),
        rounding=minor(order.rounding_adjustment.amount_money) if order.rounding_adjustment else 0,
    )


def _returned(back: Return, *, is_exchange: bool) -> Half:
    return Half(
        side=EXCHANGED if is_exchange else REFUNDED,
        lines=back.return_line_items or (),
        charges=back.return_service_charges or (),
        taxes=_by_uid(back.return_taxes or ()),
        discounts=_names(back.return_discounts or ()),
        tip=sum(minor(tip.applied_money) for tip in back.return_tips or ()),
        rounding=minor(back.rounding_adjustment.amount_money) if back.rounding_adjustment else 0,
    )


def _by_uid(taxes: Sequence[Tax]) -> dict[str, Tax]:
    return {tax.uid or "": tax for tax in taxes}


def _names(discounts: Sequence[Discount]) -> dict[str, str]:
    return {discount.uid or "": discount.name or "" for discount in discounts}


def _sum(pieces: Sequence[Piece]) -> int:
    return sum(piece.amount for piece in pieces)
