"""The ordinary sale, read lean: most sales of a till are goods with one or two taxes on top, paid at once.

It gives the same fact as `sales.py` gives for any sale, or None: where one thing is out of the ordinary, or one sum is
not what it should be, the sale is read in full there, which then says what is wrong. Lines that are alike are reckoned
once; only taxes have fractions of a minor unit, which are counted in grains."""

from __future__ import annotations

from functools import partial

from connector.domain.facts import Fact
from connector.domain.money import parse_minor
from connector.domain.places import Name, Unusual
from connector.domain.remembered import Remembered
from connector.domain.sales import Receipt
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.lightspeed.plain import PlainSale
from connector.sources.lightspeed.records import PaymentType
from connector.sources.lightspeed.translate.identities import HEADER, LINES
from connector.sources.lightspeed.translate.ordinary_lines import GRAINS, NOTHING, ordinary_lines
from connector.sources.lightspeed.translate.places import place_of
from connector.sources.lightspeed.translate.taxes import tax_names
from connector.sources.lightspeed.translate.tenders import is_known, tender_of

_MOST_TAXES, _MOST_TENDERS = 64, 256  # of a shop that are kept in mind
_LONGEST = 15  # digits of an amount
_HEADER, _COST = int(HEADER * GRAINS), int(LINES * GRAINS)
_TIPS = Name("tip", "Tips")


class _Till:
    """What the sales of a shop are read with."""

    def __init__(self, shop: Shop, location: str) -> None:
        self.shop = shop
        self.place = place_of(shop, location)
        self.minors = Remembered(partial(_minor, currency=self.place.currency))
        self.lines = Remembered(partial(ordinary_lines, shop, self.place.currency), _MOST_TAXES)
        self.tenders = Remembered(partial(_tender, shop), _MOST_TENDERS)


def ordinary_fact(sale: PlainSale, shop: Shop) -> Fact | None:
    """The fact of a completed sale without returns, tax inside its prices, deposits and anything void, in which
    everything adds up; else None. Raises Unreadable where the shop's zone or currency is not known."""
    if not sale.completed or sale.voided or sale.archived or sale.is_tax_inclusive or sale.shop_id in NOTHING:
        return None
    if sale.complete_time is None:
        return None
    till = shop.at(sale.shop_id, _Till)
    try:
        pieces = _goods(sale, till)
        _pay(pieces, sale, till)
    except (ValueError, ArithmeticError, Broken):
        return None
    register = "" if sale.register_id in NOTHING else sale.register_id
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
        raise Unusual
    if subtotal - reduced + tax1 + tax2 != minors[sale.total] or sale.calc_total not in ("", sale.total):
        raise Unusual
    if sale.calc_avg_cost and abs(minors[sale.calc_avg_cost] * GRAINS - costs) >= _COST:
        raise Unusual
    pieces |= discounts
    _tax(pieces, tax1, taxes[0])
    _tax(pieces, tax2, taxes[1])
    return pieces


def _minor(text: str, currency: str) -> int:
    if len(text) > _LONGEST:
        raise Unusual
    return parse_minor(text, currency)


def _tax(pieces: dict[Name, int], total: int, exact: dict[Name, int]) -> None:
    """Adds a tax of the header in whole minor units, each part within one of its own, the largest fractions served
    first; raises ValueError where the parts do not come to it (R6)."""
    if abs(total * GRAINS - sum(exact.values())) >= _HEADER:
        raise Unusual
    left = total
    for name, amount in exact.items():
        if name in pieces:
            raise Unusual
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
        raise Unusual
    if balance not in (0, -tips):
        raise Unusual
    if tips:
        pieces[_TIPS] = tips
    for payment in payments:
        name, amount = till.tenders[payment.payment_type_id, payment.payment_type], minors[payment.amount]
        if payment.archived or amount <= 0 or payment.credit_account_id not in NOTHING or name in pieces:
            raise Unusual
        pieces[name] = amount


def _tender(shop: Shop, paid_by: tuple[str, PaymentType | None]) -> Name:
    code = tender_of(*paid_by, shop)
    if not is_known(code):
        raise Unusual
    return Name("tender", code)
