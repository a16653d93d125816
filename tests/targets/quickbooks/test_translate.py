"""Which record a document becomes, field by field."""

from dataclasses import replace
from datetime import date

import pytest

from connector.domain.books import Books
from connector.domain.document import Document, Line, Tracking
from connector.errors import Broken, NeedsMapping, Rejected
from connector.targets.quickbooks.records import Entry
from connector.targets.quickbooks.translate.documents import render
from tests.targets.quickbooks.given import AMERICAN, BRITISH, MARK, account, books, document, line

PAYOUT = document(
    line("bank", "Checking", 26993, text="Payout to bank"),
    line("fee", "Square Fees", 795),
    line("clearing", "Square Balance", -27788),
    kind="payout",
)


def only(wanted: Document, chart: Books = AMERICAN) -> Entry:
    (entry,) = render(wanted, chart)
    return entry


def lines_of(entry: Entry) -> list[dict[str, object]]:
    lines = entry.payload["Line"]
    assert isinstance(lines, list)
    return lines


def detail_of(entry: Entry, place: int) -> dict[str, object]:
    detail = lines_of(entry)[place]["JournalEntryLineDetail"]
    assert isinstance(detail, dict)
    return detail


def test_payout_is_one_journal_entry_with_a_single_bank_line() -> None:
    assert only(PAYOUT) == Entry(
        kind="JournalEntry",
        payload={
            "DocNumber": MARK,
            "TxnDate": "2026-11-19",
            "PrivateNote": "Square · Main St · sales · 2026-11-19",
            "CurrencyRef": {"value": "USD"},
            "Line": [
                {
                    "DetailType": "JournalEntryLineDetail",
                    "Amount": 26993,
                    "Description": "Payout to bank",
                    "JournalEntryLineDetail": {
                        "PostingType": "Debit",
                        "AccountRef": {"value": "35", "name": "Checking"},
                    },
                },
                {
                    "DetailType": "JournalEntryLineDetail",
                    "Amount": 795,
                    "JournalEntryLineDetail": {
                        "PostingType": "Debit",
                        "AccountRef": {"value": "61", "name": "Square Fees"},
                    },
                },
                {
                    "DetailType": "JournalEntryLineDetail",
                    "Amount": 27788,
                    "JournalEntryLineDetail": {
                        "PostingType": "Credit",
                        "AccountRef": {"value": "36", "name": "Square Balance"},
                    },
                },
            ],
        },
    )


RESTAURANT: list[tuple[str, str, int, str]] = [
    ("clearing", "Square Balance", 27788, "current_asset"),
    ("clearing", "Square Cash Clearing", 8980, "current_asset"),
    ("clearing", "Square Other Payments Clearing", 2000, "current_asset"),
    ("gift_card", "Square Gift Cards", 2500, "current_liability"),
    ("discount", "Square Discounts", 1200, "income"),
    ("refund", "Square Returns", 1500, "income"),
    ("tax", "Square Sales Tax Collected", 120, "current_liability"),
    ("sales", "Sales Food", -25000, "income"),
    ("sales", "Sales Drinks", -4000, "income"),
    ("sales", "Sales Retail", -2000, "income"),
    ("service_charge", "Service Charge Income", -3000, "income"),
    ("tax", "Square Sales Tax Collected", -2464, "current_liability"),
    ("tip", "Square Tips", -2624, "current_liability"),
    ("gift_card", "Square Gift Cards", -5000, "current_liability"),
]


def test_day_of_the_restaurant_keeps_each_side_and_balances_at_440_88() -> None:
    names = {name: type_ for _, name, _, type_ in RESTAURANT}
    chart = books(*(account(str(n), name, type_) for n, (name, type_) in enumerate(names.items(), start=1)))  # type: ignore[arg-type]
    day = document(*(line(role, name, amount) for role, name, amount, _ in RESTAURANT))  # type: ignore[arg-type]
    entry = only(day, chart)
    written = [
        (detail["AccountRef"]["name"], detail["PostingType"], part["Amount"])
        for part in lines_of(entry)
        if isinstance(detail := part["JournalEntryLineDetail"], dict)
    ]
    assert written == [(name, "Debit" if amount > 0 else "Credit", abs(amount)) for _, name, amount, _ in RESTAURANT]
    for side in ("Debit", "Credit"):
        assert sum(int(str(amount)) for _, posted, amount in written if posted == side) == 44088
    assert not {"GlobalTaxCalculation", "TxnTaxDetail", "ExchangeRate"} & set(entry.payload)


