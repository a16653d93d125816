"""The ordinary receipt, read lean: most receipts are goods with one tax and one discount a line at most, in which
everything adds up.

It gives the same fact as `receipts.py` gives for any receipt, or None: where one thing is out of the ordinary, or one
sum is not what it should be, the receipt is read in full there, which then says what is wrong. Lines that are alike are
reckoned once: a shop sells the same things again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

from connector.domain.alike import less_id
from connector.domain.facts import Fact
from connector.domain.money import exponent, parts_of, share_half_even
from connector.domain.places import NO_CURRENCY, Name, Unusual, interned
from connector.domain.remembered import Remembered
from connector.domain.sales import Receipt as SoldAndPaid
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.loyverse.plain import PlainReceipt, read_line
from connector.sources.loyverse.records import LineItem, Tax
from connector.sources.loyverse.translate.lines import BY_POINTS, NAMELESS, REFUNDED, SIDES, UNNAMED, Side
from connector.sources.loyverse.translate.places import place_of
from connector.sources.loyverse.translate.receipts import extra_names
from connector.sources.loyverse.translate.taxes import UNTAXED, TaxRate, tax_key, tax_rate
from connector.sources.loyverse.translate.tenders import tender_name

_Parts = Remembered[object, int]
_MOST_LINES, _MOST_NAMES = 1 << 12, 1 << 12  # kept in mind
_Line = tuple[dict[Name, int], int, int, int, int, int, str | None]
"""A line's pieces; its total, its price reduced, what that is reduced by, its added tax and all its tax; and
what its one tax goes by, None where it has none. (A tuple, as there are many.)"""


class _Store:
    """What the receipts of a store are read with."""

    def __init__(self, shop: Shop, location: str) -> None:
        self.place = place_of(shop, location)
        self.minors = parts_of(exponent(self.place.currency))
        self.lines = {
            kind: Remembered(partial(_line, shop.categories, self.minors, side), _MOST_LINES)
            for kind, side in SIDES.items()
        }
        self.extras = {kind: extra_names(side) for kind, side in SIDES.items()}


def ordinary_fact(receipt: PlainReceipt, shop: Shop) -> Fact | None:
    """The fact of a sale or refund with one tax at most, whose discounts stand on its lines and in which everything
    adds up; else None. Raises Unreadable where the store's zone is not known."""
    side = SIDES.get(receipt.receipt_type or "")
    if side is None or receipt.cancelled_at or receipt.history_before is not None or receipt.unread:
        return None
    store = shop.at(receipt.store_id or "", _Store)
    if store.place.currency == NO_CURRENCY:
        return None
    try:
        total, pieces = _goods(receipt, side, store)
        pieces.append(_paid(receipt, side, total, store.minors))
    except (ValueError, TypeError, Broken):
        return None
    number, register = receipt.receipt_number, receipt.pos_device_id or ""
    about = SoldAndPaid(receipt_id=number, is_refund=side is REFUNDED, register=register)
    return store.place.fact("receipts", number, receipt.receipt_date, about, pieces)


def _goods(receipt: PlainReceipt, side: Side, store: _Store) -> tuple[int, list[dict[Name, int]]]:
    """The total, and the pieces of the lines, tip and surcharge; raises ValueError where they do not come to it."""
    minors, lines = store.minors, store.lines[receipt.receipt_type or ""]
    key, told = _header_tax(receipt, minors)
    pieces: list[dict[Name, int]] = []
    total = reduced = off = added = tax = 0
    for item in receipt.line_items or ():
        found, whole, left, away, on_top, taxed, by = lines[less_id(item)]
        pieces.append(found)
        total += whole
        reduced += left
        off += away
        added += on_top
        tax += taxed
        if by is not None and by != key:
            raise Unusual
    tip, surcharge, paid = minors[receipt.tip], minors[receipt.surcharge], minors[receipt.total_money]
    if paid != reduced + added + tip + surcharge or minors[receipt.total_discount] != off:
        raise Unusual
    if not tax == told == minors[receipt.total_tax] or (total != reduced and total != reduced + added):
        raise Unusual
    if tip or surcharge:
        tips, surcharges = store.extras[receipt.receipt_type or ""]
        pieces.append({tips: side.sign * tip, surcharges: side.sign * surcharge})
    return paid, pieces


