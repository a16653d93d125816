"""The ordinary sale, read lean: most orders of a till are goods with one tax and one discount at most, paid at once.

It gives the same fact as `orders.py` gives for any order, or None: where one thing is out of the ordinary, or one sum
is not what it should be, the order is read in full there, which then says what is wrong. Only the sums are made here;
what is named alike is named once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from connector.domain.facts import Fact
from connector.domain.money import share_half_even
from connector.domain.places import Frame, Name, Piece
from connector.domain.sales import Sale
from connector.domain.shop import Shop
from connector.sources.square.records import AppliedTax, LineItem, MoneyAmounts, Order, minor
from connector.sources.square.translate.lines import SOLD, line_name, line_names
from connector.sources.square.translate.places import local_day
from connector.sources.square.translate.taxes import NamedTax, named_tax, rates

NOT_TAKEN = frozenset({"AUTHORIZED", "PENDING", "VOIDED", "FAILED"})
_TIPS = Name(SOLD.tip, "Tips")
_Taxes = tuple[NamedTax, ...]


def ordinary_fact(order: Order, shop: Shop) -> Fact | None:
    """The fact of a completed sale without returns, charges and rounding in which everything adds up; else None."""
    total, tenders = order.total_money, order.tenders
    if order.state != "COMPLETED" or not (order.line_items and tenders and total and total.currency):
        return None
    if order.returns or order.return_amounts or order.service_charges or order.rounding_adjustment:
        return None
    moments: list[datetime] = []
    tendered: list[tuple[str, int]] = []
    for tender in tenders:
        if tender.created_at is None or tender.status in NOT_TAKEN:
            return None
        moments.append(tender.created_at)
        tendered.append((tender.payment_id or tender.id or "", minor(tender.amount_money)))
    pieces = _pieces(order, shop.categories)
    if pieces is None:
        return None
    location, last = order.location_id or "", max(moments)
    frame = Frame(
        stream="orders",
        source_id=order.id,
        location=location,
        occurred_at=last,
        business_day=local_day(shop, location, last),
        currency=total.currency,
        channel=(order.source.name if order.source else "") or "",
    )
    return frame.fact(Sale(sale_id=order.id, total=total.amount or 0, tendered=tuple(tendered)), pieces)


def _pieces(order: Order, categories: Mapping[str, str]) -> Iterable[Piece] | None:
    """The pieces of the order, if nothing about them is out of the ordinary."""
    names: list[Name] = []
    amounts: list[int] = []
    taxes = {tax.uid or "": (named_tax(tax.name, tax.percentage, tax.type),) for tax in order.taxes or ()}
    discounts = {each.uid or "": each.name or "" for each in order.discounts} if order.discounts else {}
    tax = discount = 0
    for line in order.line_items or ():
        found = _line(line, taxes, discounts, categories)
        if found is None:
            return None
        names += found[0]
        amounts += found[1]
        tax += found[2]
        discount += found[3]
    if order.total_tip_money and order.total_tip_money.amount:
        names.append(_TIPS)
        amounts.append(order.total_tip_money.amount)
    return zip(names, amounts, strict=True) if _adds_up(order, sum(amounts), tax, discount) else None


def _line(
    line: LineItem, taxes: Mapping[str, _Taxes], discounts: Mapping[str, str], categories: Mapping[str, str]
) -> tuple[Sequence[Name], Sequence[int], int, int] | None:
    """Names and amounts of the line's pieces, its tax and its discount; its sums are checked here (S1, S3)."""
    price, total, whole = line.variation_total_price_money, line.total_money, line.total_tax_money
    discount, charge, applied = line.total_discount_money, line.total_service_charge_money, line.applied_taxes
    full, tax = price.amount or 0 if price else 0, whole.amount or 0 if whole else 0
    off = discount.amount or 0 if discount else 0
    if line.modifiers:
        full += sum([minor(modifier.total_price_money) for modifier in line.modifiers])
    if line.return_modifiers or line.applied_service_charges or (charge and charge.amount):
        return None
    words = _taxes(applied, taxes, tax) if applied or tax else ()
    if words is None:
        return None
    inside = tax if words and words[0].is_inclusive else 0
    if (total.amount or 0 if total else 0) != full - off + tax - inside:
        return None
    kind, code = line_name(line, SOLD, categories)
    parts = _parts(line, discounts, off) if off or line.applied_discounts else ()
    amounts = _reduced(full, off, words, tax) if off else (full - inside, tax) if words else (full,)
    if parts is None or amounts is None:
        return None
    names, is_known = line_names(kind, code, parts, words, SOLD.tax)
    return (names, amounts, tax, off) if is_known else None


def _taxes(applied: Sequence[AppliedTax] | None, taxes: Mapping[str, _Taxes], tax: int) -> _Taxes | None:
    """The one tax of a line."""
    if not applied or len(applied) > 1:
        return None
    money = applied[0].applied_money
    return taxes.get(applied[0].tax_uid or "") if money and (money.amount or 0) == tax else None


def _parts(line: LineItem, discounts: Mapping[str, str], off: int) -> tuple[tuple[str, str]] | None:
    """Kind and code of the one discount of the line."""
    code = ""
    if line.applied_discounts:
        applied = line.applied_discounts[0]
        if len(line.applied_discounts) > 1 or minor(applied.applied_money) != off:
            return None
        code = discounts.get(applied.discount_uid or "", "")
    return ((SOLD.discount, code or "Discount"),) if off > 0 else None


def _reduced(full: int, off: int, taxes: _Taxes, tax: int) -> Sequence[int] | None:
    """The discount and the price, each before its tax, if the tax was charged on the price less the discount."""
    if not taxes:
        return -off, full
    (rate,) = rates(taxes)
    away = abs(tax - share_half_even(full - off, *rate))
    if away and away > abs(tax - share_half_even(full, *rate)):
        return None
    share = share_half_even(-off, *rate)
    if taxes[0].is_inclusive:
        return -off - share, share, full - tax + share, tax - share
    return -off, share, full, tax - share


def _adds_up(order: Order, total: int, tax: int, discount: int) -> bool:
    """Whether the identities S2, S3, S4 and S5 hold; each of them is told apart in identities.py where one does not."""
    if (
        minor(order.total_money) != total
        or minor(order.total_tax_money) != tax
        or minor(order.total_discount_money) != discount
        or (order.net_amounts and not _is_net(order, order.net_amounts))
    ):
        return False
    named = [each.applied_money.amount or 0 for each in order.taxes or () if each.applied_money]
    return not named or sum(named) == tax or len(named) < len(order.taxes or ())


def _is_net(order: Order, net: MoneyAmounts) -> bool:
    return (
        minor(net.total_money or order.total_money) == minor(order.total_money)
        and minor(net.tax_money or order.total_tax_money) == minor(order.total_tax_money)
        and minor(net.discount_money or order.total_discount_money) == minor(order.total_discount_money)
        and minor(net.tip_money or order.total_tip_money) == minor(order.total_tip_money)
        and minor(net.service_charge_money or order.total_service_charge_money)
        == minor(order.total_service_charge_money)
    )
