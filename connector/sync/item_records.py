"""What a source sold on account and what was paid for it: items and payments from its facts.

A source that names the customer's account (Lightspeed R-Series' credit accounts) gives charges and payments of that
account. Elsewhere every sale is an account of its own: nothing about a customer is kept, and what is paid later is paid
for that sale (Lightspeed X-Series' on account and layby, Square's invoices)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from connector.domain.defaults import SourceDefaults
from connector.domain.facts import Fact
from connector.domain.items import Item, Payment
from connector.domain.sales import NoSale, Receipt, Sale, Tender
from connector.store import facts as stored
from connector.store import items as kept
from connector.store.database import Transaction
from connector.store.feeds import Connection
from connector.sync.house import House

Sides = tuple[list[Item], list[Payment]]


def on_account(tx: Transaction, house: House, connection: Connection) -> Sides:
    """Every item and payment of the connection's current facts, whole: what is linked already is not taken off."""
    defaults = house.source(connection).defaults
    known = {(item.account, item.invoice): item for item in kept.wholes(tx, connection.id).items}
    found = stored.facts(tx, connection.id)
    items, payments = of_receipts(found, defaults, known)
    more, paid = _of_sales(found)
    return [*items, *more], [*payments, *paid]


def of_receipts(facts: Sequence[Fact], defaults: SourceDefaults, known: Mapping[tuple[str, str], Item]) -> Sides:
    """Of sales that bring their tenders: what they charge to an account and pay in. `known` are the items as they were
    taken in before, by account and invoice: what a sale of its own account no longer owes was paid."""
    items: list[Item] = []
    payments: list[Payment] = []
    for fact in facts:
        match fact.about:
            case Receipt(receipt_id=name, account=account) if account:
                items += _charged(fact, account, name, _sum(fact, defaults, "house_account"))
                payments += _paid(fact, account, name, _sum(fact, defaults, "customer_deposit"))
            case NoSale(record_id=name) if before := known.get((name, name)):
                items.append(replace(before, open=0))
            case Receipt(receipt_id=name):
                owed = _sum(fact, defaults, "house_account")
                before = known.get((name, name))
                whole = max(owed, before.open if before else 0)
                items += _charged(fact, name, name, whole or owed)
                payments += _settled(fact, name, whole - owed if owed >= 0 else 0)
                payments += _settled(fact, name, _sum(fact, defaults, "customer_deposit"), "deposit")
    return items, payments


def _sum(fact: Fact, defaults: SourceDefaults, role: str) -> int:
    """What the fact's movements of a role come to: charged for a house account, paid in for customer deposits."""
    rules = ((bucket, defaults.rule(bucket.key.kind, bucket.key.code)) for bucket in fact.buckets)
    return sum(
        bucket.amount if (rule.side == "debit") == (role == "house_account") else -bucket.amount
        for bucket, rule in rules
        if rule and rule.role == role
    )


def _charged(fact: Fact, account: str, invoice: str, amount: int) -> Iterator[Item]:
    if amount:
        yield Item(
            account=account, currency=fact.currency, invoice=invoice, line=1, invoiced_on=fact.business_day, open=amount
        )


def _paid(fact: Fact, account: str, name: str, amount: int) -> Iterator[Payment]:
    if amount:
        yield Payment(
            account=account, currency=fact.currency, payment_id=name, paid_on=fact.business_day, open=amount,
            kind="client",
        )  # fmt: skip


def _settled(fact: Fact, sale: str, amount: int, what: str = "paid") -> Iterator[Payment]:
    """What was paid for one sale on account, or down for one that is not complete."""
    if amount > 0:
        yield Payment(
            account=sale, currency=fact.currency, payment_id=f"{sale} {what}", paid_on=fact.business_day, open=amount,
            kind="instalment", invoice=sale,
        )  # fmt: skip


def _of_sales(facts: Iterable[Fact]) -> Sides:
    """Sales that were not paid when they were made, in full and on their day: invoices, with the tenders they got."""
    sales: dict[str, tuple[Fact, Sale]] = {}
    tenders: dict[str, list[tuple[Fact, Tender]]] = defaultdict(list)
    for fact in facts:
        if isinstance(fact.about, Sale):
            sales[fact.about.sale_id] = (fact, fact.about)
        elif isinstance(fact.about, Tender) and fact.about.sale_id:
            tenders[fact.about.sale_id].append((fact, fact.about))
    items: list[Item] = []
    payments: list[Payment] = []
    for name, (fact, sale) in sales.items():
        paid = tenders.get(name, [])
        on_the_day = all(each.business_day == fact.business_day for each, _ in paid)
        if sale.is_return or (sale.is_complete and on_the_day):
            continue
        items += _charged(fact, name, name, sale.total)
        payments += [
            Payment(
                account=name, currency=each.currency, payment_id=tender.tender_id, paid_on=each.business_day,
                open=tender.amount, kind="instalment", invoice=name,
            )
            for each, tender in paid
            if tender.amount
        ]  # fmt: skip
    return items, payments
