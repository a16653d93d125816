"""Gift card activities: those that no order and no payment tells change what is owed to bearers, the others do not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.domain.sales import CardStep, Charge, NoSale
from connector.sources.square.defaults import DEFAULTS
from connector.sources.square.records import Money
from connector.sources.square.till_records import GiftCardActivity
from connector.sources.square.translate.gift_cards import SIGNS, balances_before
from tests.sources.square.building import NOON, Json, codes, fact, money, sums


def _activity(kind: str, amount: int | None = 500, details: Json | None = None, **extra: object) -> Json:
    told: Json = dict(details or {})
    if amount is not None:
        told["amount_money"] = money(amount)
    body: Json = {"id": "ACTIVITY", "type": kind, "location_id": "MAIN", "created_at": NOON, "gift_card_id": "CARD"}
    return body | {f"{kind.lower()}_activity_details": told} | extra


@pytest.mark.parametrize(
    ("kind", "details", "reason"),
    [
        ("ACTIVATE", {"order_id": "ORDER"}, "a line of order ORDER"),
        ("LOAD", {"order_id": "ORDER"}, "a line of order ORDER"),
        ("REDEEM", {"payment_id": "PAYMENT"}, "payment PAYMENT"),
        ("REDEEM", {"payment_id": "PAYMENT", "status": "PENDING"}, "still pending"),
        ("REDEEM", {"status": "CANCELED"}, "was cancelled"),
        ("REFUND", {"payment_id": "PAYMENT"}, "a refund of PAYMENT"),
        ("REFUND", {"redeem_activity_id": "EARLIER"}, "a refund of EARLIER"),
        ("BLOCK", {"reason": "CHARGEBACK_BLOCK"}, "nothing of its balance changes"),
        ("UNBLOCK", {}, "nothing of its balance changes"),
    ],
)
def test_what_an_order_or_a_payment_tells_is_not_counted_again(kind: str, details: Json, reason: str) -> None:
    found = fact("gift_card_activities", _activity(kind, details=details))
    assert isinstance(found.about, NoSale)
    assert reason in found.about.reason
    assert (found.buckets, found.problems) == ((), ())


def test_an_older_answer_names_the_payment_beside_the_details() -> None:
    found = fact("gift_card_activities", _activity("REDEEM", payment_id="PAYMENT", status="COMPLETED"))
    assert isinstance(found.about, NoSale)


@pytest.mark.parametrize(
    ("kind", "details", "change"),
    [
        ("LOAD", {"order_id": "ORDER"}, 500),
        ("REDEEM", {"payment_id": "PAYMENT", "status": "COMPLETED"}, -500),
        ("REDEEM", {"payment_id": "PAYMENT", "status": "PENDING"}, None),
        ("ADJUST_INCREMENT", {"reason": "COMPLIMENTARY"}, 500),
        ("TRANSFER_BALANCE_FROM", {}, -500),
        ("CLEAR_BALANCE", {}, None),
        ("BLOCK", {}, 0),
    ],
)
def test_every_activity_is_a_step_of_its_cards_balance(kind: str, details: Json, change: int | None) -> None:
    about = fact("gift_card_activities", _activity(kind, details=details, gift_card_balance_money=money(1200))).about
    assert isinstance(about, Charge | NoSale)
    assert about.step == CardStep(card="CARD", change=change, balance=1200)


def test_goodwill_is_a_discount_against_what_is_owed_to_bearers() -> None:
    found = fact("gift_card_activities", _activity("ADJUST_INCREMENT", details={"reason": "COMPLIMENTARY"}))
    assert isinstance(found.about, Charge)
    assert (found.about.charge_id, found.about.about) == ("ACTIVITY", "CARD")
    assert sums(found) == {("gift_card_goodwill", "ADJUST_INCREMENT:COMPLIMENTARY"): -500}
    rule = DEFAULTS.rule("gift_card_goodwill", "ADJUST_INCREMENT:COMPLIMENTARY")
    assert rule
    assert (rule.slot, rule.side, rule.counter) == ("discount", "credit", "gift_cards")


@pytest.mark.parametrize(
    ("kind", "reason", "amount"),
    [
        ("ADJUST_INCREMENT", "TRANSACTION_VOIDED", -500),
        ("ADJUST_INCREMENT", "A_REASON_OF_TOMORROW", -500),
        ("ADJUST_DECREMENT", "PURCHASE_WAS_REFUNDED", 500),
        ("IMPORT", "", -500),
        ("IMPORT_REVERSAL", "", 500),
        ("UNLINKED_ACTIVITY_REFUND", "", -500),
        ("ACTIVATE", "", -500),
        ("LOAD", "", -500),
        ("REDEEM", "", 500),
        ("REFUND", "", -500),
    ],
)
def test_every_other_change_of_a_balance_asks_the_owner(kind: str, reason: str, amount: int) -> None:
    found = fact("gift_card_activities", _activity(kind, details={"reason": reason} if reason else {}))
    code = f"{kind}:{reason}" if reason else kind
    assert sums(found) == {("gift_card_change", code): amount}
    rule = DEFAULTS.rule("gift_card_change", code)
    account = DEFAULTS.account(rule.slot) if rule else None
    assert account
    assert account.asks


def test_money_moved_between_cards_comes_to_nothing_over_both() -> None:
    left = fact("gift_card_activities", _activity("TRANSFER_BALANCE_FROM"))
    arrived = fact("gift_card_activities", _activity("TRANSFER_BALANCE_TO"))
    assert sums(left)["gift_card_transfer", "TRANSFER_BALANCE_FROM"] == 500
    assert sums(arrived)["gift_card_transfer", "TRANSFER_BALANCE_TO"] == -500


@pytest.mark.parametrize("kind", ["CLEAR_BALANCE", "DEACTIVATE"])
def test_a_cleared_card_holds_what_was_on_it_and_asks_the_owner(kind: str) -> None:
    body = _activity(kind, None, {"reason": "SUSPICIOUS_ACTIVITY"}, balance_before_money=money(800))
    assert sums(fact("gift_card_activities", body)) == {("gift_card_cleared", f"{kind}:SUSPICIOUS_ACTIVITY"): 800}
    rule = DEFAULTS.rule("gift_card_cleared", kind)
    account = DEFAULTS.account(rule.slot) if rule else None
    assert account
    assert account.asks


def test_a_cleared_card_without_a_balance_holds_nothing_and_one_that_does_not_say_is_a_problem() -> None:
    empty = fact("gift_card_activities", _activity("CLEAR_BALANCE", None, balance_before_money=money(0)))
    assert isinstance(empty.about, NoSale)
    silent = fact("gift_card_activities", _activity("CLEAR_BALANCE", None, gift_card_balance_money=money(0)))
    assert codes(silent.problems) == [("unknown_amount", 0)]


def test_an_activity_that_nobody_knows_is_a_problem() -> None:
    body = _activity("EVAPORATE", gift_card_balance_money=money(0))
    assert codes(fact("gift_card_activities", body).problems) == [("unknown_activity", 0)]


def test_the_balance_before_is_of_the_same_card_and_the_activity_just_before() -> None:
    def of(name: str, card: str, hour: int, kind: str, balance: int) -> GiftCardActivity:

        return GiftCardActivity(
            id=name,
            gift_card_id=card,
            type=kind,
            created_at=datetime(2026, 3, 15, hour, tzinfo=UTC),
            gift_card_balance_money=Money(amount=balance, currency="USD"),
        )

    activities = [of("3", "A", 12, "CLEAR_BALANCE", 0), of("1", "A", 9, "LOAD", 900), of("2", "B", 11, "LOAD", 50)]
    assert balances_before(activities) == {"3": Money(amount=900, currency="USD")}
    assert balances_before(activities[:1]) == {}


def test_every_known_activity_has_a_sign() -> None:
    assert len(SIGNS) == 13
    assert set(SIGNS.values()) == {-1, 1}
