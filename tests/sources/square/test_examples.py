"""The worked examples of the accounting page, cent by cent, as the facts that make them."""

from __future__ import annotations

from connector.domain.defaults import KindRule
from connector.domain.facts import Fact
from connector.sources.square.defaults import DEFAULTS
from tests.sources.square.building import (
    SALES_TAX,
    SHOP,
    VAT,
    Json,
    charge,
    fact,
    line,
    money,
    order,
    payment,
    refund,
    return_order,
    sums_of,
    tender,
)

FOOD: Json = {"catalog_object_id": "V-FOOD"}
DRINKS: Json = {"catalog_object_id": "V-DRINKS"}
RETAIL: Json = {"catalog_object_id": "V-RETAIL"}
GIFT_CARD: Json = {"card_details": {"card": {"card_brand": "SQUARE_GIFT_CARD"}}}


def test_the_restaurants_day_comes_to_the_worked_figures() -> None:
    slots = _by_slot(_restaurant())
    assert slots == {
        "sales Food": -25000,
        "sales Drinks": -4000,
        "sales Retail": -2000,
        "service_charge": -3000,
        "sales_tax": -2464 + 120,
        "tips": -2624,
        "gift_cards": -5000 + 2500,
        "discount": 1200,
        "refunds Food": 1500,
        "clearing.card": 27788,
        "clearing.cash": 8980,
        "clearing.other": 2000,
    }
    assert sum(slots.values()) == 0


def test_the_cafes_day_comes_to_the_worked_figures() -> None:
    facts = _cafe()
    found = sums_of(facts)
    assert found["sale", "Meals"] + found["tax", "VAT 20%"] == 24000 - 200
    assert _gross(facts, "sale", "Meals") == 24000
    assert _gross(facts, "sale", "Cold food") == 6000
    assert sorted(_discounts_by_tax(facts).items()) == [("VAT 20%", -1200), ("Zero-rated 0%", -300)]
    assert found["tax", "VAT 20%"] == 3800
    assert (found["gift_card", "Gift card"], found["tip", "Tips"]) == (4000, 1800)
    assert (found["refund", "Meals"], found["refund_tax", "VAT 20%"]) == (-4000, -800)
    slots = _by_slot(facts)
    assert (slots["clearing.card"], slots["clearing.cash"]) == (28300, 4000 - 4800)
    assert sum(slots.values()) == 0


def _restaurant() -> list[Fact]:
    gratuity = charge(None, 1944, type="AUTO_GRATUITY")
    orders = {
        "A": order(line("Dinner", 12000, tax=864, discount=1200) | FOOD, tax=SALES_TAX, charges=[gratuity]),
        "B": order(line("Wine", 4000, tax=320) | DRINKS, tax=SALES_TAX, tip=680),
        "C": order(line("Gift card", 5000, item_type="GIFT_CARD")),
        "D": order(line("Dinner", 6000, tax=480) | FOOD, tax=SALES_TAX),
        "E": order(line("Dinner", 7000, tax=560) | FOOD, tax=SALES_TAX, charges=[charge("Room fee", 3000, tax=240)]),
        "F": order(line("Beans", 2000) | RETAIL),
    }
    orders["D"]["tenders"] = [tender("D1", 2500), tender("D2", 3980)]
    cheque: Json = {"source_type": "EXTERNAL", "external_details": {"type": "CHECK"}}
    payments = [
        payment(13608, id="A1"),
        payment(4320, id="B1") | {"tip_money": money(680), "total_money": money(5000)},
        payment(5000, id="C1", source_type="CASH"),
        payment(2500, id="D1") | GIFT_CARD,
        payment(3980, id="D2", source_type="CASH"),
        payment(10800, id="E1"),
        payment(2000, id="F1") | cheque,
    ]
    back = return_order(line("Dinner", 1500, tax=120) | FOOD, tax=SALES_TAX)
    return _facts([body | {"id": key} for key, body in orders.items()] + [back], payments, [refund(1620)])


def _cafe() -> list[Fact]:
    zero: Json = {"uid": "zero", "name": "Zero-rated", "percentage": "0", "type": "INCLUSIVE"}
    at_zero = [{"tax_uid": "zero", "applied_money": money(0)}]
    sale = order(
        line("Meals", 24000, tax=3800, discount=1200, inclusive=True),
        line("Cold food", 6000, discount=300, applied_taxes=at_zero),
        line("Gift card", 4000, item_type="GIFT_CARD"),
        tip=1800,
    )
    sale["taxes"] = [VAT, zero]
    back = return_order(line("Meals", 4800, tax=800, inclusive=True), tax=VAT)
    payments = [
        payment(26500, id="P1") | {"tip_money": money(1800), "total_money": money(28300)},
        payment(2000, id="P2") | GIFT_CARD,
        payment(4000, id="P3", source_type="CASH"),
    ]
    return _facts([sale, back], payments, [refund(4800, destination_type="CASH")])


def _facts(orders: list[Json], payments: list[Json], refunds: list[Json]) -> list[Fact]:
    records = [("orders", orders), ("payments", payments), ("refunds", refunds)]
    facts = [fact(stream, body, SHOP) for stream, bodies in records for body in bodies]
    assert [problem for found in facts for problem in found.problems] == []
    return facts


def _by_slot(facts: list[Fact]) -> dict[str, int]:
    """Debits positive, by the slot of each kind (sales and refunds by category too)."""
    slots: dict[str, int] = {}
    for (kind, code), amount in sums_of(facts).items():
        rule = DEFAULTS.rule(kind, code)
        assert rule is not None
        name = f"{rule.slot} {code}" if rule.slot in ("sales", "refunds") else rule.slot
        slots[name] = slots.get(name, 0) + _debit(rule, amount)
    return slots


def _debit(rule: KindRule, amount: int) -> int:
    return amount if rule.side == "debit" else -amount


def _gross(facts: list[Fact], kind: str, code: str) -> int:
    buckets = [bucket for found in facts for bucket in found.buckets]
    name = f"{kind}|{code}"
    return sum(b.amount for b in buckets if name in (b.key.parent, f"{b.key.kind}|{b.key.code}"))


def _discounts_by_tax(facts: list[Fact]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for bucket in (bucket for found in facts for bucket in found.buckets):
        if bucket.key.kind == "discount" or bucket.key.parent.startswith("discount|"):
            totals[bucket.key.tax_code] = totals.get(bucket.key.tax_code, 0) + bucket.amount
    return totals
