"""The ordinary sale, read lean: most sales are goods with one tax, closed and paid on the same day.

It gives the same fact as `sales.py` gives for any sale, or None: where one thing is out of the ordinary, or one sum is
not what it should be, the sale is read in full there, which then says what is wrong. Lines that are alike are reckoned
once; their fractions of a minor unit are counted in grains, and where so many of them lie at the edge between two minor
units, the sale is read in full."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import msgspec

from connector.domain.alike import less_id
from connector.domain.facts import Fact
from connector.domain.money import exponent, parts_of
from connector.domain.places import NO_CURRENCY, Name, Unusual, interned
from connector.domain.remembered import Remembered
from connector.domain.sales import Receipt
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable
from connector.sources.lightspeed_x.plain import PlainPlace, PlainSale
from connector.sources.lightspeed_x.records import PaymentType
from connector.sources.lightspeed_x.translate.ordinary_lines import (
    DECIMALS,
    GRAINS,
    OrdinaryLines,
    ordinary_lines,
)
from connector.sources.lightspeed_x.translate.pieces import NEAR, NEAR_TAX
from connector.sources.lightspeed_x.translate.places import place_of
from connector.sources.lightspeed_x.translate.tenders import session_of, tender_code

_MOST_RATES, _MOST_TENDERS = 16, 256  # of an outlet that are kept in mind
_EDGE = 10**4  # grains: more than the lines of a sale lose where their shares of a tax have no end
_NEAR, _NEAR_TAX = int(NEAR * GRAINS) - _EDGE, int(NEAR_TAX * GRAINS) - _EDGE
_ROUNDING = Name("rounding", "Rounding")
_NOWHERE = PlainPlace()


class _Outlet:
    """What the sales of an outlet are read with."""

    def __init__(self, shop: Shop, location: str) -> None:
        self.place = place_of(shop, location)
        if self.place.currency == NO_CURRENCY:
            raise Unusual
        places = exponent(self.place.currency)
        self.grains = parts_of(places + DECIMALS)
        self.lines = Remembered(partial(ordinary_lines, shop, places), _MOST_RATES)
        self.tenders = Remembered(partial(_tender, shop), _MOST_TENDERS)


def ordinary_fact(sale: PlainSale, shop: Shop) -> Fact | None:
    """The fact of a closed sale with one tax, without returns, charges, gift cards and anything void, in which
    everything adds up; else None."""
    if sale.state != "closed" or sale.deleted_at or sale.attributes or sale.unread:
        return None
    if sale.adjustments or sale.ecom_custom_charges:
        return None
    source = sale.source or _NOWHERE
    try:
        outlet = shop.at(source.outlet_id or "", _Outlet)
        pieces = _goods(sale, outlet)
        _pay(pieces, sale, outlet)
    except (ValueError, TypeError, ArithmeticError, Broken, Unreadable):
        return None
    about = Receipt(receipt_id=sale.id, register=session_of(sale.payments or ()))
    channel = "" if source.type == "USER" else source.type or ""
    return outlet.place.fact("sales", sale.id, sale.date, about, (pieces,), channel)


def _goods(sale: PlainSale, outlet: _Outlet) -> dict[Name, int]:
    """The pieces of the lines; raises ValueError where they are not ordinary or do not come to the sale's totals."""
    totals, taxes, grains = sale.totals, sale.taxes, outlet.grains
    if totals is None or taxes is None or len(taxes) != 1 or not sale.line_items:
        raise Unusual
    nets, shares = _summed(sale.line_items, outlet.lines[taxes[0].id or ""])
    price, tax, stated = grains[totals.price], grains[totals.tax], grains[taxes[0].tax]
    if abs(price - sum(nets.values())) > _NEAR or abs(stated - sum(shares.values())) > _NEAR_TAX:
        raise Unusual
    if grains[totals.surcharge] or grains[totals.price_incl_tax] != price + tax:
        raise Unusual
    if abs(tax - stated) > _NEAR:
        raise Unusual
    return _rounded(nets, shares, price, tax, stated)


def _summed(lines: Iterable[msgspec.Raw], known: OrdinaryLines) -> tuple[dict[Name, int], dict[Name, int]]:
    """The lines without tax, and their tax, each summed by name."""
    nets: dict[Name, int] = {}
    shares: dict[Name, int] = {}
    for line in lines:
        for name, amount, tax_name, part in known[less_id(line)]:
            if name in nets:
                nets[name] += amount
                shares[tax_name] += part
            else:
                nets[name] = amount
                shares[tax_name] = part
    return nets, shares


def _rounded(nets: dict[Name, int], shares: dict[Name, int], price: int, tax: int, stated: int) -> dict[Name, int]:
    """The pieces in whole minor units: of the stated tax, the largest share takes what is left, the first of those
    that are alike; what is left of price and tax stands on rounding."""
    pieces: dict[Name, int] = {}
    whole = _WHOLE
    stated = whole[stated]
    left = whole[price] + whole[tax] - stated
    for name, amount in nets.items():
        pieces[name] = amount = whole[amount]
        left -= amount
    for name, amount in shares.items():
        pieces[name] = amount = whole[amount]
        stated -= amount
    if stated:
        pieces[max(shares, key=lambda name: abs(pieces[name]))] += stated
    if left and abs(left) <= len(pieces):
        pieces[_ROUNDING] = left
    return pieces


def _whole(grains: int) -> int:
    """The nearest whole minor unit; raises ValueError where it lies at the edge between two."""
    found, rest = divmod(grains + GRAINS // 2, GRAINS)
    if not _EDGE < rest < GRAINS - _EDGE:
        raise Unusual
    return found


_WHOLE = Remembered(_whole)


def _pay(pieces: dict[Name, int], sale: PlainSale, outlet: _Outlet) -> None:
    """Adds the tenders; raises ValueError where they are not ordinary or do not come to what the pieces do."""
    place, grains, whole, tenders = outlet.place, outlet.grains, _WHOLE, outlet.tenders
    due = sum(pieces.values())
    for payment in sale.payments or ():
        name, amount, at = tenders[payment.type], whole[grains[payment.amount]], payment.source
        if name in pieces or payment.deleted_at or (at and at.outlet_id and at.outlet_id != place.location):
            raise Unusual
        day = place.calendar.day
        if payment.date and payment.date != sale.date and day(payment.date) != day(sale.date):
            raise Unusual
        pieces[name] = amount
        due -= amount
    if due or not sale.payments:
        raise Unusual


def _tender(shop: Shop, kind: PaymentType | None) -> Name:
    known, code = tender_code(kind, shop)
    if not known:
        raise Unusual
    return interned(Name("tender", code))
