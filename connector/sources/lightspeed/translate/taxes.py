"""The two taxes of a line: their names, and which part of each belongs to the price and which to the discount."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from connector.domain.facts import Problem
from connector.domain.shop import Shop
from connector.sources.lightspeed.plain import PlainSale
from connector.sources.lightspeed.records import Sale, SaleLine

CENT = Decimal("0.01")


class LineTax(NamedTuple):
    """One tax on one line: which of the two (0, 1), its name, rate (0.05 is 5 %) and exact amount."""

    number: int
    name: str
    rate: Decimal
    amount: Decimal


def line_taxes(line: SaleLine, names: tuple[str, str]) -> list[LineTax]:
    """The taxes on a line; one at a rate that came to nothing is none, but for a line that came to nothing itself."""
    told = ((0, line.tax1_rate, line.calc_tax1), (1, line.tax2_rate, line.calc_tax2))
    is_nothing = line.calc_subtotal == line.discount
    return [
        LineTax(number, tax_name(names[number], number, rate), rate, amount)
        for number, rate, amount in told
        if amount or (line.tax and rate and is_nothing)
    ]


def tax_names(sale: Sale | PlainSale, shop: Shop) -> tuple[str, str]:
    """What the sale's tax category calls its two taxes; empty where it does not."""
    if sale.tax_category is not None:
        return sale.tax_category.tax1_name, sale.tax_category.tax2_name
    _, first, second = (shop.categories.get(f"tax category/{sale.tax_category_id}") or "\n\n").split("\n")
    return first, second


def joined_name(taxes: list[LineTax]) -> str:
    """The tax code of a line: the names of its taxes in order; empty where it bears none."""
    return " + ".join(tax.name for tax in taxes)


def discount_part(tax: LineTax, taxes: Sequence[LineTax], line: SaleLine, *, is_inside: bool) -> Decimal:
    """The tax that the discount saved; nothing where the tax is not what its rate gives on the discounted price."""
    share = tax.rate / (1 + sum(each.rate for each in taxes)) if is_inside else tax.rate
    if abs((line.calc_subtotal - line.discount) * share - tax.amount) >= CENT:
        return Decimal(0)
    return line.discount * share


def rate_problems(line: SaleLine) -> list[Problem]:
    """A line that bears a tax and does not say at which rate."""
    unsaid = (line.calc_tax1 and not line.tax1_rate) or (line.calc_tax2 and not line.tax2_rate)
    message = f"Line {line.sale_line_id} bears a tax and does not say at which rate."
    return [Problem(code="tax_unknown", message=message)] if unsaid else []


@lru_cache(maxsize=4096)
def tax_name(name: str, number: int, rate: Decimal) -> str:
    """Name and percentage: "Sales Tax 5%", "QST 9.975%"."""
    percent = f"{(rate * 100).normalize():f}%"
    named = name.strip() or f"Tax {number + 1}"
    return named if named.endswith(percent) else f"{named} {percent}"
