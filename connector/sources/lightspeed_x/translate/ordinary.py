"""The ordinary sale, read lean: most sales are goods with one tax, closed and paid on the same day.

It gives the same fact as `sales.py` gives for any sale, or None: where one thing is out of the ordinary, or one sum is
not what it should be, the sale is read in full there, which then says what is wrong. Lines that are alike are reckoned
once, by what reckons any line; their fractions of a minor unit are counted in grains, and where so many of them lie at
the edge between two minor units, the sale is read in full."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial

import msgspec

from connector.domain.facts import Fact
from connector.domain.money import exponent
from connector.domain.places import NO_CURRENCY, Frame, Name, Piece
from connector.domain.remembered import Remembered
from connector.domain.sales import Receipt
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.lightspeed_x.plain import Amount, PlainLine, PlainSale
from connector.sources.lightspeed_x.records import Line, in_minor_units
from connector.sources.lightspeed_x.translate.lines import Reading, line_parts
from connector.sources.lightspeed_x.translate.pieces import NEAR, NEAR_TAX
from connector.sources.lightspeed_x.translate.places import currency_of, local_day
from connector.sources.lightspeed_x.translate.shops import rate_name
from connector.sources.lightspeed_x.translate.tenders import session_of, tender_code

GRAINS = 10**12  # of a minor unit
_MOST_DIGITS = 15
_EDGE = 10**4  # grains: more than the lines of a sale lose where their shares of a tax have no end
_NEAR, _NEAR_TAX = int(NEAR * GRAINS) - _EDGE, int(NEAR_TAX * GRAINS) - _EDGE
_ROUNDING = Name("rounding", "Rounding")
_Part = tuple[Name, int, Name, int]
"""A part of a line without tax, and its tax, in grains. (A tuple, as there are many.)"""


class _Unusual(ValueError):
    """Not an ordinary sale."""


def ordinary_fact(sale: PlainSale, shop: Shop) -> Fact | None:
    """The fact of a closed sale with one tax, without returns, charges, gift cards and anything void, in which
    everything adds up; else None."""
    location = (sale.source.outlet_id if sale.source else "") or ""
    currency = currency_of(shop, location)
    if sale.state != "closed" or sale.deleted_at or sale.attributes or currency == NO_CURRENCY:
        return None
    if sale.unread or sale.adjustments or sale.ecom_custom_charges or not sale.line_items or not sale.payments:
        return None
    told = (sale.source.type if sale.source else "") or ""
    frame = Frame(
        stream="sales",
        source_id=sale.id,
        location=location,
        occurred_at=sale.date,
        business_day=local_day(shop, location, sale.date),
        currency=currency,
        channel="" if told == "USER" else told,
    )
    try:
        due, pieces = _goods(sale, shop, exponent(currency))
        pieces += _paid(sale, due, frame, shop)
    except (ValueError, TypeError, ArithmeticError, Broken):
        return None
    return frame.fact(Receipt(receipt_id=sale.id, register=session_of(sale.payments)), pieces)


def _goods(sale: PlainSale, shop: Shop, places: int) -> tuple[int, list[Piece]]:
    """What was due, and the pieces of the lines; raises ValueError where they are not ordinary or do not come to the
    sale's totals."""
    totals, taxes, categories = sale.totals, sale.taxes, shop.categories
    if totals is None or taxes is None or len(taxes) != 1:
        raise _Unusual
    grains = _grains_of(places)
    rate, stated = taxes[0].id or "", grains[taxes[0].tax]
    rate_named = rate_name(shop, rate)
    nets: dict[Name, int] = {}
    shares: dict[Name, int] = {}
    for each in sale.line_items or ():
        category = categories.get(each.product.id or "") if each.product else None
        for name, amount, tax_name, part in _line(each, rate, rate_named, category, places):
            if name in nets:
                nets[name] += amount
                shares[tax_name] += part
            else:
                nets[name] = amount
                shares[tax_name] = part
    price, tax = grains[totals.price], grains[totals.tax]
    if abs(price - sum(nets.values())) > _NEAR or abs(stated - sum(shares.values())) > _NEAR_TAX:
        raise _Unusual
    if grains[totals.surcharge] or grains[totals.price_incl_tax] != price + tax or abs(tax - stated) > _NEAR:
        raise _Unusual
    whole = _WHOLE.__getitem__
    goods, taxed = list(map(whole, nets.values())), _shared(whole(stated), list(map(whole, shares.values())))
    due = whole(price) + whole(tax)
    pieces = [*zip(nets, goods, strict=True), *zip(shares, taxed, strict=True)]
    left = due - sum(goods) - sum(taxed)
    if left and abs(left) <= len(pieces):
        pieces.append((_ROUNDING, left))
    return due, pieces


