"""Customers' own accounts: a draw uses the customer's deposit first, a payment pays first what he owes."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.account_map import AccountMap, Placement
from connector.domain.facts import Fact
from connector.domain.sales import Receipt
from connector.mapping.documents import documents
from tests.mapping.given import BANK, DAY, fact, rules

CREDIT, DEPOSITS = "Lightspeed Credit Account", "Lightspeed Customer Deposits"


def charged(name: str, amount: int, account: str = "7", day: date = DAY) -> Fact:
    """Goods taken on account."""
    about = Receipt(receipt_id=name, account=account)
    return fact("sales", name, about, ("sale", "Books", amount), ("tender", "credit account", amount), day=day)


def paid_in(name: str, amount: int, account: str = "7", day: date = DAY) -> Fact:
    """Cash onto the account."""
    about = Receipt(receipt_id=name, account=account)
    return fact(
        "sales", name, about, ("customer_deposit", "credit account", amount), ("tender", "cash", amount), day=day
    )


def returned(name: str, amount: int, day: date) -> Fact:
    """Goods given back to the account."""
    about = Receipt(receipt_id=name, account="7", is_refund=True)
    pieces = ("refund", "Books", -amount), ("refund_tender", "credit account", -amount)
    return fact("sales", name, about, *pieces, day=day)


def balances(*facts: Fact) -> dict[str, int]:
    """What stands on the two accounts after all, debit positive, nothing left out."""
    sums: dict[str, int] = {}
    for document in documents(facts, rules("lightspeed")).documents:
        assert sum(line.amount for line in document.lines) == 0
        for line in document.lines:
            sums[line.account] = sums.get(line.account, 0) + line.amount
    return {name: sums[name] for name in (CREDIT, DEPOSITS) if sums.get(name)}


def test_a_draw_uses_what_the_customer_paid_in_before_he_owes_anything() -> None:
    later = DAY + timedelta(days=2)
    assert balances(paid_in("1", 10000), charged("2", 2796, day=later)) == {DEPOSITS: -7204}
    assert balances(paid_in("1", 1000), charged("2", 2796, day=later)) == {CREDIT: 1796}


def test_a_payment_pays_what_is_owed_before_it_is_a_deposit() -> None:
    later = DAY + timedelta(days=2)
    assert balances(charged("1", 2796), paid_in("2", 2796, day=later)) == {}
    assert balances(charged("1", 2796), paid_in("2", 3000, day=later)) == {DEPOSITS: -204}
    assert balances(charged("1", 2796), returned("2", 1000, later)) == {CREDIT: 1796}


def test_one_customer_s_deposit_pays_nothing_of_another_one() -> None:
    assert balances(paid_in("1", 5000, "7"), charged("2", 3000, "8")) == {CREDIT: 3000, DEPOSITS: -5000}


def test_what_meets_is_a_document_of_the_day_on_which_it_meets() -> None:
    later = DAY + timedelta(days=2)
    made = documents([paid_in("1", 10000), charged("2", 2796, day=later)], rules("lightspeed"))
    (met,) = (each for each in made.documents if each.kind == "adjustment")
    assert met.date == later
    assert [(line.account, line.amount) for line in met.lines] == [(DEPOSITS, 2796), (CREDIT, -2796)]


def test_books_that_keep_both_on_one_account_have_nothing_to_set_off() -> None:
    both = AccountMap(slots={**BANK, "customer_deposit": Placement(account=CREDIT)})
    made = documents([paid_in("1", 10000), charged("2", 2796)], rules("lightspeed", account_map=both))
    assert [each.kind for each in made.documents] == ["sales"]


@given(st.lists(st.tuples(st.sampled_from("78"), st.integers(-500, 500), st.integers(0, 3)), max_size=12))
def test_the_two_accounts_hold_what_each_customer_owes_or_has_paid_in(moves: list[tuple[str, int, int]]) -> None:
    facts, owed = [], {"7": 0, "8": 0}
    for n, (account, amount, days) in enumerate(moves):
        day = DAY + timedelta(days=days)
        make = charged if amount > 0 else paid_in
        facts.append(make(str(n), abs(amount), account, day))
        owed[account] += amount
    wanted = {
        CREDIT: sum(max(each, 0) for each in owed.values()),
        DEPOSITS: sum(min(each, 0) for each in owed.values()),
    }
    assert balances(*facts) == {name: amount for name, amount in wanted.items() if amount}