def test_books_of_the_united_states_get_no_tax_code_whatever_the_map_says() -> None:
    taxed = document(
        line("clearing", "Square Balance", 1080), line("sales", "Sales Food", -1080, tax=-80, tax_code="TAX")
    )
    entry = only(taxed)
    assert "GlobalTaxCalculation" not in entry.payload
    assert lines_of(entry)[1]["Amount"] == 1080
    assert set(detail_of(entry, 1)) == {"PostingType", "AccountRef"}


def test_british_lines_are_net_with_their_tax_beside_them() -> None:
    day = document(
        line("clearing", "Square Balance", 11680),
        line("fee", "Square Fees", 320, tax_code="No VAT"),
        line("sales", "Sales", -12000, tax=-2000, tax_code="2"),
        currency="GBP",
    )
    entry = only(day, BRITISH)
    assert entry.payload["GlobalTaxCalculation"] == "TaxExcluded"
    assert [part["Amount"] for part in lines_of(entry)] == [11680, 320, 10000]
    assert set(detail_of(entry, 0)) == {"PostingType", "AccountRef"}
    assert detail_of(entry, 1) == {
        "PostingType": "Debit",
        "AccountRef": {"value": "61", "name": "Square Fees"},
        "TaxCodeRef": {"value": "9", "name": "No VAT"},
        "TaxApplicableOn": "Purchase",
        "TaxAmount": 0,
    }
    assert detail_of(entry, 2) == {
        "PostingType": "Credit",
        "AccountRef": {"value": "79", "name": "Sales"},
        "TaxCodeRef": {"value": "2", "name": "20.0% S"},
        "TaxApplicableOn": "Sales",
        "TaxAmount": 2000,
    }
    assert "TxnTaxDetail" not in entry.payload


@pytest.mark.parametrize(
    ("sale", "reason"),
    [
        (line("sales", "Sales", -1200), "has no tax code, and books of GB want one"),
        (line("sales", "Sales", -1200, tax_code="99"), "the tax code '99' on 'Sales' is not in the books"),
        (line("sales", "Sales", -1200, tax_code="17.5% S"), "the tax code '17.5% S' on 'Sales' is not active"),
        (line("clearing", "Bank", -1200, tax=-200), "'Bank' has no tax code"),
    ],
)
def test_british_line_without_a_good_tax_code_waits(sale: Line, reason: str) -> None:
    day = document(line("clearing", "Square Balance", 1200), sale, currency="GBP")
    with pytest.raises(NeedsMapping, match=reason):
        render(day, BRITISH)


def test_zero_lines_are_left_out_and_a_document_of_nothing_but_zeros_is_no_record() -> None:
    zero = line("rounding", "Nowhere", 0)
    assert len(lines_of(only(replace(PAYOUT, lines=(*PAYOUT.lines, zero))))) == 3
    assert render(document(zero, zero), AMERICAN) == ()


def test_transfer_is_a_transfer_with_the_mark_at_the_end_of_its_note() -> None:
    deposit = document(
        line("clearing", "Square Balance", -5000),
        line("bank", "Checking", 5000),
        kind="transfer",
        narration="Square payout po_19",
        source_ref="po_19",
    )
    assert only(deposit) == Entry(
        kind="Transfer",
        payload={
            "TxnDate": "2026-11-19",
            "PrivateNote": f"Square payout po_19 [{MARK}]",
            "CurrencyRef": {"value": "USD"},
            "Amount": 5000,
            "FromAccountRef": {"value": "36", "name": "Square Balance"},
            "ToAccountRef": {"value": "35", "name": "Checking"},
        },
    )
    long = only(replace(deposit, narration="po_19 " + "x" * 5000)).payload["PrivateNote"]
    assert isinstance(long, str)
    assert len(long) == 4000
    assert long.endswith(f"x [{MARK}]")


@pytest.mark.parametrize(
    "moved",
    [
        (line("bank", "Checking", 5000), line("sales", "Sales Food", -5000)),
        (
            line("bank", "Checking", 4000),
            line("bank", "Checking", 1000),
            line("clearing", "Square Balance", -5000),
        ),
        (line("bank", "Checking", 5000, tax_code="NON"), line("clearing", "Square Balance", -5000)),
        (line("bank", "Checking", 5000), line("clearing", "Checking", -5000)),
    ],
)
def test_transfer_that_does_more_than_move_money_is_a_journal_entry(moved: tuple[Line, ...]) -> None:
    assert only(document(*moved, kind="transfer")).kind == "JournalEntry"


