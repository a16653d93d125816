"""How records in the Xero stand-in change: edits by id, ends, matches with the bank, files, and currencies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.faults import Faults
from tests.sandbox.xero_books import Books, Clock, Json, clearing, invoice, journal, line, messages, opened

TRANSFER: Json = {"FromBankAccount": {"Code": "090"}, "ToBankAccount": {"Code": "091"}, "Amount": 50}


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    yield from opened(tmp_path, Clock(), Faults())


def received(*lines: Json, **fields: object) -> Json:
    return {
        "Type": "RECEIVE",
        "BankAccount": {"Code": "090"},
        "Contact": {"Name": "Square"},
        "Date": "2026-03-16",
        "LineAmountTypes": "NoTax",
        "LineItems": list(lines) or [line(10, "404", "NONE")],
        **fields,
    }


def test_every_change_has_a_later_time_even_when_the_clock_stands_still(books: Books) -> None:
    kept = books.put_one("ManualJournals", journal((5, "404"), (-5, "630")))
    once = books.post("ManualJournals", kept["ManualJournalID"], Narration="Other")
    twice = books.post("ManualJournals", kept["ManualJournalID"], Narration="Another")
    assert len({one["UpdatedDateUTC"] for one in (kept, once, twice)}) == 3


def test_edited_bank_transaction_has_its_lines_replaced(books: Books) -> None:
    kept = books.put_one("BankTransactions", received())
    edited = books.post("BankTransactions", kept["BankTransactionID"], LineItems=[line(12, "404", "NONE")])
    assert (edited["Total"], len(edited["LineItems"])) == (12.0, 1)
    assert books.control("trial-balance") == {"Checking": "1200", "Bank Fees": "-1200"}


@pytest.mark.parametrize(
    ("kind", "wish"), [("BankTransactions", received()), ("BankTransfers", TRANSFER)], ids=["money", "transfer"]
)
def test_record_matched_with_the_bank_cannot_be_edited_or_deleted(books: Books, kind: str, wish: Json) -> None:
    kept = books.put_one(kind, wish)
    id_ = kept[f"{kind.removesuffix('s')}ID"]
    books.match(id_)
    answer = books.http.post(f"/{kind}/{id_}", json={"Status": "DELETED"})
    assert "reconciled with a Bank Statement" in messages(answer)[0]


def test_payment_matched_with_the_bank_cannot_be_deleted(books: Books) -> None:
    books.put_one("Invoices", invoice())
    pay = {"Invoice": {"InvoiceNumber": "SQ-20260314-7F3K2Q"}, "Account": {"Code": "090"}, "Amount": 120}
    payment = books.put_one("Payments", pay)
    books.match(payment["PaymentID"])
    answer = books.http.post(f"/Payments/{payment['PaymentID']}", json={"Status": "DELETED"})
    assert "reconciled" in messages(answer)[0]
    found = books.list("Invoices", page="1")[0]
    assert (found["Status"], len(found["Payments"])) == ("PAID", 1)


def test_deleted_transfer_is_listed_only_when_asked_for(books: Books) -> None:
    kept = books.put_one("BankTransfers", TRANSFER)
    books.post("BankTransfers", kept["BankTransferID"], Status="DELETED")
    assert books.list("BankTransfers") == []
    assert [one["Status"] for one in books.list("BankTransfers", includeDeleted="true")] == ["DELETED"]


def test_transfer_tells_when_it_was_made_and_not_when_it_changed(books: Books) -> None:
    kept = books.put_one("BankTransfers", TRANSFER)
    assert kept["CreatedDateUTC"]
    assert "UpdatedDateUTC" not in kept
    assert "UpdatedDateUTC" not in books.list("BankTransfers")[0]


def test_file_is_kept_once_under_its_name(books: Books) -> None:
    kept = books.put_one("ManualJournals", journal((5, "404"), (-5, "630")))
    place = f"/ManualJournals/{kept['ManualJournalID']}/Attachments"
    first = books.http.put(f"{place}/rows 1.csv", content=b"id,amount").json()["Attachments"][0]
    again = books.http.put(f"{place}/rows 1.csv", content=b"id,amount,day").json()["Attachments"][0]
    assert (first["AttachmentID"], first["FileName"]) == (again["AttachmentID"], "rows 1.csv")
    assert [one["ContentLength"] for one in books.http.get(place).json()["Attachments"]] == [13]
    assert books.http.put(f"{place}/empty.csv", content=b"").status_code == 400
    found = books.http.get(f"/ManualJournals/{kept['ManualJournalID']}").json()["ManualJournals"][0]
    assert found["HasAttachments"] is True


def test_payments_and_accounts_take_no_files_here(books: Books) -> None:
    code = clearing(books)
    account = books.list("Accounts", where=f'Code=="{code}"')[0]["AccountID"]
    books.put_one("Invoices", invoice())
    pay = {"Invoice": {"InvoiceNumber": "SQ-20260314-7F3K2Q"}, "Account": {"Code": code}, "Amount": 120}
    payment = books.put_one("Payments", pay)["PaymentID"]
    assert books.http.put(f"/Payments/{payment}/Attachments/rows.csv", content=b"x").status_code == 404
    assert books.http.put(f"/Accounts/{account}/Attachments/rows.csv", content=b"x").status_code == 200


def test_yen_have_no_cents(tmp_path: Path) -> None:
    for tokyo in opened(tmp_path, Clock(), Faults(), "JP", "JPY"):
        code = clearing(tokyo)
        kept = tokyo.put_one("Invoices", invoice(line(1082, tax="TAX001")))
        assert (kept["Total"], kept["TotalTax"], kept["AmountDue"]) == (1082, 82, 1082)
        pay = {"Invoice": {"InvoiceID": kept["InvoiceID"]}, "Account": {"Code": code}, "Amount": 1082}
        tokyo.put_one("Payments", pay)
        assert tokyo.control("trial-balance") == {"Sales": "-1000", "Sales Tax": "-82", f"Square {code}": "1082"}
        report = str(tokyo.http.get("/Reports/TrialBalance").json())
        assert "'1082'" in report


def test_yen_in_books_of_pounds_are_turned_at_their_rate(books: Books) -> None:
    books.put_one("Currencies", {"Code": "JPY"})
    wish = invoice(line(1900, tax="ZERORATEDOUTPUT"), CurrencyCode="JPY", CurrencyRate=190)
    assert books.put_one("Invoices", wish)["Total"] == 1900
    assert books.control("trial-balance") == {"Sales": "-1000", "Accounts Receivable": "1000"}
