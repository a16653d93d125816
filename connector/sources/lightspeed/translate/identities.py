"""What must add up in a sale, and by how much it does not. R1 to R9 are named in the README."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from connector.domain.facts import Problem
from connector.sources.lightspeed.records import ZERO, Sale, SaleLine
from connector.sources.lightspeed.translate.amounts import minor, scaled

HEADER = Decimal("0.51")  # of the smallest unit: what rounding once may change
LINES = Decimal("0.6")
LINE = Decimal("0.001")
_MESSAGES = {
    "R1": "the total and subtotal less discount plus taxes differ",
    "R2": "the subtotal and the sum of its lines differ",
    "R3": "the discount and the sum of the discounts of its lines differ",
    "R4": "the payments and the sum of the payments that are not void differ",
    "R5": "the total with tips and what was paid differ",
    "R6": "tax {n} and the rounded sum of tax {n} of its lines differ",
    "R7": "line {n}: price, discount, taxes and total differ",
    "R8": "the average cost and the sum of the costs of its lines differ",
    "R9": "what was loaded onto gift cards and what the receipt shows above the total differ",
}


def sale_problems(sale: Sale, currency: str, *, is_inside: bool) -> Iterator[Problem]:
    """R1 to R9 of a completed sale, as far as it tells both sides of them."""
    told = _Told(sale, currency)
    yield from _header(told, is_inside=is_inside)
    yield from _lines(told, is_inside=is_inside)
    yield from _payments(told)


def holds_tax_inside(sale: Sale, currency: str) -> bool:
    """Whether the prices of a sale hold its tax. That a shop prices so is said; whether its subtotals hold the tax is
    not, so the sale's own total decides."""
    tax = sale.calc_tax1 + sale.calc_tax2
    net = scaled(sale.total - (sale.calc_subtotal - sale.calc_discount), currency)
    return sale.is_tax_inclusive and bool(tax) and abs(net) < HEADER


def tips(sale: Sale) -> Decimal:
    """The tips in a sale's payments."""
    return sale.calc_tips or sum((payment.tip_amount for payment in sale.valid_payments), ZERO)


class _Told:
    """A sale with the currency that differences are told in."""

    def __init__(self, sale: Sale, currency: str) -> None:
        self.sale = sale
        self._currency = currency

    def exceeds(self, difference: Decimal, bound: Decimal) -> bool:
        """Whether a difference reaches a bound, which is told in the smallest unit of the currency."""
        return abs(scaled(difference, self._currency)) >= bound

    def problem(self, code: str, difference: Decimal, n: object = "") -> Problem:
        message = f"Sale {self.sale.sale_id}: {_MESSAGES[code].format(n=n)}."
        return Problem(code=code, message=message, difference=minor(difference, self._currency))


def _header(told: _Told, *, is_inside: bool) -> Iterator[Problem]:
    sale = told.sale
    taxes = ZERO if is_inside else sale.calc_tax1 + sale.calc_tax2
    off = sale.total - (sale.calc_subtotal - sale.calc_discount + taxes)
    if told.exceeds(off, HEADER):
        yield told.problem("R1", off)
    elif sale.calc_total is not None and told.exceeds(sale.calc_total - sale.total, HEADER):
        yield told.problem("R1", sale.total - sale.calc_total)


def _lines(told: _Told, *, is_inside: bool) -> Iterator[Problem]:
    sale = told.sale
    for code, header, lines in (
        ("R2", sale.calc_subtotal, sum((line.calc_subtotal for line in sale.lines), ZERO)),
        ("R3", sale.calc_discount, sum((line.discount for line in sale.lines), ZERO)),
    ):
        if told.exceeds(header - lines, LINES):
            yield told.problem(code, header - lines)
    for number, header, lines in (
        (1, sale.calc_tax1, sum((line.calc_tax1 for line in sale.lines), ZERO)),
        (2, sale.calc_tax2, sum((line.calc_tax2 for line in sale.lines), ZERO)),
    ):
        if told.exceeds(header - lines, HEADER):
            yield told.problem("R6", header - lines, number)
    for line in sale.lines:
        yield from _line(told, line)
        tax = line.calc_tax1 + line.calc_tax2
        if is_inside and tax and not line.calc_subtotal:
            yield told.problem("R7", -tax, line.sale_line_id)
    yield from _cost(told)


def _line(told: _Told, line: SaleLine) -> Iterator[Problem]:
    if line.calc_total is None:
        return
    net = line.calc_subtotal - line.discount
    off = line.calc_total - net - line.calc_tax1 - line.calc_tax2
    is_inside = told.sale.is_tax_inclusive and not told.exceeds(line.calc_total - net, LINE)
    if told.exceeds(off, LINE) and not is_inside:
        yield told.problem("R7", off, line.sale_line_id)


def _cost(told: _Told) -> Iterator[Problem]:
    sale = told.sale
    costs = [line.unit_quantity * line.avg_cost for line in sale.lines if line.avg_cost is not None]
    if sale.calc_avg_cost is None or len(costs) < len(sale.lines):
        return
    off = sale.calc_avg_cost - sum(costs, ZERO)
    if told.exceeds(off, LINES):
        yield told.problem("R8", off)


def _payments(told: _Told) -> Iterator[Problem]:
    sale = told.sale
    paid = sum((payment.amount for payment in sale.valid_payments), ZERO)
    tipped = tips(sale)
    if sale.calc_payments is not None and sale.calc_payments not in (paid, paid - tipped):
        yield told.problem("R4", sale.calc_payments - paid)
    if paid != sale.total + tipped:
        yield told.problem("R5", sale.total + tipped - paid)
    elif sale.balance is not None and sale.balance not in (ZERO, -tipped):
        yield told.problem("R5", sale.balance)


def loaded_problem(sale: Sale, currency: str, loaded: int) -> Iterator[Problem]:
    """R9: what was loaded onto gift cards (minor units) is what the receipt shows above the sale's total."""
    if loaded and sale.displayable_total is not None:
        off = minor(sale.displayable_total - sale.total, currency) - loaded
        if off:
            message = f"Sale {sale.sale_id}: {_MESSAGES['R9']}."
            yield Problem(code="R9", message=message, difference=off)
