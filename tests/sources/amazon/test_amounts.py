"""Amounts with a decimal point or a decimal comma: one of the two in the whole file, and never guessed."""

from __future__ import annotations

import pytest

from connector.errors import Unreadable
from tests.sources.amazon.reports import fact_of, kinds, report, row, settlement_of


def read(total: str, *amounts: str, currency: str = "USD") -> list[int]:
    """The amounts as read, the total first; each has a kind of its own."""
    rows = [row(f"Order/ItemFees/Fee {number}", amount) for number, amount in enumerate(amounts)]
    fact = fact_of(report(rows, total=total, currency=currency))
    found = {bucket.key.code: bucket.amount for bucket in fact.buckets}
    return [settlement_of(fact).total, *(found[f"Order|ItemFees|Fee {number}"] for number in range(len(amounts)))]


@pytest.mark.parametrize(
    ("texts", "minor"),
    [
        (["1,234.56", "1,200.50", "34.06"], [123456, 120050, 3406]),
        (["1.234,56", "1.200,50", "34,06"], [123456, 120050, 3406]),
        (["-1,234,567.80", "-1,234,567.80"], [-123456780, -123456780]),
        (["0.5", "+0.50"], [50, 50]),
        (["12", "10", "2"], [1200, 1000, 200]),
        (["1,234", "1,000", "234.00"], [123400, 100000, 23400]),
        (["1.234", "234,00", "1.000"], [123400, 23400, 100000]),
        (["1234.50", "1,234.50"], [123450, 123450]),
    ],
)
def test_amounts_are_read_exactly_in_the_files_own_spelling(texts: list[str], minor: list[int]) -> None:
    assert read(*texts) == minor


def test_an_amount_that_was_unclear_at_first_is_read_as_a_later_one_tells() -> None:
    assert read("2469", "1.234", "1.234", "1,00") == [246900, 123400, 123400, 100]
    assert read("2.469", "1.234", "1.234", "1,00") == [246900, 123400, 123400, 100]


def test_amounts_that_stay_unclear_are_refused() -> None:
    with pytest.raises(Unreadable, match=r"'1.234' in it can be read two ways"):
        read("1234", "1.234")
    with pytest.raises(Unreadable, match=r"its total '1.234' can be read two ways"):
        read("1.234", "1234")


def test_a_file_that_mixes_point_and_comma_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"a decimal point and '5,50' with a decimal comma"):
        read("10.00", "4.50", "5,50")
    with pytest.raises(Unreadable, match=r"a decimal comma and '1,234.00' with a decimal point"):
        read("10,00", "1,234.00")


@pytest.mark.parametrize(
    "text", ["12.345", "1.23.45", "12,34,567.00", "12-", "(5.00)", "1 234.00", "abc", "$5.00", "9" * 30]
)
def test_what_is_no_amount_of_the_currency_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="is not an amount"):
        read("10.00", text)


def test_yen_have_no_decimals() -> None:
    assert read("1,500", "1500", "-1,000", "1000", currency="JPY") == [1500, 1500, -1000, 1000]
    assert read("1500", "1500.00", currency="JPY") == [1500, 1500]
    with pytest.raises(Unreadable, match="not an amount in JPY"):
        read("1500", "1500.50", currency="JPY")


def test_a_comma_file_and_a_point_file_give_the_same_fact() -> None:
    rows = [row("Order/ItemPrice/Principal", "1200.50"), row("Order/ItemFees/Commission", "-180.08")]
    commas = [cells | {"amount": cells["amount"].replace(".", ",")} for cells in rows]
    assert fact_of(report(rows)) == fact_of(report(commas, total="1020,42"))


def test_blanks_around_an_amount_do_not_matter() -> None:
    fact = fact_of(
        report(
            [row("Order/ItemPrice/Principal", "10.00 "), row(" Order/ItemPrice/Principal ", " 5.00")], total=" 15.00 "
        )
    )
    assert (kinds(fact), fact.problems) == ({"sales": 1500}, ())
