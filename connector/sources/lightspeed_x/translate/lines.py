"""The lines, adjustments and online charges of a sale as parts: exact amounts, not rounded yet, with their taxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from connector.domain.facts import UNKNOWN
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.records import (
    Adjustment,
    Line,
    LineMetadata,
    LineTax,
    Pricing,
    ProductRef,
    Sale,
    TaxComponent,
    in_minor_units,
)
from connector.sources.lightspeed_x.translate.shops import rate_name, tax_name

ADJUSTMENTS = {
    "DISCOUNT": "discount", "TIP": "tip", "SURCHARGE": "surcharge", "NON_CASH_FEE": "surcharge",
    "ECOM_CUSTOM_CHARGE": "online_charge",
}  # fmt: skip
DISCOUNT, NOT_IN_THE_CATALOGUE = "Discount", "Product not in the catalogue"
_WORDS = {
    "discount": DISCOUNT,
    "tip": "Tips",
    "SURCHARGE": "Surcharge",
    "NON_CASH_FEE": "Non-cash fee",
    "ECOM_CUSTOM_CHARGE": "Online charge",
}


class Part(NamedTuple):
    """A part of a sale without tax, in minor units, fractions kept; `taxes` are (rate id, amount) on it. The sign is
    the seller's: what comes back is negative, its tax as well."""

    kind: str
    code: str
    amount: Decimal
    tax_code: str = ""
    taxes: tuple[tuple[str, Decimal], ...] = ()

    @property
    def name(self) -> str:
        """How a tax names what it is charged on."""
        return f"{self.kind}|{self.code}"

    @property
    def tax_kind(self) -> str:
        """What comes back in a refund or an exchange brings its tax back."""
        group = self.kind.partition("_")[0]
        return f"{group}_tax" if group in ("refund", "exchange") else "tax"


class Reading(NamedTuple):
    """What reading a sale's parts needs: the shop, the decimals of the currency, and whether all of it comes back."""

    shop: Shop
    places: int
    is_refund: bool


def is_refund(sale: Sale) -> bool:
    """Whether all of a sale comes back: then it is a refund; otherwise what comes back is part of an exchange."""
    lines = _counting(sale)
    if lines:
        return all(_comes_back(line) for line in lines)
    return bool(sale.return_ and sale.return_.is_return)


def parts(sale: Sale, reading: Reading) -> list[Part]:
    """Lines and adjustments as parts."""
    only_rate = _only_rate(sale)
    found = [part for line in _counting(sale) for part in line_parts(line, reading, only_rate)]
    return found + [_adjustment(each, reading) for each in sale.adjustments or ()]


def online_charges(sale: Sale, reading: Reading) -> list[Part]:
    """Charges of the online shop. Whether they stand in the sale's price is for the totals to tell."""
    kind = _named("online_charge", reading)
    return [
        Part(kind, each.name or "Online charge", in_minor_units(each.total, reading.places))
        for each in sale.ecom_custom_charges or ()
    ]


def surcharge(sale: Sale, reading: Reading) -> list[Part]:
    """The surcharge that the totals name, of which the same holds."""
    amount = in_minor_units(sale.totals.surcharge if sale.totals else None, reading.places)
    return [Part(_named("surcharge", reading), "Surcharge", amount)] if amount else []


def line_parts(line: Line, reading: Reading, only_rate: str) -> Iterator[Part]:
    """A line as its price and what was taken off it; without components it bears its tax at `only_rate`."""
    pricing, back = line.pricing or Pricing(), _comes_back(line)
    net = in_minor_units(pricing.total, reading.places)
    off = _discount(in_minor_units(pricing.discount_total, reading.places), back)
    taxes = _taxes(line, reading.places, only_rate)
    tax_code = _tax_code(line, taxes, reading.shop)
    prefix = "" if not back else "refund" if reading.is_refund else "exchange"
    kind, code = _kind(line, net, prefix), _code(line, net, reading.shop.categories)
    shares = tuple((rate, tax * off / net if net else Decimal(0)) for rate, tax in taxes)
    full = tuple((rate, tax + share) for (rate, tax), (_, share) in zip(taxes, shares, strict=True))
    yield Part(kind, code, net + off, tax_code, full)
    if off:
        discount = f"{prefix}_discount" if prefix else "discount"
        yield Part(discount, DISCOUNT, -off, tax_code, tuple((rate, -share) for rate, share in shares))


def _discount(discount: Decimal, back: bool) -> Decimal:
    """What the price was before, less what it is: of the line's own sign. A discount below zero raised the price by
    hand, and is no discount."""
    return -abs(discount) if back else max(discount, Decimal(0))


def _taxes(line: Line, places: int, only_rate: str) -> tuple[tuple[str, Decimal], ...]:
    """The tax of each rate. The components of a return are positive, so the line says the sign; a line without any
    takes the sale's only rate."""
    total = in_minor_units(line.tax.total if line.tax else None, places)
    components = (line.metadata or LineMetadata()).tax_components or ()
    if not components:
        return ((only_rate, total),) if total and only_rate else ()
    negative = total < 0 or (not total and _comes_back(line))
    return _signed(components, places, negative)


def _signed(components: Iterable[TaxComponent], places: int, negative: bool) -> tuple[tuple[str, Decimal], ...]:
    amounts = [(each.rate_id or "", in_minor_units(each.total_tax, places)) for each in components]
    return tuple((rate, -abs(amount)) for rate, amount in amounts) if negative else tuple(amounts)


def _tax_code(line: Line, taxes: tuple[tuple[str, Decimal], ...], shop: Shop) -> str:
    names = {rate_name(shop, rate) for rate, _ in taxes if rate_name(shop, rate)}
    return " + ".join(sorted(names)) or tax_name(shop, (line.tax or LineTax()).id or "")


def _kind(line: Line, net: Decimal, prefix: str) -> str:
    if line.gift_card_number:
        return f"{prefix}_gift_card" if prefix else "gift_card"
    if prefix:
        return "refund" if prefix == "refund" else "exchange_return"
    return "sale" if net >= 0 else "discount"  # a price below nothing is a rebate, not a return


def _code(line: Line, net: Decimal, categories: Mapping[str, str]) -> str:
    if line.gift_card_number:
        return "Gift card"
    if net < 0 and not _comes_back(line):
        return DISCOUNT
    return categories.get((line.product or ProductRef()).id or "") or NOT_IN_THE_CATALOGUE


def _adjustment(each: Adjustment, reading: Reading) -> Part:
    told = each.adjustment_type or ""
    amount = in_minor_units(each.total, reading.places)
    taxes = _signed(each.tax_components or (), reading.places, amount < 0)
    tax_code = " + ".join(sorted({name for rate, _ in taxes if (name := rate_name(reading.shop, rate))}))
    kind = ADJUSTMENTS.get(told)
    if kind is None:
        return Part(UNKNOWN, f"adjustment {told or 'without a type'}", amount, tax_code, taxes)
    code = _WORDS.get(kind) or (each.name if kind == "online_charge" else "") or _WORDS[told]
    return Part(_named(kind, reading), code, amount, tax_code, taxes)


def _named(kind: str, reading: Reading) -> str:
    return f"refund_{kind}" if reading.is_refund else kind


def _counting(sale: Sale) -> list[Line]:
    return [line for line in sale.line_items or () if line.status != "VOIDED"]


def _comes_back(line: Line) -> bool:
    return bool(line.return_ and line.return_.is_return)


def _only_rate(sale: Sale) -> str:
    rates = {tax.id for tax in sale.taxes or () if tax.id}
    return rates.pop() if len(rates) == 1 else ""
