"""Which products a map tells apart: decided ones, and their siblings; never more."""

from __future__ import annotations

from connector.domain.account_map import AccountMap, Placement
from connector.domain.shop import Product
from connector.mapping.products import categories_of, decided_goods, told_apart
from connector.sources.registry import source

CATALOGUE = {
    "1": Product("Espresso", "Coffee"),
    "2": Product("Latte", "Coffee"),
    "3": Product("Scone", "Bakery"),
    "4": Product("Coffee", "Coffee"),
    "5": Product("Today's special", "Coffee"),
    "6": Product("Today's special", "Bakery"),
    "7": Product("Gift bag", ""),
}


def names(decided: set[str], known: dict[str, str] | None = None) -> list[str]:
    return sorted(each.name for each in told_apart(CATALOGUE, decided, known or {}).values())


def test_siblings_of_a_decided_product_are_told_apart_and_other_categories_are_not() -> None:
    assert names({"Espresso"}) == ["Espresso", "Latte"]


def test_a_decided_category_tells_nothing_apart() -> None:
    assert names({"Coffee", "Bakery"}) == []


def test_a_name_in_two_categories_is_told_apart_only_where_it_is_decided_itself() -> None:
    assert names({"Scone"}) == ["Scone"]
    assert names({"Today's special"}) == ["Espresso", "Latte", "Scone", "Today's special", "Today's special"]


def test_a_product_without_a_category_has_no_siblings() -> None:
    assert names({"Gift bag"}) == ["Gift bag"]


def test_a_product_that_moved_to_another_category_bears_that_one_unless_it_is_decided() -> None:
    assert names({"Espresso"}, {"Latte": "Bakery"}) == ["Espresso"]
    assert names({"Espresso"}, {"Espresso": "Bakery"}) == ["Espresso", "Latte"]


def test_the_category_that_a_name_was_told_apart_with_stays_for_what_is_in_the_books() -> None:
    assert categories_of(told_apart(CATALOGUE, {"Espresso"}, {}), {"Latte": "Bakery"}) == {
        "Espresso": "Coffee",
        "Latte": "Bakery",
    }
    assert "Today's special" not in categories_of(told_apart(CATALOGUE, {"Today's special"}, {}), {})


def test_goods_are_sold_or_come_back_a_tender_is_none() -> None:
    decided = AccountMap(
        codes={("sale", "Espresso"): Placement(), ("refund", "Latte"): Placement(), ("tender", "CASH"): Placement()},
        places={("sale", "Scone", "L1", ""): Placement()},
    )
    assert decided_goods([decided], source("square").defaults) == {"Espresso", "Latte", "Scone"}
