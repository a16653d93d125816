"""The lines, charges, tips and rounding of an order or a return as pieces of money.

Both halves are written alike by Square and read alike here; a `Side` says how the pieces of a half are named and
signed: what is sold is credit, so plus; what comes back is minus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import msgspec

from connector.domain.facts import UNKNOWN, Problem
from connector.domain.money import share_half_even
from connector.domain.places import Name
from connector.sources.square.records import AppliedTax, LineItem, ServiceCharge, minor
from connector.sources.square.translate.taxes import (
    UNKNOWN_TAX,
    NamedTax,
    charged_taxes,
    included,
    joined_name,
    rates,
    tax_problems,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The kinds of one half, and the sign of its sales."""

    sign: int
    sale: str
    discount: str
    tax: str
    service_charge: str
    gratuity: str
    gift_card: str
    tip: str
    rounding: str


def _coming_back(sale: str, prefix: str) -> Side:
    return Side(
        sign=-1,
        sale=sale,
        discount=f"{prefix}_discount",
        tax=f"{prefix}_tax",
        service_charge=f"{prefix}_service_charge",
        gratuity=f"{prefix}_gratuity",
        gift_card=f"{prefix}_gift_card",
        tip=f"{prefix}_tip",
        rounding=f"{prefix}_rounding",
    )


SOLD = Side(sign=1, sale="sale", discount="discount", tax="tax", service_charge="service_charge", gratuity="gratuity",
            gift_card="gift_card", tip="tip", rounding="rounding")  # fmt: skip
REFUNDED = _coming_back("refund", "refund")
OF_AMOUNT = _coming_back("refund_amount", "refund")
EXCHANGED = _coming_back("exchange_return", "exchange")


