"""The proposals: every kind that a translator can name has a rule, every rule a slot with an account."""

from __future__ import annotations

import pytest

from connector.sources.lightspeed_x.defaults import DEFAULTS
from connector.sources.lightspeed_x.translate.lines import ADJUSTMENTS

OF_LINES = ("discount", "tax", "gift_card")


@pytest.mark.parametrize(
    ("kinds", "group"),
    [
        (["sale", "rounding", "customer_deposit", *OF_LINES, *ADJUSTMENTS.values()], "sales"),
        (["refund", *(f"refund_{kind}" for kind in ("rounding", *OF_LINES, *ADJUSTMENTS.values()))], "refunds"),
        (["exchange_return", *(f"exchange_{kind}" for kind in OF_LINES)], "returns"),
    ],
)
def test_every_piece_of_a_sale_a_return_and_an_exchange_has_a_rule(kinds: list[str], group: str) -> None:
    rules = [DEFAULTS.rule(kind, "anything") for kind in kinds]
    assert {(rule.side, rule.group) for rule in rules if rule} == {("credit", group)}
    assert all(rules)
    assert {kind for kind, _ in DEFAULTS.kinds if DEFAULTS.kinds[kind, _].group == group} == set(kinds)


def test_every_slot_in_use_has_an_account() -> None:
    assert {rule.slot for rule in DEFAULTS.kinds.values()} <= set(DEFAULTS.accounts)


def test_account_names_are_each_used_once_and_numbers_too() -> None:
    accounts = list(DEFAULTS.accounts.values())
    numbers = [account.number for account in accounts if account.number]
    assert len({account.name for account in accounts}) == len(accounts)
    assert len(set(numbers)) == len(numbers) == len(accounts) - 1


def test_custom_types_share_no_number_for_the_books_would_take_one_for_the_other() -> None:
    custom = DEFAULTS.account("clearing.custom")
    assert custom
    assert custom.number == ""
