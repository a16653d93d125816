"""What the QuickBooks stand-in refuses and keeps of forms, payments, deposits and bills, over real HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connector.sandbox.faults import Faults
from tests.sandbox.test_quickbooks import Books, Clock, codes, opened

Body = dict[str, object]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def books(tmp_path: Path, clock: Clock) -> Iterator[Books]:
    for made in opened(tmp_path, clock, Faults()):
        made.create("customer", {"DisplayName": "Day"})
        made.create("vendor", {"DisplayName": "Processor"})
        made.create("account", {"Name": "Gift Cards", "AccountType": "Other Current Liability"})
        made.create("account", {"Name": "Card", "AccountType": "Credit Card"})
        made.create("item", {"Name": "Food", "Type": "Service", "IncomeAccountRef": ref(made, "Services")})
        yield made


@pytest.fixture
def british(tmp_path: Path, clock: Clock) -> Iterator[Books]:
    for made in opened(tmp_path, clock, Faults(), "GB", "GBP"):
        made.create("customer", {"DisplayName": "Day"})
        made.create("item", {"Name": "Food", "Type": "Service", "IncomeAccountRef": ref(made, "Services")})
        yield made


def ref(books: Books, account: str) -> Body:
    return {"value": books.account(account)}


def sold(amount: object, **detail: object) -> Body:
    named: Body = {"ItemRef": {"value": "1"}, "Qty": 1, "UnitPrice": amount, **detail}
    return {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": named}


def invoice(books: Books, *lines: Body, **fields: object) -> httpx.Response:
    body = {"TxnDate": "2026-03-14", "CustomerRef": {"value": "1"}, "Line": list(lines or [sold(50)]), **fields}
    return books.create("invoice", body)


def paid(books: Books, amount: object, **fields: object) -> httpx.Response:
    """A payment of the first invoice."""
    linked: Body = {"Amount": amount, "LinkedTxn": [{"TxnType": "Invoice", "TxnId": "1"}]}
    into: Body = {"DepositToAccountRef": ref(books, "Undeposited Funds")}
    body = {
        "TxnDate": "2026-03-14",
        "CustomerRef": {"value": "1"},
        "TotalAmt": amount,
        "Line": [linked],
        **into,
        **fields,
    }
    return books.create("payment", body)


def billed(books: Books, amount: object) -> httpx.Response:
    named: Body = {"AccountRef": ref(books, "Bank Charges")}
    line: Body = {
        "DetailType": "AccountBasedExpenseLineDetail", "Amount": amount, "AccountBasedExpenseLineDetail": named
    }  # fmt: skip
    return books.create("bill", {"TxnDate": "2026-03-14", "VendorRef": {"value": "1"}, "Line": [line]})


def bill_paid(books: Books, amount: object, **fields: object) -> httpx.Response:
    linked: Body = {"Amount": amount, "LinkedTxn": [{"TxnType": "Bill", "TxnId": "1"}]}
    body = {"TxnDate": "2026-03-14", "VendorRef": {"value": "1"}, "TotalAmt": amount, "Line": [linked], **fields}
    return books.create("billpayment", body)


def by_check(books: Books, account: str) -> Body:
    return {"PayType": "Check", "CheckPayment": {"BankAccountRef": ref(books, account)}}


def deposited(books: Books, account: str, *lines: tuple[str, object]) -> httpx.Response:
    kept = [
        {"DetailType": "DepositLineDetail", "Amount": amount, "DepositLineDetail": {"AccountRef": ref(books, name)}}
        for name, amount in lines
    ]
    return books.create("deposit", {"DepositToAccountRef": ref(books, account), "Line": kept})


def test_invoice_is_owed_until_it_is_paid(books: Books) -> None:
    assert invoice(books).json()["Invoice"]["Balance"] == 50
    assert books.control("trial-balance") == {"Accounts Receivable (A/R)": "5000", "Services": "-5000"}
    assert paid(books, 20).status_code == 200
    assert books.http.get("/invoice/1").json()["Invoice"]["Balance"] == 30
    assert paid(books, 30).status_code == 200
    assert books.control("trial-balance") == {"Undeposited Funds": "5000", "Services": "-5000"}


def test_payment_into_a_liability_is_refused(books: Books) -> None:
    invoice(books)
    assert codes(paid(books, 50, DepositToAccountRef=ref(books, "Gift Cards"))) == ["6430"]


def test_payment_of_more_than_is_open_is_refused(books: Books) -> None:
    invoice(books)
    paid(books, 20)
    assert codes(paid(books, 31)) == ["6000"]


def test_payment_that_applies_less_than_it_takes_is_refused(books: Books) -> None:
    invoice(books)
    assert codes(paid(books, 20, TotalAmt=25)) == ["6000"]


def test_payment_of_an_invoice_that_nobody_has_is_an_invalid_reference(books: Books) -> None:
    assert codes(paid(books, 20)) == ["2500"]


def test_payment_by_another_customer_is_refused(books: Books) -> None:
    invoice(books)
    books.create("customer", {"DisplayName": "Night"})
    assert codes(paid(books, 20, CustomerRef={"value": "2"})) == ["6000"]


def test_invoice_without_a_customer_or_an_item_is_refused(books: Books) -> None:
    assert codes(invoice(books, CustomerRef={})) == ["2020"]
    assert codes(invoice(books, sold(50, ItemRef={}))) == ["2020"]
    assert codes(invoice(books, sold(50, ItemRef={"value": "9"}))) == ["2500"]


def test_line_whose_amount_is_not_quantity_by_price_is_refused(books: Books) -> None:
    assert codes(invoice(books, sold(50, UnitPrice=49))) == ["6070"]


@pytest.mark.parametrize("kind", ["invoice", "creditmemo", "salesreceipt", "refundreceipt"])
def test_form_below_zero_is_refused(books: Books, kind: str) -> None:
    body: Body = {"CustomerRef": {"value": "1"}, "Line": [sold(10), sold(-11)]}
    assert codes(books.create(kind, body)) == ["6000"]
    assert books.create(kind, {**body, "Line": [sold(10), sold(-10)]}).status_code == 200


def test_receipt_is_paid_into_one_account_and_takes_no_list_of_tenders(books: Books) -> None:
    tender: Body = {"DetailType": "PaymentLineDetail", "Amount": 20, "PaymentLineDetail": {}}
    body: Body = {"DepositToAccountRef": ref(books, "Checking"), "Line": [sold(50)]}
    assert codes(books.create("salesreceipt", {**body, "Line": [sold(30), tender]})) == ["2020"]
    assert codes(books.create("salesreceipt", {**body, "DepositToAccountRef": ref(books, "Gift Cards")})) == ["6430"]
    assert books.create("salesreceipt", body).status_code == 200
    assert books.control("trial-balance") == {"Checking": "5000", "Services": "-5000"}


def test_receipt_without_an_account_lands_in_undeposited_funds(books: Books) -> None:
    kept = books.create("salesreceipt", {"Line": [sold(50)]}).json()["SalesReceipt"]
    assert kept["DepositToAccountRef"] == {"value": books.account("Undeposited Funds")}


def test_refund_receipt_takes_money_out_of_its_account(books: Books) -> None:
    books.create("refundreceipt", {"DepositToAccountRef": ref(books, "Checking"), "Line": [sold(50)]})
    assert books.control("trial-balance") == {"Checking": "-5000", "Services": "5000"}


def test_bill_is_paid_from_a_bank_account_or_a_credit_card_only(books: Books) -> None:
    billed(books, 12.38)
    assert codes(bill_paid(books, 12.38, **by_check(books, "Undeposited Funds"))) == ["6430"]
    assert codes(bill_paid(books, 12.38, **by_check(books, "Card"))) == ["6430"]
    assert codes(bill_paid(books, 12.38)) == ["2020"]
    card: Body = {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": ref(books, "Card")}}
    assert bill_paid(books, 2.38, **card).status_code == 200
    assert bill_paid(books, 10, **by_check(books, "Checking")).status_code == 200
    assert books.http.get("/bill/1").json()["Bill"]["Balance"] == 0
    assert books.control("trial-balance") == {"Checking": "-1000", "Card": "-238", "Bank Charges": "1238"}


def test_deposit_is_its_lines_less_what_was_kept_from_it(books: Books) -> None:
    kept = deposited(books, "Checking", ("Undeposited Funds", 412.60), ("Bank Charges", -12.38)).json()["Deposit"]
    assert kept["TotalAmt"] == 400.22
    assert books.control("trial-balance") == {
        "Checking": "40022", "Undeposited Funds": "-41260", "Bank Charges": "1238"
    }  # fmt: skip


@pytest.mark.parametrize("amounts", [(10, -11), (10, -10)])
def test_deposit_of_nothing_or_less_is_refused(books: Books, amounts: tuple[int, int]) -> None:
    lines = ("Undeposited Funds", amounts[0]), ("Bank Charges", amounts[1])
    assert codes(deposited(books, "Checking", *lines)) == ["6000"]


def test_deposit_into_a_liability_or_from_the_receivable_is_refused(books: Books) -> None:
    assert codes(deposited(books, "Gift Cards", ("Undeposited Funds", 10))) == ["6430"]
    assert codes(deposited(books, "Checking", ("Accounts Receivable (A/R)", 10))) == ["6000"]


@pytest.mark.parametrize("account", ["Checking", "Accounts Receivable (A/R)", "Accounts Payable (A/P)"])
def test_item_cannot_stand_for_a_bank_account_or_open_items(books: Books, account: str) -> None:
    wish: Body = {"Name": "Drink", "Type": "Service", "IncomeAccountRef": ref(books, account)}
    assert codes(books.create("item", wish)) == ["6430"]


def test_item_needs_a_name_of_its_own(books: Books) -> None:
    wish: Body = {"Name": "food", "Type": "Service", "IncomeAccountRef": ref(books, "Services")}
    assert codes(books.create("item", wish)) == ["6240"]


def test_void_keeps_the_number_and_takes_the_money_out(books: Books) -> None:
    invoice(books, DocNumber="SQ-1", PrivateNote="Main St")
    kept = books.create("invoice", {"Id": "1", "SyncToken": "0"}, operation="void").json()["Invoice"]
    assert (kept["DocNumber"], kept["TotalAmt"], kept["PrivateNote"], kept["SyncToken"]) == (
        "SQ-1", 0, "Voided - Main St", "1"
    )  # fmt: skip
    assert books.control("trial-balance") == {}


def test_void_and_delete_want_the_newest_token(books: Books) -> None:
    invoice(books)
    wish = {"Id": "1", "SyncToken": "7"}
    assert codes(books.create("invoice", wish, operation="void")) == ["5010"]
    assert codes(books.create("invoice", wish, operation="delete")) == ["5010"]


def test_refund_receipt_cannot_be_voided_and_a_paid_invoice_neither(books: Books) -> None:
    books.create("refundreceipt", {"Line": [sold(50)]})
    void = {"operation": "update", "include": "void"}
    assert codes(books.create("refundreceipt", {"Id": "1", "SyncToken": "0", "sparse": True}, **void)) == ["6000"]
    invoice(books)
    paid(books, 20)
    assert codes(books.create("invoice", {"Id": "1", "SyncToken": "0"}, operation="void")) == ["6000"]
    assert books.create("payment", {"Id": "1", "SyncToken": "0", "sparse": True}, **void).status_code == 200
    assert books.create("invoice", {"Id": "1", "SyncToken": "0"}, operation="void").status_code == 200
    assert books.control("trial-balance") == {"Undeposited Funds": "-5000", "Services": "5000"}


def test_american_form_takes_no_other_code_than_non(books: Books) -> None:
    assert invoice(books, sold(50, TaxCodeRef={"value": "NON"})).status_code == 200
    assert codes(invoice(books, sold(50, TaxCodeRef={"value": "TAX"}))) == ["6160"]


def test_british_form_needs_a_code_on_every_line(british: Books) -> None:
    code = british.query("select * from TaxCode where Name = '20.0% S'")["TaxCode"][0]["Id"]
    taxed = sold(50, TaxCodeRef={"value": code})
    assert codes(invoice(british, taxed)) == ["2020"]
    assert codes(invoice(british, taxed, sold(5), GlobalTaxCalculation="TaxExcluded")) == ["6000"]
    assert codes(invoice(british, taxed, GlobalTaxCalculation="NotApplicable")) == ["6170"]
    kept = invoice(british, taxed, GlobalTaxCalculation="TaxExcluded").json()["Invoice"]
    assert (kept["TotalAmt"], kept["TxnTaxDetail"]["TotalTax"]) == (60, 10)


def test_changes_are_told_with_deleted_records_by_their_id_only(books: Books, clock: Clock) -> None:
    invoice(books)
    deposited(books, "Checking", ("Undeposited Funds", 10))
    books.create("deposit", {"Id": "1", "SyncToken": "0"}, operation="delete")
    assert _changes(books, "Invoice,Deposit", clock) == [
        ["1"], [{"domain": "QBO", "status": "Deleted", "Id": "1"}]
    ]  # fmt: skip
    clock.now += timedelta(days=2)
    assert _changes(books, "Invoice,Deposit", clock) == []


def test_changes_go_thirty_days_back_and_know_transactions_only(books: Books, clock: Clock) -> None:
    since = (clock.now - timedelta(days=31)).isoformat()
    assert codes(books.http.get("/cdc", params={"entities": "Invoice", "changedSince": since})) == ["4001"]
    since = clock.now.isoformat()
    assert codes(books.http.get("/cdc", params={"entities": "TaxCode", "changedSince": since})) == ["4001"]


def _changes(books: Books, entities: str, clock: Clock) -> list[object]:
    since = (clock.now - timedelta(days=1)).isoformat()
    answer = books.http.get("/cdc", params={"entities": entities, "changedSince": since}).json()
    lists = answer["CDCResponse"][0]["QueryResponse"]
    kinds = [(kind, each[kind]) for each in lists for kind in entities.split(",") if kind in each]
    return [found if kind == "Deposit" else [body["Id"] for body in found] for kind, found in kinds]