def _header_tax(receipt: PlainReceipt, minors: _Parts) -> tuple[str | None, int]:
    """What the receipt's one tax goes by, None where it has none, and its amount."""
    if not receipt.total_taxes:
        return None, 0
    (tax,) = receipt.total_taxes
    return tax_key(tax), minors[tax.money_amount]


def _line(categories: Mapping[str, str], minors: _Parts, side: Side, line: bytes) -> _Line:
    """A line by itself; raises ValueError or Broken where it is unusual or does not add up."""
    item = read_line(line)
    code = categories.get(item.item_id or "") or item.item_name or NAMELESS
    gross, total, off = minors[item.gross_total_money], minors[item.total_money], minors[item.total_discount]
    _check_gross(item, gross, minors)
    by = _discount(item, off, minors) if off or item.line_discounts else ""
    rate, tax, key = _tax(item.line_taxes, gross - off, minors) if item.line_taxes else (UNTAXED, 0, None)
    added = 0 if rate.is_included else tax
    if total - gross + off not in (0, added):
        raise Unusual
    amounts = _amounts(gross, off, rate, tax, by)
    named = zip(_names(side, code, rate.code, by), amounts, strict=True)
    pieces = {name: side.sign * amount for name, amount in named if amount}
    return pieces, total, gross - off, off, added, tax, key


def _check_gross(item: LineItem, gross: int, minors: _Parts) -> None:
    """Raises Unusual unless the gross is quantity × price, within a minor unit (first half of L4)."""
    price = minors[item.price]
    if item.line_modifiers:
        price += sum([minors[modifier.price] for modifier in item.line_modifiers])
    if abs(1000 * gross - parts_of(3)[item.quantity] * price) > 1000:
        raise Unusual


def _discount(item: LineItem, off: int, minors: _Parts) -> str:
    """What the one discount of a line is called."""
    if not item.line_discounts:
        return UNNAMED
    (discount,) = item.line_discounts
    if minors[discount.money_amount] != off or discount.type == BY_POINTS:
        raise Unusual
    return discount.name or UNNAMED


def _tax(taxes: Sequence[Tax], reduced: int, minors: _Parts) -> tuple[TaxRate, int, str]:
    """The rate and the amount of the one tax of a line, and what it goes by."""
    (tax,) = taxes
    rate, amount = tax_rate(tax.type, tax.name, tax.rate), minors[tax.money_amount]
    if amount != share_half_even(reduced, rate.numerator, rate.denominator):
        raise Unusual
    return rate, amount, tax_key(tax)


@lru_cache(maxsize=_MOST_NAMES)
def _names(side: Side, code: str, tax_code: str, by: str) -> tuple[Name, ...]:
    """What the pieces of a line are called: its discount, the tax of that, its price and the tax of that."""
    parts = ((side.discount, by), (side.sale, code)) if by else ((side.sale, code),)
    if not tax_code:
        return tuple([interned(Name(*part)) for part in parts])
    return tuple(
        interned(name)
        for kind, named in parts
        for name in (Name(kind, named, tax_code), Name(side.tax, tax_code, tax_code, f"{kind}|{named}"))
    )


def _amounts(gross: int, off: int, rate: TaxRate, tax: int, by: str) -> tuple[int, ...]:
    """The amounts of these pieces."""
    if not rate.code:
        return (-off, gross) if by else (gross,)
    part = share_half_even(-off, rate.numerator, rate.denominator) if by else 0
    left = tax - part
    if rate.is_included:
        return (-off - part, part, gross - left, left) if by else (gross - left, left)
    return (-off, part, gross, left) if by else (gross, left)


def _paid(receipt: PlainReceipt, side: Side, total: int, minors: _Parts) -> dict[Name, int]:
    """The tenders; raises ValueError where they do not come to the total."""
    pieces: dict[Name, int] = {}
    for payment in receipt.payments or ():
        name, amount = tender_name(payment.type, payment.name, side.tender), minors[payment.money_amount]
        if name in pieces:
            raise Unusual
        pieces[name] = side.sign * amount
        total -= amount
    if total:
        raise Unusual
    return pieces
