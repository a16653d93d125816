"""The lines of a receipt as pieces of money: the price, what was taken off it, and the tax of each.

Sales and refunds are written alike by Loyverse, with positive amounts; a `Side` names and signs the pieces of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from connector.domain.facts import Problem
from connector.domain.money import split
from connector.domain.places import Name, Piece
from connector.sources.loyverse.amounts import minor
from connector.sources.loyverse.records import Discount, LineItem, Receipt
from connector.sources.loyverse.translate.line_identities import RateOff, gross_problems, rate_offs
from connector.sources.loyverse.translate.taxes import Charged, charged_taxes, joined_name, share

BY_POINTS = "DISCOUNT_BY_POINTS"
NAMELESS, UNNAMED = "Item without a name", "Discount"


class Side(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The kinds of a sale or of a refund, and the sign of its sales."""

    sign: int
    sale: str
    discount: str
    points: str
    tax: str
    tip: str
    service_charge: str
    tender: str


SOLD = Side(sign=1, sale="sale", discount="discount", points="points", tax="tax", tip="tip",
            service_charge="service_charge", tender="tender")  # fmt: skip
REFUNDED = Side(sign=-1, sale="refund", discount="refund_discount", points="refund_points", tax="refund_tax",
                tip="refund_tip", service_charge="refund_service_charge", tender="refund_tender")  # fmt: skip
SIDES: Mapping[str, Side] = {"SALE": SOLD, "REFUND": REFUNDED}


class Off(NamedTuple):
    """Something taken off a price; the amount is negative, included tax and all."""

    is_points: bool
    code: str
    amount: int


