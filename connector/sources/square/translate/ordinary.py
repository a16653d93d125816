"""The ordinary sale, read lean: most orders of a till are goods with one tax and one discount at most, paid at once.

It gives the same fact as `orders.py` gives for any order, or None: where one thing is out of the ordinary, or one sum
is not what it should be, the order is read in full there, which then says what is wrong. Lines that are alike are
reckoned once: a till sells the same things again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial

from connector.domain.facts import Fact
from connector.domain.money import share_half_even
from connector.domain.places import Name, Place, Unusual, interned
from connector.domain.remembered import Remembered
from connector.domain.sales import Sale
from connector.domain.shop import Shop
from connector.sources.square.plain import PlainAppliedDiscount, PlainAppliedTax, PlainMoney, PlainOrder
from connector.sources.square.records import MoneyAmounts, Tender, minor
from connector.sources.square.translate.lines import SOLD, line_name, line_names
from connector.sources.square.translate.places import place_of
from connector.sources.square.translate.taxes import NamedTax, named_tax, rates

NOT_TAKEN = frozenset({"AUTHORIZED", "PENDING", "VOIDED", "FAILED"})
_TIPS = Name(SOLD.tip, "Tips")
_MOST_LINES = 1 << 14  # kept in mind


def ordinary_fact(order: PlainOrder, shop: Shop) -> Fact | None:
    """The fact of a completed sale without returns, charges and rounding in which everything adds up; else None."""
    total, tenders = order.total_money, order.tenders
    if order.state != "COMPLETED" or not (order.line_items and tenders and total and total.currency):
        return None
    if order.returns or order.return_amounts or order.service_charges or order.rounding_adjustment or order.unread:
        return None
    try:
        last = max(map(_taken_at, tenders))
        pieces = _pieces(order, minor(total), shop.categories)
    except Unusual:
        return None
    tendered = tuple([(tender.payment_id or tender.id or "", minor(tender.amount_money)) for tender in tenders])
    about = Sale(sale_id=order.id, total=minor(total), tendered=tendered)
    channel = (order.source.name if order.source else "") or ""
    place = shop.at(order.location_id, _places)[total.currency]
    return place.fact("orders", order.id, last, about, pieces, channel)


def _places(shop: Shop, location: str) -> Remembered[str, Place]:
    """A location by the currency that its orders name."""
    return Remembered(partial(place_of, shop, location))


def _taken_at(tender: Tender) -> datetime:
    if tender.created_at is None or tender.status in NOT_TAKEN:
        raise Unusual
    return tender.created_at


def _pieces(order: PlainOrder, total: int, categories: Mapping[str, str]) -> list[dict[Name, int]]:
    """The pieces of the order; raises Unusual where they do not come to its sums."""
    taxes = {tax.uid or "": named_tax(tax.name, tax.percentage, tax.type) for tax in order.taxes}
    discounts = {each.uid or "": each.name or "" for each in order.discounts} if order.discounts else {}
    pieces: list[dict[Name, int]] = []
    summed = taxed = reduced = 0
    for line in order.line_items:
        if line.return_modifiers or line.applied_service_charges or line.total_service_charge_money.amount:
            raise Unusual
        price, whole = line.variation_total_price_money.amount, line.total_money.amount
        tax, off, applied = line.total_tax_money.amount, line.total_discount_money.amount, line.applied_discounts
        if line.modifiers:
            price += sum([modifier.total_price_money.amount for modifier in line.modifiers])
        pieces.append(
            _line(
                line.item_type,
                categories.get(line.catalog_object_id or "") or line.name,
                (price, off, tax, whole),
                _tax(line.applied_taxes, taxes, tax) if tax or line.applied_taxes else None,
                _discount(applied, discounts, off) if applied else "",
            )
        )
        summed += whole
        taxed += tax
        reduced += off
    if tip := order.total_tip_money.amount:
        pieces.append({_TIPS: tip})
    _check(order, total == summed + tip, taxed, reduced)
    return pieces


def _tax(applied: Sequence[PlainAppliedTax], taxes: Mapping[str, NamedTax], tax: int) -> NamedTax:
    """The one tax of a line."""
    if len(applied) != 1 or applied[0].applied_money is None or applied[0].applied_money.amount != tax:
        raise Unusual
    found = taxes.get(applied[0].tax_uid)
    if found is None:
        raise Unusual
    return found


def _discount(applied: Sequence[PlainAppliedDiscount], discounts: Mapping[str, str], off: int) -> str:
    """The name of the one discount of a line."""
    if len(applied) > 1 or applied[0].applied_money.amount != off or off <= 0:
        raise Unusual
    return discounts.get(applied[0].discount_uid, "")


@lru_cache(maxsize=_MOST_LINES)
def _line(
    item_type: str | None, code: str | None, amounts: tuple[int, int, int, int], tax: NamedTax | None, discount: str
) -> dict[Name, int]:
    """The pieces of a line, from its price, discount, tax and total, which are checked here (S1, S3)."""
    price, off, taxed, total = amounts
    inside = taxed if tax and tax.is_inclusive else 0
    if total != price - off + taxed - inside or off < 0:
        raise Unusual
    taxes = (tax,) if tax else ()
    kind, named = line_name(item_type, code, SOLD)
    parts = ((SOLD.discount, discount or "Discount"),) if off else ()
    names, is_known = line_names(kind, named, parts, taxes, SOLD.tax)
    if not is_known:
        raise Unusual
    found = _reduced(price, off, taxes, taxed) if off else (price - inside, taxed) if taxes else (price,)
    return {interned(name): amount for name, amount in zip(names, found, strict=True) if amount}


def _reduced(price: int, off: int, taxes: Sequence[NamedTax], tax: int) -> Sequence[int]:
    """The discount and the price, each before its tax, if the tax was charged on the price less the discount."""
    if not taxes:
        return -off, price
    (rate,) = rates(tuple(taxes))
    away = abs(tax - share_half_even(price - off, *rate))
    if away and away > abs(tax - share_half_even(price, *rate)):
        raise Unusual
    share = share_half_even(-off, *rate)
    if taxes[0].is_inclusive:
        return -off - share, share, price - tax + share, tax - share
    return -off, share, price, tax - share


def _check(order: PlainOrder, adds_up: bool, tax: int, discount: int) -> None:
    """Raises Unusual unless S2, S3, S4 and S5 hold; each of them is told apart in identities.py where one does not."""
    if not adds_up or order.total_tax_money.amount != tax or order.total_discount_money.amount != discount:
        raise Unusual
    if order.net_amounts and not _is_net(order, order.net_amounts):
        raise Unusual
    named = [each.applied_money.amount or 0 for each in order.taxes if each.applied_money]
    if named and sum(named) != tax and len(named) == len(order.taxes):
        raise Unusual


def _is_net(order: PlainOrder, net: MoneyAmounts) -> bool:
    """Whether the sums after what came back are those before: nothing did."""
    return all(
        after is None or minor(after) == before.amount
        for after, before in (
            (net.total_money, PlainMoney(minor(order.total_money))),
            (net.tax_money, order.total_tax_money),
            (net.discount_money, order.total_discount_money),
            (net.tip_money, order.total_tip_money),
            (net.service_charge_money, order.total_service_charge_money),
        )
    )