@lru_cache(maxsize=1 << 14)
def _line(plain: PlainLine, rate: str, rate_named: str, category: str | None, places: int) -> tuple[_Part, ...]:
    """The parts of a line that bears the one tax of its sale."""
    components = plain.metadata.tax_components if plain.metadata else None
    if plain.status == "VOIDED" or plain.gift_card_number or (plain.return_ and plain.return_.is_return):
        raise _Unusual
    if not rate_named or not components or [each.rate_id for each in components] != [rate]:
        raise _Unusual
    try:
        line = msgspec.convert(plain, Line, strict=False, from_attributes=True)
    except msgspec.ValidationError as error:
        raise _Unusual from error
    known = {plain.product.id or "": category} if plain.product and category else {}
    shop = Shop(categories=known | {f"tax rate|{rate}": rate_named})
    return tuple(
        (
            Name(part.kind, part.code, part.tax_code),
            _counted(part.amount),
            Name(part.tax_kind, rate_named, part.tax_code, part.name),
            _counted(sum((amount for _, amount in part.taxes), Decimal(0))),
        )
        for part in line_parts(line, Reading(shop=shop, places=places, is_refund=False), rate)
    )


@lru_cache(maxsize=8)
def _grains_of(places: int) -> Remembered[Amount, int]:
    """Amounts in grains, of a currency with so many decimals. An absent one is nothing; raises ValueError or Broken
    where it is none, or finer than grains, TypeError for lists and the like."""
    return Remembered(partial(_grains, places=places))


def _grains(amount: Amount, places: int) -> int:
    if amount is None:
        return 0
    if not isinstance(amount, int | str) or isinstance(amount, bool):
        raise _Unusual
    try:
        units = in_minor_units(Decimal(amount), places)
    except InvalidOperation as error:
        raise _Unusual from error
    grains = _counted(units)
    if units != Decimal(grains).scaleb(-12):
        raise _Unusual
    return grains


def _counted(units: Decimal) -> int:
    """Minor units in grains, the nearest; raises ValueError where there are too many to be counted so."""
    if units.adjusted() > _MOST_DIGITS:
        raise _Unusual
    return int((units * GRAINS).to_integral_value())


def _whole(grains: int) -> int:
    """The nearest whole minor unit; raises ValueError where it lies at the edge between two."""
    found, rest = divmod(grains + GRAINS // 2, GRAINS)
    if not _EDGE < rest < GRAINS - _EDGE:
        raise _Unusual
    return found


_WHOLE = Remembered(_whole)


def _shared(total: int, parts: list[int]) -> list[int]:
    """The parts of a tax; the largest takes what is left of the total, the first of those that are alike."""
    if parts and (left := total - sum(parts)):
        parts[parts.index(max(parts, key=abs))] += left
    return parts


def _paid(sale: PlainSale, due: int, frame: Frame, shop: Shop) -> list[Piece]:
    """The tenders; raises ValueError where they are not ordinary or do not come to what was due."""
    grains = _grains_of(exponent(frame.currency))
    pieces: list[Piece] = []
    for payment in sale.payments or ():
        known, code = tender_code(payment.type, shop)
        outlet = payment.source.outlet_id if payment.source else None
        if not known or payment.deleted_at or (outlet and outlet != frame.location):
            raise _Unusual
        other = payment.date and payment.date != sale.date and local_day(shop, frame.location, payment.date)
        if other and other != frame.business_day:
            raise _Unusual
        pieces.append((_tender(code), _WHOLE[grains[payment.amount]]))
    if sum([amount for _, amount in pieces]) != due:
        raise _Unusual
    return pieces


@lru_cache(maxsize=1024)
def _tender(code: str) -> Name:
    return Name("tender", code)
