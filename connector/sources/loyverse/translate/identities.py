"""What must add up in a receipt, and by how much it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from connector.domain.facts import Problem
from connector.domain.money import decimal_text
from connector.sources.loyverse.records import LineItem, Receipt, Tax, minor, rounded
from connector.sources.loyverse.translate.lines import Line, taxed_amounts
from connector.sources.loyverse.translate.taxes import share, type_problems


def receipt_problems(receipt: Receipt, lines: Sequence[Line], currency: str) -> Iterator[Problem]:
    """Identities L1 to L5 of one receipt, and what its numbers or taxes leave open."""
    paid = minor(receipt.total_money, currency)
    tendered = sum(minor(payment.money_amount, currency) for payment in receipt.payments or ())
    yield from _differing("L1", "the receipt's total and the sum of its payments differ", paid - tendered)
    yield from _header_taxes(receipt, currency)
    yield from _rates(lines)
    for item in receipt.line_items or ():
        yield from _gross(item, currency)
    yield from _line_totals(receipt, lines)
    yield from _total(receipt, lines, currency)
    yield from type_problems([tax for item in receipt.line_items or () for tax in item.line_taxes or ()])


def is_explained(paid: int, lines: int, reduced: int, extras: Sequence[int]) -> bool:
    """Whether some documented reading balances to nothing: each extra (added tax, tip, surcharge, a discount of the
    receipt only) stands either inside the totals of the lines or on top of them, and the lines hold nothing else.

    `reduced` is the price of the lines less their own discounts. As prices are booked from `reduced` and extras from
    their own fields, all readings that balance give the same booking: it does not matter which of them is true."""
    found = [extra for extra in extras if extra]
    return any(
        sum(inside) == lines - reduced and sum(found) - sum(inside) == paid - lines
        for size in range(len(found) + 1)
        for inside in combinations(found, size)
    )


def _total(receipt: Receipt, lines: Sequence[Line], currency: str) -> Iterator[Problem]:
    paid = minor(receipt.total_money, currency)
    reduced = sum(line.reduced for line in lines)
    spread = sum(each.amount for line in lines for each in line.spread)
    added = sum(tax.amount for line in lines for tax in line.taxes if not tax.is_included)
    extras = (added, minor(receipt.tip, currency), minor(receipt.surcharge, currency), spread)
    if not is_explained(paid, sum(line.total for line in lines), reduced, extras):
        off = paid - reduced - sum(extras)
        by = f": they differ by {decimal_text(off, currency)} {currency}" if off else ""
        message = (
            "the receipt's total is not its lines with added tax, tip and surcharge, neither inside the lines nor on "
            f"top of them{by}"
        )
        yield Problem(code="L5", message=message, difference=off)


def _header_taxes(receipt: Receipt, currency: str) -> Iterator[Problem]:
    on_lines = [tax for item in receipt.line_items or () for tax in item.line_taxes or ()]
    named = _by_tax(receipt.total_taxes or (), currency)
    summed = _by_tax(on_lines, currency)
    total = minor(receipt.total_tax, currency)
    yield from _differing("L2", "the receipt's tax and the sum of its taxes differ", total - sum(named.values()))
    for tax in sorted(named.keys() | summed.keys()):
        message = "a tax of the receipt and the sum of it over the lines differ"
        yield from _differing("L2", message, named.get(tax, 0) - summed.get(tax, 0))


def _rates(lines: Sequence[Line]) -> Iterator[Problem]:
    """L3: a tax is its rate of what is taxed, within a minor unit a line (Loyverse moves single units between lines).

    Lines with both kinds of tax are left out: what the added one is charged on is not documented."""
    sums: dict[str, tuple[int, int, int]] = {}
    for line in lines:
        if len({tax.is_included for tax in line.taxes}) != 1:
            continue
        reduced, full = taxed_amounts(line)
        for tax in line.taxes:
            count, on_reduced, on_full = sums.get(tax.name, (0, 0, 0))
            off = tax.amount - share(tax, reduced, line.taxes)
            off_full = off if full == reduced else tax.amount - share(tax, full, line.taxes)
            sums[tax.name] = (count + 1, on_reduced + off, on_full + off_full)
    for name, (count, on_reduced, on_full) in sorted(sums.items()):
        off = min(on_reduced, on_full, key=abs)
        if abs(off) > count:
            yield Problem(code="L3", message=f"{name} is not its rate of what is taxed", difference=off)


def _gross(item: LineItem, currency: str) -> Iterator[Problem]:
    unit = (item.price or Decimal(0)) + sum(modifier.price or Decimal(0) for modifier in item.line_modifiers or ())
    off = minor(item.gross_total_money, currency) - rounded((item.quantity or Decimal(0)) * unit, currency)
    if abs(off) > 1:
        message = f"line {item.item_name or ''}: its gross and its quantity × price with modifiers differ"
        yield Problem(code="L4", message=message, difference=off)


def _line_totals(receipt: Receipt, lines: Sequence[Line]) -> Iterator[Problem]:
    """Second half of L4, where nothing but added tax may stand inside the total of a line."""
    if receipt.tip or receipt.surcharge or any(line.spread for line in lines):
        return
    for line in lines:
        added = sum(tax.amount for tax in line.taxes if not tax.is_included)
        off = line.total - line.reduced
        if off not in (0, added):
            message = f"a line of {line.code}: its total and its gross less discounts differ, with added tax or without"
            yield Problem(code="L4", message=message, difference=off)


def _differing(code: str, message: str, difference: int) -> Iterator[Problem]:
    if difference:
        yield Problem(code=code, message=message, difference=difference)


def _by_tax(taxes: Sequence[Tax], currency: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for tax in taxes:
        key = tax.id or tax.name or ""
        sums[key] = sums.get(key, 0) + minor(tax.money_amount, currency)
    return sums
