"""Parts → whole minor units that sum to exactly what the sale's totals say.

Tax is posted as the sale has it by rate, never computed: it is only shared out among what is taxed. What is left
between the rounded parts and the total stands on rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from connector.domain.facts import Problem
from connector.domain.places import Name, Piece
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.records import Sale, Totals, in_minor_units
from connector.sources.lightspeed_x.translate.lines import (
    Part,
    Reading,
    online_charges,
    parts,
    surcharge,
)
from connector.sources.lightspeed_x.translate.rounding import whole
from connector.sources.lightspeed_x.translate.shops import rate_name

NEAR = Decimal("0.51")  # half a minor unit, and what five decimals may lose
NEAR_TAX = Decimal("1.5")  # a cent that was put on one component, and half of one
UNKNOWN_TAX = "Unknown tax"


def sale_pieces(sale: Sale, reading: Reading) -> tuple[list[Piece], int, list[Problem]]:
    """The pieces of what was sold or came back, what was due in minor units, and which identities do not hold."""
    totals = sale.totals or Totals()
    price, tax = in_minor_units(totals.price, reading.places), in_minor_units(totals.tax, reading.places)
    found, problems = _all_parts(sale, price, reading)
    taxes, wrong = _taxes(sale, found, reading)
    problems += wrong + _total_problems(sale, price, tax, sum(taxes.values(), Decimal(0)), reading.places)
    due = whole(price) + whole(tax)
    pieces = _net_pieces(found) + _tax_pieces(found, taxes, reading.shop)
    left = due - sum(amount for _, amount in pieces)
    if left and abs(left) <= len(pieces):
        pieces.append((Name("refund_rounding" if reading.is_refund else "rounding", "Rounding"), left))
    return pieces, due, problems


def _all_parts(sale: Sale, price: Decimal, reading: Reading) -> tuple[list[Part], list[Problem]]:
    """Lines and adjustments. Online charges and the surcharge are said not to be in them or said twice, depending on
    where a sale came from: they count exactly where the price says so (X2)."""
    found = parts(sale, reading)
    off = price - sum(part.amount for part in found)
    charges, extra = online_charges(sale, reading), surcharge(sale, reading)
    for more in ([], charges, extra, charges + extra):
        if abs(off - sum(part.amount for part in more)) <= NEAR:
            return found + more, []
    message = f"Sale {sale.name}: its price and the sum of its lines and adjustments differ."
    return found, [Problem(code="X2", message=message, difference=whole(off))]


def _taxes(sale: Sale, found: Sequence[Part], reading: Reading) -> tuple[dict[str, Decimal], list[Problem]]:
    """The tax of each rate as the sale has it (X4 against the lines); where it lists none, as its lines have it."""
    of_lines: dict[str, Decimal] = {}
    for rate, amount in (tax for part in found for tax in part.taxes):
        of_lines[rate] = of_lines.get(rate, Decimal(0)) + amount
    stated: dict[str, Decimal] = {}
    for each in sale.taxes or ():
        stated[each.id or ""] = stated.get(each.id or "", Decimal(0)) + in_minor_units(each.tax, reading.places)
    taxes = stated or of_lines
    problems = [
        _differing("X4", sale, f"its {_rate(rate, reading.shop)} and that of its lines", off)
        for rate in sorted(of_lines.keys() | taxes.keys())
        if abs(off := taxes.get(rate, Decimal(0)) - of_lines.get(rate, Decimal(0))) > NEAR_TAX
    ]
    unknown = sorted(rate for rate, amount in taxes.items() if amount and not rate_name(reading.shop, rate))
    problems += [_unknown_tax(sale, rate) for rate in unknown]
    return taxes, problems


def _total_problems(sale: Sale, price: Decimal, tax: Decimal, taxed: Decimal, places: int) -> list[Problem]:
    problems = []
    gross = sale.totals.price_incl_tax if sale.totals else None
    if gross is not None and (off := in_minor_units(gross, places) - price - tax):
        problems.append(_differing("X1", sale, "its price with tax and its price and tax", off))
    if abs(tax - taxed) > NEAR:
        problems.append(_differing("X3", sale, "its tax and the sum of its taxes", tax - taxed))
    return problems


def _net_pieces(found: Sequence[Part]) -> list[Piece]:
    sums: dict[Name, Decimal] = {}
    for part in found:
        name = Name(part.kind, part.code, part.tax_code)
        sums[name] = sums.get(name, Decimal(0)) + part.amount
    return [(name, whole(amount)) for name, amount in sums.items()]


def _tax_pieces(found: Sequence[Part], taxes: Mapping[str, Decimal], shop: Shop) -> list[Piece]:
    """Each rate shared out among the parts that carry it; the largest share takes the cents that are left."""
    shares: dict[str, dict[Name, Decimal]] = {}
    for part in found:
        for rate, amount in part.taxes:
            of_rate = shares.setdefault(rate, {})
            name = Name(part.tax_kind, _rate(rate, shop), part.tax_code, part.name)
            of_rate[name] = of_rate.get(name, Decimal(0)) + amount
    pieces: list[Piece] = []
    for rate, amount in taxes.items():
        pieces += rounded_shares(amount, shares.get(rate, {})).items()
    return pieces


def rounded_shares(total: Decimal, shares: Mapping[Name, Decimal]) -> dict[Name, int]:
    """Shares in whole minor units that come to the whole of the total; nothing where there is none."""
    found = {name: whole(share) for name, share in shares.items()}
    if found:
        largest = max(found, key=lambda name: abs(found[name]))
        found[largest] += whole(total) - sum(found.values())
    return found


def _rate(rate: str, shop: Shop) -> str:
    return rate_name(shop, rate) or UNKNOWN_TAX


def _differing(code: str, sale: Sale, what: str, off: Decimal) -> Problem:
    return Problem(code=code, message=f"Sale {sale.name}: {what} differ.", difference=whole(off))


def _unknown_tax(sale: Sale, rate: str) -> Problem:
    message = (
        f"Sale {sale.name} is taxed at a rate ({rate or 'without id'}) that the taxes do not hold: "
        "pull or give the taxes too."
    )
    return Problem(code="tax_unknown", message=message)
