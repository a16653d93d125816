"""What goes over the wire, byte by byte, and how amounts are read."""

import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.document import Document
from connector.domain.drift import texts
from connector.domain.keys import canonical
from connector.errors import Broken
from connector.targets.quickbooks.compare import differences
from connector.targets.quickbooks.records import Record
from connector.targets.quickbooks.translate.documents import render
from connector.targets.quickbooks.wire import minor, wire
from tests.targets.quickbooks.given import AMERICAN, BRITISH, document, line

SCHEMA = Path(__file__).resolve().parents[3] / ".." / "shared" / "specs" / "qbo" / "qbo-entities.schema.json"

JOURNAL = document(line("bank", "Checking", 10010), line("sales", "Sales Food", -10010, text="Café, „Mitte“"))
TRANSFER = document(line("bank", "Checking", 5), line("clearing", "Square Balance", -5), kind="transfer")


def body_of(wanted: Document) -> dict[str, object]:
    (entry,) = render(wanted, BRITISH if wanted.currency == "GBP" else AMERICAN)
    return entry.payload


def test_amounts_go_out_as_numbers_with_fixed_decimals() -> None:
    assert wire({"CurrencyRef": {"value": "USD"}, "Line": [{"Amount": 10010}, {"Amount": 30}]}) == (
        '{"CurrencyRef":{"value":"USD"},"Line":[{"Amount":100.10},{"Amount":0.30}]}'
    )
    assert wire({"CurrencyRef": {"value": "JPY"}, "Amount": 500}).endswith('"Amount":500}')
    assert wire({"CurrencyRef": {"value": "KWD"}, "Amount": 1}).endswith('"Amount":0.001}')


@given(st.integers(0, 10**17))
def test_every_amount_survives_the_wire_to_the_cent(amount: int) -> None:
    text = wire({"CurrencyRef": {"value": "USD"}, "Amount": amount})
    assert json.loads(text, parse_float=Decimal)["Amount"] * 100 == amount
    assert minor(json.loads(text, parse_float=Decimal)["Amount"], "USD") == amount


@pytest.mark.parametrize("amount", [1.5, "1.50", None, True])
def test_amount_that_is_no_integer_never_leaves_us(amount: object) -> None:
    with pytest.raises(Broken, match="Amount is an integer"):
        wire({"CurrencyRef": {"value": "USD"}, "Amount": amount})


def test_amount_without_a_currency_never_leaves_us() -> None:
    with pytest.raises(Broken, match="known currency"):
        wire({"Amount": 100})


def test_rate_goes_out_as_the_number_that_was_written() -> None:
    assert wire({"ExchangeRate": "1.30"}) == '{"ExchangeRate":1.30}'
    for wrong in (1.3, "1,3", "", "NaN", '1},"Amount":{'):
        with pytest.raises(Broken, match="plain decimal"):
            wire({"ExchangeRate": wrong})


def test_nothing_is_sent_that_was_not_meant() -> None:
    sent = json.loads(wire(body_of(JOURNAL)))
    assert set(sent) == {"DocNumber", "TxnDate", "PrivateNote", "CurrencyRef", "Line"}
    assert all(set(part) <= {"DetailType", "Amount", "Description", "JournalEntryLineDetail"} for part in sent["Line"])


def test_payload_can_be_frozen_and_sent_again_from_what_was_stored() -> None:
    stored = json.loads(canonical(body_of(JOURNAL)))
    assert json.loads(wire(stored)) == json.loads(wire(body_of(JOURNAL)))


def test_amount_with_more_decimals_than_the_currency_is_not_rounded() -> None:
    assert minor(Decimal("-1091.23"), "USD") == -109123
    assert minor(Decimal("1E+2"), "USD") == 10000
    assert minor(None, "USD") == 0
    with pytest.raises(Broken, match="more decimals"):
        minor(Decimal("0.005"), "USD")


def test_order_of_lines_and_spelling_of_amounts_are_no_differences() -> None:
    sent = json.loads(wire(body_of(JOURNAL)), parse_float=Decimal)
    lines = [{**part, "Amount": 100.1, "Id": "0"} for part in reversed(sent["Line"])]
    said = {**sent, "Id": "1", "SyncToken": "0", "CurrencyRef": None, "TotalAmt": 0, "Line": lines, "Brand": "new"}
    assert differences("JournalEntry", body_of(JOURNAL), msgspec.convert(said, Record, strict=False)) == []


def test_tax_that_quickbooks_changed_is_a_difference() -> None:
    vat = document(
        line("clearing", "Square Balance", 120),
        line("sales", "Sales", -120, tax=-20, tax_code="2"),
        currency="GBP",
    )
    text = wire({"Id": "1", "SyncToken": "0", **body_of(vat)}).replace('"TaxAmount":0.20', '"TaxAmount":0.21')
    assert texts(differences("JournalEntry", body_of(vat), msgspec.json.decode(text, type=Record))) == [
        "missing: tax 0.20 by code 2 (Credit) on account 79",
        "not ours: tax 0.21 by code 2 (Credit) on account 79",
    ]


@pytest.mark.parametrize(
    ("home", "said"),
    [
        (108.65, []),
        (108.67, []),
        (130.0, ["the home amount is 130.0, by the rate 1.0865 it is 109"]),
        (109.99, ["the home amount is 109.99, by the rate 1.0865 it is 108.65"]),
        (None, ["the exchange rate is missing: its home amount is not known"]),
    ],
)
def test_home_amount_beyond_the_rounding_of_its_lines_is_a_difference(home: float | None, said: list[str]) -> None:
    sent = {**body_of(JOURNAL), "ExchangeRate": "1.0865"}
    held = {**json.loads(wire(sent)), "Id": "1", "SyncToken": "0", "TotalAmt": 100, "HomeTotalAmt": home}
    if home is None:
        held.pop("ExchangeRate")
    found = msgspec.json.decode(json.dumps(held), type=Record)
    assert texts(differences("JournalEntry", sent, found)) == said


@pytest.mark.parametrize("wanted", [JOURNAL, TRANSFER])
def test_body_obeys_the_published_fields(wanted: Document) -> None:
    if not SCHEMA.exists():
        pytest.skip("the entity schema of QuickBooks is not beside the repository")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    (entry,) = render(wanted, AMERICAN)
    rules = {**schema, "$ref": f"#/definitions/{entry.kind}"}
    jsonschema.validate(json.loads(wire(entry.payload)), rules)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(wire(entry.payload)), "Mark": "x"}, rules)
