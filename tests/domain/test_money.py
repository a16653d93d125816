"""Money is integer minor units; nothing is ever lost in it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.money import (
    Money,
    decimal_text,
    grouped_text,
    parse_minor,
    share_half_even,
    split,
    total,
    whole_parts,
)

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "CAD"])


def test_yen_have_no_decimals_and_dinars_three() -> None:
    assert decimal_text(123456, "USD") == "1234.56"
    assert decimal_text(123456, "JPY") == "123456"
    assert decimal_text(123456, "KWD") == "123.456"
    assert decimal_text(-5, "USD") == "-0.05"
    assert grouped_text(-123456789, "USD") == "-1,234,567.89"


@given(st.integers(-(10**15), 10**15), CURRENCIES)
def test_an_amount_written_and_read_again_is_the_same(minor: int, currency: str) -> None:
    assert parse_minor(decimal_text(minor, currency), currency) == minor


@pytest.mark.parametrize("text", ["1.234", "1,00", "", "-", "1e3", "NaN", "1.2.3", " 1 000"])
def test_what_is_not_a_plain_amount_of_the_currency_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"plain decimal|decimals"):
        parse_minor(text, "USD")


def test_zeros_beyond_the_currency_are_no_loss() -> None:
    assert parse_minor("1.2300", "USD") == 123
    assert parse_minor("100.0", "JPY") == 100


@given(st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=7))
def test_a_number_in_whole_parts_is_the_number(number: Decimal) -> None:
    assert Decimal(whole_parts(str(number), 9)).scaleb(-9) == number


@pytest.mark.parametrize(
    "text", ["1.2345", "1e-7", "ten", "", "NaN", "Infinity", "1e16", "1e-16", "0.1000000000000000000000000001"]
)
def test_a_number_finer_than_its_parts_or_beyond_any_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no|decimals"):
        whole_parts(text, 3)


def test_dollars_and_yen_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        Money(minor=1, currency="USD") + Money(minor=1, currency="JPY")


def test_a_fraction_of_a_cent_is_no_money() -> None:
    with pytest.raises(ValueError, match="integer"):
        Money(minor=1.5, currency="USD")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(minor=1, currency="usd")


def test_sums_keep_currencies_apart() -> None:
    amounts = [Money(minor=1, currency="USD"), Money(minor=2, currency="CAD"), Money(minor=3, currency="USD")]
    assert total(amounts) == {"USD": 4, "CAD": 2}


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_splitting_loses_no_cent(minor: int, weights: list[int]) -> None:
    if not sum(weights):
        with pytest.raises(ValueError, match="weights"):
            split(minor, weights)
        return
    parts = split(minor, weights)
    assert sum(parts) == minor
    exact = [abs(minor) * weight for weight in weights]
    assert all(abs(abs(part) * sum(weights) - whole) < sum(weights) for part, whole in zip(parts, exact, strict=True))


def test_a_share_is_rounded_half_to_even() -> None:
    assert [share_half_even(amount, 1, 2) for amount in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]
    assert share_half_even(1200, 20, 120) == 200
