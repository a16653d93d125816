"""What is written and read, to the digit and the day."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from connector.errors import Broken
from connector.targets.xero.balances import balances_of
from connector.targets.xero.records import AccountRead, OrganisationRead, RecordRead, Report
from connector.targets.xero.wire import day, decode, items, lock_date, minor, wire


@pytest.mark.parametrize(
    ("currency", "amount", "text"),
    [
        ("GBP", 10, b"0.10"),
        ("GBP", -1, b"-0.01"),
        ("JPY", 100, b"100"),
        ("KWD", 5, b"0.005"),
        ("GBP", 12345678901234567890, b"123456789012345678.90"),
    ],
)
def test_an_amount_goes_out_as_a_number_with_the_decimals_of_its_currency(
    currency: str, amount: int, text: bytes
) -> None:
    sent = wire("Payments", [{"currency": currency, "record": {"Amount": amount, "Reference": "1.5"}}])
    assert sent == b'{"Payments":[{"Amount":' + text + b',"Reference":"1.5"}]}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/Date(1552262400000+0000)/", "2019-03-11"),
        ("/Date(1552262400000)/", "2019-03-11"),
        ("/Date(1552262400000+1300)/", "2019-03-11"),
        ("/Date(-86400000+0000)/", "1969-12-31"),
        ("2019-03-11T00:00:00", "2019-03-11"),
        ("", ""),
    ],
)
def test_a_date_is_never_shifted(text: str, expected: str) -> None:
    assert day(text) == expected


def test_the_later_lock_date_counts() -> None:
    locked = OrganisationRead(period_lock_date="/Date(1546214400000+0000)/", end_of_year_lock_date="2017-12-31")
    assert lock_date(locked) == date(2018, 12, 31)
    assert lock_date(OrganisationRead()) is None


def test_amounts_are_read_exactly_and_a_fraction_of_a_cent_is_refused() -> None:
    (record,) = items(decode(b'{"Payments":[{"Amount":0.1},null]}'), "Payments", RecordRead)
    assert minor(record.amount, "GBP") == 10
    assert minor(Decimal("1E+2"), "GBP") == 100_00
    with pytest.raises(ValueError, match="more decimals"):
        minor(Decimal("0.105"), "GBP")


def test_what_is_missing_null_or_new_is_no_error() -> None:
    body = decode(b'{"Invoices":[{"InvoiceID":"i","Total":null,"LineItems":null,"Status":"DREAMT","New":{"a":[1]}}]}')
    (record,) = items(body, "Invoices", RecordRead)
    assert (record.id_of("invoice"), record.status, record.total) == ("i", "DREAMT", Decimal(0))


def test_an_impossible_shape_is_named() -> None:
    with pytest.raises(Broken, match="Invoices"):
        items(decode(b'{"Invoices":{"a":1}}'), "Invoices", RecordRead)


def test_a_journal_bears_its_mark_at_the_end_of_its_narration_only() -> None:
    marks = [RecordRead(narration=text).mark_of("manual_journal") for text in ("a [b] [SQ-1]", "[SQ-1] a", "a", "")]
    assert marks == ["SQ-1", "", "", ""]


def test_the_trial_balance_is_read_by_its_titles_and_ids() -> None:
    titles = ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")
    till = [_cell("Till (610)", "a1"), _cell("9.00"), _cell(""), _cell("1,234.50"), _cell("")]
    tips = [_cell("Tips (800)", "a2"), _cell(""), _cell(""), _cell(""), _cell("0.50")]
    rows = [{"RowType": "Row", "Cells": till}, {"RowType": "Row", "Cells": tips}]
    total = {"RowType": "SummaryRow", "Cells": [_cell("Total"), _cell("9.00")]}
    section = {"RowType": "Section", "Title": "Assets", "Rows": [*rows, total]}
    header = {"RowType": "Header", "Cells": [_cell(title) for title in titles]}
    report = json.dumps({"Reports": [{"ReportType": "TrialBalance", "Rows": [header, section]}]})
    reports = items(decode(report.encode()), "Reports", Report)
    accounts = [AccountRead(account_id="a1", name="Till"), AccountRead(account_id="a2", name="Tips")]
    assert balances_of(reports, accounts, "GBP") == {"Till": 1234_50, "Tips": -50}


def test_a_trial_balance_of_another_shape_is_not_guessed_at() -> None:
    with pytest.raises(Broken, match="columns"):
        balances_of([Report()], [], "GBP")


def _cell(value: str, account: str = "") -> dict[str, object]:
    return {"Value": value, "Attributes": [{"Id": "account", "Value": account}] if account else []}
