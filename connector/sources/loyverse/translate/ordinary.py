"""The ordinary receipt, read lean: most receipts are goods with one tax at most, in which everything adds up.

It gives the same fact as `receipts.py` gives for any receipt, or None: where one thing is out of the ordinary, or one
sum is not what it should be, the receipt is read in full there, which then says what is wrong. Lines that are alike are
reckoned once: a shop sells the same things again and again."""

from __future__ import annotations

from functools import lru_cache

from connector.domain.facts import Fact
from connector.domain.places import NO_CURRENCY, Piece
from connector.domain.sales import Receipt as SoldAndPaid
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.loyverse.amounts import Minors, minors_of
from connector.sources.loyverse.plain import PlainReceipt
from connector.sources.loyverse.records import LineItem
from connector.sources.loyverse.translate.lines import REFUNDED, SIDES, Side, line_of
from connector.sources.loyverse.translate.places import framed
from connector.sources.loyverse.translate.receipts import extra_names
from connector.sources.loyverse.translate.taxes import tax_key
from connector.sources.loyverse.translate.tenders import tender_name

_MOST_LINES = 1 << 14  # kept in mind
_Line = tuple[tuple[Piece, ...], int, int, int, int, int, str | None]
"""A line's pieces; its total, its price reduced, what that is reduced by, its added tax and all its tax; and what its
one tax goes by, None where it has none. (A tuple, as there are many.)"""


class _Unusual(ValueError):
    """Not an ordinary receipt."""


def ordinary_fact(receipt: PlainReceipt, shop: Shop) -> Fact | None:
    """The fact of a sale or refund with one tax at most, whose discounts stand on its lines and in which everything
    adds up; else None. Raises Unreadable where the store's zone is not known."""
    side = SIDES.get(receipt.receipt_type or "")
    if side is None or receipt.cancelled_at or receipt.history_before is not None or receipt.unread:
        return None
    frame = framed("receipts", receipt.receipt_number, receipt.store_id or "", receipt.receipt_date, shop)
    if frame.currency == NO_CURRENCY:
        return None
    minors = minors_of(frame.currency)
    try:
        total, pieces = _goods(receipt, side, shop, frame.currency, minors)
        pieces += _paid(receipt, side, total, minors)
    except (ValueError, TypeError, Broken):
        return None
    register = receipt.pos_device_id or ""
    about = SoldAndPaid(receipt_id=receipt.receipt_number, is_refund=side is REFUNDED, register=register)
    return frame.fact(about, pieces)


def _goods(receipt: PlainReceipt, side: Side, shop: Shop, currency: str, minors: Minors) -> tuple[int, list[Piece]]:
    """The total, and the pieces of the lines, tip and surcharge; raises ValueError where they do not come to it."""
    key, told = _header_tax(receipt, minors)
    categories = shop.categories
    pieces: list[Piece] = []
    total = reduced = off = added = tax = 0
    for item in receipt.line_items or ():
        line = _line(item, side, categories.get(item.item_id or "") or item.item_name, currency)
        pieces += line[0]
        total += line[1]
        reduced += line[2]
        off += line[3]
        added += line[4]
        tax += line[5]
        if line[6] is not None and line[6] != key:
            raise _Unusual
    tip, surcharge, paid = minors[receipt.tip], minors[receipt.surcharge], minors[receipt.total_money]
    if paid != reduced + added + tip + surcharge or minors[receipt.total_discount] != off:
        raise _Unusual
    if not tax == told == minors[receipt.total_tax] or (total != reduced and total != reduced + added):
        raise _Unusual
    if tip or surcharge:
        names = extra_names(side)
        pieces += ((names[0], side.sign * tip), (names[1], side.sign * surcharge))
    return paid, pieces


def _header_tax(receipt: PlainReceipt, minors: Minors) -> tuple[str | None, int]:
    """What the receipt's one tax goes by, None where it has none, and its amount."""
    if not receipt.total_taxes:
        return None, 0
    if len(receipt.total_taxes) > 1:
        raise _Unusual
    (tax,) = receipt.total_taxes
    return tax_key(tax), minors[tax.money_amount]


@lru_cache(maxsize=_MOST_LINES)
def _line(item: LineItem, side: Side, code: str | None, currency: str) -> _Line:
    line = line_of(item, side, code, currency)
    if not line.is_sound:
        raise _Unusual
    key = line.tax_key if line.taxes else None
    return line.pieces, line.total, line.reduced, line.gross - line.reduced, line.added, line.tax, key


def _paid(receipt: PlainReceipt, side: Side, total: int, minors: Minors) -> list[Piece]:
    """The tenders; raises ValueError where they do not come to the total."""
    pieces: list[Piece] = []
    for payment in receipt.payments or ():
        amount = minors[payment.money_amount]
        total -= amount
        pieces.append((tender_name(payment.type, payment.name, side.tender), side.sign * amount))
    if total:
        raise _Unusual
    return pieces
