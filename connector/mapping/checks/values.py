"""The values that the auditor looks at, beside the account map and the books; all of one feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from connector.domain.document import Role

Code = tuple[str, str]  # kind and code


class Use(msgspec.Struct, frozen=True, gc=False):
    """What the source holds under one code: its sum in minor units in the source's sign, its movements, the days it was
    first and last seen, and the names of its periods. `parent` is, for tax, the "kind|code" of what is taxed;
    `category` is the product's, empty where there is none; `channel` is told where the map decides by it. There are as
    many as products: a struct, not looked after by the collector."""

    kind: str
    code: str
    category: str
    currency: str
    marketplace: str
    location: str
    tax_code: str
    parent: str
    amount: int
    movements: int
    first: date
    last: date
    periods: tuple[str, ...] = ()
    channel: str = ""


class Posted(NamedTuple):
    """What our documents in the books put on an account on one day: debits and credits, both positive."""

    account: str
    role: Role
    day: date
    currency: str
    debit: int
    credit: int
    lines: int = 1
    tax_code: str = ""


class Taking(NamedTuple):
    """Money taken by card or the like: when and how much. For finding the same sale in two feeds."""

    moment: datetime
    amount: int
    currency: str


class Deposit(NamedTuple):
    """A line of somebody else on the bank account in the books, with the account on its other side."""

    day: date
    amount: int
    currency: str
    account: str


class PaidOut(NamedTuple):
    """A payout of the source: what should arrive at the bank, and when."""

    payout_id: str
    day: date
    amount: int
    currency: str
    location: str = ""
    destination: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another feed of the organisation, as far as sales taken twice show in it."""

    name: str
    role: str
    takings: tuple[Taking, ...]
