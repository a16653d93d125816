"""Payments, the items of invoices, and the links between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

# How a payment came to be: with a purchase in the store, as an instalment of one, by the client, by an administrator.
Kind = Literal["purchase", "instalment", "client", "administrator"]

NO_ITEM = "no open item is left on the account"
NO_PAYMENT = "a balance owing: no payment is left on the account"
CREDIT_LEFT = "a credit not applied: no open item is left on the account"
PAID_BACK = "money paid back: it is linked by hand, with the payment that it returns"


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
    chose when recording it."""

    account: str
    currency: str
    payment_id: str
    paid_on: date
    open: int
    kind: Kind = "client"
    invoice: str = ""
    reconcile: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """So much of a payment, or of a credit line of the same account, settles so much of an item; always positive."""

    payer: Payment | Item
    item: Item
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What stays open of a payment or item, in its own sign, and why."""

    of: Payment | Item
    amount: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Links, and everything that stays unreconciled with its reason."""

    links: Sequence[Link]
    left: Sequence[Left]
