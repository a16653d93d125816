"""Xero's organisation as books of the house, and the accounts we open in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.domain.books import Account, AccountType, Basis, Books, TaxRate
from connector.domain.defaults import SlotAccount
from connector.errors import Rejected
from connector.targets.xero.records import (
    AccountRead,
    ContactRead,
    CurrencyRead,
    NewAccount,
    OrganisationRead,
    TaxRateRead,
    TrackingCategoryRead,
)
from connector.targets.xero.wire import lock_date

CODE_LENGTH = 10

_TYPES: dict[str, AccountType] = {
    "BANK": "bank",
    "CURRENT": "current_asset",
    "INVENTORY": "current_asset",
    "PREPAYMENT": "current_asset",
    "FIXED": "asset",
    "NONCURRENT": "asset",
    "CURRLIAB": "current_liability",
    "PAYG": "current_liability",
    "LIABILITY": "liability",
    "TERMLIAB": "liability",
    "EQUITY": "equity",
    "REVENUE": "income",
    "SALES": "income",
    "OTHERINCOME": "other_income",
    "EXPENSE": "expense",
    "OVERHEADS": "expense",
    "DEPRECIATN": "expense",
    "DIRECTCOSTS": "cost_of_sales",
}
_SYSTEM_TYPES: dict[str, AccountType] = {"DEBTORS": "receivable", "CREDITORS": "payable"}
_NEW_TYPES: dict[AccountType, str] = {
    "current_asset": "CURRENT",
    "asset": "NONCURRENT",
    "current_liability": "CURRLIAB",
    "liability": "TERMLIAB",
    "equity": "EQUITY",
    "income": "REVENUE",
    "other_income": "OTHERINCOME",
    "expense": "EXPENSE",
    "cost_of_sales": "DIRECTCOSTS",
}
_PAID_INTO = frozenset({"clearing", "gift_cards", "store_credit", "house_account", "customer_deposit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listings:
    """Everything `books` is made of, as read."""

    organisation: OrganisationRead
    accounts: Sequence[AccountRead]
    tax_rates: Sequence[TaxRateRead]
    tracking: Sequence[TrackingCategoryRead]
    contacts: Iterable[ContactRead]
    denied: tuple[str, ...] = ()
    currencies: Sequence[CurrencyRead] = ()


# Xero tells no basis of its reports: that of the sales tax is what an accountant set for the same reason.
_BASES: dict[str, Basis] = {
    "CASH": "cash",
    "PAYMENTS": "cash",
    "FLATRATECASH": "cash",
    "ACCRUAL": "accrual",
    "ACCRUALS": "accrual",
    "INVOICE": "accrual",
    "FLATRATEACCRUAL": "accrual",
}


def books_of(listings: Listings) -> Books:
    organisation = listings.organisation
    return Books(
        name=organisation.name,
        country=organisation.country_code,
        currency=organisation.base_currency,
        accounts=tuple(account_of(account) for account in listings.accounts),
        tax_rates=tuple(
            TaxRate(
                code=rate.tax_type,
                name=rate.name,
                is_active=rate.status in ("ACTIVE", ""),
                percent="" if rate.effective_rate is None else f"{rate.effective_rate.normalize():f}",
            )
            for rate in listings.tax_rates
        ),
        tracking=tuple(
            (category.name, option.name, option.tracking_option_id)
            for category in listings.tracking
            if category.status in ("ACTIVE", "")
            for option in category.options
            if option.status in ("ACTIVE", "")
        ),
        locked_until=lock_date(organisation),
        basis=_BASES.get(organisation.sales_tax_basis, ""),
        denied=listings.denied,
        currencies=tuple(currency.code for currency in listings.currencies),
        names=tuple(
            (contact.name, contact.contact_id)
            for contact in listings.contacts
            if contact.contact_status in ("ACTIVE", "")
        ),
    )


def account_of(account: AccountRead) -> Account:
    """An account as the house knows it; a type Xero invents tomorrow is "other", which takes nothing by itself."""
    kind = _SYSTEM_TYPES.get(account.system_account) or _TYPES.get(account.type, "other")
    return Account(
        account_id=account.account_id,
        name=account.name,
        number=account.code,
        type=kind,
        kind=account.type,
        is_active=account.status in ("ACTIVE", ""),
        takes_payments=kind == "bank" or account.enable_payments_to_account,
        is_system=bool(account.system_account),
        currency=account.currency_code,
    )


def new_account(wanted: SlotAccount) -> NewAccount:
    """The account as Xero creates it; raises Rejected for a type that only a person may open there.

    Tenders are paid into clearing, gift cards and customer credit: payments to them are enabled."""
    kind = _NEW_TYPES.get(wanted.type)
    if kind is None:
        raise Rejected(f"{wanted.name} is of type {wanted.type}: open it in Xero yourself, then map to it.")
    if len(wanted.number) > CODE_LENGTH:
        raise Rejected(f"{wanted.number} ({wanted.name}) is too long for an account code: Xero takes {CODE_LENGTH}.")
    return NewAccount(
        code=wanted.number,
        name=wanted.name,
        type=kind,
        enable_payments_to_account=wanted.slot.partition(".")[0] in _PAID_INTO,
    )
