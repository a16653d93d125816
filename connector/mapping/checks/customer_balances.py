"""The source's own balances of customers' accounts and gift cards, against what was charged, paid in and redeemed here.

Values in, findings out: balances hold no day, for what an account held before the first record is not known here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from connector.domain.defaults import SourceDefaults
from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.money import decimal_text
from connector.domain.sales import Balances, NoSale, Receipt

NAMED = 3  # accounts that a finding names; the rest is counted
FIX = (
    "Nothing is held. What an account held before the first record here, and what somebody changed by hand at the "
    "source, is not seen: book it as an opening balance or an adjustment."
)
_WORDS = {"house_account": "customers' accounts", "gift_card": "gift cards"}


def balance_findings(facts: Iterable[Fact], defaults: SourceDefaults) -> tuple[Finding, ...]:
    """A warning for each reading of balances that our records until then do not come to."""
    facts = tuple(facts)
    told = [(fact, fact.about.balances) for fact in facts if isinstance(fact.about, NoSale) and fact.about.balances]
    return tuple(finding for fact, balances in told for finding in _compared(fact, balances, facts, defaults))


def _compared(told: Fact, balances: Balances, facts: Iterable[Fact], defaults: SourceDefaults) -> Iterator[Finding]:
    ours: Counter[str] = Counter()
    theirs = Counter(dict(balances.rows))
    in_sum = "" in theirs
    for fact in facts:
        if isinstance(fact.about, Receipt) and fact.currency == told.currency and fact.occurred_at <= told.occurred_at:
            ours["" if in_sum else fact.about.account] += _moved(fact, balances, defaults)
    off = {name: ours[name] - theirs[name] for name in sorted({*ours, *theirs}) if ours[name] != theirs[name]}
    if off:
        yield _finding(told, balances, sum(ours.values()), sum(theirs.values()), off)


def _moved(fact: Fact, balances: Balances, defaults: SourceDefaults) -> int:
    """What a record adds to what is owed to the shop."""
    total = 0
    for bucket in fact.buckets:
        rule = defaults.rule(bucket.key.kind, bucket.key.code)
        if rule and rule.role in balances.roles:
            total += bucket.amount if rule.side == "debit" else -bucket.amount
    return total


def _finding(told: Fact, balances: Balances, ours: int, theirs: int, off: dict[str, int]) -> Finding:
    def money(amount: int) -> str:
        return f"{decimal_text(amount, told.currency)} {told.currency}"

    named = [f"{name} by {money(amount)}" for name, amount in off.items() if name]
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    which = f" Accounts that differ: {', '.join(named[:NAMED])}{more}." if named else ""
    what = _WORDS.get(balances.roles[0], "balances")
    return Finding(
        code="balance_differs",
        subject=f"{told.stream}/{told.source_id}",
        severity="warning",
        message=f"The source says that {what} come to {money(theirs)} on {told.business_day}, the records here to "
        f"{money(ours)}.{which}",
        fix=FIX,
        amount=abs(ours - theirs),
        currency=told.currency,
    )
