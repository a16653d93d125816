"""The records of the Square stand-in obey Square's own arithmetic, to the cent, and have Square's shapes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from connector.sandbox.body import Body, child, children, encode, text
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_month import fill_month
from connector.sandbox.square_orders import Place
from connector.sandbox.square_payments import Pay, amount_of, fees_of
from connector.sandbox.square_prices import Cart, CartLine, Discount, Product, ServiceCharge, TaxRule, price
from connector.sandbox.square_shop import KINDS, Occasion, Shop
from connector.sandbox.square_weekend import CANARIES, weekend

SPECIFICATION = Path(__file__).resolve().parents[2] / ".." / "shared" / "specs" / "square" / "api.json"
SCHEMAS = {
    "location": "Location",
    "catalog": "CatalogObject",
    "order": "Order",
    "payment": "Payment",
    "refund": "PaymentRefund",
    "payout": "Payout",
    "payout-entry": "PayoutEntry",
    "cash-drawer": "CashDrawerShift",
    "gift-card-activity": "GiftCardActivity",
    "dispute": "Dispute",
}
PIE = Product(variation_id="VPIE", name="Pie", category="Food", price=725)
TEA = Product(variation_id="VTEA", name="Tea by weight", category="Food", price=333)


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Shelf]]:
    """The weekend, a shop in Australia with inclusive tax, cash rounding, odd quantities and returned tips, and the
    month."""
    folder = tmp_path_factory.mktemp("shelves")
    with (
        Shelf(folder / "weekend.db") as main_street,
        Shelf(folder / "sydney.db") as sydney,
        Shelf(folder / "month.db") as month,
    ):
        weekend(main_street)
        _trade_in_sydney(sydney)
        fill_month(month)
        yield [main_street, sydney, month]


def _trade_in_sydney(shelf: Shelf) -> None:
    tax = TaxRule(name="GST", percentage=Decimal(10), inclusive=True)
    shop = Shop(shelf, Place(location_id="LSYDNEY", currency="AUD", tax=tax), prefix="SYD")
    shop.open({"id": "LSYDNEY", "timezone": "Australia/Sydney", "currency": "AUD"}, (PIE, TEA))
    on = Occasion(at=datetime(2026, 3, 14, 1, 30, tzinfo=UTC))
    lines = (
        CartLine(product=PIE, quantity=Decimal(3), modifiers=(("Sauce", 55),)),
        CartLine(product=TEA, quantity=Decimal("0.35")),
    )
    shop.sell(Cart(lines=lines, discount=Discount(name="Loyal", amount=301), rounding=-1), [Pay(kind="CASH")], on)
    charge = ServiceCharge(name="Weekend surcharge", percentage=Decimal("7.5"), taxable=True)
    sale = shop.sell(Cart(lines=lines, charges=(charge,)), [Pay(kind="CARD", tip=333)], on)
    back = shop.coming_back(sale, {"line-1": Decimal(2)}, tip=100)
    refund = shop.refund(sale, back, at=datetime(2026, 3, 15, tzinfo=UTC), reason="Cold", fee_returned=5)
    entries = shop.charges(sale) + shop.refunds(refund)
    day = datetime(2026, 3, 16, tzinfo=UTC)
    shop.payout(entries, at=day, arrival=day.date(), settled_at=day)


def _all(shelves: list[Shelf], kind: str) -> list[Body]:
    bodies = [body for shelf in shelves for body in shelf.all(f"square-{kind}")]
    assert bodies
    return bodies


def _sum(bodies: list[Body], key: str) -> int:
    return sum(amount_of(body, key) for body in bodies)


def _is_additive(order: Body, key: str = "taxes") -> bool:
    return all(tax["type"] == "ADDITIVE" for tax in children(order, key))


def test_a_line_is_price_and_modifiers_less_discount_plus_additive_tax(shelves: list[Shelf]) -> None:
    for order in _all(shelves, "order"):
        for line in children(order, "line_items"):
            additive = amount_of(line, "total_tax_money") if _is_additive(order) else 0
            gross = amount_of(line, "variation_total_price_money") + _sum(
                children(line, "modifiers"), "total_price_money"
            )
            assert amount_of(line, "total_money") == gross - amount_of(line, "total_discount_money") + additive


def test_an_order_is_its_lines_charges_tip_and_rounding(shelves: list[Shelf]) -> None:
    for order in _all(shelves, "order"):
        parts = _sum(children(order, "line_items"), "total_money") + _sum(
            children(order, "service_charges"), "total_money"
        )
        extras = amount_of(order, "total_tip_money") + amount_of(child(order, "rounding_adjustment"), "amount_money")
        assert amount_of(order, "total_money") == parts + extras
        assert amount_of(order, "total_service_charge_money") == _sum(
            children(order, "service_charges"), "applied_money"
        )


def test_the_tax_of_an_order_is_that_of_its_lines_and_charges(shelves: list[Shelf]) -> None:
    for order in _all(shelves, "order"):
        taxed = children(order, "line_items") + children(order, "service_charges")
        assert amount_of(order, "total_tax_money") == _sum(taxed, "total_tax_money")
        assert amount_of(order, "total_tax_money") == _sum(children(order, "taxes"), "applied_money")
        applied = [each for part in taxed for each in children(part, "applied_taxes")]
        assert amount_of(order, "total_tax_money") == _sum(applied, "applied_money")
        assert {each["tax_uid"] for each in applied} <= {tax["uid"] for tax in children(order, "taxes")}


def test_the_discount_of_an_order_is_that_of_its_lines(shelves: list[Shelf]) -> None:
    for order in _all(shelves, "order"):
        lines = children(order, "line_items")
        assert amount_of(order, "total_discount_money") == _sum(lines, "total_discount_money")
        assert amount_of(order, "total_discount_money") == _sum(children(order, "discounts"), "applied_money")


@pytest.mark.parametrize("part", ["total", "tax", "discount", "tip", "service_charge"])
def test_net_amounts_are_what_was_sold_less_what_came_back(shelves: list[Shelf], part: str) -> None:
    for order in _all(shelves, "order"):
        sold = amount_of(order, "total_money" if part == "total" else f"total_{part}_money")
        back = amount_of(child(order, "return_amounts"), f"{part}_money")
        assert amount_of(child(order, "net_amounts"), f"{part}_money") == sold - back


def test_a_return_is_its_lines_charges_and_tips(shelves: list[Shelf]) -> None:
    returns = [each for order in _all(shelves, "order") for each in children(order, "returns")]
    assert len(returns) == 9
    for each in returns:
        lines, charges = children(each, "return_line_items"), children(each, "return_service_charges")
        tips = children(each, "return_tips")
        total = _sum(lines, "total_money") + _sum(charges, "total_money") + _sum(tips, "applied_money")
        assert amount_of(child(each, "return_amounts"), "total_money") == total
        assert _sum(children(each, "return_taxes"), "applied_money") == _sum(lines, "total_tax_money")
        for line in lines:
            additive = amount_of(line, "total_tax_money") if _is_additive(each, "return_taxes") else 0
            reduced = amount_of(line, "gross_return_money") - amount_of(line, "total_discount_money")
            assert amount_of(line, "total_money") == reduced + additive


def test_the_tenders_of_a_paid_order_pay_it_and_are_its_payments(shelves: list[Shelf]) -> None:
    payments = {payment["id"]: payment for payment in _all(shelves, "payment")}
    paid = [order for order in _all(shelves, "order") if order.get("tenders")]
    for order in paid:
        tenders = children(order, "tenders")
        due = amount_of(order, "net_amount_due_money")
        assert _sum(tenders, "amount_money") + due == amount_of(child(order, "net_amounts"), "total_money")
        assert _sum(tenders, "tip_money") == amount_of(order, "total_tip_money")
        for tender in tenders:
            assert amount_of(payments[tender["payment_id"]], "total_money") == amount_of(tender, "amount_money")
            assert payments[tender["payment_id"]]["order_id"] == order["id"]


def test_a_payment_is_its_amount_and_tip(shelves: list[Shelf]) -> None:
    for payment in _all(shelves, "payment"):
        assert amount_of(payment, "total_money") == amount_of(payment, "amount_money") + amount_of(payment, "tip_money")


def test_what_a_payment_says_was_refunded_is_the_sum_of_its_refunds(shelves: list[Shelf]) -> None:
    refunds = _all(shelves, "refund")
    for payment in _all(shelves, "payment"):
        own = [
            refund for refund in refunds if refund["payment_id"] == payment["id"] and refund["status"] == "COMPLETED"
        ]
        assert amount_of(payment, "refunded_money") == _sum(own, "amount_money")
        assert payment.get("refund_ids", []) == [refund["id"] for refund in own]


def test_a_refund_is_the_total_of_its_return_order(shelves: list[Shelf]) -> None:
    orders = {order["id"]: order for order in _all(shelves, "order")}
    for refund in _all(shelves, "refund"):
        back = child(orders[refund["order_id"]], "return_amounts")
        assert amount_of(refund, "amount_money") == amount_of(back, "total_money")


def test_an_entry_leaves_gross_less_fee_and_a_payout_is_the_sum_of_what_is_left(shelves: list[Shelf]) -> None:
    for shelf in shelves:
        for payout in [each for each in shelf.all("square-payout") if each["type"] == "BATCH"]:
            entries = shelf.marked("square-payout-entry", text(payout, "id"))
            assert amount_of(payout, "amount_money") == _sum(entries, "net_amount_money") != 0
            for entry in entries:
                gross, fee = amount_of(entry, "gross_amount_money"), amount_of(entry, "fee_amount_money")
                assert amount_of(entry, "net_amount_money") == gross - fee


def test_a_charge_entry_holds_the_payment_and_its_fee(shelves: list[Shelf]) -> None:
    payments = {payment["id"]: payment for payment in _all(shelves, "payment")}
    charges = [entry for entry in _all(shelves, "payout-entry") if entry["type"] == "CHARGE"]
    for entry in charges:
        payment = payments[child(entry, "type_charge_details")["payment_id"]]
        assert amount_of(entry, "gross_amount_money") == amount_of(payment, "total_money")
        assert amount_of(entry, "fee_amount_money") == fees_of(payment) > 0


def test_a_drawer_expects_what_was_in_it_and_what_went_in_less_what_went_out(shelves: list[Shelf]) -> None:
    for shift in shelves[2].all("square-cash-drawer"):
        into = amount_of(shift, "cash_payment_money") + amount_of(shift, "cash_paid_in_money")
        out = abs(amount_of(shift, "cash_refunds_money")) + abs(amount_of(shift, "cash_paid_out_money"))
        expected = amount_of(shift, "opened_cash_money") + into - out
        assert amount_of(shift, "expected_cash_money") == expected


def test_sunday_is_the_worked_example_to_the_cent(shelves: list[Shelf]) -> None:
    orders = {text(order, "id"): order for order in shelves[0].all("square-order")}
    totals = [amount_of(orders[f"MAINO{n:06d}"], "total_money") for n in range(13, 19)]
    assert totals == [13608, 5000, 5000, 6480, 10800, 2000]
    assert amount_of(child(orders["MAINO000019"], "return_amounts"), "tax_money") == 120
    tuesday = shelves[0].get("square-payout", "po_main_000003")
    assert tuesday is not None
    assert amount_of(tuesday, "amount_money") == 26993
    assert _sum(shelves[0].marked("square-payout-entry", "po_main_000003"), "fee_amount_money") == 795


def test_a_card_sale_of_saturday_evening_is_in_no_payout(shelves: list[Shelf]) -> None:
    main_street = shelves[0]
    entries = main_street.all("square-payout-entry")
    settled = {child(entry, "type_charge_details").get("payment_id") for entry in entries}
    cards = [each for each in main_street.all("square-payment") if each.get("processing_fee")]
    open_items = [(each["created_at"], amount_of(each, "total_money")) for each in cards if each["id"] not in settled]
    assert open_items == [("2026-03-15T00:40:00.000Z", 6200)]


def test_a_refund_moves_the_version_of_the_sale_but_not_its_amounts_or_its_closing(shelves: list[Shelf]) -> None:
    brunch = shelves[0].get("square-order", "MAINO000005")
    assert brunch is not None
    assert (brunch["version"], amount_of(brunch, "total_money")) == (5, 3740)
    assert text(brunch, "closed_at") == text(brunch, "created_at") < text(brunch, "updated_at")


def test_customers_are_where_square_has_them(shelves: list[Shelf]) -> None:
    written = encode([*shelves[0].all("square-order"), *shelves[0].all("square-payment")]).decode()
    assert [canary for canary in CANARIES if canary not in written] == []


def test_the_same_weekend_is_written_twice_alike(shelves: list[Shelf], tmp_path: Path) -> None:
    with Shelf(tmp_path / "again.db") as again:
        weekend(again)
        for kind in KINDS:
            assert again.all(f"square-{kind}") == shelves[0].all(f"square-{kind}")


def test_a_sale_that_is_not_paid_to_the_cent_is_refused(tmp_path: Path) -> None:
    with Shelf(tmp_path / "short.db") as shelf:
        tax = TaxRule(name="None", percentage=Decimal(0))
        shop = Shop(shelf, Place(location_id="L1", currency="USD", tax=tax), prefix="X")
        on = Occasion(at=datetime(2026, 3, 14, tzinfo=UTC))
        with pytest.raises(ValueError, match="short of 25 minor units"):
            shop.sell(Cart(lines=(CartLine(product=PIE),)), [Pay(kind="CASH", amount=700)], on)
        assert shelf.all("square-order") == []


def test_half_a_cent_is_rounded_to_the_even_cent() -> None:
    latte = Product(variation_id="VLATTE", name="Latte", category="Coffee", price=450)
    cart = Cart(lines=(CartLine(product=latte, quantity=Decimal("0.25")),))
    priced = price(cart, TaxRule(name="Sales Tax", percentage=Decimal(8)))
    assert (priced.lines[0].variation_total, priced.tax) == (112, 9)


@pytest.mark.parametrize("kind", KINDS)
def test_records_have_the_published_shapes_and_no_field_more(shelves: list[Shelf], kind: str) -> None:
    if not SPECIFICATION.exists():
        pytest.skip("Square's published specification is not beside the repository")
    validator = jsonschema.Draft202012Validator(_schema(SCHEMAS[kind]))
    records = [*shelves[0].all(f"square-{kind}"), *shelves[2].all(f"square-{kind}")]
    for record in [each for each in records if each.get("type") != "SPARKLE_CREDIT"]:  # one that is not published
        problems = [f"{record['id']} {error.json_path}: {error.message}" for error in validator.iter_errors(record)]
        assert problems == []


def _schema(name: str) -> dict[str, Any]:
    schemas = _specification()
    return {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}


@cache
def _specification() -> dict[str, Any]:
    schemas = json.loads(SPECIFICATION.read_text())["components"]["schemas"]
    closed: dict[str, Any] = _closed(schemas)
    # The published examples of payouts name the currency so.
    closed["Money"]["properties"]["currency_code"] = {"type": "string"}
    return closed


def _closed(node: Any) -> Any:
    """Every object refuses fields it does not list; `nullable` goes, for our records hold no nulls."""
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items() if key not in ("nullable", "example")}
    is_object = node.get("type") == "object" and isinstance(node.get("properties"), dict)
    return closed | ({"additionalProperties": False} if is_object else {})
