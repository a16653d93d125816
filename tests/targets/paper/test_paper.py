"""The dry run writes what the books would import, and says what they would not take."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

from connector.domain.books import Account, Books, TaxRate
from connector.domain.document import Document, Line
from connector.targets import registry
from connector.targets.paper.journal import write
from connector.targets.paper.tables import XERO_LINES

SALES = Document(
    key="square|ML1|L1|sales|2026-03-14",
    mark="SQ-20260314-7F3K2Q",
    date=date(2026, 3, 14),
    currency="USD",
    kind="sales",
    narration="Square · Main St · sales",
    source_ref="2026-03-14",
    lines=(
        Line(role="clearing", account="Square Balance", number="1250", amount=41260, text="Card takings"),
        Line(role="refund", account="Sales – Food", number="4000", amount=500, tracking=(("Class", "Cafe"),)),
        Line(role="sales", account="Sales – Food", number="4000", amount=-35300, tracking=(("Location", "Main St"),)),
        Line(role="tax", account="Square Sales Tax Collected", number="2200", amount=-6460),
    ),
)
BRITISH = Books(
    name="Cafe",
    country="GB",
    currency="GBP",
    accounts=(Account(account_id="a1", name="Square Clearing", number="611", type="current_asset", kind="CURRENT"),),
    tax_rates=(TaxRate(code="OUTPUT2", name="20% (VAT on Income)"), TaxRate(code="NONE", name="No VAT")),
)
VAT_SALES = replace(
    SALES,
    mark="SQ-20260315-ABCDEF",
    currency="GBP",
    lines=(
        Line(role="clearing", account="Square Clearing", amount=12000),
        Line(role="sales", account="Sales", number="200", amount=-12000, tax=-2000, tax_code="OUTPUT2"),
    ),
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_paper_is_found_beside_the_other_targets() -> None:
    assert registry.target("paper").title == "Paper"


def test_every_document_stands_in_the_journal(tmp_path: Path) -> None:
    write([SALES, VAT_SALES], tmp_path)
    text = (tmp_path / "documents.journal").read_text(encoding="utf-8")
    assert "[SQ-20260314-7F3K2Q]" in text
    assert "[SQ-20260315-ABCDEF]" in text
    assert "412.60" in text


def test_quickbooks_gets_a_balanced_journal_with_positive_amounts_on_one_side(tmp_path: Path) -> None:
    write([SALES], tmp_path)
    table = rows(tmp_path / "quickbooks-journals.csv")
    assert [(row["AccountName"], row["Debits"], row["Credits"]) for row in table] == [
        ("Square Balance", "412.60", ""),
        ("Sales – Food", "5.00", ""),
        ("Sales – Food", "", "353.00"),
        ("Square Sales Tax Collected", "", "64.60"),
    ]
    assert {(row["JournalNo"], row["JournalDate"], row["Currency"]) for row in table} == {
        ("SQ-20260314-7F3K2Q", "03/14/2026", "USD")
    }
    assert [(row["Class"], row["Location"]) for row in table[1:3]] == [("Cafe", ""), ("", "Main St")]
    assert table[0]["Description"] == "Card takings"
    assert table[3]["Description"] == "Square · Main St · sales"


def test_xero_gets_signed_amounts_account_codes_and_names_of_tax_rates(tmp_path: Path) -> None:
    write([VAT_SALES], tmp_path, BRITISH)
    table = rows(tmp_path / "xero-journals-1.csv")
    assert [(row["*AccountCode"], row["*TaxRate"], row["*Amount"]) for row in table] == [
        ("611", "No VAT", "120.00"),
        ("200", "20% (VAT on Income)", "-120.00"),
    ]
    assert {(row["*Narration"], row["*Date"]) for row in table} == {
        ("Square · Main St · sales [SQ-20260315-ABCDEF]", "14/03/2026")
    }


def test_xero_gets_up_to_two_tracking_categories_a_line(tmp_path: Path) -> None:
    tracked = replace(SALES.lines[0], tracking=(("Region", "North"), ("Shop", "Main St")))
    write([replace(SALES, lines=(tracked, *SALES.lines[1:]))], tmp_path)
    first, _, _, last = rows(tmp_path / "xero-journals-1.csv")
    names = ("TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2")
    assert [first[name] for name in names] == ["Region", "North", "Shop", "Main St"]
    assert [last[name] for name in names] == ["", "", "", ""]


def test_what_a_table_cannot_hold_is_named_with_its_reason(tmp_path: Path) -> None:
    left, right = SALES.lines[0], replace(SALES.lines[2], amount=-41260)
    documents = [
        VAT_SALES,
        replace(SALES, mark="DOLLARS"),
        replace(VAT_SALES, mark="BANK", lines=(replace(left, role="bank"), right)),
        replace(VAT_SALES, mark="RECEIVABLE", lines=(replace(left, role="receivable"), right)),
        replace(VAT_SALES, mark="NO CODE", lines=(replace(left, number="", account="Petty Cash"), right)),
        replace(VAT_SALES, mark="REGION", lines=(replace(left, tracking=(("Region", "N"),)), right)),
        replace(VAT_SALES, mark="THREE", lines=(replace(left, tracking=(("A", "1"), ("B", "2"), ("C", "3"))), right)),
    ]
    left_out = {(left.books, left.mark): left.reason for left in write(documents, tmp_path, BRITISH).left_out}
    assert left_out == {
        ("quickbooks", "SQ-20260315-ABCDEF"): "the import has no column for tax that is contained in a line",
        ("quickbooks", "RECEIVABLE"): "a receivable needs the name of a customer",
        ("quickbooks", "REGION"): "the import has no column for tracking by Region",
        ("quickbooks", "THREE"): "the import has no column for tracking by A, B, C",
        ("xero", "DOLLARS"): "manual journals are in GBP, the document is in USD",
        ("xero", "BANK"): "a manual journal cannot touch a bank account",
        ("xero", "NO CODE"): "the import needs an account code for Petty Cash",
        ("xero", "THREE"): "a line has 2 tracking categories at most",
    }
    tabled = {row["JournalNo"] for row in rows(tmp_path / "quickbooks-journals.csv")}
    assert tabled == {"DOLLARS", "BANK", "NO CODE"}


def test_a_xero_file_has_three_hundred_lines_at_most_and_never_half_a_journal(tmp_path: Path) -> None:
    documents = [replace(SALES, mark=f"M{number}") for number in range(XERO_LINES // 4 + 1)]
    too_long = replace(SALES, mark="LONG", lines=SALES.lines * (XERO_LINES // 4 + 1))
    written = write([*documents, too_long], tmp_path)
    assert [len(rows(path)) for path in written.files[2:]] == [XERO_LINES, 4]
    assert [(left.books, left.mark) for left in written.left_out] == [("xero", "LONG")]


def test_a_shorter_run_leaves_no_table_of_a_longer_one_behind(tmp_path: Path) -> None:
    documents = [replace(SALES, mark=f"M{number}") for number in range(XERO_LINES // 4 + 1)]
    write(documents, tmp_path)
    (tmp_path / "notes.csv").write_text("kept", encoding="utf-8")
    written = write([VAT_SALES], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"documents.journal", "notes.csv"}
    assert [path.name for path in written.files] == ["documents.journal"]


def test_text_that_a_spreadsheet_would_run_is_quoted_and_numbers_stay_numbers(tmp_path: Path) -> None:
    lines = (
        replace(SALES.lines[0], account="=HYPERLINK(1)", text="+1\n@b"),
        replace(SALES.lines[2], amount=-41260, text="-5% off"),
    )
    write([replace(SALES, narration="@all", lines=lines)], tmp_path)
    quickbooks, xero = rows(tmp_path / "quickbooks-journals.csv"), rows(tmp_path / "xero-journals-1.csv")
    assert quickbooks[0]["AccountName"] == "'=HYPERLINK(1)"
    assert quickbooks[0]["Description"] == "'+1 @b"
    assert xero[1]["Description"] == "'-5% off"
    assert xero[1]["*Narration"].startswith("'@all")
    assert xero[1]["*Amount"] == "-412.60"


def test_yen_have_no_decimals(tmp_path: Path) -> None:
    write([replace(SALES, currency="JPY")], tmp_path)
    assert rows(tmp_path / "quickbooks-journals.csv")[0]["Debits"] == "41260"
