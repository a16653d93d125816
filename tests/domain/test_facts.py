"""Buckets sum movements and the vector leads back to each of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.facts import Bucket, BucketKey, Fact, Movement, gather, pack, positions, sum_buckets, unpack
from connector.domain.sales import NoSale
from connector.errors import Broken


def key(code: str) -> BucketKey:
    return BucketKey(kind="sale", code=code, currency="USD", period="2026-11-19")


def fact(buckets: tuple[Bucket, ...], vector: bytes) -> Fact:
    return Fact(
        stream="orders",
        source_id="O1",
        about=NoSale(record_id="O1", reason="a test"),
        location="L1",
        occurred_at=datetime(2026, 11, 19, 12, tzinfo=UTC),
        business_day=date(2026, 11, 19),
        currency="USD",
        buckets=buckets,
        vector=vector,
    )


MOVEMENTS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(-500, 500)), max_size=60)


@given(MOVEMENTS)
def test_every_movement_is_in_one_bucket_and_can_be_found_again(given_movements: list[tuple[str, int]]) -> None:
    movements = [Movement(key=key(code), amount=amount) for code, amount in given_movements]
    made = fact(*gather(movements))
    real = [movement for movement in movements if movement.amount]
    assert made.movement_count == len(real)
    for bucket in made.buckets:
        behind = [real[at] for at in positions(made, bucket.key)]
        assert sum(movement.amount for movement in behind) == bucket.amount
        assert len(behind) == bucket.count
        assert {movement.key for movement in behind} == {bucket.key}


@given(st.lists(st.integers(0, 70_000), max_size=50))
def test_a_vector_packed_and_unpacked_is_the_same(numbers: list[int]) -> None:
    assert list(unpack(pack(numbers, max(numbers, default=0) + 1))) == numbers


@pytest.mark.parametrize(("buckets", "width"), [(256, 1), (257, 2), (65_536, 2), (65_537, 4)])
def test_a_vector_is_as_narrow_as_its_buckets_allow(buckets: int, width: int) -> None:
    assert len(pack([buckets - 1] * 3, buckets)) == 1 + 3 * width


def test_sums_do_not_depend_on_the_order() -> None:
    buckets = [Bucket(key=key(code), amount=n, count=1) for n, code in enumerate("abcab")]
    assert sum_buckets(buckets) == sum_buckets(reversed(buckets))
    assert sum_buckets(buckets)[0] == Bucket(key=key("a"), amount=3, count=2)


def test_a_fact_whose_vector_forgets_a_movement_is_refused() -> None:
    with pytest.raises(Broken, match="does not name every movement"):
        fact((Bucket(key=key("a"), amount=3, count=2),), pack([0], 1))
