"""Payments, the items of invoices, and the links between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

# How a payment came to be: with a purchase in the store, as an instalment of one, by the client, by an administrator.
Kind = Literal["purchase", "instalment", "client", "administrator"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of an invoice. `open` is what it still owes in minor units; a credit line is negative."""

    account: str
    currency: str
    invoice: str
    line: int
    invoiced_on: date
    open: int

    @property
    def name(self) -> str:
        return f"{self.invoice}/{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment. `open` is what of it is not linked yet, in minor units; money paid back is negative.

    `invoice` names the purchase that a purchase's payment or an instalment pays; `reconcile` is what an administrator
    chose when recording it, `recorded_by` who that was."""

    account: str
    currency: str
    payment_id: str
    paid_on: date
    open: int
    kind: Kind = "client"
    invoice: str = ""
    reconcile: bool = False
    recorded_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """So much of a payment, or of a credit line of the same account, settles so much of an item; always positive."""

    payer: Payment | Item
    item: Item
    amount: int
