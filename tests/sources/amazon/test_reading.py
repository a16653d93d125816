"""A settlement report becomes one fact: its summary, its movements, its identity."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connector.domain.facts import BucketKey
from connector.errors import Unreadable
from connector.sources.amazon import tally
from tests.sources.amazon.reports import ID, V2, fact_of, kinds, months, report, row, settlement_of, summary, table

SALE = row("Order/ItemPrice/Principal", "20.00")
FEE = row("Order/ItemFees/Commission", "-3.00")


def test_a_settlement_becomes_one_fact_with_a_bucket_for_each_kind() -> None:
    fact = fact_of(report([SALE, FEE, SALE]))
    assert (fact.stream, fact.source_id, fact.currency, fact.problems) == ("settlements", ID, "USD", ())
    assert [(bucket.key.kind, bucket.amount, bucket.count) for bucket in fact.buckets] == [
        ("fee_referral", -300, 1),
        ("sales", 4000, 2),
    ]
    assert list(fact.bucket_numbers()) == [1, 0, 1]


def test_the_summary_row_is_the_settlement_and_no_movement() -> None:
    fact = fact_of(report([SALE]))
    about = settlement_of(fact)
    assert (about.total, about.settlement_id, about.marketplace, about.zone) == (2000, ID, "Amazon.com", "UTC")
    assert about.starts_at == datetime(2026, 4, 18, 20, tzinfo=UTC)
    assert fact.occurred_at == about.ends_at == datetime(2026, 5, 2, 20, tzinfo=UTC)
    assert fact.business_day == about.deposits_on == date(2026, 5, 4)
    assert fact.movement_count == 1


def test_a_bucket_names_the_whole_triple_the_month_and_the_marketplace() -> None:
    (bucket,) = fact_of(report([SALE])).buckets
    assert bucket.key == BucketKey(
        kind="sales", code="Order|ItemPrice|Principal", currency="USD", period="2026-04", location="Amazon.com"
    )


def test_cells_without_money_are_no_movement() -> None:
    fact = fact_of(report([SALE, row("Order/ItemPrice/Tax", "0.00"), row("Order/ItemPrice/Tax", "")]))
    assert (fact.movement_count, kinds(fact)) == (1, {"sales": 2000})


def test_movements_that_miss_the_total_hold_the_settlement_with_the_difference() -> None:
    fact = fact_of(report([SALE, FEE], total="17.01"))
    (problem,) = fact.problems
    assert (problem.code, problem.difference) == ("A1", -1)
    assert "17.00 USD" in problem.message and "17.01 USD" in problem.message and "-0.01 USD" in problem.message


def test_a_second_summary_row_is_a_problem_and_is_not_added_up() -> None:
    fact = fact_of(report([SALE, summary("20.00")], total="20.00"))
    assert [problem.code for problem in fact.problems] == ["A2"]
    assert kinds(fact) == {"sales": 2000}


def test_rows_of_two_settlements_are_refused() -> None:
    with pytest.raises(Unreadable, match=r"rows of two settlements, '55500011122' and '777'"):
        fact_of(report([SALE, SALE | {"settlement-id": "777"}]))


def test_amounts_in_two_currencies_are_refused() -> None:
    with pytest.raises(Unreadable, match="amounts in USD and in CAD"):
        fact_of(report([SALE, FEE | {"currency": "CAD"}]))


def test_a_currency_on_each_row_is_taken_when_it_is_the_settlements_own() -> None:
    assert fact_of(report([SALE | {"currency": "USD"}])).problems == ()


def test_columns_may_come_in_any_order_with_strange_ones_among_them() -> None:
    columns = ["new-column", *reversed(V2)]
    fact = fact_of(table([summary("17.00"), SALE | {"new-column": "x"}, FEE], columns))
    assert (kinds(fact), fact.problems) == ({"sales": 2000, "fee_referral": -300}, ())


def test_columns_that_are_not_needed_may_be_absent() -> None:
    absent = {"promotion-id", "merchant-order-id", "sku", "marketplace-name", "posted-date"}
    fact = fact_of(table([summary("17.00"), SALE, FEE], [name for name in V2 if name not in absent]))
    assert (kinds(fact), fact.buckets[0].key.location) == ({"sales": 2000, "fee_referral": -300}, "")


@pytest.mark.parametrize("name", ["settlement-id", "total-amount", "currency", "amount-type", "amount", "deposit-date"])
def test_an_essential_column_that_lacks_is_named(name: str) -> None:
    with pytest.raises(Unreadable, match=rf"^The file cannot be read: it lacks the column {name}; .*\.$"):
        fact_of(table([summary("20.00"), SALE], [column for column in V2 if column != name]))


def test_a_report_without_its_summary_is_refused() -> None:
    for rows in ([], [SALE, FEE]):
        with pytest.raises(Unreadable, match="no summary row"):
            fact_of(table(rows))


def test_a_summary_without_a_currency_is_refused() -> None:
    with pytest.raises(Unreadable, match="names no currency"):
        fact_of(report([SALE], currency=""))


def test_a_settlement_of_nothing_but_its_total_of_zero_is_read() -> None:
    fact = fact_of(report([], total="0.00"))
    assert (fact.movement_count, fact.problems, settlement_of(fact).total) == (0, (), 0)


def test_more_than_256_kinds_of_movement_still_know_their_rows() -> None:
    rows = [row(f"Order/ItemFees/Fee {number % 300}", "-1.00") for number in range(700)]
    fact = fact_of(report(rows))
    numbers = fact.bucket_numbers()
    assert len(fact.buckets) == 300
    assert [fact.buckets[number].key.code for number in numbers[:700:7]] == [
        f"Order|ItemFees|Fee {number % 300}" for number in range(0, 700, 7)
    ]


def test_reserves_stand_at_the_two_ends_whenever_they_were_posted() -> None:
    held = row("other-transaction/other-transaction/Current Reserve Amount", "-50.00")
    released = row("other-transaction/other-transaction/Previous Reserve Amount Balance", "70.00")
    late = {"posted-date-time": "2026-05-01 08:00:00 UTC"}
    fact = fact_of(report([held, released | late]))
    assert months(fact) == {"2026-05": -5000, "2026-04": 7000}
    assert kinds(fact) == {"reserve_held": -5000, "reserve_released": 7000}


def test_a_report_with_endless_kinds_of_amounts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_NAMES", 400)
    rows = [row(f"Order/ItemFees/Fee {number}", "-1") for number in range(500)]
    assert len(fact_of(report(rows[:400], total="-400")).buckets) == 400
    with pytest.raises(Unreadable, match="more kinds of amounts"):
        fact_of(report(rows, total="-500"))
