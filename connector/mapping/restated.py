"""Facts as the books need them, where no record alone can tell: a sale stands on the day on which it was paid, and a
refund of an amount gives back its share of the sale's tax.

The facts keep their names, their money and their count of movements; only days and keys of buckets change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import structs

from connector.domain.defaults import SourceDefaults
from connector.domain.facts import Bucket, Fact
from connector.domain.sales import Sale, Tender
from connector.mapping.amount_refunds import with_tax_given_back


def restated(facts: Iterable[Fact], defaults: SourceDefaults) -> tuple[Fact, ...]:
    """The same facts in their order, each as the books need it. The order of the facts changes nothing else."""
    return with_tax_given_back(_on_the_day_paid(tuple(facts)), defaults)


def _on_the_day_paid(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """A sale is complete when it is paid: it stands on the day of its latest tender. The order of a sale taken offline
    only knows when it arrived; its payment knows when it was taken."""
    tenders = {fact.about.tender_id: fact for fact in facts if isinstance(fact.about, Tender)}
    return tuple(_paid(fact, fact.about, tenders) if isinstance(fact.about, Sale) else fact for fact in facts)


def _paid(fact: Fact, sale: Sale, tenders: Mapping[str, Fact]) -> Fact:
    paid = [tenders[name] for name, _ in sale.tendered if name in tenders]
    if not paid or not sale.is_complete or len(paid) < len(sale.tendered):
        return fact
    if any((tender.location, tender.currency) != (fact.location, fact.currency) for tender in paid):
        return fact
    last = max(tender.business_day for tender in paid)
    return fact if last == fact.business_day else _on(last, fact)


def _on(day: date, fact: Fact) -> Fact:
    period = day.isoformat()
    buckets = tuple(
        Bucket(key=structs.replace(bucket.key, period=period), amount=bucket.amount, count=bucket.count)
        for bucket in fact.buckets
    )
    return structs.replace(fact, business_day=day, buckets=buckets)
