"""A sale → its receipt: what was sold and came back, tax, tips, and its tenders; or no sale at all."""

from __future__ import annotations

from datetime import datetime

from connector.domain.facts import UNKNOWN, Fact, Problem
from connector.domain.money import decimal_text
from connector.domain.places import Name, Piece
from connector.domain.sales import NoSale, Receipt
from connector.domain.shop import Shop
from connector.sources.lightspeed.records import Sale
from connector.sources.lightspeed.translate.amounts import minor
from connector.sources.lightspeed.translate.identities import holds_tax_inside, loaded_problem, sale_problems, tips
from connector.sources.lightspeed.translate.lines import line_pieces, lines_of
from connector.sources.lightspeed.translate.places import framed
from connector.sources.lightspeed.translate.taxes import rate_problems
from connector.sources.lightspeed.translate.tenders import credit_account, payment_pieces, payment_problems

TENDERS = frozenset({"tender", "refund_tender", UNKNOWN})


def sale_fact(sale: Sale, shop: Shop) -> Fact:
    """The fact of a sale, on the shop's day on which it was completed. Sale side in the seller's view: sold +,
    discount −, tax +, tip +, gift card sold +, deposit taken +; returns the opposite. Tenders + received, − given back.

    A sale that is void, archived or not completed says why it holds no money."""
    frame = framed("sales", sale.sale_id, sale.shop_id, _moment(sale), shop)
    reason = _no_sale(sale, frame.currency)
    if reason:
        return frame.fact(NoSale(record_id=sale.sale_id, reason=reason))
    is_refund, is_inside = _is_refund(sale), holds_tax_inside(sale, frame.currency)
    goods = line_pieces(sale, frame.currency, shop, is_refund=is_refund, is_inside=is_inside)
    goods += _rest(sale, goods, frame.currency, is_refund=is_refund)
    paid = payment_pieces(sale, frame.currency, shop, is_refund=is_refund)
    problems = [
        *sale_problems(sale, frame.currency, is_inside=is_inside),
        *loaded_problem(sale, frame.currency, sum(amount for name, amount in paid if name.kind == "gift_card")),
        *payment_problems(sale, frame.currency, shop),
        *(problem for line in sale.lines for problem in rate_problems(line)),
    ]
    problems += _balance(sale, goods, paid, problems)
    account = credit_account(sale, shop)
    about = Receipt(receipt_id=sale.sale_id, is_refund=is_refund, register=sale.register_id, account=account)
    return frame.fact(about, [*goods, *paid], problems)


def _moment(sale: Sale) -> datetime | None:
    """When it was completed; older answers tell it by the legacy time stamp alone."""
    return sale.complete_time or (sale.time_stamp if sale.completed else None) or sale.create_time or sale.time_stamp


def _no_sale(sale: Sale, currency: str) -> str:
    """Why a sale holds no money; empty where it does. Lightspeed counts payments on the day the sale is completed."""
    if sale.voided:
        return "void"
    if sale.archived:
        return "archived"
    if not sale.completed:
        taken = sum(minor(payment.amount, currency) for payment in sale.valid_payments)
        attached = f", though {decimal_text(taken, currency)} {currency} of payments are attached: they count with it"
        return f"not completed{attached if taken else ''}"
    return ""


def _is_refund(sale: Sale) -> bool:
    """Whether the sale only gives back; one that also sells or takes money is an exchange."""
    if lines_of(sale, returned=False) or any(payment.amount > 0 for payment in sale.valid_payments):
        return False
    return sale.total < 0 or bool(lines_of(sale, returned=True))


def _rest(sale: Sale, goods: list[Piece], currency: str, *, is_refund: bool) -> list[Piece]:
    """Tips, and the cent by which the total differs from its rounded parts. A larger difference fails R1 to R6."""
    tip = minor(tips(sale), currency)
    off = minor(sale.total, currency) - sum(amount for _, amount in goods)
    prefix = "refund_" if is_refund else ""
    return [(Name(f"{prefix}tip", "Tips"), tip), (Name(f"{prefix}rounding", "Rounding"), off)]


def _balance(sale: Sale, goods: list[Piece], paid: list[Piece], known: list[Problem]) -> list[Problem]:
    """Both sides agree to the cent, or a problem says that they do not, whatever else was found."""
    sold = sum(amount for name, amount in [*goods, *paid] if name.kind not in TENDERS)
    tendered = sum(amount for name, amount in paid if name.kind in TENDERS)
    if sold == tendered or any(problem.code == "R5" for problem in known):
        return []
    message = f"Sale {sale.sale_id}: what was sold and what was tendered differ."
    return [Problem(code="R5", message=message, difference=sold - tendered)]
