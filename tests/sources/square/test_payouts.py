"""Payouts and what explains them."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.facts import UNKNOWN
from connector.domain.payouts import Payout, PayoutEntry
from connector.domain.sales import NoSale
from connector.domain.shop import Location, Shop
from connector.errors import Unreadable
from tests.sources.square.building import MAIN_ST, SHOP, codes, entry, fact, payout, payout_money, sums, sums_of


def test_a_batch_payout_is_explained_by_its_entries_and_holds_no_pieces_itself() -> None:
    found = fact("payouts", payout(26993))
    assert found.about == Payout(
        payout_id="po_1",
        amount=26993,
        arrives_on=date(2026, 3, 17),
        is_explained=True,
        reference="L2603170001",
    )
    assert (found.business_day, found.currency, found.buckets) == (date(2026, 3, 17), "USD", ())


def test_money_under_way_counts_and_a_day_of_arrival_that_is_missing_is_the_local_one() -> None:
    found = fact("payouts", payout(1000, status="SENT", arrival_date=None, created_at="2026-03-17T02:00:00Z"))
    assert isinstance(found.about, Payout)
    assert found.business_day == date(2026, 3, 16)


def test_a_failed_payout_with_entries_never_arrived() -> None:
    about = fact("payouts", payout(1000, status="FAILED")).about
    assert isinstance(about, Payout)
    assert about.has_failed


def test_a_failed_instant_payout_is_no_money() -> None:
    found = fact("payouts", payout(1000, status="FAILED", type="SIMPLE"))
    assert isinstance(found.about, NoSale)
    assert "comes back with a later payout" in found.about.reason
    assert found.buckets == ()


def test_a_payout_of_an_unknown_status_is_no_money_and_a_problem() -> None:
    assert codes(fact("payouts", payout(1000, status="LIMBO")).problems) == [("unknown_status", 0)]


def test_a_withdrawal_is_negative() -> None:
    about = fact("payouts", payout(-103)).about
    assert isinstance(about, Payout)
    assert about.amount == -103


@pytest.mark.parametrize("destination", ["SQUARE_BALANCE", "SQUARE_STORED_BALANCE"])
def test_a_payout_to_a_balance_at_square_is_not_at_the_bank(destination: str) -> None:
    about = fact("payouts", payout(1000, destination={"type": destination})).about
    assert isinstance(about, Payout)
    assert about.kept_by_processor


def test_a_payout_names_the_account_that_it_goes_to_by_squares_own_id() -> None:
    about = fact("payouts", payout(1000, destination={"type": "BANK_ACCOUNT", "id": "bact:ZPp3"})).about
    assert isinstance(about, Payout)
    assert (about.destination, about.kept_by_processor) == ("bact:ZPp3", False)


def test_an_instant_payout_is_counted_once_over_both_payouts() -> None:
    instant = fact("payouts", payout(6000, id="po_0", type="SIMPLE"))
    later = [fact("payout_entries", entry("CHARGE", 10000)), fact("payout_entries", entry("PAYOUT", -6000))]
    assert isinstance(instant.about, Payout)
    assert not instant.about.is_explained
    assert sums(instant) == {("entry", "SIMPLE_PAYOUT"): 6000}
    assert sum(sums_of([instant, *later]).values()) == 10000


def test_the_fee_of_an_instant_payout_is_left_to_its_entry() -> None:
    fee = {"type": "TRANSFER_FEE", "amount_money": payout_money(105)}
    assert sums(fact("payouts", payout(6000, type="SIMPLE", payout_fee=[fee]))) == {("entry", "SIMPLE_PAYOUT"): 6000}


def test_a_payout_of_an_unknown_type_is_shown_as_unknown() -> None:
    assert sums(fact("payouts", payout(6000, type="GOLD"))) == {(UNKNOWN, "payout of type GOLD"): 6000}


def test_an_entry_parts_gross_and_fee() -> None:
    found = fact("payout_entries", entry("CHARGE", 10000, 290))
    assert sums(found) == {("entry", "CHARGE"): 10000, ("entry_fee", "CHARGE"): -290}
    assert found.about == PayoutEntry(payout_id="po_1", entry_id="poe_CHARGE", gross=10000, fee=290, net=9710)
    assert (found.location, found.problems) == ("", ())


def test_a_refund_entry_may_give_its_fee_back() -> None:
    found = fact("payout_entries", entry("REFUND", -5000, -200))
    assert sums(found) == {("entry", "REFUND"): -5000, ("entry_fee", "REFUND"): 200}


def test_an_entry_names_the_payment_or_refund_it_settles() -> None:
    payment, both = {"payment_id": "PAY"}, {"payment_id": "PAY", "refund_id": "REF"}
    entries = [
        entry("CHARGE", 100, type_charge_details=payment),
        entry("REFUND", -100, type_refund_details=both),
        entry("OPEN_DISPUTE", -100, type_open_dispute_details=payment),
    ]
    settled = [
        about.settles for each in entries if isinstance(about := fact("payout_entries", each).about, PayoutEntry)
    ]
    assert settled == ["PAY", "REF", ""]


def test_an_entry_whose_net_is_wrong_names_the_identity_and_the_difference() -> None:
    found = fact("payout_entries", entry("CHARGE", 10000, 290, net_amount_money=payout_money(9700)))
    assert codes(found.problems) == [("S10", -10)]


def test_an_entry_of_an_unknown_type_is_shown_as_unknown() -> None:
    assert sums(fact("payout_entries", entry("CONFETTI", -700))) == {(UNKNOWN, "CONFETTI"): -700}


def test_an_entry_takes_the_day_of_the_zone_that_most_locations_keep() -> None:
    west = Location(source_id="WEST", name="West", zone="America/Los_Angeles")
    east = Location(source_id="EAST", name="East", zone="America/New_York")
    last_of_march = entry("FEE", -700, effective_at="2026-04-01T05:30:00Z")
    most_west = Shop(locations={"MAIN": MAIN_ST, "WEST": west, "WEST2": west})
    most_east = Shop(locations={"MAIN": MAIN_ST, "WEST": west, "EAST": east})
    assert fact("payout_entries", last_of_march, most_west).business_day == date(2026, 3, 31)
    assert fact("payout_entries", last_of_march, most_east).business_day == date(2026, 4, 1)
    assert fact("payout_entries", last_of_march, SHOP).business_day == date(2026, 4, 1)


def test_an_entry_without_any_zone_asks_for_one() -> None:
    with pytest.raises(Unreadable, match="--zone"):
        fact("payout_entries", entry("CHARGE", 10000), Shop())