class Line(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A line in minor units, positive on both sides but for its `pieces`. `gross` is before what its own discounts
    `off` take from it and `reduced` after, `total` as Loyverse has it; `spread` is this line's part of a discount that
    only the receipt names; `added` its added tax, `rate_offs` and `problems` what of it does not add up.
    `is_sound` says that all of it adds up and that its taxes are one tax, `tax_key`, at most."""

    code: str
    gross: int
    reduced: int
    total: int
    off: tuple[Off, ...]
    spread: tuple[Off, ...] = ()
    taxes: tuple[Charged, ...]
    added: int
    tax: int
    tax_key: str = ""
    is_sound: bool = False
    pieces: tuple[Piece, ...] = ()
    rate_offs: tuple[RateOff, ...] = ()
    problems: tuple[Problem, ...]


def lines_of(receipt: Receipt, side: Side, categories: Mapping[str, str], currency: str) -> list[Line]:
    """The lines, each with its share of what only the receipt names as discount."""
    items = receipt.line_items or ()
    lines = [line_of(item, side, categories.get(item.item_id or "") or item.item_name, currency) for item in items]
    for each in _only_on_receipt(receipt, lines, currency):
        weights = [max(line.reduced, 0) for line in lines]
        parts = split(each.amount, weights if any(weights) else [1] * len(lines)) if lines else []
        lines = [
            _reckoned(line, side, (*line.spread, each._replace(amount=part)))
            for line, part in zip(lines, parts, strict=True)
        ]
    return lines


def line_of(item: LineItem, side: Side, code: str | None, currency: str) -> Line:
    """A line by itself, before anything that only the receipt names as discount."""
    off = [_off(each, currency) for each in item.line_discounts or ()]
    unnamed = minor(item.total_discount, currency) + sum(each.amount for each in off)
    if unnamed:
        off.append(Off(is_points=False, code=UNNAMED, amount=-unnamed))
    gross, total = minor(item.gross_total_money, currency), minor(item.total_money, currency)
    taxes = charged_taxes(item.line_taxes or (), currency)
    line = Line(
        code=code or NAMELESS,
        gross=gross,
        reduced=gross + sum(each.amount for each in off),
        total=total,
        off=tuple(off),
        taxes=taxes,
        added=sum(tax.amount for tax in taxes if not tax.is_included),
        tax=sum(tax.amount for tax in taxes),
        problems=gross_problems(item, currency),
    )
    return _reckoned(line, side, ())


def _reckoned(line: Line, side: Side, spread: tuple[Off, ...]) -> Line:
    """The line with what follows from what it says and from its part of the receipt's discounts."""
    line = msgspec.structs.replace(line, spread=spread)
    offs, keys = rate_offs(line.taxes, *_taxed_amounts(line)), {tax.key for tax in line.taxes}
    is_plain = len(keys) <= 1 and line.total - line.reduced in (0, line.added) and not line.spread
    is_right = not line.problems and not any(off.of_reduced for off in offs)
    return msgspec.structs.replace(
        line,
        tax_key="".join(keys),
        is_sound=is_plain and is_right and not any(tax.unknown_type for tax in line.taxes),
        pieces=tuple(piece for piece in _pieces(line, side) if piece[1]),
        rate_offs=offs,
    )


def _pieces(line: Line, side: Side) -> Iterator[Piece]:
    """The pieces of a line. Each discount carries its own share of each tax; the price carries what is left of it, so
    that the taxes of the line sum to exactly what Loyverse says."""
    tax_code = joined_name(line.taxes)
    left = [tax.amount for tax in line.taxes]
    for off in (*line.off, *line.spread):
        shares = [_off_share(tax, off, line) for tax in line.taxes]
        left = [whole - amount for whole, amount in zip(left, shares, strict=True)]
        kind = side.points if off.is_points else side.discount
        yield from _with_taxes((Name(kind, off.code, tax_code), off.amount), line.taxes, shares, side)
    yield from _with_taxes((Name(side.sale, line.code, tax_code), line.gross), line.taxes, left, side)


def _taxed_amounts(line: Line) -> tuple[int, int]:
    """What the taxes of a line may have been charged on: the price less everything taken off, and the full price."""
    return line.reduced + sum(each.amount for each in line.spread), line.gross


def _with_taxes(part: Piece, taxes: Sequence[Charged], shares: Sequence[int], side: Side) -> Iterator[Piece]:
    name, whole = part
    inside = sum(amount for tax, amount in zip(taxes, shares, strict=True) if tax.is_included)
    yield name, side.sign * (whole - inside)
    for tax, amount in zip(taxes, shares, strict=True):
        yield Name(side.tax, tax.name, name.tax_code, f"{name.kind}|{name.code}"), side.sign * amount


def _off_share(tax: Charged, off: Off, line: Line) -> int:
    """The discount's share of a tax; none where the tax was charged as if there were no discounts."""
    reduced, full = _taxed_amounts(line)
    off_reduced = abs(tax.amount - share(tax, reduced, line.taxes))
    is_reduced = off_reduced <= abs(tax.amount - share(tax, full, line.taxes))
    return share(tax, off.amount, line.taxes) if is_reduced else 0


def _only_on_receipt(receipt: Receipt, lines: Sequence[Line], currency: str) -> Sequence[Off]:
    """Discounts of the receipt that its lines do not hold: those that no line names, where they make up the sum."""
    missing = -minor(receipt.total_discount, currency) - sum([line.reduced - line.gross for line in lines])
    if not missing:
        return ()
    on_lines = {(each.is_points, each.code) for line in lines for each in line.off}
    named = [_off(each, currency) for each in receipt.total_discounts or ()]
    alone = [each for each in named if (each.is_points, each.code) not in on_lines]
    if sum(each.amount for each in alone) == missing:
        return alone
    return [Off(is_points=False, code=UNNAMED, amount=missing)]


def _off(discount: Discount, currency: str) -> Off:
    is_points = discount.type == BY_POINTS
    code = "Points" if is_points else discount.name or UNNAMED
    return Off(is_points=is_points, code=code, amount=-minor(discount.money_amount, currency))
