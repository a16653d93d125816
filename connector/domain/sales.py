"""What happened at the shop: sales, tenders, refunds, register closures. Amounts in minor units, as the shop counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Goods or services sold; `tendered` names the tenders that paid for it: tender id → amount.

    `total` is what was to be paid, taxes, tips and charges included, less what was returned in the same sale. Until
    the sale `is_complete`, it holds no movements of its own and its tenders are customer deposits."""

    sale_id: str
    total: int
    tendered: tuple[tuple[str, int], ...] = ()
    is_return: bool = False
    is_complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A sale or refund that brings its tenders in the same record; whether they agree is the translator's to say."""

    receipt_id: str
    is_refund: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """How a sale was paid; `refunded` is what the source says was given back of it so far."""

    tender_id: str
    sale_id: str
    amount: int
    refunded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money given back: `sale_id` is the return, `tender_id` the tender it gives back (empty where unlinked)."""

    refund_id: str
    sale_id: str
    tender_id: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSale:
    """A record that holds no money: an abandoned cart, a cancelled order, a declined card; with its reason."""

    record_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterClosure:
    """The till counted and closed: what was expected in it and what was found. Over/short is found less expected."""

    closure_id: str
    expected: int
    counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Money that moves without a sale: a processor's fee with its own date, a change of a gift card's balance."""

    charge_id: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotals:
    """The source's own totals of a day and place, by kind and code, in the sign of our movements: what our sums of the
    same kind and code must equal, to the cent. Kinds may be joined by +, and * stands for every code. `covers` names
    the kinds that the totals are complete for: a code that we have and the source does not is then a difference."""

    report: str
    totals: tuple[tuple[str, str, int], ...]
    covers: tuple[str, ...]
