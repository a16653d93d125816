"""The rules of memberships and classes, AM-01 to AM-12."""

from __future__ import annotations

import pytest

from connector.errors import Unreadable
from connector.reconcile.allocate.automatic import (
    ANOTHER_WAITS,
    NO_PURCHASE,
    NOT_CHOSEN,
    NOT_IN_FULL,
    NOT_THE_BALANCE,
    reconcile_itself,
)
from connector.reconcile.allocate.by_hand import link, undo
from connector.reconcile.allocate.tool import allocate
from connector.reconcile.allocate.values import CREDIT_LEFT, NO_ITEM, NO_PAYMENT, PAID_BACK
from tests.reconcile.allocate.accounts import item, linked, listed, payment

SWIM = [item("INV-1/1", "2026-01-05", "60.00"), item("INV-1/2", "2026-01-05", "40.00")]


def test_am_01_a_payment_is_linked_to_items_of_an_invoice_with_an_amount_for_each() -> None:
    made = allocate([payment("P1", "2026-01-06", "75.00")], SWIM)
    assert linked(made) == [("P1", "INV-1/1", 6000), ("P1", "INV-1/2", 1500)]
    by_hand = link(payment("P1", "2026-01-06", "75.00"), SWIM[1], 2500)
    assert (by_hand.item.name, by_hand.amount) == ("INV-1/2", 2500)


def test_am_01_by_hand_no_more_can_be_linked_than_both_sides_have_open() -> None:
    with pytest.raises(Unreadable, match=r"Item INV-1/2 has 40.00 USD open, so 41.00 cannot be linked."):
        link(payment("P1", "2026-01-06", "75.00"), SWIM[1], 4100)
    with pytest.raises(Unreadable, match=r"Payment P1 has 20.00 USD open"):
        link(payment("P1", "2026-01-06", "20.00"), SWIM[1], 4000)
    with pytest.raises(Unreadable, match="not of one account"):
        link(payment("P1", "2026-01-06", "20.00", "Bo"), SWIM[1], 2000)


def test_am_02_a_purchase_paid_in_full_is_reconciled_by_itself() -> None:
    made = reconcile_itself([payment("P1", "2026-01-05", "100.00", kind="purchase", invoice="INV-1")], SWIM)
    assert linked(made) == [("P1", "INV-1/1", 6000), ("P1", "INV-1/2", 4000)]
    assert made.left == []


def test_am_02_a_purchase_not_paid_in_full_is_listed() -> None:
    made = reconcile_itself([payment("P1", "2026-01-05", "99.99", kind="purchase", invoice="INV-1")], SWIM)
    assert made.links == []
    assert listed(made)["P1"] == (9999, NOT_IN_FULL)


def test_am_03_the_first_instalment_is_reconciled_at_purchase() -> None:
    older = item("INV-0/1", "2025-12-01", "80.00")
    made = reconcile_itself([payment("P1", "2026-01-05", "25.00", kind="instalment", invoice="INV-1")], [older, *SWIM])
    assert linked(made) == [("P1", "INV-1/1", 2500)]


def test_am_04_each_later_instalment_is_reconciled_when_it_is_paid() -> None:
    days = ("2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05", "2026-05-05")
    paid = [payment(f"P{n}", day, "25.00", kind="instalment", invoice="INV-1") for n, day in enumerate(days)]
    made = reconcile_itself(paid, SWIM)
    assert sum(amount for _, _, amount in linked(made)) == 10000
    assert linked(made)[2:4] == [("P2", "INV-1/1", 1000), ("P2", "INV-1/2", 1500)]
    assert listed(made) == {"P4": (2500, NO_PURCHASE)}


def test_am_05_a_clients_payment_equal_to_the_account_balance_is_reconciled() -> None:
    credit = item("INV-2/1", "2026-01-08", "-10.00")
    made = reconcile_itself([payment("P1", "2026-01-09", "90.00")], [*SWIM, credit])
    assert linked(made) == [("INV-2/1", "INV-1/1", 1000), ("P1", "INV-1/1", 5000), ("P1", "INV-1/2", 4000)]
    assert made.left == []


def test_am_05_what_is_invoiced_after_the_payment_is_not_in_its_balance() -> None:
    later = item("INV-2/1", "2026-02-01", "30.00")
    made = reconcile_itself([payment("P1", "2026-01-09", "100.00")], [*SWIM, later])
    assert len(made.links) == 2
    assert listed(made) == {"INV-2/1": (3000, NO_PAYMENT)}


