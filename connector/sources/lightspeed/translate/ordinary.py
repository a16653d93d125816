"""The ordinary sale, read lean: most sales of a till are goods with one or two taxes on top, paid at once.

It gives the same fact as `sales.py` gives for any sale, or None: where one thing is out of the ordinary, or one sum is
not what it should be, the sale is read in full there, which then says what is wrong. Lines that are alike are reckoned
once, by what reckons any line; only taxes have fractions of a minor unit, which are counted in grains."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import NamedTuple

from connector.domain.facts import Fact
from connector.domain.money import exponent, parse_minor
from connector.domain.places import Name, interned
from connector.domain.remembered import Remembered
from connector.domain.sales import Receipt
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.lightspeed.plain import PlainLine, PlainSale
from connector.sources.lightspeed.records import PaymentType
from connector.sources.lightspeed.translate.identities import HEADER, LINE, LINES
from connector.sources.lightspeed.translate.lines import DISCOUNTS, SOLD, UNCATEGORIZED
from connector.sources.lightspeed.translate.places import place_of
from connector.sources.lightspeed.translate.taxes import tax_name, tax_names
from connector.sources.lightspeed.translate.tenders import is_known, tender_of

_FINER = 6  # decimals behind a minor unit: more than the seven of a line
GRAINS = 10**_FINER  # of a minor unit
_PARTS = 10**8  # of a rate and a quantity
_NOTHING = ("", "0")  # ids of nothing
_MOST_LINES, _MOST_TAXES, _MOST_TENDERS = 1 << 12, 64, 256  # of a shop that are kept in mind
_LONGEST = 15  # digits of an amount
_HEADER, _COST, _LINE = int(HEADER * GRAINS), int(LINES * GRAINS), int(LINE * GRAINS)
_TIPS = Name("tip", "Tips")

_Line = tuple[Name, int, Name, int, tuple[tuple[int, Name, int], ...], int]
"""What a line comes to: its price and its discount (−) in minor units; in grains its taxes (which of the two, name,
amount) and its cost. (A tuple, as there are many.)"""
_Rate = tuple[int, str]  # which of the two, and its rate
_Names = tuple[Name, Name, tuple[tuple[Name, Name], ...]]


class _Unusual(ValueError):
    """Not an ordinary sale."""


class _Till:
    """What the sales of a shop are read with."""

    def __init__(self, shop: Shop, location: str) -> None:
        self.shop = shop
        self.place = place_of(shop, location)
        self.minors = Remembered(partial(_minor, currency=self.place.currency))
        self.lines = Remembered(partial(_lines_of, shop, self.place.currency), _MOST_TAXES)
        self.tenders = Remembered(partial(_tender, shop), _MOST_TENDERS)


def ordinary_fact(sale: PlainSale, shop: Shop) -> Fact | None:
    """The fact of a completed sale without returns, tax inside its prices, deposits and anything void, in which
    everything adds up; else None. Raises Unreadable where the shop's zone or currency is not known."""
    if not sale.completed or sale.voided or sale.archived or sale.is_tax_inclusive or sale.shop_id in _NOTHING:
        return None
    if sale.complete_time is None:
        return None
    till = shop.at(sale.shop_id, _Till)
    try:
        pieces = _goods(sale, till)
        _pay(pieces, sale, till)
    except (ValueError, ArithmeticError, Broken):
        return None
    register = "" if sale.register_id in _NOTHING else sale.register_id
    about = Receipt(receipt_id=sale.sale_id, register=register)
    return till.place.fact("sales", sale.sale_id, sale.complete_time, about, (pieces,))


def _goods(sale: PlainSale, till: _Till) -> dict[Name, int]:
    """The pieces of the lines; raises ValueError where they are not ordinary or do not come to the sale's amounts."""
    minors, lines = till.minors, till.lines[tax_names(sale, till.shop)]
    pieces: dict[Name, int] = {}
    discounts: dict[Name, int] = {}
    taxes: tuple[dict[Name, int], dict[Name, int]] = {}, {}
    subtotal = reduced = costs = 0
    for each in sale.lines:
        price, full, discount, off, charged, cost = lines[each]
        if full:
            pieces[price] = pieces[price] + full if price in pieces else full
            subtotal += full
        if off:
            discounts[discount] = discounts[discount] + off if discount in discounts else off
            reduced -= off
        for number, name, amount in charged:
            of = taxes[number]
            of[name] = of[name] + amount if name in of else amount
        costs += cost
    tax1, tax2 = minors[sale.calc_tax1], minors[sale.calc_tax2]
    if subtotal != minors[sale.calc_subtotal] or reduced != minors[sale.calc_discount]:
        raise _Unusual
    if subtotal - reduced + tax1 + tax2 != minors[sale.total] or sale.calc_total not in ("", sale.total):
        raise _Unusual
    if sale.calc_avg_cost and abs(minors[sale.calc_avg_cost] * GRAINS - costs) >= _COST:
        raise _Unusual
    if discounts:
        pieces |= discounts
    _tax(pieces, tax1, taxes[0])
    _tax(pieces, tax2, taxes[1])
    return pieces


