"""Refunds of an amount: which tax they give back, and when they wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from connector.domain.account_map import AccountMap, Placement
from connector.domain.facts import Bucket, BucketKey, Fact
from connector.domain.sales import Refund, Sale, Tender
from connector.mapping.documents import documents
from connector.mapping.restated import restated
from connector.sources.registry import source
from tests.mapping.given import BANK, DAY, fact, rules, sums

VAT, LOW = "VAT 20%", "VAT 5%"
Part = tuple[str, str, int, str, str]  # kind, code, amount, tax code, parent


def taxed(name: str, *parts: Part, day: date = DAY) -> list[Fact]:
    """A sale of some parts with their tax codes, and the card payment that paid it."""
    total = sum(amount for _, _, amount, _, _ in parts)
    order = fact("orders", name, Sale(sale_id=name, total=total, tendered=((f"P{name}", total),)), day=day)
    tender = Tender(tender_id=f"P{name}", sale_id=name, amount=total, refunded=0)
    payment = fact("payments", f"P{name}", tender, ("tender", "CARD", total), day=day)
    return [structs.replace(order, buckets=tuple(buckets(parts, day))), payment]


def buckets(parts: tuple[Part, ...], day: date) -> Iterator[Bucket]:
    for kind, code, amount, tax_code, parent in parts:
        key = BucketKey(kind=kind, code=code, currency="USD", period=day.isoformat(), location="L1")
        yield Bucket(key=structs.replace(key, tax_code=tax_code, parent=parent), amount=amount, count=1)


def of_amount(name: str, amount: int, of: str = "O1", days: int = 1) -> list[Fact]:
    """A refund of an amount to the card, and the return that says no more."""
    day = DAY + timedelta(days=days)
    about = Sale(sale_id=name, total=-amount, is_return=True, returned_from=(of,) if of else ())
    back = Refund(refund_id=f"R{name}", sale_id=name, tender_id="", amount=amount)
    return [
        fact("orders", name, about, ("refund_amount", "Custom amount", -amount), day=day),
        fact("refunds", f"R{name}", back, ("refund_tender", "CARD", -amount), day=day),
    ]


def given_back(facts: list[Fact], name: str) -> dict[tuple[str, str, str], int]:
    (found,) = [each for each in restated(facts, source("square").defaults) if each.source_id == name]
    assert len({bucket.key for bucket in found.buckets}) == len(found.buckets)
    assert sum(bucket.count for bucket in found.buckets) == 1
    return {(b.key.kind, b.key.code, b.key.tax_code): b.amount for b in found.buckets}


MEAL = taxed("O1", ("sale", "Meals", 10000, VAT, ""), ("tax", VAT, 2000, VAT, "sale|Meals"))
TWO_RATES = taxed(
    "O1",
    ("sale", "Meals", 10000, VAT, ""), ("tax", VAT, 2000, VAT, "sale|Meals"),
    ("sale", "Cold food", 4000, LOW, ""), ("tax", LOW, 200, LOW, "sale|Cold food"),
)  # fmt: skip
TIPPED = [*taxed("O1", ("sale", "Meals", 10000, VAT, ""), ("tax", VAT, 2000, VAT, "sale|Meals"),
                 ("tip", "Tips", 1500, "", ""))]  # fmt: skip


def test_a_refund_of_an_amount_gives_back_its_share_of_the_tax_of_the_sale() -> None:
    made = documents([*MEAL, *of_amount("X1", 300)], rules())
    assert [sums(document.lines) for document in made.documents][1] == {
        "Square Returns": 250,
        "Square Sales Tax Collected": 50,
        "Square Balance": -300,
    }


def test_it_is_parted_by_tax_code_with_the_largest_remainder_first() -> None:
    assert given_back([*TWO_RATES, *of_amount("X1", 1000)], "X1") == {
        ("refund", "Custom amount", VAT): -617,
        ("refund_tax", VAT, VAT): -124,
        ("refund", "Custom amount", LOW): -247,
        ("refund_tax", LOW, LOW): -12,
    }


def test_in_books_with_vat_the_refund_has_the_tax_code_of_the_sale() -> None:
    decided = AccountMap(taxes={VAT: "20% (VAT on Income)"}, slots=BANK)
    made = documents([*MEAL, *of_amount("X1", 300)], rules(country="GB", out_of_scope="No VAT", account_map=decided))
    (line,) = [line for line in made.documents[1].lines if line.role == "refund"]
    assert (line.amount, line.tax, line.tax_code) == (300, 50, "20% (VAT on Income)")


def test_refunds_one_after_the_other_never_give_back_more_tax_than_the_sale_had() -> None:
    small = taxed("O1", ("sale", "Mint", 10, VAT, ""), ("tax", VAT, 2, VAT, "sale|Mint"))
    facts = [*small, *(each for n in range(4) for each in of_amount(f"X{n}", 3, days=n))]
    tax = [given_back(facts, f"X{n}").get(("refund_tax", VAT, VAT), 0) for n in range(4)]
    assert sum(tax) == -2


def test_goods_that_came_back_before_took_their_tax_with_them() -> None:
    back = Sale(sale_id="X0", total=-6000, is_return=True, returned_from=("O1",))
    parts = (("refund", "Meals", -4000, VAT, ""), ("refund_tax", VAT, -2000, VAT, "refund|Meals"))
    itemised = structs.replace(fact("orders", "X0", back), buckets=tuple(buckets(parts, DAY)))
    assert given_back([*MEAL, itemised, *of_amount("X1", 6000)], "X1") == {("refund", "Custom amount", VAT): -6000}


def test_what_an_exchange_sells_is_not_taken_for_goods_of_the_sale_that_came_back() -> None:
    swap = Sale(sale_id="X0", total=0, returned_from=("O1",))
    parts = (("exchange_return", "Meals", -10000, VAT, ""), ("exchange_tax", VAT, -2000, VAT, "exchange_return|Meals"),
             ("sale", "Beans", 12000, "", ""))  # fmt: skip
    exchange = structs.replace(fact("orders", "X0", swap), buckets=tuple(buckets(parts, DAY)))
    assert given_back([*MEAL, exchange, *of_amount("X1", 300)], "X1") == {("refund_amount", "Custom amount", ""): -300}


def test_the_whole_sale_given_back_as_an_amount_takes_the_tip_as_well() -> None:
    assert given_back([*TIPPED, *of_amount("X1", 13500)], "X1") == {
        ("refund", "Custom amount", VAT): -10000,
        ("refund_tax", VAT, VAT): -2000,
        ("refund_tip", "Tips", ""): -1500,
    }


def test_a_part_of_a_sale_with_a_tip_is_taken_from_the_goods_alone() -> None:
    assert given_back([*TIPPED, *of_amount("X1", 1200)], "X1") == {
        ("refund", "Custom amount", VAT): -1000,
        ("refund_tax", VAT, VAT): -200,
    }


def test_more_than_is_left_of_the_sale_is_not_parted() -> None:
    assert given_back([*MEAL, *of_amount("X1", 12001)], "X1") == {("refund_amount", "Custom amount", ""): -12001}


def test_the_sale_is_found_through_the_payment_where_the_return_does_not_name_it() -> None:
    back, money = of_amount("X1", 300, of="")
    refund = structs.replace(money, about=Refund(refund_id="RX1", sale_id="X1", tender_id="PO1", amount=300))
    assert given_back([*MEAL, back, refund], "X1") == {
        ("refund", "Custom amount", VAT): -250,
        ("refund_tax", VAT, VAT): -50,
    }


def test_a_refund_of_an_amount_of_an_unknown_sale_waits_until_somebody_says_what_it_was() -> None:
    (held,) = documents(of_amount("X1", 300), rules()).held
    assert held.code == "unmapped_refunds_of_unknown_sales"
    assert "Square Refunds to be coded is proposed" in held.reason
    family = AccountMap(slots={**BANK, "refunds": Placement(account="Square Returns")})
    assert documents(of_amount("X1", 300), rules(account_map=family)).held[0].code == held.code
    decided = AccountMap(slots={**BANK, "refunds.of_unknown_sales": Placement(account="Square Returns")})
    (document,) = documents(of_amount("X1", 300), rules(account_map=decided)).documents
    assert sums(document.lines) == {"Square Returns": 300, "Square Balance": -300}


@given(st.lists(st.integers(1, 700), min_size=1, max_size=8), st.randoms())
def test_whatever_the_order_no_cent_is_lost_and_no_tax_invented(amounts: list[int], random: object) -> None:
    facts = [*TWO_RATES, *(each for n, amount in enumerate(amounts) for each in of_amount(f"X{n}", amount, days=n))]
    shuffled = list(facts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    made = {each.source_id: each.buckets for each in restated(facts, source("square").defaults)}
    assert made == {each.source_id: each.buckets for each in restated(shuffled, source("square").defaults)}
    for n, amount in enumerate(amounts):
        assert sum(bucket.amount for bucket in made[f"X{n}"]) == -amount
    taxes = [b for n in range(len(amounts)) for b in made[f"X{n}"] if b.key.kind == "refund_tax"]
    assert -sum(b.amount for b in taxes if b.key.code == VAT) <= 2000
    assert -sum(b.amount for b in taxes if b.key.code == LOW) <= 200
