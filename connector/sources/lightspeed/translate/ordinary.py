"""The ordinary sale, read lean: most sales of a till are goods with one or two taxes on top, paid at once.

It gives the same fact as `sales.py` gives for any sale, or None: where one thing is out of the ordinary, or one sum is
not what it should be, the sale is read in full there, which then says what is wrong. Lines that are alike are reckoned
once, by what reckons any line; only taxes have fractions of a minor unit, which are counted in grains."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache, partial

import msgspec

from connector.domain.facts import Fact
from connector.domain.money import parse_minor
from connector.domain.places import Name, Piece
from connector.domain.remembered import Remembered
from connector.domain.sales import Receipt
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.lightspeed.plain import PlainLine, PlainSale
from connector.sources.lightspeed.records import ZERO, SaleLine
from connector.sources.lightspeed.translate.amounts import scaled
from connector.sources.lightspeed.translate.identities import HEADER, LINE, LINES
from connector.sources.lightspeed.translate.lines import DISCOUNTS, SOLD, UNCATEGORIZED, tax_parts
from connector.sources.lightspeed.translate.places import framed
from connector.sources.lightspeed.translate.taxes import joined_name, line_taxes, rate_problems, tax_names
from connector.sources.lightspeed.translate.tenders import is_known, tender_of

GRAINS = 10**6  # of a minor unit: finer than the seven decimals of a line
_NOTHING = ("", "0")  # ids of nothing
_LONGEST = 15  # digits of an amount
_HEADER, _COST = int(HEADER * GRAINS), int(LINES * GRAINS)
_TIPS = Name("tip", "Tips")

_Line = tuple[Name, int, Name, int, tuple[tuple[int, Name, int], ...], int]
"""What a line comes to: its price and its discount (−) in minor units; in grains its taxes (which of the two, name,
amount) and its cost. (A tuple, as there are many.)"""


class _Unusual(ValueError):
    """Not an ordinary sale."""


def ordinary_fact(sale: PlainSale, shop: Shop) -> Fact | None:
    """The fact of a completed sale without returns, tax inside its prices, deposits and anything void, in which
    everything adds up; else None."""
    if not sale.completed or sale.voided or sale.archived or sale.is_tax_inclusive or sale.shop_id in _NOTHING:
        return None
    if sale.complete_time is None:
        return None
    frame = framed("sales", sale.sale_id, sale.shop_id, sale.complete_time, shop)
    try:
        pieces = _goods(sale, shop, frame.currency)
        pieces += _paid(sale, shop, frame.currency)
    except (ValueError, ArithmeticError, Broken):
        return None
    register = "" if sale.register_id in _NOTHING else sale.register_id
    return frame.fact(Receipt(receipt_id=sale.sale_id, register=register), pieces)


def _goods(sale: PlainSale, shop: Shop, currency: str) -> list[Piece]:
    """The pieces of the lines; raises ValueError where they are not ordinary or do not come to the sale's amounts."""
    minors = _minors_of(currency)
    prices: dict[Name, int] = {}
    discounts: dict[Name, int] = {}
    taxes: tuple[dict[Name, int], dict[Name, int]] = {}, {}
    subtotal = reduced = costs = 0
    names, categories, apart = tax_names(sale, shop), shop.categories, shop.apart
    for each in sale.lines:
        code = categories.get("category/" + each.item.category_id) if each.item else None
        if apart:
            code = apart.get(each.item_id, code)
        price, full, discount, off, charged, cost = _line(each, names, code, currency)
        if full:
            prices[price] = prices[price] + full if price in prices else full
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
    return [*prices.items(), *discounts.items(), *_divided(tax1, taxes[0]), *_divided(tax2, taxes[1])]


@lru_cache(maxsize=1 << 14)
def _line(plain: PlainLine, names: tuple[str, str], code: str | None, currency: str) -> _Line:
    try:
        line = msgspec.convert(plain, SaleLine, strict=False, from_attributes=True)
    except msgspec.ValidationError as error:
        raise _Unusual from error
    if line.is_return or line.item_id in _NOTHING or line.item_fee_id not in _NOTHING or line.line_type:
        raise _Unusual
    taxes = line_taxes(line, names)
    total = line.calc_subtotal - line.discount + line.calc_tax1 + line.calc_tax2
    if rate_problems(line) or (line.calc_total is not None and abs(scaled(line.calc_total - total, currency)) >= LINE):
        raise _Unusual
    tax_code = joined_name(taxes)
    price, discount = Name(SOLD.sale, code or UNCATEGORIZED, tax_code), Name(SOLD.discount, DISCOUNTS, tax_code)
    charged = [
        (number, name, _whole(scaled(amount, currency) * GRAINS))
        for number, name, amount in tax_parts(line, taxes, (price, discount), SOLD.tax, is_inside=False)
    ]
    cost = _whole(scaled(line.unit_quantity * (line.avg_cost or ZERO), currency) * GRAINS)
    full, off = _whole(scaled(line.calc_subtotal, currency)), -_whole(scaled(line.discount, currency))
    return price, full, discount, off, tuple(each for each in charged if each[2]), cost


def _whole(amount: Decimal) -> int:
    if amount != int(amount):
        raise _Unusual
    return int(amount)


@lru_cache(maxsize=64)
def _minors_of(currency: str) -> Remembered[str, int]:
    """The amounts of headers and payments in minor units; raises ValueError where one has a fraction of one."""
    return Remembered(partial(_minor, currency=currency))


def _minor(text: str, currency: str) -> int:
    if len(text) > _LONGEST:
        raise _Unusual
    return parse_minor(text, currency)


def _divided(total: int, exact: dict[Name, int]) -> Iterable[Piece]:
    """A tax of the header in whole minor units, each part within one of its own, the largest fractions served first;
    raises ValueError where the parts do not come to it (R6)."""
    if not exact and not total:
        return ()
    if abs(total * GRAINS - sum(exact.values())) >= _HEADER:
        raise _Unusual
    if len(exact) == 1:
        return [(name, total) for name in exact]
    parts = [amount // GRAINS for amount in exact.values()]
    if left := total - sum(parts):
        fractions = [amount % GRAINS for amount in exact.values()]
        for i in sorted(range(len(parts)), key=fractions.__getitem__, reverse=True)[:left]:
            parts[i] += 1
    return zip(exact, parts, strict=True)


def _paid(sale: PlainSale, shop: Shop, currency: str) -> list[Piece]:
    """The tips and the tenders; raises ValueError where they are not ordinary or do not come to the total."""
    minors = _minors_of(currency)
    pieces: list[Piece] = []
    paid = tips = 0
    for payment in sale.payments:
        amount, code = minors[payment.amount], tender_of(payment.payment_type_id, payment.payment_type, shop)
        if payment.archived or amount <= 0 or payment.credit_account_id not in _NOTHING or not is_known(code):
            raise _Unusual
        paid += amount
        tips += minors[payment.tip_amount]
        pieces.append((_tender(code), amount))
    tips = minors[sale.calc_tips] or tips
    told = minors[sale.calc_payments] if sale.calc_payments else paid
    balance = minors[sale.balance] if sale.balance else 0
    if not paid or paid != minors[sale.total] + tips or told not in (paid, paid - tips):
        raise _Unusual
    if balance not in (0, -tips):
        raise _Unusual
    return [(_TIPS, tips), *pieces]


@lru_cache(maxsize=1024)
def _tender(code: str) -> Name:
    return Name("tender", code)
