"""The lines, charges, tips and rounding of an order or a return as pieces of money.

Both halves are written alike by Square and read alike here; a `Side` says how the pieces of a half are named and
signed: what is sold is credit, so plus; what comes back is minus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connector.domain.facts import UNKNOWN, Problem
from connector.sources.square.records import AppliedTax, LineItem, Money, ServiceCharge, Tax, minor
from connector.sources.square.translate.places import Piece
from connector.sources.square.translate.taxes import Charged, Taxed, charged_taxes, joined_name, share


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
EXCHANGED = _coming_back("exchange_return", "exchange")


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """What is sold, or what comes back: amounts as Square has them, positive on both halves."""

    side: Side
    lines: Sequence[LineItem] = ()
    charges: Sequence[ServiceCharge] = ()
    taxes: Mapping[str, Tax] = field(default_factory=dict)
    discounts: Mapping[str, str] = field(default_factory=dict)
    tip: int = 0
    rounding: int = 0

    def charge(self, uid: str) -> ServiceCharge | None:
        return next((charge for charge in self.charges if charge.uid == uid), None)


class Part(NamedTuple):
    """A part of a line before its inclusive tax is taken out; `is_taxed` tells whether it shares the line's taxes."""

    kind: str
    code: str
    amount: int
    is_taxed: bool = True


def half_pieces(half: Half, categories: Mapping[str, str]) -> tuple[list[Piece], list[Problem]]:
    """Every piece of a half, and what about it does not add up or cannot be understood."""
    pieces: list[Piece] = []
    problems: list[Problem] = []
    for line in half.lines:
        pieces += _line(line, half, categories, problems)
    for charge in half.charges:
        if not charge.is_apportioned:
            pieces += _charge(charge, half, problems)
    if half.tip:
        pieces.append(Piece(half.side.tip, "Tips", half.side.sign * half.tip))
    if half.rounding:
        pieces.append(Piece(half.side.rounding, "Cash rounding", half.side.sign * half.rounding))
    return pieces, problems


def line_tax(line: LineItem) -> int:
    return _total_tax(line.total_tax_money, line.applied_taxes or ())


def charge_tax(charge: ServiceCharge) -> int:
    return _total_tax(charge.total_tax_money, charge.applied_taxes or ())


def charge_total(charge: ServiceCharge) -> int:
    return minor(charge.total_money) if charge.total_money else minor(charge.applied_money)


def _line(
    line: LineItem, half: Half, categories: Mapping[str, str], problems: list[Problem]
) -> Sequence[Piece]:  # fmt: skip
    full = minor(line.variation_total_price_money)
    for modifier in line.modifiers or ():
        full += minor(modifier.total_price_money)
    for modifier in line.return_modifiers or ():
        full += minor(modifier.total_price_money)
    parts = _parts(line, half)
    before_tax = full + sum([part.amount for part in parts]) if parts else full
    additive = minor(line.total_money) - before_tax
    taxed = Taxed("line", line.name or line.uid or "", line.applied_taxes or (), line_tax(line), additive)
    charged = charged_taxes(taxed, half.taxes, problems)
    for tax in charged:
        additive -= 0 if tax.is_inclusive else tax.amount
    if additive:
        message = f"{taxed.label}: its total and its price, discount, charges and tax differ"
        problems.append(Problem(code="S1", message=message, difference=additive))
    main = Part(_line_kind(line, half.side), _line_code(line, categories), full)
    return _taxed_pieces(main, parts, charged, half.side)


def _charge(charge: ServiceCharge, half: Half, problems: list[Problem]) -> Sequence[Piece]:
    main = _charge_part(charge, half.side, minor(charge.applied_money))
    additive = charge_total(charge) - main.amount
    taxed = Taxed("charge", main.code, charge.applied_taxes or (), charge_tax(charge), additive)
    return _taxed_pieces(main, (), charged_taxes(taxed, half.taxes, problems), half.side)


