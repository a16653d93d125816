"""The ordinary sale, read lean: most sales are goods with one tax, closed and paid on the same day.

It gives the same fact as `sales.py` gives for any sale, or None: where one thing is out of the ordinary, or one sum is
not what it should be, the sale is read in full there, which then says what is wrong. Lines that are alike are reckoned
once, by what reckons any line, and sums are made in the same decimals."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache

import msgspec

from connector.domain.facts import Fact
from connector.domain.money import exponent
from connector.domain.places import NO_CURRENCY, Frame, Name, Piece
from connector.domain.sales import Receipt
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.lightspeed_x.plain import Amount, PlainLine, PlainSale
from connector.sources.lightspeed_x.records import Line, in_minor_units
from connector.sources.lightspeed_x.translate.lines import Reading, line_parts
from connector.sources.lightspeed_x.translate.pieces import NEAR, NEAR_TAX, rounded_shares
from connector.sources.lightspeed_x.translate.places import currency_of, local_day
from connector.sources.lightspeed_x.translate.rounding import whole
from connector.sources.lightspeed_x.translate.shops import rate_name
from connector.sources.lightspeed_x.translate.tenders import session_of, tender_code

_ZERO = Decimal(0)
_ROUNDING = Name("rounding", "Rounding")
_Part = tuple[Name, Decimal, Name, Decimal]
"""A part of a line without tax, and its tax. (A tuple, as there are many.)"""


class _Unusual(ValueError):
    """Not an ordinary sale."""


def ordinary_fact(sale: PlainSale, shop: Shop) -> Fact | None:
    """The fact of a closed sale with one tax, without returns, charges, gift cards and anything void, in which
    everything adds up; else None."""
    location = (sale.source.outlet_id if sale.source else "") or ""
    currency = currency_of(shop, location)
    if sale.state != "closed" or sale.deleted_at or sale.attributes or currency == NO_CURRENCY:
        return None
    if sale.adjustments or sale.ecom_custom_charges or not sale.line_items or not sale.payments:
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
    except (ValueError, ArithmeticError, Broken):
        return None
    return frame.fact(Receipt(receipt_id=sale.id, register=session_of(sale.payments)), pieces)


def _goods(sale: PlainSale, shop: Shop, places: int) -> tuple[int, list[Piece]]:
    """What was due, and the pieces of the lines; raises ValueError where they are not ordinary or do not come to the
    sale's totals."""
    if sale.totals is None or sale.taxes is None or len(sale.taxes) != 1:
        raise _Unusual
    rate, stated = sale.taxes[0].id or "", _units(sale.taxes[0].tax, places)
    rate_named = rate_name(shop, rate)
    nets: dict[Name, Decimal] = {}
    shares: dict[Name, Decimal] = {}
    net = taxed = _ZERO
    for each in sale.line_items or ():
        category = shop.categories.get(each.product.id or "") if each.product else None
        for name, amount, tax_name, tax in _line(each, rate, rate_named, category, places):
            nets[name] = nets.get(name, _ZERO) + amount
            shares[tax_name] = shares.get(tax_name, _ZERO) + tax
            net += amount
            taxed += tax
    price, tax = _units(sale.totals.price, places), _units(sale.totals.tax, places)
    if abs(price - net) > NEAR or abs(stated - taxed) > NEAR_TAX or abs(tax - stated) > NEAR:
        raise _Unusual
    if _units(sale.totals.surcharge, places) or _units(sale.totals.price_incl_tax, places) != price + tax:
        raise _Unusual
    due = whole(price) + whole(tax)
    pieces: list[Piece] = [(name, whole(amount)) for name, amount in nets.items()]
    pieces += rounded_shares(stated, shares).items()
    left = due - sum([amount for _, amount in pieces])
    if abs(left) <= len(pieces):
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
            part.amount,
            Name(part.tax_kind, rate_named, part.tax_code, part.name),
            sum((amount for _, amount in part.taxes), _ZERO),
        )
        for part in line_parts(line, Reading(shop=shop, places=places, is_refund=False), rate)
    )


@lru_cache(maxsize=1 << 16, typed=True)
def _units(amount: Amount, places: int) -> Decimal:
    """In minor units, an absent one is nothing; raises ValueError or Broken where it is no amount."""
    if amount is None:
        return _ZERO
    if not isinstance(amount, int | str) or isinstance(amount, bool):
        raise _Unusual
    try:
        return in_minor_units(Decimal(amount), places)
    except InvalidOperation as error:
        raise _Unusual from error


def _paid(sale: PlainSale, due: int, frame: Frame, shop: Shop) -> list[Piece]:
    """The tenders; raises ValueError where they are not ordinary or do not come to what was due."""
    pieces: list[Piece] = []
    for payment in sale.payments or ():
        known, code = tender_code(payment.type, shop)
        outlet = payment.source.outlet_id if payment.source else None
        if not known or payment.deleted_at or (outlet and outlet != frame.location):
            raise _Unusual
        other = payment.date and payment.date != sale.date and local_day(shop, frame.location, payment.date)
        if other and other != frame.business_day:
            raise _Unusual
        pieces.append((_tender(code), whole(_units(payment.amount, exponent(frame.currency)))))
    if sum([amount for _, amount in pieces]) != due:
        raise _Unusual
    return pieces


@lru_cache(maxsize=1024)
def _tender(code: str) -> Name:
    return Name("tender", code)
