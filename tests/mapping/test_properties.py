"""What must hold for any facts whatever: nothing lost, everything balanced, the order of no matter."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.facts import Fact
from connector.mapping.documents import documents
from connector.mapping.outcome import Journalized
from tests.mapping.given import DAY, payout, refund, rules, sale, settlement

AMOUNTS = st.integers(1, 50_000)
DAYS = st.integers(0, 3).map(lambda n: DAY + timedelta(days=n))


@st.composite
def shops(draw: st.DrawFn) -> list[Fact]:
    """A few days of sales, refunds and payouts; some sales do not agree with their tender."""
    facts: list[Fact] = []
    for n, (amount, day, off) in enumerate(draw(st.lists(st.tuples(AMOUNTS, DAYS, st.sampled_from([0, 0, 0, 1]))))):
        facts += sale(f"O{n}", amount, day, tendered=amount + off)
    for n, (amount, day) in enumerate(draw(st.lists(st.tuples(AMOUNTS, DAYS), max_size=4))):
        facts += refund(f"X{n}", amount, day)
    for n, (gross, fee) in enumerate(draw(st.lists(st.tuples(AMOUNTS, st.integers(0, 500)), max_size=4))):
        facts += payout(f"po{n}", gross, fee)
    return facts


MONTHS = ["2026-03", "2026-04", "2026-05"]
KINDS = ["sales", "fee_referral", "refund_sales", "reserve_held", "tax_collected", "negative_balance_brought_forward"]


@st.composite
def settlements(draw: st.DrawFn) -> Fact:
    """Any settlement of up to three months, of any sign."""
    wanted = st.tuples(st.sampled_from(KINDS), st.sampled_from(MONTHS))
    pieces = draw(st.dictionaries(wanted, st.integers(-9_000, 9_000).filter(bool), min_size=1))
    total = sum(pieces.values())
    deposit = draw(st.sampled_from([date(2026, 5, 4), date(2026, 6, 2)]))
    return settlement(total, *((kind, month, n) for (kind, month), n in pieces.items()), deposits_on=deposit)


def movements(made: Journalized) -> Counter[object]:
    placed = [share for document in made.documents for line in document.lines for share in line.shares]
    placed += [share for held in made.held for share in held.shares]
    placed += [share for ignored in made.ignored for share in ignored.shares]
    counted: Counter[object] = Counter()
    for share in placed:
        counted[share.bucket] += share.count
    return counted


@given(shops())
def test_each_movement_is_in_one_document_or_on_one_list(facts: list[Fact]) -> None:
    wanted: Counter[object] = Counter()
    for fact in facts:
        wanted.update({bucket.key: bucket.count for bucket in fact.buckets})
    assert movements(documents(facts, rules())) == wanted


@given(shops(), st.randoms())
def test_the_order_in_which_records_came_changes_nothing(facts: list[Fact], random: object) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert documents(shuffled, rules()) == documents(facts, rules())


@given(shops())
def test_separate_refunds_post_the_same_money_as_one_journal(facts: list[Fact]) -> None:
    together, apart = documents(facts, rules()), documents(facts, rules(separate_refunds=True))
    assert balances(together) == balances(apart)


@given(settlements(), st.sampled_from(["clearing", "bank"]))
def test_after_the_last_document_of_a_settlement_only_a_debt_is_left(fact: Fact, style: str) -> None:
    made = documents([fact], rules("amazon", style=style))
    total = fact.about.total  # type: ignore[union-attr]
    derived: Counter[str] = Counter()
    for document in made.documents:
        for line in document.lines:
            derived[line.role] += line.amount if not line.shares else 0
    assert derived["carry"] == 0
    assert derived["bank"] == max(total, 0)
    assert derived["clearing"] == min(total, 0)


@given(settlements())
def test_no_bank_line_is_dated_before_the_deposit(fact: Fact) -> None:
    for style in ("clearing", "bank"):
        for document in documents([fact], rules("amazon", style=style)).documents:
            if any(line.role == "bank" for line in document.lines):
                assert document.date == fact.about.deposits_on  # type: ignore[union-attr]


def balances(made: Journalized) -> dict[str, int]:
    sums: dict[str, int] = {}
    for document in made.documents:
        for line in document.lines:
            sums[line.account] = sums.get(line.account, 0) + line.amount
    return {account: amount for account, amount in sums.items() if amount}