class Half(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is sold, or what comes back: amounts as Square has them, positive on both halves."""

    side: Side
    lines: Sequence[LineItem] = ()
    charges: Sequence[ServiceCharge] = ()
    taxes: Mapping[str, NamedTax]
    discounts: Mapping[str, str]
    tip: int = 0
    rounding: int = 0

    def charge(self, uid: str) -> ServiceCharge | None:
        return next((charge for charge in self.charges if charge.uid == uid), None)


class Pieces(msgspec.Struct, kw_only=True, gc=False):
    """The pieces of a half, by name and amount; its taxes as its lines and charges say them; and what about it does
    not add up or cannot be understood."""

    names: list[Name] = []
    amounts: list[int] = []
    tax: int = 0
    problems: list[Problem] = []

    def add(self, name: Name, amount: int) -> None:
        self.names.append(name)
        self.amounts.append(amount)


class Part(NamedTuple):
    """A part of a line before its inclusive tax is taken out; `is_taxed` tells whether it shares the line's taxes."""

    kind: str
    code: str
    amount: int
    is_taxed: bool = True


def half_pieces(half: Half, categories: Mapping[str, str]) -> Pieces:
    """Every piece of a half."""
    found = Pieces()
    for line in half.lines:
        _add_line(found, line, half, categories)
    for charge in half.charges:
        if not charge.is_apportioned:
            _add_charge(found, charge, half)
    if half.tip:
        found.add(Name(half.side.tip, "Tips"), half.side.sign * half.tip)
    if half.rounding:
        found.add(Name(half.side.rounding, "Cash rounding"), half.side.sign * half.rounding)
    return found


def charge_total(charge: ServiceCharge) -> int:
    return minor(charge.total_money) if charge.total_money else minor(charge.applied_money)


def _add_line(found: Pieces, line: LineItem, half: Half, categories: Mapping[str, str]) -> None:
    """The pieces of a line. There are many lines: their words are looked up, and only their sums are made anew."""
    price, total, whole = line.variation_total_price_money, line.total_money, line.total_tax_money
    full = price.amount or 0 if price else 0
    if line.modifiers or line.return_modifiers:
        full += _modifiers(line)
    parts = _parts(line, half)
    additive = (total.amount or 0 if total else 0) - full
    if parts:
        additive -= sum([part.amount for part in parts])
    applied = line.applied_taxes or ()
    tax = whole.amount or 0 if whole else _sum_of(applied)
    taxes, charged = charged_taxes(applied, tax, additive, half.taxes)
    off = tax - sum(charged)
    additive -= tax - off - included(taxes, charged)
    category = categories.get(line.catalog_object_id or "")
    kind, code = line_name(line.item_type, category or line.name, half.side)
    names, is_known = line_names(kind, code, _names_of(parts), taxes, half.side.tax)
    if off or additive or not is_known:
        found.problems += _line_problems(line, taxes, off, additive)
    found.names += names
    found.amounts += _amounts(full, parts, taxes, charged, half.side.sign)
    found.tax += tax


def _add_charge(found: Pieces, charge: ServiceCharge, half: Half) -> None:
    main, applied = _charge_part(charge, half.side, minor(charge.applied_money)), charge.applied_taxes or ()
    tax = minor(charge.total_tax_money) if charge.total_tax_money else _sum_of(applied)
    taxes, charged = charged_taxes(applied, tax, charge_total(charge) - main.amount, half.taxes)
    names, _ = line_names(main.kind, main.code, (), taxes, half.side.tax)
    found.problems += tax_problems(f"charge {main.code}", taxes, tax - sum(charged))
    found.names += names
    found.amounts += _amounts(main.amount, (), taxes, charged, half.side.sign)
    found.tax += tax


def _modifiers(line: LineItem) -> int:
    return sum([minor(each.total_price_money) for each in (*(line.modifiers or ()), *(line.return_modifiers or ()))])


def _line_problems(line: LineItem, taxes: Sequence[NamedTax], off: int, additive: int) -> list[Problem]:
    label = f"line {line.name or line.uid or ''}".strip()
    problems = list(tax_problems(label, taxes, off))
    if additive:
        message = f"{label}: its total and its price, discount, charges and tax differ"
        problems.append(Problem(code="S1", message=message, difference=additive))
    return problems


def _names_of(parts: Sequence[Part]) -> tuple[tuple[str, str], ...]:
    return tuple([(part.kind, part.code) for part in parts]) if parts else ()


@lru_cache(maxsize=16384)
def line_names(
    kind: str, code: str, parts: tuple[tuple[str, str], ...], taxes: tuple[NamedTax, ...], tax_kind: str
) -> tuple[tuple[Name, ...], bool]:
    """The names of a line's pieces, each part before its taxes and the main part last; and whether all its taxes are
    known."""
    tax_code = joined_name(taxes)
    names = []
    for part_kind, part_code in (*parts, (kind, code)):
        names.append(Name(part_kind, part_code, tax_code))
        names += [Name(tax_kind, tax.name, tax_code, f"{part_kind}|{part_code}") for tax in taxes]
    return tuple(names), UNKNOWN_TAX not in {tax.name for tax in taxes}


def _amounts(
    full: int, parts: Sequence[Part], taxes: tuple[NamedTax, ...], charged: Sequence[int], sign: int
) -> list[int]:
    """The amounts of a line's pieces, in the order of their names. Each part carries its own share of each tax; the
    main part carries what is left of it, so that the taxes of the line sum to exactly what the source says."""
    amounts: list[int] = []
    left = charged
    for part in parts:
        shares = _shares(part, parts, full, taxes, charged)
        left = [whole - held for whole, held in zip(left, shares, strict=True)]
        amounts += (sign * (part.amount - included(taxes, shares)), *[sign * held for held in shares])
    amounts += (sign * (full - included(taxes, left)), *[sign * held for held in left])
    return amounts


def _shares(
    part: Part, parts: Sequence[Part], full: int, taxes: tuple[NamedTax, ...], charged: Sequence[int]
) -> list[int]:
    """The part's share of each tax, halves to even; none where the tax was charged as if there were no discounts
    (Square knows discounts that leave the tax as it was)."""
    if not part.is_taxed:
        return [0] * len(taxes)
    shares = [share_half_even(part.amount, *rate) for rate in rates(taxes)]
    if part.amount > 0:
        return shares
    reduced = full + sum([each.amount for each in parts if each.is_taxed])
    unreduced = full + sum([each.amount for each in parts if each.is_taxed and each.amount > 0])
    for number, (whole, rate) in enumerate(zip(charged, rates(taxes), strict=True)):
        off = abs(whole - share_half_even(reduced, *rate))
        if off and off > abs(whole - share_half_even(unreduced, *rate)):
            shares[number] = 0
    return shares


def _parts(line: LineItem, half: Half) -> Sequence[Part]:
    """What a line holds beside its price: its discounts (minus) and the charges apportioned to it."""
    discount, charge = line.total_discount_money, line.total_service_charge_money
    reduced, raised = discount.amount or 0 if discount else 0, charge.amount or 0 if charge else 0
    if not (reduced or raised or line.applied_discounts or line.applied_service_charges):
        return ()
    parts: list[Part] = []
    for applied in line.applied_discounts or ():
        amount = minor(applied.applied_money)
        reduced -= amount
        parts.append(Part(half.side.discount, half.discounts.get(applied.discount_uid or "") or "Discount", -amount))
    if reduced:
        parts.append(Part(half.side.discount, "Discount", -reduced))
    for charged in line.applied_service_charges or ():
        amount = minor(charged.applied_money)
        raised -= amount
        known = half.charge(charged.service_charge_uid or "") or ServiceCharge()
        parts.append(_charge_part(known, half.side, amount))
    if raised:
        parts.append(_charge_part(ServiceCharge(), half.side, raised))
    return parts


def _charge_part(charge: ServiceCharge, side: Side, amount: int) -> Part:
    """Auto-gratuity is owed to staff; a charge that has neither type nor name could be one, so it is unknown."""
    is_taxed = charge.taxable is not False
    if charge.type == "AUTO_GRATUITY":
        return Part(kind=side.gratuity, code=charge.name or "Auto gratuity", amount=amount, is_taxed=is_taxed)
    if charge.name or charge.type == "CUSTOM":
        return Part(kind=side.service_charge, code=charge.name or "Service charge", amount=amount, is_taxed=is_taxed)
    return Part(kind=UNKNOWN, code=f"service charge {charge.type or 'without type and name'}", amount=amount,
                is_taxed=is_taxed)  # fmt: skip


def line_name(kind: str | None, code: str | None, side: Side) -> tuple[str, str]:
    """Kind and code, from the line's type and the category of the product, else the line's own name; amounts typed in
    at the till go under one name."""
    if kind == "ITEM" or not kind:
        return side.sale, code or "Item without a name"
    if kind == "CUSTOM_AMOUNT":
        return side.sale, "Custom amount"
    if kind == "GIFT_CARD":
        return side.gift_card, "Gift card"
    return UNKNOWN, f"line of type {kind}"


def _sum_of(applied: Sequence[AppliedTax]) -> int:
    return sum([minor(each.applied_money) for each in applied])
