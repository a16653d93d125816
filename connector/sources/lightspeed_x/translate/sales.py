"""A sale → a receipt: what was sold and came back, and how it was paid; or no sale at all."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.facts import Fact, Problem
from connector.domain.money import exponent
from connector.domain.places import NO_CURRENCY, Frame, Name, needed
from connector.domain.sales import NoSale, Receipt
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.records import Sale
from connector.sources.lightspeed_x.translate.lines import Reading, is_refund
from connector.sources.lightspeed_x.translate.pieces import sale_pieces
from connector.sources.lightspeed_x.translate.places import currency_of, local_day
from connector.sources.lightspeed_x.translate.states import charged, is_deposit, no_sale_reason, state_problems
from connector.sources.lightspeed_x.translate.tenders import paid_amount, session_of, tender_pieces


def sale_fact(sale: Sale, shop: Shop) -> Fact:
    """The fact of a sale: its sale side in the seller's view (sale +, discount −, tax +; what comes back the opposite)
    and its tenders (+ received, − given back), on the outlet's local day of the sale. What is owed of a sale on account
    is a tender as well; of one that is not complete there is only the deposit."""
    frame = _frame(sale, shop)
    if reason := no_sale_reason(sale):
        return frame.fact(NoSale(record_id=sale.id, reason=reason))
    back = is_refund(sale)
    reading = Reading(shop=shop, places=exponent(frame.currency), is_refund=back)
    sold, due, problems = sale_pieces(sale, reading)
    paid = sum(paid_amount(payment, reading.places) for payment in sale.taken)
    tenders = list(tender_pieces(sale, shop, reading.places, is_refund=back))
    if owed := charged(sale, due, paid):
        tenders.append((Name("refund_tender" if back else "tender", "ON_ACCOUNT"), owed))
    if is_deposit(sale, paid):
        sold = [(Name("customer_deposit", "Deposits"), paid)]
    problems += state_problems(sale, due, paid)
    problems += [*_day_problems(sale, frame, shop), *_place_problems(sale, frame)]
    about = Receipt(receipt_id=sale.id, is_refund=back, register=session_of(sale.taken))
    return frame.fact(about, [*sold, *tenders], problems)


def _frame(sale: Sale, shop: Shop) -> Frame:
    moment = needed(sale.date or sale.created_at, "sales", sale.id)
    return Frame(
        stream="sales",
        source_id=sale.id,
        location=sale.outlet,
        occurred_at=moment,
        business_day=local_day(shop, sale.outlet, moment),
        currency=currency_of(shop, sale.outlet),
        channel=_channel(sale),
    )


def _channel(sale: Sale) -> str:
    """Where the sale came from; the till itself is no channel."""
    told = (sale.source.type if sale.source else "") or ""
    return "" if told == "USER" else told


def _day_problems(sale: Sale, frame: Frame, shop: Shop) -> Sequence[Problem]:
    days = {local_day(shop, frame.location, payment.date) for payment in sale.taken if payment.amount and payment.date}
    others = sorted(days - {frame.business_day})
    if not others:
        return ()
    named = ", ".join(day.isoformat() for day in others)
    message = f"Sale {sale.name} of {frame.business_day.isoformat()} was paid on another day: {named}."
    return (Problem(code="several_days", message=message),)


def _place_problems(sale: Sale, frame: Frame) -> list[Problem]:
    problems = []
    outlets = {payment.source.outlet_id for payment in sale.taken if payment.source and payment.source.outlet_id}
    if outlets - {frame.location}:
        message = f"Sale {sale.name} was paid at another outlet than it was made at."
        problems.append(Problem(code="several_places", message=message))
    if frame.currency == NO_CURRENCY:
        message = f"The currency of outlet {frame.location or '(none named)'} is not known: "
        message += "give the saved outlets too, or a file of the shop (--shop)."
        problems.append(Problem(code="currency_unknown", message=message))
    return problems
