"""The proposals: every kind that a translator can name has a rule, every rule a slot with an account."""

from __future__ import annotations

import pytest

from connector.sources.dash.defaults import DEFAULTS

TENDERS = {
    "cash": "Dash Cash Clearing",
    "credit_card": "Dash Credit Card Clearing",
    "debit_card": "Dash Debit Card Clearing",
    "check": "Dash Check Clearing",
    "delivery_provider": "Delivery Provider",
    "gift_card": "Dash Gift Cards",
    "food_voucher": "Dash Other Payments Clearing",
}


@pytest.mark.parametrize("kind", ["tender", "refund_tender"])
@pytest.mark.parametrize(("method", "name"), TENDERS.items())
def test_every_payment_waits_in_the_account_of_the_table(kind: str, method: str, name: str) -> None:
    rule = DEFAULTS.rule(kind, method)
    assert rule and rule.side == "debit"
    account = DEFAULTS.account(rule.slot)
    assert account and account.name == name
    assert account.type == ("current_liability" if method == "gift_card" else "current_asset")


def test_each_of_several_delivery_providers_has_an_account_by_its_name() -> None:
    rules = [DEFAULTS.rule(kind, "Swift Bites") for kind in ("provider_tender", "provider_refund_tender")]
    accounts = [DEFAULTS.account(rule.slot) for rule in rules if rule]
    assert [account.name for account in accounts if account] == ["Delivery Provider {code}"] * 2


def test_service_charges_and_paid_outs_wait_for_the_owner() -> None:
    assert {account.name for account in DEFAULTS.accounts.values() if account.asks} == {
        "Dash Service Charge Income",
        "Dash Paid-outs to be coded",
    }


def test_every_piece_of_the_sale_side_has_a_rule_in_its_group() -> None:
    sold = ["sale", "discount", "tax", "tip", "service_charge", "gift_card", "rounding", "commission", "fee_deducted"]
    groups = [rule.group for kind in sold if (rule := DEFAULTS.rule(kind, "anything"))]
    assert groups == ["sales"] * len(sold)
    back = [rule.group for kind in ("refund", "refund_tax") if (rule := DEFAULTS.rule(kind, "anything"))]
    assert back == ["refunds"] * 2


def test_what_has_only_one_side_names_the_other() -> None:
    counters = [rule.counter for kind in ("fee", "paid_out") if (rule := DEFAULTS.rule(kind, ""))]
    assert counters == ["clearing.card", "clearing.cash"]


def test_every_slot_in_use_has_an_account() -> None:
    used = {rule.slot for rule in DEFAULTS.kinds.values()} | {rule.counter for rule in DEFAULTS.kinds.values()} - {""}
    assert used == set(DEFAULTS.accounts)


def test_account_numbers_and_names_are_each_used_once() -> None:
    accounts = list(DEFAULTS.accounts.values())
    assert len({account.number for account in accounts}) == len({account.name for account in accounts}) == len(accounts)