def test_am_06_a_clients_partial_payment_is_only_listed() -> None:
    made = reconcile_itself([payment("P1", "2026-01-09", "60.00")], SWIM)
    assert made.links == []
    assert listed(made)["P1"] == (6000, NOT_THE_BALANCE)


def test_am_06_the_rest_of_the_balance_does_not_decide_for_the_partial_payment_before_it() -> None:
    made = reconcile_itself([payment("P1", "2026-01-09", "60.00"), payment("P2", "2026-01-12", "40.00")], SWIM)
    assert made.links == []
    assert listed(made)["P2"] == (4000, ANOTHER_WAITS)


def test_am_07_an_administrators_payment_is_reconciled_only_if_chosen() -> None:
    chosen = payment("P1", "2026-01-09", "60.00", kind="administrator", reconcile=True)
    assert linked(reconcile_itself([chosen], SWIM)) == [("P1", "INV-1/1", 6000)]
    made = reconcile_itself([payment("P1", "2026-01-09", "100.00", kind="administrator")], SWIM)
    assert made.links == []
    assert listed(made)["P1"] == (10000, NOT_CHOSEN)


def test_am_08_the_tool_links_the_oldest_payment_to_the_oldest_item_of_each_account() -> None:
    items = [item("INV-9/1", "2026-03-01", "30.00"), item("INV-2/1", "2026-02-01", "50.00", "Bo"), *SWIM]
    payments = [payment("P2", "2026-03-02", "50.00"), payment("P1", "2026-02-02", "80.00"),
                payment("P3", "2026-01-01", "50.00", "Bo")]  # fmt: skip
    wanted = [("P1", "INV-1/1", 6000), ("P1", "INV-1/2", 2000), ("P2", "INV-1/2", 2000), ("P2", "INV-9/1", 3000)]
    assert linked(allocate(payments, items)) == [*wanted, ("P3", "INV-2/1", 5000)]
    assert linked(allocate(payments, items, account="Ana")) == wanted


def test_am_08_items_of_a_day_go_by_invoice_number_and_line() -> None:
    items = [item(name, "2026-01-05", "10.00") for name in ("10/1", "9/2", "9/1")]
    made = allocate([payment("P1", "2026-01-06", "30.00")], items)
    assert [name for _, name, _ in linked(made)] == ["9/1", "9/2", "10/1"]


def test_am_09_a_payment_and_an_item_of_one_day_are_not_tied_if_older_items_are_open() -> None:
    items = [item("INV-5/1", "2026-02-10", "25.00"), item("INV-1/1", "2026-01-10", "25.00")]
    made = allocate([payment("P1", "2026-02-10", "25.00")], items)
    assert linked(made) == [("P1", "INV-1/1", 2500)]
    assert listed(made) == {"INV-5/1": (2500, NO_PAYMENT)}


def test_am_10_credits_and_balances_stay_open_with_a_reason() -> None:
    items = [item("INV-1/1", "2026-01-05", "-20.00"), item("INV-2/1", "2026-01-05", "15.00", "Bo")]
    made = allocate([payment("P1", "2026-01-06", "5.00"), payment("P2", "2026-01-06", "-7.00")], items)
    assert listed(made) == {
        "INV-1/1": (-2000, CREDIT_LEFT),
        "P1": (500, NO_ITEM),
        "INV-2/1": (1500, NO_PAYMENT),
        "P2": (-700, PAID_BACK),
    }


def test_am_11_a_reconciliation_is_removed_by_hand() -> None:
    links = list(allocate([payment("P1", "2026-01-06", "75.00")], SWIM).links)
    assert [each.item.name for each in undo(links, "P1", "INV-1/2")] == ["INV-1/1"]
    assert undo(links, "P1") == []
    with pytest.raises(Unreadable, match="Payment P7 is not linked"):
        undo(links, "P7")


def test_am_12_a_second_run_changes_nothing() -> None:
    first = allocate([payment("P1", "2026-01-06", "75.00")], SWIM)
    assert len(first.links) == 2
    again = allocate([payment("P1", "2026-01-06", "0.00")], [item("INV-1/2", "2026-01-05", "25.00")])
    assert again.links == []
    assert listed(again) == {"INV-1/2": (2500, NO_PAYMENT)}
