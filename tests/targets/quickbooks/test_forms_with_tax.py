"""Forms in VAT and GST books: a code on every line, and the tax to the cent as the source said it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from connector.domain.books import Books
from connector.domain.document import Document, Family
from connector.errors import NeedsMapping, Rejected
from connector.targets.contract import Rendered
from connector.targets.quickbooks.translate.names import named_rate, tax_by_rate
from connector.targets.quickbooks.wire import linked, links, wire
from tests.targets.quickbooks.by_hand import held
from tests.targets.quickbooks.forms import furnished, gift, post_all, render
from tests.targets.quickbooks.given import Company, company, document, line, outgoing
from tests.targets.quickbooks.test_forms import SCHEMA

CODES = {"GB": ("20.0% S", "GBP"), "CA": ("H", "CAD"), "AU": ("GST", "AUD")}


Abroad = tuple[Company, Books, str, str]  # the company, its books, its standard code and its currency


@pytest.fixture(params=list(CODES))
def everywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Abroad]:
    """A company of each country with a value added tax."""
    yield from _company(tmp_path, request.param)


@pytest.fixture
def abroad(tmp_path: Path) -> Iterator[Abroad]:
    yield from _company(tmp_path, "GB")


def _company(folder: Path, country: str) -> Iterator[Abroad]:
    code, currency = CODES[country]
    with company(folder, country, currency) as made:
        yield made, furnished(made), code, currency


def day(code: str, currency: str, *, tax: int = 2001) -> Document:
    """12000 taken, of which a gift card pays 1000; the tax is a cent beside what a till of another make would say."""
    return document(
        line("clearing", "Square Balance", 8000),
        line("clearing", "Square Cash Clearing", 3000),
        gift(1000),
        line("sales", "Sales of Product Income", -12500, tax=-tax, tax_code=code, text="Sales"),
        line("discount", "Square Returns", 500, tax=83, tax_code=code, text="Returns"),
        currency=currency,
    )


def fees(code: str, currency: str) -> Document:
    return document(
        line("bank", "Checking", 8880),
        line("fee", "Square Fees", 120, tax=20, tax_code=code, text="Fees"),
        line("clearing", "Savings", -9000),
        kind="payout",
        currency=currency,
    )


@pytest.mark.parametrize("family", ["journal", "invoice", "receipt"])
def test_tax_of_a_day_is_booked_to_the_cent(everywhere: Abroad, family: Family) -> None:
    made, books, code, currency = everywhere
    post_all(made, render(made, books, day(code, currency), family))
    balances = made.balances()
    assert balances.pop("Square Returns") == "417"
    assert balances.pop("Sales of Product Income") == "-10499"
    assert (balances["Square Balance"], balances["Square Gift Cards"]) == ("8000", "1000")
    (tax,) = (amount for name, amount in balances.items() if "Payable" in name or "VAT" in name)
    assert tax == "-1918"


def test_net_refunds_are_a_credit_memo_with_the_tax_on_the_side_of_sales(
    abroad: Abroad,
) -> None:
    made, books, code, currency = abroad
    back = document(
        line("clearing", "Square Balance", -1200),
        line("refund", "Square Returns", 1200, tax=200, tax_code=code),
        currency=currency,
    )
    records = render(made, books, back, "invoice")
    assert [rendered.kind for rendered in records] == ["CreditMemo", "JournalEntry", "Payment"]
    receipts = post_all(made, records)
    assert held(made, "CreditMemo", receipts[0])["Balance"] == 0
    assert (made.balances()["Square Balance"], made.balances()["Square Returns"]) == ("-1200", "1000")


@pytest.mark.parametrize("family", ["journal", "deposit"])
def test_tax_on_fees_is_input_tax(abroad: Abroad, family: Family) -> None:
    made, books, code, currency = abroad
    post_all(made, render(made, books, fees(code, currency), family))
    assert (made.balances()["Checking"], made.balances()["Square Fees"]) == ("8880", "100")


def test_bill_carries_the_input_tax_of_fees(everywhere: Abroad) -> None:
    made, books, code, currency = everywhere
    records = render(made, books, fees(code, currency), "bill")
    assert [rendered.kind for rendered in records] == ["Transfer", "Bill", "BillPayment"]
    post_all(made, records)
    balances = made.balances()
    assert (balances["Savings"], balances["Square Fees"]) == ("-9000", "100")
    assert "Accounts Payable (A/P)" not in balances


def test_lines_outside_of_the_tax_carry_the_code_that_says_so(abroad: Abroad) -> None:
    made, books, code, currency = abroad
    names = {rate.code: rate.name for rate in books.tax_rates}
    invoice = render(made, books, day(code, currency), "invoice")[0]
    assert names[_code(_lines(invoice)[0])] in ("No VAT", "Out of Scope")


def test_sales_without_a_tax_code_wait(abroad: Abroad) -> None:
    made, books, _, currency = abroad
    untaxed = document(line("clearing", "Square Balance", 5), line("sales", "Services", -5), currency=currency)
    for family in ("journal", "invoice", "receipt"):
        with pytest.raises(NeedsMapping, match="has no tax code"):
            render(made, books, untaxed, family)


def test_books_without_a_code_for_what_is_out_of_scope_let_the_form_wait(
    abroad: Abroad,
) -> None:
    made, books, code, currency = abroad
    none = tuple(rate for rate in books.tax_rates if rate.name not in ("No VAT", "Out of Scope"))
    with pytest.raises(NeedsMapping, match="no tax code for what is out of scope"):
        render(made, replace(books, tax_rates=none), day(code, currency), "invoice")


def test_tax_of_a_code_with_two_rates_is_parted_among_them(abroad: Abroad) -> None:
    made, books, code, currency = abroad
    id_ = next(rate.code for rate in books.tax_rates if rate.name == code)
    two = replace(books, names=(*books.names, named_rate(id_, "Sales", "9.975", "77")))
    invoice = render(made, two, day(code, currency), "invoice")[0]
    detail = invoice.payload["TxnTaxDetail"]
    assert isinstance(detail, dict)
    assert [part["TaxLineDetail"]["TaxRateRef"]["value"] for part in detail["TaxLine"]][-1] == "77"
    assert sum(part["Amount"] for part in detail["TaxLine"]) == detail["TotalTax"] == 1918
    assert tax_by_rate(1498, [("1", "5"), ("2", "9.975")]) == [500, 998]


def test_tax_that_does_not_add_up_is_refused(abroad: Abroad) -> None:
    made, books, code, currency = abroad
    invoice = render(made, books, day(code, currency), "invoice")[0]
    detail = invoice.payload["TxnTaxDetail"]
    assert isinstance(detail, dict)
    wrong = replace(invoice, payload={**invoice.payload, "TxnTaxDetail": {**detail, "TotalTax": 1}})
    (outcome,) = made.open.post([outgoing(wrong)])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "6470"


@pytest.mark.parametrize("family", ["invoice", "receipt", "deposit", "bill"])
def test_body_of_a_taxed_form_obeys_the_published_fields(abroad: Abroad, family: Family) -> None:
    if not SCHEMA.exists():
        pytest.skip("the entity schema of QuickBooks is not beside the repository")
    made, books, code, currency = abroad
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for wanted in (day(code, currency), replace(fees(code, currency), mark="SQ-20261119-FEES22")):
        for rendered in render(made, books, wanted, family):
            payload = linked(rendered.payload, dict.fromkeys(links(rendered.payload), "7"))
            jsonschema.validate(json.loads(wire(payload)), {**schema, "$ref": f"#/definitions/{rendered.kind}"})


def _lines(rendered: Rendered) -> list[dict[str, dict[str, dict[str, str]]]]:
    lines = rendered.payload["Line"]
    assert isinstance(lines, list)
    return lines


def _code(part: dict[str, dict[str, dict[str, str]]]) -> str:
    return part["SalesItemLineDetail"]["TaxCodeRef"]["value"]
