"""The rules of clearing accounts (AK) and of settlements against deposits (A2), each by its name; those of payments
and invoice items (AM) stand in allocate/test_membership_rules.py."""

from __future__ import annotations

from datetime import date

import pytest

from connector.mapping.lookup import TAXED_ROLES
from connector.reconcile.clearing.proof import prove
from connector.reconcile.clearing.values import Account, Payout, Posting, Taking
from connector.reconcile.matching.rules import ChannelRule, Rules
from connector.sources.registry import source
from tests.reconcile.matching.books import entry, line, only

SOURCES = ("amazon", "dash", "lightspeed", "lightspeed_x", "loyverse", "square")


@pytest.mark.parametrize("name", SOURCES)
def test_ak_01_clearing_accounts_of_payments_are_current_assets(name: str) -> None:
    kinds = {each.type for slot, each in source(name).defaults.accounts.items() if slot.partition(".")[0] == "clearing"}
    assert kinds == {"current_asset"}


@pytest.mark.parametrize("name", SOURCES)
def test_ak_02_gift_cards_and_exchange_credit_are_liabilities(name: str) -> None:
    accounts = source(name).defaults.accounts
    assert {accounts[slot].type for slot in ("gift_cards", "store_credit") if slot in accounts} <= {"current_liability"}


def test_ak_03_clearing_lines_carry_no_tax() -> None:
    assert not TAXED_ROLES & {"clearing", "carry", "bank", "gift_card", "store_credit"}


@pytest.mark.parametrize(
    ("name", "slot", "account"),
    [
        ("square", "clearing.card", "Square Balance"),
        ("loyverse", "clearing.custom", "Loyverse {code} Clearing"),
        ("dash", "clearing.check", "Dash Check Clearing"),
        ("dash", "clearing.delivery", "Delivery Provider"),
    ],
)
def test_ak_04_each_way_of_paying_has_its_own_account(name: str, slot: str, account: str) -> None:
    assert source(name).defaults.accounts[slot].name == account


def test_ak_05_a_bank_deposit_goes_to_the_clearing_account_whose_words_are_in_its_text() -> None:
    rules = Rules(channels=(
        ChannelRule(name="Loyverse Cash Clearing", descriptors=("CASH DEP",)),
        ChannelRule(name="Loyverse Voucher Clearing", descriptors=("VOUCHER CO",)),
    ))  # fmt: skip
    entries = [entry("cash", "2026-03-02", "80.00", "Loyverse Cash Clearing"),
               entry("voucher", "2026-03-02", "80.00", "Loyverse Voucher Clearing")]  # fmt: skip
    assert only([line("b1", "2026-03-04", "80.00", "VOUCHER CO 991")], entries, rules).entries == ("voucher",)


def test_a2_01_a_settlement_is_one_deposit_and_one_entry() -> None:
    found = only(
        [line("b1", "2026-05-04", "47563.02", "AMAZON 11775533991")],
        [entry("deposit", "2026-05-04", "47563.02", "Amazon", batch="11775533991")],
    )
    assert (len(found.lines), len(found.entries), found.confidence) == (1, 1, "certain")


def test_a2_02_a_settlement_over_a_month_end_has_a_document_a_month_and_one_entry_to_match() -> None:
    parts = [Taking(name="April", day=date(2026, 4, 30), amount=4_235_818, period="s"),
             Taking(name="May", day=date(2026, 5, 2), amount=520_484, period="s")]  # fmt: skip
    deposit = Payout(
        name="d", sent=date(2026, 5, 2), day=date(2026, 5, 4), settles={"April": 4_235_818, "May": 520_484}
    )
    postings = [Posting(day=each.day, amount=each.amount, of="s", mark=each.name) for each in parts]
    account = Account(
        name="Amazon.com Clearing", currency="USD", takings=parts, payouts=[deposit],
        postings=[*postings, Posting(day=deposit.day, amount=-4_756_302, of="d", mark="transfer")],
    )  # fmt: skip
    assert [item.amount for item in prove(account, date(2026, 5, 3)).items] == [4_235_818, 520_484]
    assert prove(account, date(2026, 5, 4)).items == ()


def test_a2_03_a_deposit_in_home_currency_is_found_by_the_rate_and_never_by_its_digits() -> None:
    foreign = entry("s", "2026-05-04", "748.97", "Amazon")
    assert only([line("b1", "2026-05-06", "968.56", "AMAZON.COM", "CAD")], [foreign]).rung == 8


def _square(takings: list[Taking], payouts: list[Payout], postings: list[Posting]) -> Account:
    return Account(name="Square Balance", currency="USD", takings=takings, payouts=payouts, postings=postings)


def test_a_chargeback_is_an_open_dispute_until_the_payout_that_takes_it_back() -> None:
    sale = Taking(name="payment A", day=date(2026, 3, 2), amount=10_000, period="day 2")
    back = Taking(name="dispute A", day=date(2026, 3, 9), amount=-10_000, period="day 9", kind="dispute")
    other = Taking(name="payment B", day=date(2026, 3, 10), amount=25_000, period="day 10")
    first = Payout(name="po_1", sent=date(2026, 3, 3), day=date(2026, 3, 4), settles={"payment A": 10_000})
    later = Payout(name="po_2", sent=date(2026, 3, 11), day=date(2026, 3, 12),
                   settles={"dispute A": -10_000, "payment B": 25_000})  # fmt: skip
    account = _square([sale, back, other], [first, later], [
        *(Posting(day=each.day, amount=each.amount, of=each.period, mark=each.name) for each in (sale, back, other)),
        Posting(day=first.day, amount=-10_000, of="po_1", mark="po_1"),
        Posting(day=later.day, amount=-15_000, of="po_2", mark="po_2"),
    ])  # fmt: skip
    assert [(item.cause, item.amount) for item in prove(account, date(2026, 3, 9)).items] == [("dispute", -10_000)]
    assert prove(account, date(2026, 3, 12)).items == ()


def test_a_reserve_over_three_settlements_is_held_named_and_released() -> None:
    held = Taking(name="reserve of s1", day=date(2026, 4, 14), amount=30_000, period="s1", kind="reserve")
    more = Taking(name="reserve of s2", day=date(2026, 4, 28), amount=5_000, period="s2", kind="reserve")
    release = Payout(name="s3", sent=date(2026, 5, 12), day=date(2026, 5, 13),
                     settles={"reserve of s1": 30_000, "reserve of s2": 5_000})  # fmt: skip
    account = _square([held, more], [release], [
        *(Posting(day=each.day, amount=each.amount, of=each.period, mark=each.name) for each in (held, more)),
        Posting(day=release.day, amount=-35_000, of="s3", mark="s3"),
    ])  # fmt: skip
    told = [prove(account, date(2026, month, day)).items for month, day in ((4, 14), (4, 28), (5, 13))]
    assert [[(item.cause, item.amount) for item in items] for items in told] == [
        [("reserve", 30_000)], [("reserve", 30_000), ("reserve", 5_000)], [],
    ]  # fmt: skip
