"""An ordinary line, read lean: goods that bear the one tax of their sale.

It comes to what `lines.py` makes of any line, in integers: fractions of a minor unit are counted in grains."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from connector.domain.money import parts_of
from connector.domain.places import Name, Unusual, interned
from connector.domain.remembered import Remembered
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.plain import read_line
from connector.sources.lightspeed_x.translate.lines import DISCOUNT, NOT_IN_THE_CATALOGUE
from connector.sources.lightspeed_x.translate.shops import rate_name

DECIMALS = 12
GRAINS: int = 10**DECIMALS  # of a minor unit
_MOST_LINES = 1 << 12  # of an outlet that are kept in mind

Part = tuple[Name, int, Name, int]
"""A part of a line without tax, and its tax, in grains. (A tuple, as there are many.)"""
OrdinaryLines = Remembered[bytes, tuple[Part, ...]]


class _Taxed(NamedTuple):
    """What the lines that bear the one tax of their sale are read with: its rate's id, and the names of what they hold
    by the code of the product: price and its tax, discount and its tax."""

    rate: str
    names: Remembered[str, tuple[Name, Name, Name, Name]]
    categories: Mapping[str, str]
    grains: Remembered[object, int]


def ordinary_lines(shop: Shop, places: int, rate: str) -> OrdinaryLines:
    """The lines that bear the one tax of their sale, each reckoned when it is first met."""
    named = rate_name(shop, rate)
    if not named:
        raise Unusual
    taxed = _Taxed(rate, Remembered(partial(_names, named), _MOST_LINES), shop.categories, parts_of(places + DECIMALS))
    return Remembered(partial(_line, taxed), _MOST_LINES)


def _names(tax: str, code: str) -> tuple[Name, Name, Name, Name]:
    return (
        interned(Name("sale", code, tax)),
        interned(Name("tax", tax, tax, f"sale|{code}")),
        interned(Name("discount", DISCOUNT, tax)),
        interned(Name("tax", tax, tax, f"discount|{DISCOUNT}")),
    )


def _line(taxed: _Taxed, written: bytes) -> tuple[Part, ...]:
    """The parts of a line as `line_parts` gives them; the tax of a discount to the nearest grain."""
    line, grains = read_line(written), taxed.grains
    if line.status == "VOIDED" or line.gift_card_number or (line.return_ and line.return_.is_return):
        raise Unusual
    components = line.metadata.tax_components if line.metadata else None
    if not line.pricing or not components or len(components) > 1 or components[0].rate_id != taxed.rate:
        raise Unusual
    net, off = grains[line.pricing.total], max(grains[line.pricing.discount_total], 0)
    tax = grains[components[0].total_tax]
    if net < 0 or tax < 0 or (line.tax and grains[line.tax.total] < 0):
        raise Unusual
    code = taxed.categories.get(line.product.id or "") if line.product else None
    price, price_tax, discount, discount_tax = taxed.names[code or NOT_IN_THE_CATALOGUE]
    if not off:
        return ((price, net, price_tax, tax),)
    share = (2 * tax * off + net) // (2 * net) if net else 0
    return (price, net + off, price_tax, tax + share), (discount, -off, discount_tax, -share)
