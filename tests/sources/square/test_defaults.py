"""The proposals: every kind that a translator can name has a rule, every rule a slot with an account."""

from __future__ import annotations

import pytest

from connector.sources.square.defaults import DEFAULTS
from connector.sources.square.translate.lines import EXCHANGED, REFUNDED, SOLD, Side
from connector.sources.square.translate.payments import EXTERNAL_TYPES, SOURCE_TYPES
from connector.sources.square.translate.payouts import ENTRY_TYPES, SIMPLE_PAYOUT

TENDERS = [*SOURCE_TYPES, "SQUARE_GIFT_CARD", *(f"EXTERNAL:{kind}" for kind in EXTERNAL_TYPES)]


@pytest.mark.parametrize(("side", "group"), [(SOLD, "sales"), (REFUNDED, "refunds"), (EXCHANGED, "returns")])
def test_every_piece_of_a_sale_and_of_a_return_has_a_rule(side: Side, group: str) -> None:
    kinds = [
        side.sale, side.discount, side.tax, side.service_charge, side.gratuity, side.gift_card, side.tip, side.rounding,
    ]  # fmt: skip
    rules = [DEFAULTS.rule(kind, "anything") for kind in kinds]
    assert [(rule.side, rule.group) for rule in rules if rule] == [("credit", group)] * 8


@pytest.mark.parametrize(("kind", "group"), [("tender", "tenders"), ("refund_tender", "refund tenders")])
def test_every_known_tender_has_a_rule_and_no_other(kind: str, group: str) -> None:
    rules = [DEFAULTS.rule(kind, code) for code in TENDERS]
    assert {(rule.side, rule.group) for rule in rules if rule} == {("debit", group)}
    assert all(rules)
    assert DEFAULTS.rule(kind, "SEASHELLS") is None
    assert {code for known, code in DEFAULTS.kinds if known == kind} == set(TENDERS)


def test_every_known_payout_entry_has_a_rule_and_no_other() -> None:
    assert len(ENTRY_TYPES) == 58
    assert {code for kind, code in DEFAULTS.kinds if kind == "entry"} == ENTRY_TYPES | {SIMPLE_PAYOUT}
    assert DEFAULTS.rule("entry", "CONFETTI") is None


def test_what_has_only_one_side_at_the_till_names_the_other() -> None:
    counters = {kind: rule.counter for (kind, _), rule in DEFAULTS.kinds.items() if rule.counter}
    assert counters == {
        "over_short": "clearing.cash",
        "paid_in": "clearing.cash",
        "paid_out": "clearing.cash",
        "gift_card_goodwill": "gift_cards",
        "gift_card_transfer": "gift_cards",
        "gift_card_cleared": "gift_cards",
        "gift_card_change": "gift_cards",
    }


def test_what_only_the_owner_can_decide_asks() -> None:
    asking = {slot for slot, account in DEFAULTS.accounts.items() if account.asks}
    asked = {"service_charge", "adjustments", "paid_out", "other_income", "stored_balance", "refunds.of_unknown_sales"}
    assert asking == asked


def test_cards_wait_in_the_square_balance_cash_and_other_payments_apart() -> None:
    tenders = [DEFAULTS.rule("tender", code) for code in ("CARD", "CASH", "EXTERNAL:CHECK", "SQUARE_GIFT_CARD")]
    slots = [rule.slot for rule in tenders if rule]
    names = [account.name for slot in slots if (account := DEFAULTS.account(slot))]
    assert names == ["Square Balance", "Square Cash Clearing", "Square Other Payments Clearing", "Square Gift Cards"]


def test_every_slot_in_use_has_an_account() -> None:
    counters = {rule.counter for rule in DEFAULTS.kinds.values() if rule.counter}
    assert {rule.slot for rule in DEFAULTS.kinds.values()} | counters <= set(DEFAULTS.accounts)


def test_account_numbers_and_names_are_each_used_once() -> None:
    accounts = list(DEFAULTS.accounts.values())
    assert len({account.number for account in accounts}) == len({account.name for account in accounts}) == len(accounts)