class _Reading(NamedTuple):
    """What the lines of sales are read with whose two taxes bear these names."""

    shop: Shop
    grains: Remembered[str, int]
    places: int
    names: Remembered[tuple[str, tuple[_Rate, ...]], _Names]


def _lines_of(shop: Shop, currency: str, taxes: tuple[str, str]) -> Remembered[PlainLine, _Line]:
    """The lines of sales whose two taxes bear these names, each reckoned when it is first met."""
    places, names = exponent(currency), Remembered(partial(_names, taxes), _MOST_LINES)
    return Remembered(partial(_line, _Reading(shop, _grains_of(places + _FINER), places, names)), _MOST_LINES)


def _line(reading: _Reading, line: PlainLine) -> _Line:
    """A line by itself, as `lines.py` and `taxes.py` reckon any; raises ValueError where it is unusual."""
    if line.item_id in _NOTHING or line.item_fee_id not in _NOTHING or line.line_type:
        raise _Unusual
    grains, quantity = reading.grains, _QUANTITIES[line.unit_quantity]
    full, off = grains[line.calc_subtotal], grains[line.calc_line_discount] + grains[line.calc_transaction_discount]
    told = grains[line.calc_tax1], grains[line.calc_tax2]
    total = full - off + told[0] + told[1]
    if quantity < 0 or (line.calc_total is not None and abs(grains[line.calc_total] - total) >= _LINE):
        raise _Unusual
    is_nothing = line.tax and full == off
    rates = (line.tax1_rate, line.tax2_rate)
    taxed = tuple([each for each in enumerate(rates) if told[each[0]] or (is_nothing and _RATES[each[1]])])
    price, discount, of_taxes = reading.names[_code(line, reading.shop), taxed]
    charged: list[tuple[int, Name, int]] = []
    for (number, rate), (on_price, on_discount) in zip(taxed, of_taxes, strict=True):
        saved = _saved(full, off, told[number], _RATES[rate], 10 ** (reading.places + _FINER - 2))
        charged += ((number, on_price, told[number] + saved), (number, on_discount, -saved))
    cost = _divided(quantity * (0 if line.avg_cost is None else grains[line.avg_cost]), _PARTS)
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
        raise _Unusual
    return _divided(off * rate, _PARTS) if abs((full - off) * rate - tax * _PARTS) < cent * _PARTS else 0


def _divided(amount: int, by: int) -> int:
    found, rest = divmod(amount, by)
    if rest:
        raise _Unusual
    return found


@lru_cache(maxsize=8)
def _grains_of(decimals: int) -> Remembered[str, int]:
    """Numbers by their text as whole parts of one, so many decimals behind its point; raises ValueError where one is
    finer than that, or none."""
    return Remembered(partial(_grains, decimals=decimals))


def _grains(text: str, decimals: int) -> int:
    try:
        exact = Decimal(text)
    except InvalidOperation as error:
        raise _Unusual from error
    if not exact.is_finite() or abs(exact.adjusted()) > _LONGEST:
        raise _Unusual
    scaled = exact.scaleb(decimals)
    grains = int(scaled)
    if grains != scaled:
        raise _Unusual
    return grains


_QUANTITIES = _RATES = _grains_of(8)


def _minor(text: str, currency: str) -> int:
    if len(text) > _LONGEST:
        raise _Unusual
    return parse_minor(text, currency)


def _tax(pieces: dict[Name, int], total: int, exact: dict[Name, int]) -> None:
    """Adds a tax of the header in whole minor units, each part within one of its own, the largest fractions served
    first; raises ValueError where the parts do not come to it (R6)."""
    if abs(total * GRAINS - sum(exact.values())) >= _HEADER:
        raise _Unusual
    left = total
    for name, amount in exact.items():
        if name in pieces:
            raise _Unusual
        pieces[name] = amount = amount // GRAINS
        left -= amount
    if left:
        by_fraction = sorted(exact, key=lambda name: exact[name] % GRAINS, reverse=True)
        for name in by_fraction[:left]:
            pieces[name] += 1


def _pay(pieces: dict[Name, int], sale: PlainSale, till: _Till) -> None:
    """Adds the tips and the tenders; raises ValueError where they are not ordinary or do not come to the total."""
    minors, payments = till.minors, sale.payments
    paid = sum([minors[payment.amount] for payment in payments])
    tips = minors[sale.calc_tips] or sum([minors[payment.tip_amount] for payment in payments])
    told = minors[sale.calc_payments] if sale.calc_payments else paid
    balance = minors[sale.balance] if sale.balance else 0
    if not paid or paid != minors[sale.total] + tips or told not in (paid, paid - tips):
        raise _Unusual
    if balance not in (0, -tips):
        raise _Unusual
    if tips:
        pieces[_TIPS] = tips
    for payment in payments:
        name, amount = till.tenders[payment.payment_type_id, payment.payment_type], minors[payment.amount]
        if payment.archived or amount <= 0 or payment.credit_account_id not in _NOTHING or name in pieces:
            raise _Unusual
        pieces[name] = amount


def _tender(shop: Shop, paid_by: tuple[str, PaymentType | None]) -> Name:
    code = tender_of(*paid_by, shop)
    if not is_known(code):
        raise _Unusual
    return Name("tender", code)
