"""Amounts as Loyverse writes them, and what is no amount."""

from __future__ import annotations

import msgspec
import pytest

from connector.errors import Broken
from connector.sources.loyverse.amounts import Digits, Inexact, exact, minor, rounded
from connector.sources.loyverse.pages import kept_page, unpack
from connector.sources.loyverse.source import SOURCE
from tests.sources.loyverse.building import SHOP, fact, line, receipt


@pytest.mark.parametrize(
    ("amount", "currency", "cents"),
    [
        (None, "USD", 0),
        (12, "USD", 1200),
        (Digits("12.5"), "USD", 1250),
        (Digits("-0.07"), "USD", -7),
        (980, "JPY", 980),
    ],
)
def test_an_amount_is_read_to_the_cent(amount: object, currency: str, cents: int) -> None:
    assert minor(amount, currency) == cents


def test_an_amount_that_its_currency_cannot_express_is_not_rounded_in_silence() -> None:
    with pytest.raises(Inexact, match=r"980\.5 has more decimals than JPY knows"):
        minor(Digits("980.5"), "JPY")
    assert rounded(Digits("980.5"), "JPY") == 980


@pytest.mark.parametrize("value", ["ten", "NaN", "", True, 12.5, [1], {"amount": 1}])
def test_what_is_no_number_is_never_taken_for_one(value: object) -> None:
    minor(1, "USD")  # true is not one dollar, though Python takes them for equal
    with pytest.raises(Broken, match="is no amount as Loyverse writes it"):
        exact(value)
    with pytest.raises((Broken, TypeError)):
        minor(value, "USD")


def test_a_receipt_with_text_for_an_amount_is_held() -> None:
    (problem,) = fact("receipts", receipt(line("Soup", 1000)) | {"total_money": "ten"}).problems
    assert (problem.code, problem.message) == ("no_amount", "'ten' is no amount as Loyverse writes it")


def test_an_amount_is_kept_with_the_digits_it_came_with() -> None:
    body = b'{"receipt_number":"1-1","total_money":12.50,"tip":0,"surcharge":1e1}'
    (kept,) = kept_page("receipts", [msgspec.Raw(body)], "").records
    assert kept.body == body


def test_a_record_read_with_its_page_gives_the_fact_of_its_bytes() -> None:
    body = msgspec.json.encode({"receipts": [receipt(line("Soup", 1000, off=100), tip=1.5)]})
    (read,) = unpack("receipts", body)
    assert read.record is not None
    assert SOURCE.translate
    unread = msgspec.structs.replace(read, record=None)
    assert SOURCE.translate(read, SHOP) == SOURCE.translate(unread, SHOP)
