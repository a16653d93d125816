"""What must add up in a sale, and that each failure is said with its difference."""

from __future__ import annotations

import pytest

from tests.sources.lightspeed_x.building import Json, codes, fact, line, pay, sale


def _sale(**changes: object) -> Json:
    return sale(line("MUG", 200, 30), price=200, tax=30, pays=[pay(230)]) | changes


def test_a_sound_sale_has_no_problem() -> None:
    assert fact(_sale()).problems == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"totals": {"price": 200, "tax": 30, "price_incl_tax": 230.01}}, [("X1", 1)]),
        ({"line_items": [line("MUG", 199.5, 30)]}, [("X2", 50)]),
        ({"taxes": [{"id": "R-GST", "tax": 30}, {"id": "R-CITY", "tax": 0.4}]}, [("X4", 40), ("X3", -40)]),
        ({"line_items": [line("MUG", 200, 29)]}, [("X4", 100)]),
        ({"payments": [pay(229.99)]}, [("X5", 1)]),
        ({"taxes": [{"id": "R-NEW", "tax": 30}]}, [("X4", -3000), ("X4", 3000), ("tax_unknown", 0)]),
    ],
)
def test_what_does_not_add_up_is_a_problem_with_its_difference(changes: Json, expected: list[tuple[str, int]]) -> None:
    assert codes(fact(_sale(**changes)).problems) == expected


def test_a_line_without_components_takes_the_sales_only_rate() -> None:
    assert fact(_sale(line_items=[line("MUG", 200, 30, components=[])])).problems == ()


def test_half_a_cent_of_the_lines_is_no_difference() -> None:
    assert fact(_sale(line_items=[line("MUG", 200.005, 30)])).problems == ()
    assert codes(fact(_sale(line_items=[line("MUG", 200.006, 30)])).problems) == [("X2", -1)]
