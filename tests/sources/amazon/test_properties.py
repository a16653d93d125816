"""What must hold for any report: order, lineage, spelling and broken lines change no money."""

from __future__ import annotations

import io
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.facts import positions
from connector.sources.amazon.files import rows
from tests.sources.amazon.reports import added, fact_of, report, row

TRIPLES = [
    "Order/ItemPrice/Principal",
    "Order/ItemPrice/Tax",
    "Order/ItemFees/Commission",
    "Refund/ItemPrice/Principal",
    "other-transaction/other-transaction/Previous Reserve Amount Balance",
    "Order/ItemFees/Never heard of",
]
CENTS = st.integers(-500_000, 500_000)
STAMPS = st.sampled_from(["2026-04-30 21:59:59 UTC", "2026-04-30 22:00:00 UTC", "2026-05-01 03:15:00 UTC", ""])


@st.composite
def _row(draw: st.DrawFn) -> dict[str, str]:
    cents = draw(CENTS)
    amount = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
    marketplace = draw(st.sampled_from(["Amazon.de", "Non-Amazon DE", ""]))
    order = str(draw(st.integers(1, 99)))
    return row(
        draw(st.sampled_from(TRIPLES)),
        amount,
        posted_date_time=draw(STAMPS),
        order_id=order,
        marketplace_name=marketplace,
    )


ROWS = st.lists(_row(), max_size=25)


@given(ROWS)
def test_the_sum_of_all_movements_is_the_total(found: list[dict[str, str]]) -> None:
    fact = fact_of(report(found, currency="EUR"), "")
    assert fact.problems == ()
    assert f"{sum(bucket.amount for bucket in fact.buckets)}" == str(int(added(found).replace(".", "")))
    assert fact.movement_count == sum(1 for cells in found if _digits(cells["amount"]))


@given(ROWS.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_any_order_of_the_rows_gives_the_same_buckets(pair: tuple[list[dict[str, str]], list[dict[str, str]]]) -> None:
    one, other = (fact_of(report(found, currency="EUR"), "") for found in pair)
    assert one.buckets == other.buckets
    assert one.about == other.about


@given(ROWS)
def test_rows_lead_to_buckets_and_buckets_back_to_their_rows(found: list[dict[str, str]]) -> None:
    content = report(found)
    fact = fact_of(content)
    for bucket in fact.buckets:
        ordinals = frozenset(positions(fact, bucket.key))
        amounts = [text.split("\t")[14] for _, text in rows(io.BytesIO(content), ordinals)]
        assert len(amounts) == len(ordinals) == bucket.count
        assert sum(int(amount.replace(".", "")) for amount in amounts) == bucket.amount
    every = [text for _, text in rows(io.BytesIO(content), frozenset(range(fact.movement_count)))]
    given_rows = Counter((cells["order-id"], cells["amount"]) for cells in found if _digits(cells["amount"]))
    assert Counter((text.split("\t")[7], text.split("\t")[14]) for text in every) == given_rows


@given(ROWS)
def test_a_decimal_comma_gives_the_same_fact_as_a_point(found: list[dict[str, str]]) -> None:
    commas = [cells | {"amount": cells["amount"].replace(".", ",")} for cells in found]
    assert fact_of(report(found)) == fact_of(report(commas, total=added(found).replace(".", ",")))


@given(ROWS.filter(bool), st.data())
def test_a_row_broken_in_two_is_repaired(found: list[dict[str, str]], data: st.DataObject) -> None:
    content = report(found)
    start = content.index(b"\n", content.index(b"\n") + 1) + 1
    at = data.draw(st.integers(start, len(content)))
    assert fact_of(content[:at] + b"\n" + content[at:]) == fact_of(content)


def _digits(amount: str) -> str:
    """What is left of an amount beside signs, marks and zeros: empty where it is nothing."""
    return amount.strip("-0.")
