"""The lines of a receipt as pieces of money: the price, what was taken off it, and the tax of each.

Sales and refunds are written alike by Loyverse, with positive amounts; a `Side` names and signs the pieces of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connector.domain.money import split
from connector.sources.loyverse.records import Discount, LineItem, Receipt, minor
from connector.sources.loyverse.translate.places import Piece
from connector.sources.loyverse.translate.taxes import Charged, charged_taxes, joined_name, share

BY_POINTS = "DISCOUNT_BY_POINTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
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


class Line(NamedTuple):
    """A line in minor units, positive on both sides. `gross` is before what its own discounts `off` take from it,
    `total` as Loyverse has it; `spread` is this line's part of a discount that only the receipt names."""

    code: str
    gross: int
    total: int
    off: tuple[Off, ...]
    spread: tuple[Off, ...]
    taxes: tuple[Charged, ...]

    @property
    def reduced(self) -> int:
        """The price less the line's own discounts."""
        return self.gross + sum(each.amount for each in self.off)


def lines_of(receipt: Receipt, categories: Mapping[str, str], currency: str) -> list[Line]:
    """The lines, each with its share of what only the receipt names as discount."""
    lines = [_line(item, categories, currency) for item in receipt.line_items or ()]
    for each in _only_on_receipt(receipt, lines, currency):
        weights = [max(line.reduced, 0) for line in lines]
        parts = split(each.amount, weights if any(weights) else [1] * len(lines)) if lines else []
        lines = [
            line._replace(spread=(*line.spread, each._replace(amount=part)))
            for line, part in zip(lines, parts, strict=True)
        ]
    return lines


def line_pieces(line: Line, side: Side) -> Iterator[Piece]:
    """The pieces of a line. Each discount carries its own share of each tax; the price carries what is left of it, so
    that the taxes of the line sum to exactly what Loyverse says."""
    tax_code = joined_name(line.taxes)
    left = [tax.amount for tax in line.taxes]
    for off in (*line.off, *line.spread):
        shares = [_off_share(tax, off, line) for tax in line.taxes]
        left = [whole - amount for whole, amount in zip(left, shares, strict=True)]
        kind = side.points if off.is_points else side.discount
        yield from _with_taxes(Piece(kind, off.code, off.amount, tax_code), line.taxes, shares, side)
    yield from _with_taxes(Piece(side.sale, line.code, line.gross, tax_code), line.taxes, left, side)


def taxed_amounts(line: Line) -> tuple[int, int]:
    """What the taxes of a line may have been charged on: the price less everything taken off, and the full price."""
    return line.reduced + sum(each.amount for each in line.spread), line.gross


def _with_taxes(part: Piece, taxes: Sequence[Charged], shares: Sequence[int], side: Side) -> Iterator[Piece]:
    inside = sum(amount for tax, amount in zip(taxes, shares, strict=True) if tax.is_included)
    yield part._replace(amount=side.sign * (part.amount - inside))
    for tax, amount in zip(taxes, shares, strict=True):
        yield Piece(side.tax, tax.name, side.sign * amount, part.tax_code, part.name)


def _off_share(tax: Charged, off: Off, line: Line) -> int:
    """The discount's share of a tax; none where the tax was charged as if there were no discounts."""
    reduced, full = taxed_amounts(line)
    off_reduced = abs(tax.amount - share(tax, reduced, line.taxes))
    is_reduced = off_reduced <= abs(tax.amount - share(tax, full, line.taxes))
    return share(tax, off.amount, line.taxes) if is_reduced else 0


def _line(item: LineItem, categories: Mapping[str, str], currency: str) -> Line:
    off = [_off(each, currency) for each in item.line_discounts or ()]
    unnamed = minor(item.total_discount, currency) + sum(each.amount for each in off)
    if unnamed:
        off.append(Off(is_points=False, code="Discount", amount=-unnamed))
    return Line(
        code=categories.get(item.item_id or "") or item.item_name or "Item without a name",
        gross=minor(item.gross_total_money, currency),
        total=minor(item.total_money, currency),
        off=tuple(off),
        spread=(),
        taxes=charged_taxes(item.line_taxes or (), currency),
    )


def _only_on_receipt(receipt: Receipt, lines: Sequence[Line], currency: str) -> list[Off]:
    """Discounts of the receipt that its lines do not hold: those that no line names, where they make up the sum."""
    missing = -minor(receipt.total_discount, currency) - sum(each.amount for line in lines for each in line.off)
    if not missing:
        return []
    on_lines = {(each.is_points, each.code) for line in lines for each in line.off}
    named = [_off(each, currency) for each in receipt.total_discounts or ()]
    alone = [each for each in named if (each.is_points, each.code) not in on_lines]
    if sum(each.amount for each in alone) == missing:
        return alone
    return [Off(is_points=False, code="Discount", amount=missing)]


def _off(discount: Discount, currency: str) -> Off:
    is_points = discount.type == BY_POINTS
    code = "Points" if is_points else discount.name or "Discount"
    return Off(is_points=is_points, code=code, amount=-minor(discount.money_amount, currency))
