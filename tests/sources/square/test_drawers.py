"""Cash drawers and disputes: what was counted, what went in and out by hand, what is there to read only."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connector.domain.sales import NoSale, RegisterClosure, TillCount
from connector.domain.shop import Location, Shop
from connector.sources.square.defaults import DEFAULTS
from tests.sources.square.building import NOON, Json, codes, fact, money, sums


def _drawer(*, expected: int = 23_000, counted: int = 22_800, out: int = -1, **extra: object) -> Json:
    """200.00 opened, 60.00 taken, 5.00 refunded, 30.00 put in and 55.00 taken out."""
    body: Json = {"id": "SHIFT", "location_id": "MAIN", "state": "CLOSED", "opened_at": "2026-03-15T12:00:00Z"}
    body |= {"closed_at": NOON, "opened_cash_money": money(20_000), "cash_payment_money": money(6_000)}
    body |= {"cash_refunds_money": money(out * 500), "cash_paid_in_money": money(3_000)}
    body |= {"cash_paid_out_money": money(out * 5_500)}
    return body | {"expected_cash_money": money(expected), "closed_cash_money": money(counted)} | extra


@pytest.mark.parametrize("out", [-1, 1])
def test_a_drawer_is_read_alike_with_either_sign_of_what_went_out(out: int) -> None:
    found = fact("cash_drawers", _drawer(out=out))
    assert isinstance(found.about, RegisterClosure)
    assert (found.about.expected, found.about.counted) == (23_000, 22_800)
    assert sums(found) == {
        ("over_short", "Cash drawer"): -200,
        ("paid_in", "Cash drawer"): 3_000,
        ("paid_out", "Cash drawer"): -5_500,
    }
    assert found.problems == ()


def test_a_drawer_tells_the_cash_that_went_through_it() -> None:
    found = fact("cash_drawers", _drawer(ended_at="2026-03-15T16:30:00Z"))
    assert isinstance(found.about, RegisterClosure)
    assert found.about.till == TillCount(
        report="cash drawer",
        register="",
        opened_at=datetime(2026, 3, 15, 12, tzinfo=UTC),
        closed_at=datetime(2026, 3, 15, 16, 30, tzinfo=UTC),
        totals=(("tender", "CASH", 6_000), ("refund_tender", "CASH", -500)),
    )


def test_a_drawer_with_more_than_expected_is_over() -> None:
    assert sums(fact("cash_drawers", _drawer(counted=23_050)))["over_short", "Cash drawer"] == 50


def test_a_drawer_that_does_not_expect_what_went_in_and_out_fails_its_identity() -> None:
    assert codes(fact("cash_drawers", _drawer(expected=23_100)).problems) == [("S13", 100)]


def test_a_closed_drawer_without_its_count_is_a_problem() -> None:
    assert codes(fact("cash_drawers", _drawer(closed_cash_money=None)).problems) == [("S13", 0)]


def test_a_drawer_closed_after_midnight_belongs_to_the_trading_day() -> None:
    bar = Location(source_id="MAIN", name="Bar", zone="America/New_York", currency="USD", closes_at=4)
    late = _drawer(closed_at="2026-03-16T06:30:00Z")
    assert fact("cash_drawers", late, Shop(locations={"MAIN": bar})).business_day == date(2026, 3, 15)


@pytest.mark.parametrize(("state", "reason"), [("OPEN", "still open"), ("ENDED", "not counted yet")])
def test_a_drawer_that_is_not_counted_holds_nothing_yet(state: str, reason: str) -> None:
    found = fact("cash_drawers", _drawer(state=state))
    assert isinstance(found.about, NoSale)
    assert reason in found.about.reason
    assert (found.buckets, found.problems) == ((), ())


def test_a_summary_of_a_drawer_asks_for_the_drawer_itself() -> None:
    sums_left_out = dict.fromkeys(
        ["cash_payment_money", "cash_refunds_money", "cash_paid_in_money", "cash_paid_out_money"]
    )
    found = fact("cash_drawers", _drawer() | sums_left_out)
    assert isinstance(found.about, NoSale)
    assert "only the summary" in found.about.reason


def test_a_state_of_a_drawer_that_nobody_knows_is_a_problem() -> None:
    assert codes(fact("cash_drawers", _drawer(state="MELTED")).problems) == [("unknown_state", 0)]


def test_over_short_and_what_went_in_and_out_stand_against_cash() -> None:
    for kind, slot in (("over_short", "over_short"), ("paid_in", "paid_out"), ("paid_out", "paid_out")):
        rule = DEFAULTS.rule(kind, "Cash drawer")
        assert rule
        assert (rule.slot, rule.side, rule.counter) == (slot, "credit", "clearing.cash")


def _dispute(state: str) -> Json:
    body: Json = {"id": "DISPUTE", "location_id": "MAIN", "state": state, "created_at": NOON}
    return body | {"amount_money": money(2209), "disputed_payment": {"payment_id": "PAYMENT"}}


@pytest.mark.parametrize(
    "state",
    [
        "INQUIRY_EVIDENCE_REQUIRED",
        "INQUIRY_PROCESSING",
        "INQUIRY_CLOSED",
        "EVIDENCE_REQUIRED",
        "PROCESSING",
        "WON",
        "LOST",
        "ACCEPTED",
    ],
)
def test_a_dispute_holds_no_money_and_says_what_it_is_about(state: str) -> None:
    found = fact("disputes", _dispute(state))
    assert isinstance(found.about, NoSale)
    assert "22.09 USD of payment PAYMENT" in found.about.reason
    assert (found.buckets, found.problems) == ((), ())


def test_a_state_of_a_dispute_that_nobody_knows_is_a_problem() -> None:
    assert codes(fact("disputes", _dispute("TOSSED")).problems) == [("unknown_state", 0)]
