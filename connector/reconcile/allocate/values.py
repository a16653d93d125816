"""What of payments and items is left unreconciled, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.domain.items import Item as Item
from connector.domain.items import Kind as Kind
from connector.domain.items import Link as Link
from connector.domain.items import Payment as Payment

NO_ITEM = "no open item is left on the account"
NO_PAYMENT = "a balance owing: no payment is left on the account"
CREDIT_LEFT = "a credit not applied: no open item is left on the account"
PAID_BACK = "money paid back: it is linked by hand, with the payment that it returns"


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
