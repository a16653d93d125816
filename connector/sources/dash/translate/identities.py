"""What must add up in a summary, and by how much it does not. Each of them holds the day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from connector.domain.facts import Problem
from connector.domain.money import decimal_text
from connector.domain.sales import Remark
from connector.sources.dash.records import DeliveryProvider, Summary, minor
from connector.sources.dash.translate.tenders import DELIVERY

_MESSAGES = {
    "D1": "what was sold and what was paid differ by {}",
    "D2": "gift cards redeemed and the payments by gift card differ by {}",
    "D3": "gross less discount and returns differs from the net of {of} by {}",
    "D4": "what {of} has to pay and its net sales, tips and tax differ by {}",
    "D5": "returns with their tax and what was paid back differ by {}",
    "D6": "the total paid out and the sum of the paid-outs differ by {}",
    "D7": "the net sales of {of} and those of its products differ by {}",
}


_NEAR = 5  # cents that a day of taxes rounded sale by sale may differ from its rate


class Outgoing(NamedTuple):
    """A fee or a paid-out; `deducted` says whether a payment is told without it."""

    kind: str
    code: str
    amount: int
    deducted: bool


def identity_problems(summary: Summary) -> Iterator[Problem]:
    """Every identity of the contract that fails, named with location and day."""
    yield from _differing(summary, "D1", _balance(summary, outgoings(summary)))
    yield from _gift_card_problems(summary)
    yield from _product_problems(summary)
    for delivery in summary.delivery_providers or ():
        yield from _provider_problems(summary, delivery)
    yield from _refund_problems(summary)
    if summary.paid_outs is not None and summary.paid_out is not None:
        named = sum(minor(each.amount, summary.currency) for each in summary.paid_outs)
        yield from _differing(summary, "D6", minor(summary.paid_out, summary.currency) - named)


def rate_remarks(summary: Summary) -> Iterator[Remark]:
    """D8: a tax and its rate of what it is charged on. It only warns, for a tax is posted as it is told."""
    for tax in summary.taxes:
        if not tax.rate or not tax.taxable:
            continue
        amount, base = minor(tax.amount, summary.currency), minor(tax.taxable, summary.currency)
        off = amount - base * Decimal(tax.rate)
        if abs(off) > _NEAR:
            told = [decimal_text(each, summary.currency) for each in (amount, base, round(off))]
            message = (
                f"{summary.name}: {tax.title} of {told[0]} is not its rate of {told[1]}, but differs by {told[2]}."
            )
            yield Remark(code="D8", message=message)


def outgoings(summary: Summary) -> tuple[Outgoing, ...]:
    """Fees and paid-outs. Where the summary does not say whether they were deducted, they were if the day balances
    with all of them and not without any."""
    told = [each for each, is_told in _outgoings(summary) if is_told]
    untold = [each for each, is_told in _outgoings(summary) if not is_told]
    deducted = [each._replace(deducted=True) for each in untold]
    if _balance(summary, [*told, *untold]) and not _balance(summary, [*told, *deducted]):
        return (*told, *deducted)
    return (*told, *untold)


def _outgoings(summary: Summary) -> Iterator[tuple[Outgoing, bool]]:
    for fee in summary.fees or ():
        amount = minor(fee.amount, summary.currency)
        yield Outgoing("fee", fee.name or fee.fee_id or "", amount, bool(fee.deducted)), fee.deducted is not None
    if summary.paid_outs is None:
        yield Outgoing("paid_out", "", minor(summary.paid_out, summary.currency), False), False
    for each in summary.paid_outs or ():
        amount, code = minor(each.amount, summary.currency), each.name or each.paid_out_id or ""
        yield Outgoing("paid_out", code, amount, bool(each.deducted)), each.deducted is not None


def _balance(summary: Summary, outgoing: list[Outgoing] | tuple[Outgoing, ...]) -> int:
    """Sold less paid; the payments and what was deducted from them are what was paid. A tax without a remitter may
    be in the payments or not: the day is held for it either way."""
    cents = summary.currency
    sold = sum(minor(product.net, cents) for product in summary.products)
    sold += sum(minor(tax.amount, cents) for tax in summary.taxes)
    sold += minor(summary.tips, cents) + minor(summary.service_charges, cents) + minor(summary.rounding, cents)
    sold += minor(summary.gift_cards.sold, cents) if summary.gift_cards else 0
    deliveries = summary.delivery_providers or ()
    sold += sum(minor(each.tax, cents) for each in deliveries if each.tax_remitted_by == "merchant")
    paid = sum(minor(payment.amount, cents) for payment in summary.payments)
    paid += sum(each.amount for each in outgoing if each.deducted)
    unsettled = sum(_unsettled(each, cents) for each in deliveries)
    return 0 if sold - paid in (0, -unsettled) else sold - paid


def _unsettled(delivery: DeliveryProvider, currency: str) -> int:
    return 0 if delivery.tax_remitted_by in ("merchant", "provider") else minor(delivery.tax, currency)


def _gift_card_problems(summary: Summary) -> Iterator[Problem]:
    if summary.gift_cards is None or summary.gift_cards.redeemed is None:
        return
    paid = sum(minor(each.amount, summary.currency) for each in summary.payments if each.method == "gift_card")
    yield from _differing(summary, "D2", minor(summary.gift_cards.redeemed, summary.currency) - paid)


def _product_problems(summary: Summary) -> Iterator[Problem]:
    for product in summary.products:
        if product.gross is not None:
            off = minor(product.discount, summary.currency) + minor(product.refunded, summary.currency)
            net = minor(product.gross, summary.currency) - off
            yield from _differing(summary, "D3", net - minor(product.net, summary.currency), product.code)


def _provider_problems(summary: Summary, delivery: DeliveryProvider) -> Iterator[Problem]:
    """What a provider owes before its commission: net sales, tips, and the tax where the merchant remits it."""
    cents, name = summary.currency, delivery.provider
    own = minor(delivery.tax, cents) if delivery.tax_remitted_by == "merchant" else 0
    owed = minor(delivery.net_sales, cents) + minor(delivery.tips, cents) + own
    is_only = len(summary.delivery_providers or ()) == 1
    names = (name, None, "") if is_only else (name,)
    by_provider = [each for each in summary.payments if each.method == DELIVERY and each.provider in names]
    off = sum(minor(each.amount, cents) for each in by_provider) - owed
    yield from _differing(summary, "D4", 0 if off == _unsettled(delivery, cents) else off, name)
    products = [product for product in summary.products if product.provider == name]
    if products:
        sold = sum(minor(product.net, cents) for product in products)
        yield from _differing(summary, "D7", minor(delivery.net_sales, cents) - sold, name)


def _refund_problems(summary: Summary) -> Iterator[Problem]:
    cents = summary.currency
    returned = sum(minor(product.refunded, cents) for product in summary.products)
    returned += sum(minor(tax.refunded, cents) for tax in summary.taxes)
    paid_back = sum(minor(payment.refunded, cents) for payment in summary.payments)
    yield from _differing(summary, "D5", returned - paid_back)


def _differing(summary: Summary, code: str, difference: int, of: str = "") -> Iterator[Problem]:
    if difference:
        amount = f"{decimal_text(difference, summary.currency)} {summary.currency}"
        message = f"{summary.name}: {_MESSAGES[code].format(amount, of=of)}."
        yield Problem(code=code, message=message, difference=difference)
