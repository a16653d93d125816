"""The rules of clearing accounts (AK) and of settlements against deposits (A2), each by its name; those of payments
and invoice items (AM) stand in allocate/test_membership_rules.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.domain.account_map import AccountMap
from connector.domain.books import TaxRate
from connector.mapping.auditor import audit
from connector.mapping.checks.audited import Audit
from connector.mapping.lookup import TAXED_ROLES
from connector.reconcile.clearing.proof import prove
from connector.reconcile.clearing.values import Account, Payout, Posting, Taking
from connector.reconcile.matching.rules import ChannelRule, Rules
from connector.sources.registry import source
from tests.mapping.audit.given import FIRST, account, books, mapped, posted, to, use, world
from tests.mapping.audit.test_many_gaps import GAPS
from tests.mapping.given import rules
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


def test_ak_06_each_discrepancy_has_its_amount_and_cause_and_the_clearing_balances_are_always_known() -> None:
    sold = Taking(name="payment A", day=date(2026, 3, 2), amount=10_000, period="day 2")
    lost = Taking(name="payment B", day=date(2026, 3, 3), amount=2_500, period="day 3")
    paid = Payout(
        name="po_1", sent=date(2026, 3, 4), day=date(2026, 3, 5), settles={"payment A": 9_900, "payment B": 2_500}
    )
    account = replace(_square([sold, lost], [paid], [
        Posting(day=sold.day, amount=sold.amount, of=sold.period, mark="day 2"),
        Posting(day=paid.day, amount=-paid.takes, of="po_1", mark="po_1"),
    ]), in_books=-1_900)  # fmt: skip
    proof = prove(account, date(2026, 3, 6))
    assert [(item.cause, item.amount) for item in proof.items] == [
        ("unknown", 500), ("tender mismatch", 100), ("missing posting", -2_500),
    ]  # fmt: skip
    assert (proof.by_documents, proof.in_books, proof.unexplained) == (-2_400, -1_900, 500)
    assert sum(item.amount for item in proof.items) == proof.in_books


def _product() -> Audit:
    decided = mapped(codes={("sale", "Food"): to("Sales - Food"), ("sale", "Soft drinks"): to("Sales - Drinks")})
    chart = books(account("Sales - Food"), account("Sales - Drinks"))
    return world(use("sale", "Cold drinks", 80_00), account_map=decided, books=chart)


def _wrong_category() -> Audit:
    fees = tuple(posted("Square Fees", "fee", FIRST + timedelta(days=n), debit=5_00) for n in range(3))
    return world(use("rounding", "", 12), posted=fees, account_map=mapped({"rounding": to("Square Fees")}))


def _tax() -> Audit:
    vat = TaxRate(code="OUTPUT2", name="20% (VAT on Income)")
    return world(uses=(use("sale", "Food", 600_00, tax_code="VAT 20%"),), payouts=(),
                 books=books(country="GB", rates=(vat,)),
                 rules=rules(account_map=mapped(), country="GB", out_of_scope="NONE"))  # fmt: skip


@pytest.mark.parametrize(
    ("watched", "found", "code"),
    [
        ("a new product", _product, "unmapped_code"),
        ("a new account", lambda: GAPS["account_missing"](world()), "account_missing"),
        ("a category gone wrong", _wrong_category, "new_kind_on_account"),
        ("a payment type", lambda: GAPS["new_tender"](world()), "new_tender"),
        ("a tax type", _tax, "unmapped_tax"),
        ("the bank account", lambda: world(account_map=AccountMap(number=1)), "unmapped_bank"),
    ],
    ids=lambda each: each.replace(" ", "_") if isinstance(each, str) else "",
)
def test_ak_07_what_specialists_watch_for_is_found_and_told_with_what_mends_it(
    watched: str, found: Callable[[], Audit], code: str
) -> None:
    (finding,) = audit(found())
    assert (finding.code, bool(finding.message), bool(finding.fix)) == (code, True, True), watched


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
