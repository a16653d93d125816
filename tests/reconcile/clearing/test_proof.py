"""The open items of a clearing account sum to its balance, whatever happens; and what happened is named."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from connector.reconcile.clearing.proof import prove
from connector.reconcile.clearing.values import Account, Deposit, OpenItem, Payout, Posting, Taking, Waiting
from tests.reconcile.clearing.histories import DAYS, END, START, balance, faults, history

AFTER = END + timedelta(days=10)


def total(items: tuple[OpenItem, ...]) -> int:
    return sum(item.amount for item in items)


@pytest.mark.parametrize("seed", range(2))
def test_open_items_sum_to_the_balance_at_every_date_of_a_history_of_5000_events(seed: int) -> None:
    account = history(seed)
    for days in range(-1, DAYS + 10):
        on = START + timedelta(days=days)
        proof = prove(account, on)
        assert (proof.by_documents, total(proof.items), proof.unexplained) == (balance(account, on),) * 2 + (0,), on


def test_of_a_history_that_is_paid_out_only_its_opening_is_left() -> None:
    (left,) = prove(history(1), AFTER).items
    assert (left.text, left.amount) == ("payout of December", 51_730)


@pytest.mark.parametrize("seed", range(12))
def test_one_lost_event_keeps_the_sum_and_the_proof_names_its_day(seed: int) -> None:
    draw, account = random.Random(seed), history(3, 800)
    taking, posting = draw.choice(account.takings), draw.choice(account.postings)
    payout = draw.choice([each for each in account.payouts if each.is_booked and each.takes])
    without = {
        taking.day: replace(account, takings=tuple(e for e in account.takings if e is not taking)),
        posting.day: replace(account, postings=tuple(e for e in account.postings if e is not posting)),
        payout.day: replace(account, payouts=tuple(e for e in account.payouts if e is not payout)),
    }
    clean = Counter(prove(account, AFTER).items)
    for day, lost in without.items():
        items = prove(lost, AFTER).items
        assert total(items) == balance(lost, AFTER)
        assert day in {item.day for item in Counter(items) - clean}, f"{day} is not named"


def test_a_lost_taking_stands_at_the_top_as_unexplained() -> None:
    account = history(3, 800)
    lost = replace(account, takings=account.takings[1:])
    proof = prove(lost, AFTER)
    assert proof.items[0].cause == "unknown" and "its records say" in proof.items[0].text
    assert proof.unexplained == account.takings[0].amount


def test_of_44_seeded_faults_nearly_all_are_named_with_cause_and_amount() -> None:
    seeded = [fault for seed in range(4) for fault in faults(seed)]
    assert len(seeded) >= 40 and len({fault.cause for fault in seeded}) == 10
    missed = [fault.cause for fault in seeded if not fault.is_named(prove(fault.account, END).items)]
    assert len(missed) <= 2, missed


def test_of_the_same_histories_without_faults_no_fault_is_named() -> None:
    causes = {item.cause for seed in range(4) for item in prove(history(seed, 600), END).items}
    assert causes <= {"in transit", "next batch"}


shop = partial(Account, name="Square Balance", currency="USD")


def tender(name: str, day: int, amount: int) -> Taking:
    return Taking(name=name, day=date(2026, 3, day), amount=amount, period=f"day {day}")


def posted(of: str, day: int, amount: int) -> Posting:
    return Posting(day=date(2026, 3, day), amount=amount, of=of, mark=of)


def causes(account: Account, day: int) -> list[tuple[str, int]]:
    return [(item.cause, item.amount) for item in prove(account, date(2026, 3, day)).items]


def test_a_sale_waits_for_the_next_batch_then_is_in_transit_then_gone() -> None:
    payout = Payout(name="po_1", sent=date(2026, 3, 15), day=date(2026, 3, 16), settles={"T1": 1000})
    account = shop(
        takings=[tender("T1", 14, 1000)],
        payouts=[payout],
        postings=[posted("day 14", 14, 1000), posted("po_1", 16, -1000)],
    )
    told = [causes(account, day) for day in (13, 14, 15, 16)]
    assert told == [
        [],
        [("next batch", 1000)],
        [("in transit", 1000)],
        [],
    ]


def test_a_payout_that_failed_is_in_transit_until_it_was_sent_again() -> None:
    failed = Payout(
        name="po_1", sent=date(2026, 3, 15), day=date(2026, 3, 16), settles={"T1": 1000}, others=-970, has_failed=True
    )
    again = Payout(name="po_2", sent=date(2026, 3, 17), day=date(2026, 3, 18), others=970)
    account = shop(
        takings=[tender("T1", 14, 1000)],
        payouts=[failed, again],
        postings=[posted("day 14", 14, 1000), posted("po_1", 16, -30), posted("po_2", 18, -970)],
    )
    assert [causes(account, day) for day in (16, 17, 18)] == [[("in transit", 970)], [("in transit", 970)], []]


def test_three_payouts_of_a_weekend_leave_clearing_with_the_one_deposit_that_brings_them() -> None:
    payouts = [
        Payout(
            name=f"po_{day}",
            sent=date(2026, 3, day),
            day=date(2026, 3, 16),
            settles={f"T{day}": 100 * day},
            is_booked=False,
        )
        for day in (13, 14, 15)
    ]
    account = shop(
        takings=[tender(f"T{day}", day, 100 * day) for day in (13, 14, 15)],
        payouts=payouts,
        postings=[posted(f"day {day}", day, 100 * day) for day in (13, 14, 15)],
        deposits=[Deposit(payout=each.name, day=date(2026, 3, 17), amount=each.takes) for each in payouts],
    )
    assert causes(account, 16) == [("in transit", 1300), ("in transit", 1400), ("in transit", 1500)]
    proof = prove(account, date(2026, 3, 17))
    assert (proof.items, proof.posted, proof.settled, proof.by_documents) == ((), 4200, 4200, 0)


def test_both_month_parts_of_a_settlement_are_open_until_the_one_deposit() -> None:
    parts = [
        Taking(name="April", day=date(2026, 4, 30), amount=4_235_818, period="settlement"),
        Taking(name="May", day=date(2026, 5, 2), amount=520_484, period="settlement"),
    ]
    payout = Payout(
        name="deposit", sent=date(2026, 5, 2), day=date(2026, 5, 4), settles={"April": 4_235_818, "May": 520_484}
    )
    account = shop(
        takings=parts,
        payouts=[payout],
        postings=[
            Posting(day=parts[0].day, amount=4_235_818, of="settlement", mark="1of2"),
            Posting(day=parts[1].day, amount=520_484, of="settlement", mark="2of2"),
            Posting(day=payout.day, amount=-4_756_302, of="deposit", mark="transfer"),
        ],
    )
    assert [item.text for item in prove(account, date(2026, 4, 30)).items] == ["April"]
    assert total(prove(account, date(2026, 5, 3)).items) == 4_756_302
    assert prove(account, date(2026, 5, 4)).items == ()


def test_a_held_day_is_a_missing_posting_with_the_reason_that_holds_it() -> None:
    account = shop(takings=[tender("T1", 14, 1000)], waiting=[Waiting(of="day 14", reason="a tax has no account")])
    items = prove(account, date(2026, 3, 20)).items
    assert [(item.cause, item.amount) for item in items] == [("next batch", 1000), ("missing posting", -1000)]
    assert "a tax has no account" in items[1].text and items[1].age == 6


def test_what_the_books_hold_beside_our_documents_is_unexplained_and_stands_first() -> None:
    account = shop(takings=[tender("T1", 14, 1000)], postings=[posted("day 14", 14, 1000)], in_books=1250)
    proof = prove(account, date(2026, 3, 14))
    assert [(item.cause, item.amount) for item in proof.items] == [("unknown", 250), ("next batch", 1000)]
    assert proof.unexplained == 250


def test_a_deposit_that_the_bookkeeper_has_not_coded_yet_is_named_where_the_books_still_hold_it() -> None:
    payout = Payout(name="po_1", sent=date(2026, 3, 15), day=date(2026, 3, 16), settles={"T1": 1000}, is_booked=False)
    account = shop(
        takings=[tender("T1", 14, 1000)],
        payouts=[payout],
        postings=[posted("day 14", 14, 1000)],
        deposits=[Deposit(payout="po_1", day=date(2026, 3, 17), amount=1000)],
        in_books=1000,
    )
    (item,) = prove(account, date(2026, 3, 18)).items
    assert (item.cause, item.amount, item.day) == ("missing posting", 1000, date(2026, 3, 17))
    assert prove(replace(account, in_books=0), date(2026, 3, 18)).items == ()
