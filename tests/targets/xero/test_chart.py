"""The books as read, and the accounts and contacts opened in them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from connector.domain.books import Books
from connector.domain.defaults import SlotAccount
from connector.errors import AlreadyThere, NeedsReconnect, Rejected
from connector.targets.xero.target import TARGET
from tests.targets.xero import examples
from tests.targets.xero.conftest import Cafe, outgoing


def test_the_target_tells_what_it_is() -> None:
    assert (TARGET.name, TARGET.batch, TARGET.separate_refunds, TARGET.out_of_scope) == ("xero", 250, True, "NONE")


def test_the_target_opens_the_books_it_has_consent_for(cafe: Cafe) -> None:
    assert TARGET.open is not None
    found = TARGET.open(cafe.access).organisation()
    assert (found.external_id, found.name) == (cafe.access.external_id, "Harbour Café")
    assert (found.country, found.currency) == ("GB", "GBP")


def test_a_consent_tells_which_organisations_it_reaches(cafe: Cafe) -> None:
    assert TARGET.reaches is not None
    assert TARGET.reaches(cafe.access) == (cafe.access.external_id,)
    with pytest.raises(NeedsReconnect):
        TARGET.reaches(replace(cafe.access, token=lambda: "revoked"))


def test_a_practice_among_the_connections_is_no_organisation(cafe: Cafe) -> None:
    found = [{"tenantId": "a", "tenantType": "PRACTICE"}, {"tenantId": "b", "tenantType": "ORGANISATION"}]
    cafe.faults.answer_with(200, json.dumps(found).encode())
    assert TARGET.reaches is not None
    assert TARGET.reaches(cafe.access) == ("b",)


def test_the_balances_are_those_of_the_trial_balance(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_day(), books)
    cafe.target.post(outgoing(*rendered))
    told = cafe.target.balances()
    assert {name: balance for name, balance in told.items() if balance} == {
        name: int(balance) for name, balance in cafe.balances().items()
    }
    assert told["Square Balance"] == 283_00
    assert told["Square Fees"] == 0, "an account that nothing moved is at zero, not unknown"


def test_the_books_are_read_with_types_taxes_contacts_and_locks(cafe: Cafe, books: Books) -> None:
    accounts = {account.name: account for account in books.accounts}
    assert (accounts["Checking"].type, accounts["Checking"].takes_payments) == ("bank", True)
    assert (accounts["Accounts Receivable"].type, accounts["Accounts Receivable"].is_system) == ("receivable", True)
    assert accounts["Accounts Payable"].type == "payable"
    assert (accounts["Sales"].type, accounts["Sales"].takes_payments) == ("income", False)
    assert "OUTPUT2" in [rate.code for rate in books.tax_rates]
    assert sorted(name for name, _ in books.names) == ["Amazon", "Square"]
    assert books.locked_until is None
    cafe.settings(period_lock_date="2025-12-31", end_of_year_lock_date="2026-03-31")
    assert cafe.target.books().locked_until == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("said", "basis"), [("CASH", "cash"), ("FLATRATECASH", "cash"), ("INVOICE", "accrual"), ("NONE", "")]
)
def test_the_basis_of_the_sales_tax_says_how_the_books_are_kept(cafe: Cafe, said: str, basis: str) -> None:
    cafe.settings(sales_tax_basis=said)
    assert cafe.target.books().basis == basis


def test_what_whoever_connected_may_not_do_is_known_before_anything_is_sent(cafe: Cafe, books: Books) -> None:
    cafe.settings(denied_actions="CreateInvoicePayment")
    books = replace(books, denied=cafe.target.books().denied)
    assert books.denied == ("CreateInvoicePayment",)
    with pytest.raises(Rejected, match="may not enter payments there") as refused:
        cafe.target.render(examples.cafe_day(), books)
    assert refused.value.code == "not_permitted"
    assert cafe.target.render(examples.adjustment(), books), "a journal needs no such right"


def test_an_archived_account_is_read_as_such(cafe: Cafe, books: Books) -> None:
    cafe.settings(archive_account="Square Fees")
    assert cafe.target.books().account("Square Fees") is None


def test_tracking_options_are_read_while_they_are_active(cafe: Cafe) -> None:
    options = [
        {"Name": "Main St", "Status": "ACTIVE", "TrackingOptionID": "o1"},
        {"Name": "Closed", "Status": "ARCHIVED", "TrackingOptionID": "o2"},
    ]
    category: dict[str, object] = {
        "Name": "Location",
        "Status": "ACTIVE",
        "TrackingCategoryID": "c1",
        "Options": options,
    }
    cafe.shelf.put("TrackingCategories", "c1", category)
    assert cafe.target.books().tracking == (("Location", "Main St", "o1"),)


def test_accounts_that_tenders_are_paid_into_take_payments_and_others_do_not(cafe: Cafe, books: Books) -> None:
    accounts = {account.name: account for account in books.accounts}
    assert [accounts[name].takes_payments for name in ("Square Balance", "Square Gift Cards", "Square Tips")] == [
        True, True, False,
    ]  # fmt: skip
    assert [accounts[name].kind for name in ("Square Balance", "Square Gift Cards", "Square Fees", "Square Sales")] == [
        "CURRENT", "CURRLIAB", "EXPENSE", "REVENUE",
    ]  # fmt: skip


def test_a_second_account_of_the_same_name_is_already_there(cafe: Cafe) -> None:
    wanted = SlotAccount(slot="tips", name="Square Tips", number="SQ-8000", type="current_liability")
    cafe.target.open_account(wanted)
    with pytest.raises(AlreadyThere):
        cafe.target.open_account(wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        SlotAccount(slot="bank", name="Checking 2", number="092", type="bank"),
        SlotAccount(slot="sales", name="Sales 2", number="SQ-TOO-LONG-1", type="income"),
    ],
)
def test_a_bank_account_and_a_code_too_long_are_refused_before_anything_is_sent(
    cafe: Cafe, wanted: SlotAccount
) -> None:
    with pytest.raises(Rejected):
        cafe.target.open_account(wanted)
    assert cafe.heard("PUT") == []
