"""QuickBooks' account types and ours, both ways."""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.books import Account, AccountType
from connector.domain.defaults import SlotAccount
from connector.errors import Rejected
from connector.targets.quickbooks import records

NUMBER_LENGTH = 7

TYPES: Mapping[str, AccountType] = {
    "Bank": "bank",
    "Accounts Receivable": "receivable",
    "Other Current Asset": "current_asset",
    "Fixed Asset": "asset",
    "Other Asset": "asset",
    "Accounts Payable": "payable",
    "Credit Card": "current_liability",
    "Other Current Liability": "current_liability",
    "Long Term Liability": "liability",
    "Equity": "equity",
    "Income": "income",
    "Other Income": "other_income",
    "Expense": "expense",
    "Other Expense": "expense",
    "Cost of Goods Sold": "cost_of_sales",
}

# what is created: type and subtype as the wire spells them
_CREATED: Mapping[AccountType, tuple[str, str]] = {
    "bank": ("Bank", "Checking"),
    "current_asset": ("Other Current Asset", "OtherCurrentAssets"),
    "asset": ("Other Asset", "OtherLongTermAssets"),
    "receivable": ("Accounts Receivable", "AccountsReceivable"),
    "payable": ("Accounts Payable", "AccountsPayable"),
    "current_liability": ("Other Current Liability", "OtherCurrentLiabilities"),
    "liability": ("Long Term Liability", "OtherLongTermLiabilities"),
    "equity": ("Equity", "OwnersEquity"),
    "income": ("Income", "SalesOfProductIncome"),
    "other_income": ("Other Income", "OtherMiscellaneousIncome"),
    "expense": ("Expense", "OtherMiscellaneousServiceCost"),
    "cost_of_sales": ("Cost of Goods Sold", "SuppliesMaterialsCogs"),
}
_CONTRA_INCOME = frozenset({"discount", "promotions", "refunds", "points"})

# Sales tax that QuickBooks works out by itself lives here; no journal of ours may stand on it.
_OWN_TAX = frozenset({"GlobalTaxPayable", "GlobalTaxSuspense", "SalesTaxPayable"})


def account(read: records.Account) -> Account:
    """An account as read, in the house's words; a type we have never seen is "other"."""
    kind = TYPES.get(read.account_type, "other")
    return Account(
        account_id=read.id,
        name=read.fully_qualified_name or read.name,
        number=read.acct_num or "",
        type=kind,
        kind=read.account_type,
        is_active=read.active,
        takes_payments=kind in ("bank", "current_asset"),
        is_system=bool(read.tax_account) or read.account_sub_type in _OWN_TAX,
        currency=read.currency_ref.value if read.currency_ref else "",
    )


def creation(wanted: SlotAccount) -> dict[str, object]:
    """The body that opens an account; raises Rejected for a type that QuickBooks does not have."""
    if wanted.type not in _CREATED:
        raise Rejected(f"QuickBooks has no account type for {wanted.name!r}: choose another account.", code="type")
    type_, subtype = _CREATED[wanted.type]
    if wanted.slot in _CONTRA_INCOME and wanted.type == "income":
        subtype = "DiscountsRefundsGiven"
    if wanted.slot == "fees" and wanted.type == "expense":
        subtype = "BankCharges"
    body: dict[str, object] = {"Name": wanted.name, "AccountType": type_, "AccountSubType": subtype}
    return {**body, "AcctNum": wanted.number} if 0 < len(wanted.number) <= NUMBER_LENGTH else body
