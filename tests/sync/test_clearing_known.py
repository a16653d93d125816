"""What stands on a clearing account, as the store knows it: each currency by itself, and payouts made at once."""

from __future__ import annotations

from datetime import timedelta

from msgspec import structs

from connector.domain.books import Account, Books
from connector.domain.facts import Bucket, Fact, period_name
from connector.domain.payouts import Payout, PayoutEntry
from connector.reconcile.clearing.proof import prove
from connector.store.posted_lines import PostedLine
from connector.sync.clearing import comparable
from connector.sync.clearing_known import Known, clearing_accounts
from tests.mapping.given import DAY, fact, payout, rules, sale


def in_yen(facts: list[Fact]) -> list[Fact]:
    def bucket(each: Bucket) -> Bucket:
        return Bucket(key=structs.replace(each.key, currency="JPY"), amount=each.amount, count=each.count)

    return [
        structs.replace(each, currency="JPY", location="L2", buckets=tuple(bucket(of) for of in each.buckets))
        for each in facts
    ]


def posted(fact: Fact, amount: int, mark: str) -> PostedLine:
    return PostedLine(
        mark=mark,
        period=period_name(fact),
        kind="sales",
        day=DAY,
        narration="Square · sales",
        source_ref="",
        role="clearing",
        account="Square Balance",
        currency=fact.currency,
        amount=amount,
    )


def known(facts: list[Fact], lines: list[PostedLine]) -> Known:
    return Known(lines=lines, facts=facts, homes=[], waiting=[], banked=[], changed=frozenset(), booked=frozenset(),
                 rules=rules())  # fmt: skip


def test_yen_and_dollars_on_one_account_are_never_one_sum() -> None:
    dollars, yen = sale("A", 1250), in_yen(sale("B", 3240))
    lines = [posted(dollars[1], 1250, "M1"), posted(yen[1], 3240, "M2")]
    proofs = [prove(each, DAY + timedelta(days=1)) for each in clearing_accounts(known([*dollars, *yen], lines))]
    assert [(each.account, each.currency, each.by_documents) for each in proofs] == [
        ("Square Balance · JPY", "JPY", 3240),
        ("Square Balance · USD", "USD", 1250),
    ]
    assert [[(item.text, item.amount) for item in each.items] for each in proofs] == [
        [("payment PB", 3240)],
        [("payment PA", 1250)],
    ]


def test_an_account_of_one_currency_keeps_its_name() -> None:
    dollars = sale("A", 1250)
    (account,) = clearing_accounts(known(dollars, [posted(dollars[1], 1250, "M1")]))
    assert (account.name, account.currency) == ("Square Balance", "USD")


def test_a_balance_that_the_books_keep_in_another_currency_is_not_compared() -> None:
    kept = Account(account_id="1", name="Amazon.ca Clearing", number="", type="current_asset", kind="", currency="CAD")
    home = Account(account_id="2", name="Square Balance", number="", type="current_asset", kind="")
    chart = Books(name="", country="US", currency="USD", accounts=(kept, home))
    balances = {"Amazon.ca Clearing": 900, "Square Balance": 700}
    assert comparable(balances, "Amazon.ca Clearing", "CAD", chart) == 900
    assert comparable(balances, "Square Balance", "USD", chart) == 700
    assert comparable(balances, "Square Balance", "CAD", chart) is None


def test_an_instant_payout_waits_for_the_batch_that_takes_it_back_and_is_then_gone() -> None:
    taken = sale("A", 3000)
    advance = fact("payouts", "po_0", Payout(payout_id="po_0", amount=1000, arrives_on=DAY, is_explained=False),
                   ("entry", "SIMPLE_PAYOUT", 1000))  # fmt: skip
    batch = payout("po_1", 3000, 0, settles="PA")
    back = fact("payout_entries", "E2", PayoutEntry(payout_id="po_1", entry_id="E2", gross=-1000, fee=0, net=-1000),
                ("entry", "PAYOUT", -1000))  # fmt: skip
    first = [posted(taken[1], 3000, "M1"), posted(advance, -1000, "M2")]
    (account,) = clearing_accounts(known([*taken, advance], first))
    assert [(item.cause, item.text, item.amount) for item in prove(account, DAY).items] == [
        ("next batch", "instant payout po_0", -1000),
        ("next batch", "payment PA", 3000),
    ]
    (account,) = clearing_accounts(known([*taken, advance, *batch, back], [*first, posted(batch[0], -2000, "M3")]))
    assert prove(account, DAY + timedelta(days=1)).items == ()
