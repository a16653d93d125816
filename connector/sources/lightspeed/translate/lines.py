"""The lines of a sale → pieces: what was sold and came back by category, discounts, and tax by what it is charged on.

Lines are exact and have many decimals; the sale's header is rounded, once for each tax. So the lines only say how the
header's amounts are divided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connector.domain.places import Name, Piece
from connector.domain.shop import Shop
from connector.sources.lightspeed.records import Sale, SaleLine
from connector.sources.lightspeed.translate.amounts import minor, scaled, shared
from connector.sources.lightspeed.translate.taxes import LineTax, discount_part, joined_name, line_taxes, tax_names

MISCELLANEOUS = "Miscellaneous"
UNCATEGORIZED = "Uncategorized"
DISCOUNTS = "Discounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The kinds that the pieces of a line have: sold, given back, or given back where something was sold too."""

    sale: str
    item_fee: str
    discount: str
    tax: str


SOLD = Side(sale="sale", item_fee="item_fee", discount="discount", tax="tax")
REFUNDED = Side(sale="refund", item_fee="refund_item_fee", discount="refund_discount", tax="refund_tax")
EXCHANGED = Side(sale="exchange_return", item_fee="exchange_item_fee", discount="exchange_discount", tax="exchange_tax")


@dataclass(slots=True)
class _Exact:
    """The exact sums of the lines, in minor units, by where they go: prices, discounts, and each of the two taxes."""

    prices: dict[Name, Decimal] = field(default_factory=dict)
    discounts: dict[Name, Decimal] = field(default_factory=dict)
    taxes: tuple[dict[Name, Decimal], dict[Name, Decimal]] = field(default_factory=lambda: ({}, {}))


def line_pieces(sale: Sale, currency: str, shop: Shop, *, is_refund: bool, is_inside: bool) -> list[Piece]:
    """The pieces of all lines, dividing the header's amounts to the cent; `is_inside` says that prices hold the tax."""
    exact = _summed(sale, currency, shop, is_refund=is_refund, is_inside=is_inside)
    amounts = _divided(minor(sale.calc_subtotal, currency), exact.prices)
    amounts |= _divided(-minor(sale.calc_discount, currency), exact.discounts)
    taxes = [
        *_divided(minor(sale.calc_tax1, currency), exact.taxes[0]).items(),
        *_divided(minor(sale.calc_tax2, currency), exact.taxes[1]).items(),
    ]
    if is_inside:
        for name, amount in taxes:
            kind, _, code = name.parent.partition("|")
            price = Name(kind, code, name.tax_code)
            amounts[price] = amounts.get(price, 0) - amount  # a price of nothing may bear a tax: R7 holds it
    return [*amounts.items(), *taxes]


def _summed(sale: Sale, currency: str, shop: Shop, *, is_refund: bool, is_inside: bool) -> _Exact:
    exact, names = _Exact(), tax_names(sale, shop)
    for line in sale.lines:
        side = (REFUNDED if is_refund else EXCHANGED) if line.is_return else REFUNDED if is_refund else SOLD
        taxes = line_taxes(line, names)
        tax_code = joined_name(taxes)
        price, discount = _price_part(line, side, tax_code, shop), Name(side.discount, DISCOUNTS, tax_code)
        _add(exact.prices, price, scaled(line.calc_subtotal, currency))
        _add(exact.discounts, discount, -scaled(line.discount, currency))
        for number, where, amount in tax_parts(line, taxes, (price, discount), side.tax, is_inside=is_inside):
            _add(exact.taxes[number], where, scaled(amount, currency))
    return exact


def tax_parts(
    line: SaleLine, taxes: Sequence[LineTax], parts: tuple[Name, Name], kind: str, *, is_inside: bool
) -> Iterator[tuple[int, Name, Decimal]]:
    """Which of the two, name of that kind and exact amount of each tax, on the line's price and on its discount."""
    price, discount = parts
    for tax in taxes:
        saved = discount_part(tax, taxes, line, is_inside=is_inside)
        for part, amount in ((price, tax.amount + saved), (discount, -saved)):
            yield tax.number, Name(kind, tax.name, part.tax_code, f"{part.kind}|{part.code}"), amount


def _price_part(line: SaleLine, side: Side, tax_code: str, shop: Shop) -> Name:
    if line.is_item_fee:
        return Name(side.item_fee, f"Item fee {line.item_fee_id}".strip(), tax_code)
    if not line.item_id:
        return Name(side.sale, MISCELLANEOUS, tax_code)
    category = line.item.category_id if line.item else ""
    code = shop.apart.get(line.item_id) or shop.categories.get(f"category/{category}") or UNCATEGORIZED
    return Name(side.sale, code, tax_code)


def _add(sums: dict[Name, Decimal], part: Name, amount: Decimal) -> None:
    if amount or part in sums:
        sums[part] = sums.get(part, Decimal(0)) + amount


def _divided(total: int, exact: dict[Name, Decimal]) -> dict[Name, int]:
    return dict(zip(exact, shared(total, list(exact.values())), strict=True))


def lines_of(sale: Sale, *, returned: bool) -> Sequence[SaleLine]:
    """The lines that brought goods back, or those that did not; lines of nothing are neither."""
    return tuple(_lines(sale, returned))


def _lines(sale: Sale, returned: bool) -> Iterator[SaleLine]:
    return (line for line in sale.lines if line.is_return == returned and line.calc_subtotal)
