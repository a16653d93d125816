"""What must add up in a receipt, and by how much it does not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from connector.domain.facts import Problem
from connector.domain.money import decimal_text
from connector.sources.loyverse.amounts import minor
from connector.sources.loyverse.records import Receipt
from connector.sources.loyverse.translate.lines import Line
from connector.sources.loyverse.translate.taxes import tax_key, type_problems


def receipt_problems(receipt: Receipt, lines: Sequence[Line], unpaid: int, currency: str) -> list[Problem]:
    """Identities L1 to L5 of one receipt, and what its numbers or taxes leave open; `unpaid` is its total less its
    payments."""
    if not unpaid and adds_up(receipt, lines, currency):
        return []
    return each_problem(receipt, lines, unpaid, currency)


def each_problem(receipt: Receipt, lines: Sequence[Line], unpaid: int, currency: str) -> list[Problem]:
    """The same, identity by identity."""
    problems = _differing("L1", "the receipt's total and the sum of its payments differ", unpaid)
    problems += _header_taxes(receipt, lines, currency)
    problems += _rates(lines)
    problems += [problem for line in lines for problem in line.problems]
    problems += _line_totals(receipt, lines, currency)
    problems += _total(receipt, lines, currency)
    problems += type_problems([tax for line in lines for tax in line.taxes])
    return problems


def adds_up(receipt: Receipt, lines: Sequence[Line], currency: str) -> bool:
    """Whether, at one glance, nothing is wrong but perhaps the payments: sound lines with one tax at most, which add
    up to the receipt's total and tax. Most receipts are so; of the others each identity has its say."""
    taxes = receipt.total_taxes or ()
    key, told = (tax_key(taxes[0]), minor(taxes[0].money_amount, currency)) if taxes else ("", 0)
    total = reduced = added = tax = 0
    for line in lines:
        if not line.is_sound or (line.taxes and (line.tax_key != key or not taxes)):
            return False
        total += line.total
        reduced += line.reduced
        added += line.added
        tax += line.tax
    return (
        len(taxes) <= 1
        and tax == told == minor(receipt.total_tax, currency)
        and total - reduced in (0, added)
        and minor(receipt.total_money, currency)
        == reduced + added + minor(receipt.tip, currency) + minor(receipt.surcharge, currency)
    )


def is_explained(paid: int, lines: int, reduced: int, extras: Sequence[int]) -> bool:
    """Whether some documented reading balances to nothing: each extra (added tax, tip, surcharge, a discount of the
    receipt only) stands either inside the totals of the lines or on top of them, and the lines hold nothing else.

    `reduced` is the price of the lines less their own discounts. As prices are booked from `reduced` and extras from
    their own fields, all readings that balance give the same booking: it does not matter which of them is true."""
    found = [extra for extra in extras if extra]
    return sum(found) == paid - reduced and any(
        sum(inside) == lines - reduced for size in range(len(found) + 1) for inside in combinations(found, size)
    )


def _total(receipt: Receipt, lines: Sequence[Line], currency: str) -> Sequence[Problem]:
    paid = minor(receipt.total_money, currency)
    total = reduced = added = spread = 0
    for line in lines:
        total += line.total
        reduced += line.reduced
        added += line.added
        for each in line.spread:
            spread += each.amount
    extras = (added, minor(receipt.tip, currency), minor(receipt.surcharge, currency), spread)
    if is_explained(paid, total, reduced, extras):
        return ()
    off = paid - reduced - sum(extras)
    by = f": they differ by {decimal_text(off, currency)} {currency}" if off else ""
    message = (
        "the receipt's total is not its lines with added tax, tip and surcharge, neither inside the lines nor on "
        f"top of them{by}"
    )
    return (Problem(code="L5", message=message, difference=off),)


def _header_taxes(receipt: Receipt, lines: Sequence[Line], currency: str) -> Sequence[Problem]:
    left: dict[str, int] = {}
    named = 0
    for tax in receipt.total_taxes or ():
        amount, key = minor(tax.money_amount, currency), tax_key(tax)
        left[key] = left.get(key, 0) + amount
        named += amount
    for line in lines:
        for charged in line.taxes:
            left[charged.key] = left.get(charged.key, 0) - charged.amount
    total = minor(receipt.total_tax, currency)
    problems = _differing("L2", "the receipt's tax and the sum of its taxes differ", total - named)
    if any(left.values()):
        message = "a tax of the receipt and the sum of it over the lines differ"
        for key in sorted(left):
            problems += _differing("L2", message, left[key])
    return problems


def _rates(lines: Sequence[Line]) -> Sequence[Problem]:
    """L3: a tax is its rate of what is taxed, within a minor unit a line (Loyverse moves single units between
    lines)."""
    sums: dict[str, tuple[int, int, int]] = {}
    for line in lines:
        for tax, of_reduced, of_full in line.rate_offs:
            count, on_reduced, on_full = sums.get(tax, (0, 0, 0))
            sums[tax] = (count + 1, on_reduced + of_reduced, on_full + of_full)
    problems = []
    for tax, (count, on_reduced, on_full) in sorted(sums.items()):
        off = on_reduced if abs(on_reduced) <= abs(on_full) else on_full
        if abs(off) > count:
            problems.append(Problem(code="L3", message=f"{tax} is not its rate of what is taxed", difference=off))
    return problems


def _line_totals(receipt: Receipt, lines: Sequence[Line], currency: str) -> Sequence[Problem]:
    """Second half of L4, where nothing but added tax may stand inside the total of a line."""
    extras = minor(receipt.tip, currency) or minor(receipt.surcharge, currency)
    if extras or any(line.spread for line in lines):
        return ()
    problems = []
    for line in lines:
        off = line.total - line.reduced
        if off not in (0, line.added):
            message = f"a line of {line.code}: its total and its gross less discounts differ, with added tax or without"
            problems.append(Problem(code="L4", message=message, difference=off))
    return problems


def _differing(code: str, message: str, difference: int) -> list[Problem]:
    return [Problem(code=code, message=message, difference=difference)] if difference else []
