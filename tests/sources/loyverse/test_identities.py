"""What does not add up in a receipt holds its day, with the amount it is off by."""

from __future__ import annotations

import pytest

from connector.sources.loyverse.translate.identities import is_explained
from tests.sources.loyverse.building import (
    INSIDE,
    ON_TOP,
    Json,
    codes,
    discount,
    fact,
    line,
    pay,
    receipt,
    with_tax,
)


def _codes(body: Json) -> list[tuple[str, int]]:
    return codes(fact("receipts", body).problems)


def test_payments_short_of_the_total_are_named() -> None:
    assert _codes(receipt(line("Soup", 900), payments=[pay(850)])) == [("L1", 50)]


def test_a_total_that_its_taxes_do_not_reach_is_named() -> None:
    taxed = with_tax(line("Soup", 1200), INSIDE, 200)
    assert _codes(receipt(taxed, total_tax=2.1)) == [("L2", 10)]


def test_a_tax_of_the_receipt_that_no_line_bears_is_named() -> None:
    taxed = with_tax(line("Soup", 1200), INSIDE, 200)
    on_surcharge = [
        INSIDE | {"money_amount": 2.0},
        {"id": "T9", "type": "INCLUDED", "name": "Fee", "money_amount": 0.3},
    ]
    assert _codes(receipt(taxed, total_tax=2.3, total_taxes=on_surcharge)) == [("L2", 30)]


def test_lines_that_loyverse_nudged_by_a_cent_are_sound() -> None:
    vat: Json = {"id": "T", "type": "INCLUDED", "name": "VAT", "rate": 16.0}
    found = fact("receipts", receipt(with_tax(line("Soup", 9500), vat, 1310), with_tax(line("Mug", 9500), vat, 1311)))
    assert found.problems == ()


def test_a_tax_that_is_not_its_rate_is_named() -> None:
    assert _codes(receipt(with_tax(line("Soup", 1200), INSIDE, 240))) == [("L3", 40)]


def test_the_gross_of_weighed_goods_may_be_a_cent_off_and_no_more() -> None:
    assert _codes(receipt(line("Beans", 3333, quantity=0.35, gross=1167))) == []
    assert _codes(receipt(line("Beans", 3333, quantity=0.35, gross=1200))) == [("L4", 33)]


def test_the_price_of_modifiers_is_in_the_gross() -> None:
    extra = [{"id": "M", "name": "Syrup", "price": 1.5, "money_amount": 3.0}]
    assert _codes(receipt(line("Latte", 450, quantity=2, gross=1200, line_modifiers=extra))) == []
    assert _codes(receipt(line("Latte", 450, quantity=2, gross=1200))) == [("L4", 300)]


def test_a_tip_that_is_in_no_total_holds_the_day() -> None:
    found = fact("receipts", receipt(line("Soup", 900), tip=1.5, total_money=9.0))
    assert codes(found.problems) == [("L5", -150)]
    assert "differ by -1.50 USD" in found.problems[0].message


def test_a_line_that_hides_something_holds_the_day_although_the_receipt_adds_up() -> None:
    hidden, short = line("Soup", 900, total_money=9.5), line("Mug", 900, total_money=8.5)
    assert _codes(receipt(hidden, short)) == [("L4", 50), ("L4", -50)]
    raised = line("Soup", 900, total_money=10.0)
    assert _codes(receipt(raised, tip=1.5, total_money=10.5)) == [("L5", 0)]


@pytest.mark.parametrize(
    ("paid", "lines", "holds"),
    [
        (1080, 1080, True),  # added tax inside the lines
        (1080, 1000, True),  # on top of them
        (1080, 1040, False),  # half inside
        (1000, 1000, False),  # nowhere
        (1160, 1080, False),  # twice
    ],
)
def test_added_tax_is_inside_the_lines_or_on_top_of_them(paid: int, lines: int, holds: bool) -> None:
    assert is_explained(paid, lines, 1000, (80, 0, 0)) is holds


@pytest.mark.parametrize("inside", [0, 80, 150, 45, 230, 125, 195, 275])
def test_each_of_added_tax_tip_and_surcharge_may_stand_inside_or_on_top(inside: int) -> None:
    assert is_explained(1275, 1000 + inside, 1000, (80, 150, 45))
    assert not is_explained(1276, 1000 + inside, 1000, (80, 150, 45))


def test_a_reading_with_equal_terms_is_no_ambiguity_for_both_are_booked_alike() -> None:
    assert is_explained(1160, 1080, 1000, (80, 80, 0))


def test_a_discount_of_the_receipt_only_must_be_in_its_total() -> None:
    body = receipt(line("Soup", 900), total_discount=1.0, total_discounts=[discount("Regulars", 100)])
    assert ("L5", 100) in _codes(body)
    assert _codes(body | {"total_money": 8.0, "payments": [pay(800)]}) == []


def test_a_third_kind_of_tax_is_not_understood() -> None:
    body = receipt(with_tax(line("Soup", 1000), ON_TOP | {"type": "WITHHELD"}, 80))
    assert ("unknown_tax_type", 0) in _codes(body)


def test_an_amount_with_more_decimals_than_the_currency_is_not_rounded_in_silence() -> None:
    assert _codes(receipt(line("Soup", 900), tip=0.004)) == [("decimals", 0)]
