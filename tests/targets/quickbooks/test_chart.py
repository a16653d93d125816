"""QuickBooks' account types and ours."""

from typing import get_args

import pytest

from connector.domain.books import AccountType
from connector.domain.defaults import SlotAccount
from connector.errors import Rejected
from connector.targets.quickbooks import chart, records


def wanted(slot: str, type_: AccountType, number: str = "") -> SlotAccount:
    return SlotAccount(slot=slot, name="Square Something", number=number, type=type_)


@pytest.mark.parametrize("type_", [kind for kind in get_args(AccountType) if kind != "other"])
def test_account_that_we_open_reads_back_as_the_type_we_meant(type_: AccountType) -> None:
    body = chart.creation(wanted("any", type_))
    read = records.Account(id="1", name="x", account_type=str(body["AccountType"]))
    assert chart.account(read).type == type_


@pytest.mark.parametrize(
    ("slot", "type_", "wire"),
    [
        ("clearing", "current_asset", ("Other Current Asset", "OtherCurrentAssets")),
        ("gift_cards", "current_liability", ("Other Current Liability", "OtherCurrentLiabilities")),
        ("bank", "bank", ("Bank", "Checking")),
        ("sales", "income", ("Income", "SalesOfProductIncome")),
        ("discount", "income", ("Income", "DiscountsRefundsGiven")),
        ("fees", "expense", ("Expense", "BankCharges")),
    ],
)
def test_types_are_spelled_as_quickbooks_spells_them(slot: str, type_: AccountType, wire: tuple[str, str]) -> None:
    body = chart.creation(wanted(slot, type_))
    assert (body["AccountType"], body["AccountSubType"]) == wire


def test_type_that_quickbooks_lacks_is_refused() -> None:
    with pytest.raises(Rejected, match="no account type for 'Square Something'"):
        chart.creation(wanted("any", "other"))


def test_number_goes_along_where_it_fits() -> None:
    assert chart.creation(wanted("sales", "income", "SQ-2000"))["AcctNum"] == "SQ-2000"
    assert "AcctNum" not in chart.creation(wanted("sales", "income", "SQ-20000"))
    assert "AcctNum" not in chart.creation(wanted("sales", "income"))


def test_type_never_seen_is_other_and_never_a_crash() -> None:
    read = records.Account(id="1", name="x", account_type="Crypto Asset")
    assert (chart.account(read).type, chart.account(read).kind) == ("other", "Crypto Asset")


def test_full_name_tells_sub_accounts_apart() -> None:
    read = records.Account(id="1", name="Food", fully_qualified_name="Sales:Food", account_type="Income")
    assert chart.account(read).name == "Sales:Food"


@pytest.mark.parametrize("subtype", ["GlobalTaxPayable", "GlobalTaxSuspense", "SalesTaxPayable"])
def test_accounts_of_their_own_sales_tax_are_theirs(subtype: str) -> None:
    type_ = "Other Current Liability"
    read = records.Account(id="1", name="x", account_type=type_, account_sub_type=subtype)
    assert chart.account(read).is_system
    assert chart.account(records.Account(id="1", name="x", account_type=type_, tax_account=True)).is_system
    assert not chart.account(records.Account(id="1", name="x", account_type=type_)).is_system
