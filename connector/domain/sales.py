"""What happened at the shop: sales, tenders, refunds, register closures. Amounts in minor units, as the shop counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Goods or services sold; `tendered` names the tenders that paid for it: tender id → amount.

    `total` is what was to be paid, taxes, tips and charges included, less what was returned in the same sale."""

    sale_id: str
    total: int
    tendered: tuple[tuple[str, int], ...] = ()
    is_return: bool = False


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
