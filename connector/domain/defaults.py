"""What a source proposes: which role and slot each kind of movement has, and the account behind each slot."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal, cast

from connector.domain.books import AccountType
from connector.domain.document import ROLES, Role
from connector.errors import Broken

Side = Literal["credit", "debit"]

SLOTS: frozenset[str] = frozenset({
    "sales", "discount", "promotions", "shipping", "gift_wrap", "refunds", "service_charge", "other_income",
    "reimbursements", "points", "fees", "referral_fees", "fulfilment_fees", "storage_fees", "inventory_fees",
    "advertising", "subscription_fees", "promotion_fees", "other_fees", "fee_tax", "chargebacks", "rounding",
    "over_short", "fx", "adjustments", "paid_out", "clearing", "carry", "disputes", "reserve", "deferred",
    "card_charges", "marketplace_offset", "withholding_tax", "loan", "sales_tax", "tips", "gift_cards", "store_credit",
    "house_account", "customer_deposit", "opening", "bank", "stored_balance",
})  # fmt: skip
"""The slots of the house; a source may part one further, as clearing.card of clearing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRule:
    """How a kind of movement is treated. `code` narrows it to one code of the source; empty means any.

    `side` says where a positive movement stands. Lines of different `group` are never netted with each other.
    `counter` is the slot that takes the other side of a movement that has only one, such as a fee or a miscount."""

    kind: str
    code: str
    role: Role
    slot: str
    side: Side
    group: str
    text: str
    counter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotAccount:
    """The account proposed for a slot; `name` may hold {code} or {marketplace}.

    Where `asks` holds, nothing is posted there until a person has decided."""

    slot: str
    name: str
    number: str
    type: AccountType
    asks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDefaults:
    """A source's kinds and slots, as its tables in data/ have them."""

    source: str
    title: str
    prefix: str
    kinds: Mapping[tuple[str, str], KindRule]
    accounts: Mapping[str, SlotAccount]

    def rule(self, kind: str, code: str) -> KindRule | None:
        return self.kinds.get((kind, code)) or self.kinds.get((kind, ""))

    def account(self, slot: str) -> SlotAccount | None:
        return self.accounts.get(slot)

    def role(self, slot: str) -> Role:
        """What a line is that stands on a slot as the other side of a movement: what the slot's own movements are."""
        return next((rule.role for rule in self.kinds.values() if rule.slot == slot), "clearing")


def load_defaults(package: str, *, source: str, title: str, prefix: str) -> SourceDefaults:
    """Reads kinds.csv and accounts.csv from the data folder beside a source's defaults.py."""
    kinds = [_kind_rule(row) for row in table(package, "kinds.csv")]
    accounts = [_slot_account(row) for row in table(package, "accounts.csv")]
    return SourceDefaults(
        source=source,
        title=title,
        prefix=prefix,
        kinds={(rule.kind, rule.code): rule for rule in kinds},
        accounts={account.slot: account for account in accounts},
    )


@lru_cache(maxsize=32)
def table(package: str, name: str) -> tuple[dict[str, str], ...]:
    """The rows of a CSV table in the data folder of a package; blank cells are empty text."""
    text = resources.files(package).joinpath("data", name).read_text(encoding="utf-8")
    return tuple(_rows(text.splitlines()))


def _rows(lines: Iterable[str]) -> Iterable[dict[str, str]]:
    return ({name: (cell or "").strip() for name, cell in row.items()} for row in csv.DictReader(lines))


def _kind_rule(row: Mapping[str, str]) -> KindRule:
    if row["role"] not in ROLES:
        raise Broken(f"kinds.csv: {row['role']!r} of kind {row['kind']!r} is not a role")
    return KindRule(
        kind=row["kind"],
        code=row.get("code", ""),
        role=cast(Role, row["role"]),
        slot=row["slot"],
        side=cast(Side, row.get("side") or "credit"),
        group=row.get("group", ""),
        text=row.get("text", ""),
        counter=row.get("counter", ""),
    )


def _slot_account(row: Mapping[str, str]) -> SlotAccount:
    return SlotAccount(
        slot=row["slot"],
        name=row["name"],
        number=row["number"],
        type=cast(AccountType, row["type"]),
        asks=row.get("asks", "") == "yes",
    )
