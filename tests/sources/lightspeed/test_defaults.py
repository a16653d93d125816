"""The proposals: the accounts of the requirements' table, by their very names, and a rule for every kind."""

from __future__ import annotations

import pytest

from connector.sources.lightspeed.defaults import DEFAULTS
from connector.sources.lightspeed.translate.lines import EXCHANGED, REFUNDED, SOLD
from connector.sources.lightspeed.translate.tenders import BUILT_IN


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("Food Truck", "Lightspeed {code} Clearing"),
        ("credit card", "Lightspeed Credit Card Clearing"),
        ("cash", "Lightspeed Cash Clearing"),
        ("credit account", "Lightspeed Credit Account"),
        ("check", "Lightspeed Other Payments Clearing"),
        ("debit card", "Lightspeed Other Payments Clearing"),
        ("gift card", "Lightspeed Gift Cards"),
    ],
)
def test_each_payment_type_has_the_account_of_the_table(code: str, name: str) -> None:
    rule = DEFAULTS.rule("tender", code)
    assert rule
    account = DEFAULTS.account(rule.slot)
    assert account
    assert account.name == name


def test_every_piece_of_a_sale_has_a_rule_and_stands_on_the_credit_side() -> None:
    kinds = [
        kind for side in (SOLD, REFUNDED, EXCHANGED) for kind in (side.sale, side.item_fee, side.discount, side.tax)
    ]
    kinds += ["tip", "refund_tip", "gift_card", "customer_deposit", "rounding", "refund_rounding"]
    rules = [DEFAULTS.rule(kind, "anything") for kind in kinds]
    assert {rule.side for rule in rules if rule} == {"credit"}
    assert all(rules)


def test_every_built_in_payment_type_can_be_refunded() -> None:
    rules = [DEFAULTS.rule("refund_tender", code) for code in BUILT_IN]
    assert {(rule.side, rule.group) for rule in rules if rule} == {("debit", "refund tenders")}
    assert all(rules)


def test_fees_and_drawers_not_counted_wait_for_a_person() -> None:
    assert {slot for slot, account in DEFAULTS.accounts.items() if account.asks} == {
        "fees",
        "over_short.other",
        "uncounted",
    }


def test_every_slot_in_use_has_an_account_and_names_are_used_once() -> None:
    accounts = list(DEFAULTS.accounts.values())
    slots = {rule.slot for rule in DEFAULTS.kinds.values()} | {rule.counter for rule in DEFAULTS.kinds.values()}
    assert slots - {""} <= set(DEFAULTS.accounts)
    assert len({account.name for account in accounts}) == len(accounts)
    numbers = [account.number for account in accounts if account.number]
    assert len(set(numbers)) == len(numbers)