def _taxed_pieces(main: Part, parts: Sequence[Part], charged: Sequence[Charged], side: Side) -> list[Piece]:
    """The pieces of a line. Each part carries its own share of each tax; the main part carries what is left of it, so
    that the taxes of the line sum to exactly what the source says."""
    pieces: list[Piece] = []
    tax_code = joined_name(charged)
    left = [tax.amount for tax in charged]
    for part in parts:
        shares = [_part_share(tax, part, main, parts, charged) for tax in charged]
        left = [whole - amount for whole, amount in zip(left, shares, strict=True)]
        _add_with_taxes(pieces, part, list(zip(charged, shares, strict=True)), tax_code, side)
    _add_with_taxes(pieces, main, list(zip(charged, left, strict=True)), tax_code, side)
    return pieces


def _add_with_taxes(
    pieces: list[Piece], part: Part, taxes: Sequence[tuple[Charged, int]], tax_code: str, side: Side
) -> None:
    net = part.amount
    for tax, amount in taxes:
        net -= amount if tax.is_inclusive else 0
    pieces.append(Piece(part.kind, part.code, side.sign * net, tax_code))
    parent = f"{part.kind}|{part.code}" if taxes else ""
    for tax, amount in taxes:
        pieces.append(Piece(side.tax, tax.name, side.sign * amount, tax_code, parent))


def _part_share(tax: Charged, part: Part, main: Part, parts: Sequence[Part], charged: Sequence[Charged]) -> int:
    """The part's share of a tax; none where the tax was charged as if there were no discounts (Square knows
    discounts that leave the tax as it was)."""
    if not part.is_taxed:
        return 0
    reduced = main.amount + sum(each.amount for each in parts if each.is_taxed)
    unreduced = main.amount + sum(each.amount for each in parts if each.is_taxed and each.amount > 0)
    is_reduced = abs(tax.amount - share(tax, reduced, charged)) <= abs(tax.amount - share(tax, unreduced, charged))
    return share(tax, part.amount, charged) if is_reduced or part.amount > 0 else 0


def _parts(line: LineItem, half: Half) -> list[Part]:
    """What a line holds beside its price: its discounts (minus) and the charges apportioned to it."""
    parts: list[Part] = []
    left = minor(line.total_discount_money)
    for applied in line.applied_discounts or ():
        amount = minor(applied.applied_money)
        left -= amount
        code = half.discounts.get(applied.discount_uid or "") or "Discount"
        parts.append(Part(half.side.discount, code, -amount))
    if left:
        parts.append(Part(half.side.discount, "Discount", -left))
    left = minor(line.total_service_charge_money)
    for charged in line.applied_service_charges or ():
        amount = minor(charged.applied_money)
        left -= amount
        charge = half.charge(charged.service_charge_uid or "") or ServiceCharge()
        parts.append(_charge_part(charge, half.side, amount))
    if left:
        parts.append(_charge_part(ServiceCharge(), half.side, left))
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


def _line_kind(line: LineItem, side: Side) -> str:
    match line.item_type or "ITEM":
        case "ITEM" | "CUSTOM_AMOUNT":
            return side.sale
        case "GIFT_CARD":
            return side.gift_card
    return UNKNOWN


def _line_code(line: LineItem, categories: Mapping[str, str]) -> str:
    """The category of the product, else the line's own name; amounts typed in at the till go under one name."""
    match line.item_type or "ITEM":
        case "CUSTOM_AMOUNT":
            return "Custom amount"
        case "GIFT_CARD":
            return "Gift card"
        case "ITEM":
            return categories.get(line.catalog_object_id or "") or line.name or "Item without a name"
    return f"line of type {line.item_type}"


def _total_tax(total: Money | None, applied: Sequence[AppliedTax]) -> int:
    return minor(total) if total else sum([minor(each.applied_money) for each in applied])