def test_transfer_in_a_foreign_currency_is_a_journal_entry() -> None:
    moved = document(
        line("bank", "Checking", 500), line("clearing", "Square Balance", -500), kind="transfer", currency="EUR"
    )
    assert only(moved).kind == "JournalEntry"


def test_note_and_descriptions_fit_into_their_4000_characters() -> None:
    long = document(line("bank", "Checking", 1, text="y" * 5000), line("sales", "Sales Food", -1), narration="x" * 5000)
    assert only(long).payload["PrivateNote"] == "x" * 4000
    assert lines_of(only(long))[0]["Description"] == "y" * 4000


def test_rate_goes_with_a_foreign_document_only() -> None:
    foreign = replace(PAYOUT, currency="EUR", rate="1.0865")
    assert only(foreign).payload["ExchangeRate"] == "1.0865"
    assert only(foreign).payload["CurrencyRef"] == {"value": "EUR"}
    assert "ExchangeRate" not in only(replace(PAYOUT, rate="1.0865")).payload
    assert "ExchangeRate" not in only(replace(PAYOUT, currency="EUR")).payload


def test_mark_that_does_not_fit_into_the_number_is_refused() -> None:
    with pytest.raises(Broken, match="longer than 21"):
        render(replace(PAYOUT, mark="SQ-20261119-7F3K2Q-P12"), AMERICAN)


def test_closed_day_and_the_days_before_it_are_refused_by_name() -> None:
    closed = replace(AMERICAN, locked_until=date(2026, 11, 19))
    with pytest.raises(Rejected, match=r"dated 2026-11-19.*closed until 2026-11-19") as refused:
        render(PAYOUT, closed)
    assert refused.value.code == "closed_period"
    assert len(render(replace(PAYOUT, date=date(2026, 11, 20)), closed)) == 1


@pytest.mark.parametrize(
    ("chart", "reason"),
    [
        (books(), f"{MARK}: the account 'Checking' is not in the books: map bank"),
        (books(account("35", "Checking", "bank", is_active=False)), "'Checking' is inactive in the books"),
        (books(account("35", "Checking", "receivable")), "'Checking' needs a customer"),
        (books(account("35", "Checking", "payable")), "'Checking' needs a vendor"),
        (books(account("35", "Checking", "current_liability", is_system=True)), "belongs to QuickBooks' own sales tax"),
        (books(account("35", "Checking", "bank", currency="EUR")), "is in USD, and 'Checking' is kept in EUR"),
    ],
)
def test_document_waits_for_an_account_that_can_take_it(chart: Books, reason: str) -> None:
    with pytest.raises(NeedsMapping, match=reason):
        render(PAYOUT, chart)


def tracked(*tracking: tuple[str, str]) -> Document:
    kept: Tracking = tuple(tracking)
    return document(line("bank", "Checking", 5), line("sales", "Sales Food", -5, tracking=kept))


def test_location_and_class_go_onto_the_line_where_the_books_have_them() -> None:
    chart = replace(AMERICAN, tracking=(("Location", "Main St", "2"), ("Class", "Retail", "8")))
    entry = only(tracked(("Location", "main st"), ("Class", "Retail")), chart)
    assert detail_of(entry, 1)["DepartmentRef"] == {"value": "2", "name": "Main St"}
    assert detail_of(entry, 1)["ClassRef"] == {"value": "8", "name": "Retail"}
    assert "DepartmentRef" not in detail_of(entry, 0)
    assert "DepartmentRef" not in detail_of(only(tracked(("Location", "Main St"))), 1)


def test_location_that_the_books_lack_waits_for_the_bookkeeper() -> None:
    chart = replace(AMERICAN, tracking=(("Location", "Main St", "2"),))
    with pytest.raises(NeedsMapping, match="Location 'Harbour' is not in the books"):
        render(tracked(("Location", "Harbour")), chart)


def test_transfer_between_two_locations_is_a_journal_entry() -> None:
    chart = replace(AMERICAN, tracking=(("Location", "Main St", "2"), ("Location", "Harbour", "3")))
    main, harbour = (("Location", "Main St"),), (("Location", "Harbour"),)
    bank, clearing = line("bank", "Checking", 5, tracking=main), line("clearing", "Square Balance", -5)
    inside = only(document(bank, replace(clearing, tracking=main), kind="transfer"), chart)
    assert (inside.kind, inside.payload["DepartmentRef"]) == ("Transfer", {"value": "2", "name": "Main St"})
    across = only(document(bank, replace(clearing, tracking=harbour), kind="transfer"), chart)
    assert across.kind == "JournalEntry"
