"""An ordinary line, read lean: goods with one or two taxes on top, by themselves.

It comes to what `lines.py` and `taxes.py` make of any line, in integers: only taxes have fractions of a minor unit,
which are counted in grains."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import NamedTuple

from connector.domain.money import exponent, parts_of
from connector.domain.places import Name, Unusual, interned
from connector.domain.remembered import Remembered
from connector.domain.shop import Shop
from connector.sources.lightspeed.plain import PlainLine
from connector.sources.lightspeed.translate.identities import LINE
from connector.sources.lightspeed.translate.lines import DISCOUNTS, SOLD, UNCATEGORIZED
from connector.sources.lightspeed.translate.taxes import tax_name

FINER = 6  # decimals behind a minor unit: more than the seven of a line
GRAINS = 10**FINER  # of a minor unit
NOTHING = ("", "0")  # ids of nothing
MOST_LINES = 1 << 12  # of a shop that are kept in mind
_PARTS = 10**8  # of a rate and a quantity
_LINE = int(LINE * GRAINS)

OrdinaryLine = tuple[Name, int, Name, int, tuple[tuple[int, Name, int], ...], int]
"""What a line comes to: its price and its discount (−) in minor units; in grains its taxes (which of the two, name,
amount) and its cost. (A tuple, as there are many.)"""
_Rate = tuple[int, str]  # which of the two, and its rate
_Names = tuple[Name, Name, tuple[tuple[Name, Name], ...]]


class _Reading(NamedTuple):
    """What the lines of sales are read with whose two taxes bear these names."""

    shop: Shop
    grains: Remembered[object, int]
    places: int
    names: Remembered[tuple[str, tuple[_Rate, ...]], _Names]


def ordinary_lines(shop: Shop, currency: str, taxes: tuple[str, str]) -> Remembered[PlainLine, OrdinaryLine]:
    """The lines of sales whose two taxes bear these names, each reckoned when it is first met."""
    places, names = exponent(currency), Remembered(partial(_names, taxes), MOST_LINES)
    return Remembered(partial(_line, _Reading(shop, parts_of(places + FINER), places, names)), MOST_LINES)


def _line(reading: _Reading, line: PlainLine) -> OrdinaryLine:
    """A line by itself, as `lines.py` and `taxes.py` reckon any; raises ValueError where it is unusual."""
    if line.item_id in NOTHING or line.item_fee_id not in NOTHING or line.line_type:
        raise Unusual
    grains, quantity = reading.grains, _QUANTITIES[line.unit_quantity]
    full, off = grains[line.calc_subtotal], grains[line.calc_line_discount] + grains[line.calc_transaction_discount]
    told = grains[line.calc_tax1], grains[line.calc_tax2]
    total = full - off + told[0] + told[1]
    if quantity < 0 or (line.calc_total is not None and abs(grains[line.calc_total] - total) >= _LINE):
        raise Unusual
    is_nothing = line.tax and full == off
    rates = (line.tax1_rate, line.tax2_rate)
    taxed = tuple([each for each in enumerate(rates) if told[each[0]] or (is_nothing and _RATES[each[1]])])
    price, discount, of_taxes = reading.names[_code(line, reading.shop), taxed]
    charged: list[tuple[int, Name, int]] = []
    for (number, rate), (on_price, on_discount) in zip(taxed, of_taxes, strict=True):
        saved = _saved(full, off, told[number], _RATES[rate], 10 ** (reading.places + FINER - 2))
        charged += ((number, on_price, told[number] + saved), (number, on_discount, -saved))
    cost = _divided(quantity * grains[line.avg_cost], _PARTS)
    parts = tuple([each for each in charged if each[2]])
    return price, _divided(full, GRAINS), discount, -_divided(off, GRAINS), parts, cost


def _code(line: PlainLine, shop: Shop) -> str:
    code = shop.categories.get("category/" + line.item.category_id) if line.item else None
    return shop.apart.get(line.item_id, code) or UNCATEGORIZED


def _names(taxes: tuple[str, str], of: tuple[str, tuple[_Rate, ...]]) -> _Names:
    """What a price, its discount and the taxes on each are called, by the code of the price and the rates."""
    code, rates = of
    named = [tax_name(taxes[number], number, Decimal(rate)) for number, rate in rates]
    tax_code = " + ".join(named)
    price, discount = Name(SOLD.sale, code, tax_code), Name(SOLD.discount, DISCOUNTS, tax_code)
    found = tuple(
        (
            interned(Name(SOLD.tax, tax, tax_code, f"{price.kind}|{price.code}")),
            interned(Name(SOLD.tax, tax, tax_code, f"{discount.kind}|{discount.code}")),
        )
        for tax in named
    )
    return interned(price), interned(discount), found


def _saved(full: int, off: int, tax: int, rate: int, cent: int) -> int:
    """The tax that the discount saved, in grains; nothing where the tax is not what its rate gives."""
    if not rate:
        raise Unusual
    return _divided(off * rate, _PARTS) if abs((full - off) * rate - tax * _PARTS) < cent * _PARTS else 0


def _divided(amount: int, by: int) -> int:
    found, rest = divmod(amount, by)
    if rest:
        raise Unusual
    return found


_QUANTITIES = _RATES = parts_of(8)
