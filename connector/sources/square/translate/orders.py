"""An order → the sale, the return or both of an exchange; or no sale at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.domain.facts import Fact, Problem
from connector.domain.places import Frame, needed
from connector.domain.sales import NoSale, Sale
from connector.domain.shop import Shop
from connector.sources.square.records import Discount, Order, Return, Tax, Tender, minor
from connector.sources.square.translate.identities import differing, order_problems, return_amounts
from connector.sources.square.translate.lines import EXCHANGED, OF_AMOUNT, REFUNDED, SOLD, Half, Pieces, half_pieces
from connector.sources.square.translate.ordinary import NOT_TAKEN
from connector.sources.square.translate.places import currency_of, local_day
from connector.sources.square.translate.taxes import NamedTax, named_tax

_STATES = frozenset({"OPEN", "COMPLETED", "CANCELED", "DRAFT"})


def order_fact(order: Order, shop: Shop) -> Fact:
    """The fact of an order: its sale side in the seller's view (sale +, discount −, tax +, tip +; returns the
    opposite), on the local day of the tender that completed it. One that is open and paid in part holds nothing yet:
    what was paid is a deposit. Orders that hold no money say why."""
    tenders = [tender for tender in order.tenders or () if tender.status not in NOT_TAKEN]
    moments = _moments(order, tenders)
    frame = _frame(order, moments, shop)
    problems = [] if order.state in _STATES else [_unknown_state(order)]
    reason = _no_sale(order, tenders)
    if reason:
        return frame.fact(NoSale(record_id=order.id, reason=reason), problems=tuple(problems))
    pieces, total = _pieces(order, shop)
    problems += pieces.problems
    about = Sale(
        sale_id=order.id,
        total=total,
        tendered=tuple([(tender.payment_id or tender.id or "", minor(tender.amount_money)) for tender in tenders]),
        is_return=not order.line_items and bool(order.returns),
        is_complete=order.state != "OPEN" or sum([minor(tender.amount_money) for tender in tenders]) >= total,
        returned_from=_sources(order.returns) if order.returns else (),
    )
    if not about.is_complete:
        return frame.fact(about, problems=tuple(problems))
    problems += order_problems(order, pieces.tax)
    return frame.fact(about, zip(pieces.names, pieces.amounts, strict=True), tuple(problems))


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
    if order.total_money and order.total_money.currency:
        return [order.total_money.currency]
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


def _pieces(order: Order, shop: Shop) -> tuple[Pieces, int]:
    """The pieces of both halves, with what is wrong where a half is not their sum; and what was to be paid. The tax
    is that of what was sold."""
    pieces, total = half_pieces(_sold(order), shop.categories), minor(order.total_money)
    pieces.problems += differing("S2", total - sum(pieces.amounts))
    if not order.returns and not order.return_amounts:
        return pieces, total
    back = 0
    for each in order.returns or ():
        found = half_pieces(_returned(each, is_exchange=bool(order.line_items)), shop.categories)
        back += sum(found.amounts)
        pieces.names += found.names
        pieces.amounts += found.amounts
        pieces.problems += found.problems
    amounts = [minor(each.total_money) for each in return_amounts(order)]
    returned = sum(amounts) if amounts else -back
    pieces.problems += differing("S6", returned + back)
    return pieces, total - returned


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
        side=EXCHANGED if is_exchange else OF_AMOUNT if _is_of_amount(back) else REFUNDED,
        lines=back.return_line_items or (),
        charges=back.return_service_charges or (),
        taxes=_by_uid(back.return_taxes or ()),
        discounts=_names(back.return_discounts or ()),
        tip=sum([minor(tip.applied_money) for tip in back.return_tips or ()]),
        rounding=minor(back.rounding_adjustment.amount_money) if back.rounding_adjustment else 0,
    )


def _is_of_amount(back: Return) -> bool:
    """Whether only an amount was given back, and nobody said of what: one line of its own, without tax. What it holds
    of the tax of its sale is told by both together (mapping/amount_refunds.py)."""
    lines = back.return_line_items or ()
    if len(lines) != 1 or back.return_service_charges or back.return_tips:
        return False
    (line,) = lines
    is_taxed = bool(line.applied_taxes or minor(line.total_tax_money))
    return line.item_type == "CUSTOM_AMOUNT" and not line.source_line_item_uid and not is_taxed


def _sources(returns: Sequence[Return]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(back.source_order_id for back in returns if back.source_order_id))


def _by_uid(taxes: Sequence[Tax]) -> dict[str, NamedTax]:
    return {tax.uid or "": named_tax(tax.name, tax.percentage, tax.type) for tax in taxes}


def _names(discounts: Sequence[Discount]) -> dict[str, str]:
    return {discount.uid or "": discount.name or "" for discount in discounts}
