"""What customers charge and pay in at the shop: a draw uses what the customer paid in before he owes anything, and a
payment pays what he owes before it is a deposit.

A record says only that an account was charged or paid. So each charge stands in house accounts and each payment in
customer deposits, and what meets within one customer's account is set off on the day on which it meets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from connector.domain.defaults import SourceDefaults
from connector.domain.facts import BucketKey, Fact
from connector.domain.sales import Receipt

HOUSE, DEPOSIT = "house_account", "customer_deposit"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOff:
    """What customer deposits are debited and house accounts credited by, in minor units; below nothing the other way
    round. The keys are of buckets that go to the two."""

    amount: int
    deposit: BucketKey
    house: BucketKey


Place = tuple[str, date, str]  # location, business day, currency


def set_offs(facts: Iterable[Fact], defaults: SourceDefaults) -> Mapping[Place, SetOff]:
    """What meets by place, day and currency, over all customers, in the order in which it happened."""
    accounts: dict[tuple[str, str], _Account] = defaultdict(_Account)
    found: dict[Place, SetOff] = {}
    for fact in sorted(_on_account(facts), key=lambda fact: (fact.business_day, fact.occurred_at, fact.source_id)):
        assert isinstance(fact.about, Receipt)
        account = accounts[fact.about.account, fact.currency]
        amount = account.take(fact, defaults)
        if amount and account.deposit and account.house:
            place = (fact.location, fact.business_day, fact.currency)
            amount += found[place].amount if place in found else 0
            found[place] = SetOff(amount=amount, deposit=account.deposit, house=account.house)
    return {place: each for place, each in found.items() if each.amount}


@dataclass(slots=True)
class _Account:
    """One customer's account: what he owes (+) or has paid in (−), and keys of the buckets that said so."""

    balance: int = 0
    deposit: BucketKey | None = None
    house: BucketKey | None = None

    def take(self, fact: Fact, defaults: SourceDefaults) -> int:
        """Moves the balance by a receipt; gives what of it meets: the charges beyond what he then owes more."""
        owed, charged, moved = max(self.balance, 0), 0, 0
        for bucket in fact.buckets:
            rule = defaults.rule(bucket.key.kind, bucket.key.code)
            if rule is None or rule.role not in (HOUSE, DEPOSIT):
                continue
            amount = bucket.amount if rule.side == "debit" else -bucket.amount
            moved += amount
            if rule.role == HOUSE:
                charged, self.house = charged + amount, self.house or bucket.key
            else:
                self.deposit = self.deposit or bucket.key
        self.balance += moved
        return charged - (max(self.balance, 0) - owed)


def _on_account(facts: Iterable[Fact]) -> Iterator[Fact]:
    return (fact for fact in facts if isinstance(fact.about, Receipt) and fact.about.account)
