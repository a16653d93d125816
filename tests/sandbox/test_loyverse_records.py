"""The records of the Loyverse stand-in obey Loyverse's own arithmetic, to the unit, and have its shapes."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from connector.sandbox.body import Body, children, encode, number, text
from connector.sandbox.loyverse_month import CANARIES, fill, fill_tokyo
from connector.sandbox.loyverse_shop import CASH, KINDS
from connector.sandbox.shelf import Shelf

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
SPECIFICATION = SHARED / "specs" / "loyverse" / "loyverse-v1.0-connector-subset.openapi.json"
SCHEMAS = {"merchant": "Merchant", "store": "Store", "payment_type": "PaymentType", "category": "Category",
           "item": "Item", "receipt": "Receipt", "shift": "Shift"}  # fmt: skip
# What real answers hold beside the fields of the published lists.
MORE = {"created_at", "updated_at", "deleted_at"}


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Shelf]]:
    """The month in dollars, and the day in yen."""
    folder = tmp_path_factory.mktemp("shelves")
    with Shelf(folder / "harbor.db") as harbor, Shelf(folder / "tokyo.db") as tokyo:
        fill(harbor)
        fill_tokyo(tokyo)
        yield [harbor, tokyo]


def _all(shelves: list[Shelf], kind: str) -> list[Body]:
    bodies = [body for shelf in shelves for body in shelf.all(f"loyverse-{kind}")]
    assert bodies
    return bodies


def _amount(body: Body, key: str) -> Decimal:
    found = number(body, key)
    assert found is not None
    return found


def _sum(bodies: list[Body], key: str) -> Decimal:
    return sum((_amount(body, key) for body in bodies), Decimal(0))


def _added(line: Body) -> Decimal:
    return _sum([tax for tax in children(line, "line_taxes") if tax["type"] == "ADDED"], "money_amount")


def test_a_receipt_is_paid_to_the_cent_and_is_its_lines_tip_and_surcharge(shelves: list[Shelf]) -> None:
    for receipt in _all(shelves, "receipt"):
        total = _amount(receipt, "total_money")
        assert total == _sum(children(receipt, "payments"), "money_amount")
        extras = _amount(receipt, "tip") + _amount(receipt, "surcharge")
        assert total == _sum(children(receipt, "line_items"), "total_money") + extras


def test_a_line_is_quantity_times_price_with_modifiers_less_discount_with_added_tax(shelves: list[Shelf]) -> None:
    for line in (line for receipt in _all(shelves, "receipt") for line in children(receipt, "line_items")):
        unit = _amount(line, "price") + _sum(children(line, "line_modifiers"), "price")
        assert abs(_amount(line, "gross_total_money") - unit * _amount(line, "quantity")) < Decimal("0.01")
        reduced = _amount(line, "gross_total_money") - _amount(line, "total_discount")
        assert _amount(line, "total_money") == reduced + _added(line)
        assert _amount(line, "total_discount") == _sum(children(line, "line_discounts"), "money_amount")


def test_the_tax_of_a_receipt_is_that_of_its_lines_tax_by_tax(shelves: list[Shelf]) -> None:
    for receipt in _all(shelves, "receipt"):
        taxes = [tax for line in children(receipt, "line_items") for tax in children(line, "line_taxes")]
        assert _amount(receipt, "total_tax") == _sum(taxes, "money_amount")
        for total in children(receipt, "total_taxes"):
            own = [tax for tax in taxes if tax["id"] == total["id"]]
            assert _amount(total, "money_amount") == _sum(own, "money_amount")


def test_some_line_is_nudged_by_a_cent_so_that_its_receipt_adds_up(shelves: list[Shelf]) -> None:
    taxes = [
        {tax["money_amount"] for line in children(receipt, "line_items") if line["item_name"] == "Taco"
         for tax in children(line, "line_taxes") if line["total_discount"] == 0}
        for receipt in _all(shelves, "receipt")
    ]  # fmt: skip
    assert {Decimal("0.45"), Decimal("0.46")} in taxes


def test_the_cash_of_a_shift_and_its_net_sales_add_up(shelves: list[Shelf]) -> None:
    for shift in shelves[0].all("loyverse-shift"):
        came = _amount(shift, "starting_cash") + _amount(shift, "cash_payments") + _amount(shift, "paid_in")
        went = _amount(shift, "cash_refunds") + _amount(shift, "paid_out")
        assert _amount(shift, "expected_cash") == came - went
        net = _amount(shift, "gross_sales") - _amount(shift, "discounts") - _amount(shift, "refunds")
        assert _amount(shift, "net_sales") == net
        cash = [each for each in children(shift, "payments") if each["payment_type_id"] == CASH.id]
        assert _sum(cash, "money_amount") == _amount(shift, "cash_payments")


def test_the_month_has_a_miscount_a_refund_in_cash_and_both_spellings_of_paid_out(shelves: list[Shelf]) -> None:
    shifts = shelves[0].all("loyverse-shift")
    over = [_amount(shift, "actual_cash") - _amount(shift, "expected_cash") for shift in shifts]
    assert sorted(each for each in over if each) == [Decimal("-0.5"), Decimal("0.25")]
    assert [each for each in (_amount(shift, "cash_refunds") for shift in shifts) if each] == [Decimal("21.76")]
    types = {move["type"] for shift in shifts for move in children(shift, "cash_movements")}
    assert types == {"PAY_IN", "PAY_OUT", "PAID_OUT"}


def test_one_sale_arrives_26_hours_late(shelves: list[Shelf]) -> None:
    late = [
        receipt
        for receipt in _all(shelves, "receipt")
        if datetime.fromisoformat(text(receipt, "created_at")) - datetime.fromisoformat(text(receipt, "receipt_date"))
        == timedelta(hours=26)
    ]
    assert [text(each, "receipt_date") for each in late] == ["2026-03-15T00:30:00.000Z"]


def test_a_refund_has_positive_amounts_and_names_its_sale(shelves: list[Shelf]) -> None:
    receipts = {text(body, "receipt_number"): body for body in shelves[0].all("loyverse-receipt")}
    (refund,) = (body for body in receipts.values() if body["receipt_type"] == "REFUND")
    sale = receipts[text(refund, "refund_for")]
    assert _amount(refund, "total_money") > 0
    assert text(sale, "updated_at") == text(refund, "updated_at") > text(sale, "created_at")
    assert (children(sale, "payments")[0]["name"], children(refund, "payments")[0]["name"]) == ("Card", "Cash")


def test_yen_are_written_without_decimals(shelves: list[Shelf]) -> None:
    assert all(b"." not in encode(body["total_money"]) for body in shelves[1].all("loyverse-receipt"))
    assert encode(shelves[0].all("loyverse-receipt")[0]["total_money"]) == b"4.9"


def test_customers_are_where_loyverse_has_them(shelves: list[Shelf]) -> None:
    written = encode([*shelves[0].all("loyverse-receipt"), *shelves[0].all("loyverse-shift")]).decode()
    assert [canary for canary in CANARIES if canary not in written] == []


def test_the_same_month_is_written_twice_alike(shelves: list[Shelf], tmp_path: Path) -> None:
    with Shelf(tmp_path / "again.db") as again:
        fill(again)
        for kind in KINDS:
            assert again.all(f"loyverse-{kind}") == shelves[0].all(f"loyverse-{kind}")


@pytest.mark.parametrize("kind", KINDS)
def test_records_have_the_published_shapes_and_no_field_more(shelves: list[Shelf], kind: str) -> None:
    if not SPECIFICATION.exists():
        pytest.skip("Loyverse's specification is not beside the repository")
    schemas: dict[str, Any] = json.loads(SPECIFICATION.read_text())["components"]["schemas"]
    schema = {"$ref": f"#/components/schemas/{SCHEMAS[kind]}", "components": {"schemas": schemas}}
    validator = jsonschema.Draft202012Validator(schema)
    for record in _all(shelves[:1], kind):
        plain = json.loads(encode(record))
        assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(plain)] == []
        assert plain.keys() - MORE <= schemas[SCHEMAS[kind]]["properties"].keys()
