"""The account map is a file that a bookkeeper writes; a mistake in it is named in one sentence."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.account_map import Placement
from connector.domain.map_check import check_map
from connector.domain.map_file import read_map
from connector.errors import Unreadable
from connector.sources.registry import source

GOOD = """
books: {country: gb}
slots:
  bank: Checking
  sales: {account: Sales, number: 4000, tax_code: OUTPUT2, tracking: {Location: Main St}}
codes:
  - {kind: sale, code: Food, account: Sales Food}
taxes: {VAT 20%: OUTPUT2}
locations: {L1: {Location: Main St}}
exchange:
  home: CAD
  rates: {USD: {2026-04-28: "1.2900", 2026-05-01: "1.3000"}}
  deposits: {"28471": "968.56"}
"""


def test_decisions_are_read_by_slot_by_code_and_by_tax() -> None:
    made = read_map(GOOD, number=3)
    assert made.number == 3
    assert made.country == "GB"
    assert made.slots["bank"] == Placement(account="Checking")
    assert made.slots["sales"] == Placement(
        account="Sales", number="4000", tax_code="OUTPUT2", tracking=(("Location", "Main St"),)
    )
    assert made.by_code("sale", "Food") == Placement(account="Sales Food")
    assert made.taxes == {"VAT 20%": "OUTPUT2"}


def test_the_rate_in_force_is_the_newest_that_is_not_later() -> None:
    exchange = read_map(GOOD).exchange
    assert exchange is not None
    assert exchange.rate("USD", date(2026, 4, 27)) is None
    assert exchange.rate("USD", date(2026, 4, 30)) == "1.2900"
    assert exchange.rate("USD", date(2026, 6, 1)) == "1.3000"
    assert exchange.deposits == {"28471": 96856}


def test_an_empty_map_decides_nothing() -> None:
    assert read_map("").slots == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("slots: [", "not YAML in line"),
        ("slot: {bank: X}", "does not know 'slot'"),
        ("slots: {bank: X, bank: Y}", "'bank' stands twice"),
        ("exchange: {home: dollars}", "should be a currency"),
        ("codes: [{kind: unknown, code: x, account: X, side: left}]", "debit or credit"),
        ("slots: " + "[" * 3000, "The account map is not YAML that can be read: it is nested too deeply"),
        (
            "exchange: {home: CAD, rates: {USD: {2026-13-45: '1'}}}",
            "not YAML in line 1: '2026-13-45' is no day or number",
        ),
        ("slots:\n  bank: " + "9" * 5000, "not YAML in line 2: '9+' is no day or number"),
        ("slots: {bank: a\x00b}", "The account map is not YAML: special characters are not allowed"),
        ("slots: Checking", "slots should hold names"),
        ("slots: {bank: {acount: X}}", "does not know 'acount'"),
        ("codes: {kind: sale}", "codes is a list"),
        ("codes: [{code: Food, account: X}]", "kind should be text"),
        ("codes: [{kind: a, account: X}, {kind: a, account: Y}]", "stands there twice"),
        ("codes: [{kind: unknown, code: x, account: X, role: misc}]", "roles are"),
        ("exchange: {home: CAD, rates: {USD: {2026-04-28: 1.29}}}", "put it in quotes"),
        ("exchange: {home: CAD, clearing: usd}", "should be home or foreign"),
        ("exchange: {home: CAD, rates: {USD: {yesterday: '1.29'}}}", "not a date"),
        ("exchange: {home: CAD, deposits: {x: '9.999'}}", "more decimals"),
    ],
)
def test_a_mistake_is_named_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence) as caught:
        read_map(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("slots: {bnak: Checking}", "no slot 'bnak'"), ("codes: [{kind: sael, account: X}]", "no kind 'sael'")],
)
def test_a_decision_for_nothing_is_a_typing_mistake(text: str, sentence: str) -> None:
    defaults = source("square").defaults
    with pytest.raises(Unreadable, match=sentence):
        check_map(read_map(text), defaults)
    check_map(read_map(GOOD), defaults)
    check_map(read_map("slots: {referral_fees: Fees, clearing: All}"), defaults)
