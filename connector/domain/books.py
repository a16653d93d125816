"""The target's books as read: chart of accounts, tax rates, locks. Values only; ids are the books' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

AccountType = Literal["bank", "current_asset", "asset", "receivable", "payable", "current_liability", "liability",
                      "equity", "income", "other_income", "expense", "cost_of_sales", "other"]  # fmt: skip

Basis = Literal["", "accrual", "cash"]

TYPE_WORDS: Mapping[AccountType, str] = {
    "bank": "bank", "current_asset": "current asset", "asset": "asset", "receivable": "accounts receivable",
    "payable": "accounts payable", "current_liability": "current liability", "liability": "liability",
    "equity": "equity", "income": "income", "other_income": "other income", "expense": "expense",
    "cost_of_sales": "cost of sales", "other": "unknown",
}  # fmt: skip
"""The types of accounts as a person says them."""

BALANCE_SHEET: frozenset[str] = frozenset({
    "bank", "current_asset", "asset", "receivable", "payable", "current_liability", "liability", "equity",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of the chart; `kind` is the books' own type, `type` ours."""

    account_id: str
    name: str
    number: str
    type: AccountType
    kind: str
    is_active: bool = True
    takes_payments: bool = False
    is_system: bool = False
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """A tax code of the books, by the code that documents name. `percent` is its rate on sales as decimal text, empty
    where the books do not tell it."""

    code: str
    name: str
    is_active: bool = True
    percent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What a target must know before it writes: read at set-up, at most daily, and after a refusal.

    `tracking` holds (category, option, the option's id); `names` (name, id) what else the target's records
    must name: contacts, and where forms need them items and tax rates. `basis` is empty where the books do not say it;
    `denied` is what whoever gave consent may not do there, in the books' own words; `currencies` those that they take,
    where they limit them."""

    name: str
    country: str
    currency: str
    accounts: tuple[Account, ...]
    tax_rates: tuple[TaxRate, ...] = ()
    tracking: tuple[tuple[str, str, str], ...] = ()
    locked_until: date | None = None
    names: tuple[tuple[str, str], ...] = ()
    basis: Basis = ""
    denied: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()

    def account(self, name: str, number: str = "") -> Account | None:
        """The active account of that number, else of that name (without regard to case); None where there is none."""
        active = [account for account in self.accounts if account.is_active]
        by_number = [account for account in active if number and account.number == number]
        by_name = [account for account in active if account.name.casefold() == name.casefold()]
        return next(iter(by_number or by_name), None)

    def charges_tax_by_code(self) -> bool:
        """VAT and GST books carry tax by a code on the line; books of the United States in a liability account."""
        return charges_tax_by_code(self.country)


def charges_tax_by_code(country: str) -> bool:
    return country != "US"
