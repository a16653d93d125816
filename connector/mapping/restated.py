"""Facts as the books need them, where no record alone can tell: a sale stands on the day on which it was paid, a
return on that of its refund, and a refund of an amount gives back its share of the sale's tax.

The facts keep their names, their money and their count of movements; only days and keys of buckets change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import structs

from connector.domain.defaults import SourceDefaults
from connector.domain.facts import Bucket, Fact
from connector.domain.sales import Refund, Sale, Tender
from connector.mapping.amount_refunds import with_tax_given_back


def restated(facts: Iterable[Fact], defaults: SourceDefaults) -> tuple[Fact, ...]:
    """The same facts in their order, each as the books need it. The order of the facts changes nothing else."""
    return with_tax_given_back(_on_the_day_paid(tuple(facts)), defaults)


def _on_the_day_paid(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """A sale is complete when it is paid: it stands on the day of its latest tender. The order of a sale taken offline
    only knows when it arrived; its payment knows when it was taken. A return may be made a moment before midnight, and
    its refund a moment after."""
    tenders: dict[str, Fact] = {}
    refunds: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if isinstance(fact.about, Tender):
            tenders[fact.about.tender_id] = fact
        elif isinstance(fact.about, Refund):
            refunds[fact.about.sale_id].append(fact)
    return tuple([_moved(fact, tenders, refunds) for fact in facts])


def _moved(fact: Fact, tenders: Mapping[str, Fact], refunds: Mapping[str, Sequence[Fact]]) -> Fact:
    if not isinstance(fact.about, Sale):
        return fact
    if fact.about.is_return:
        return _given_back(fact, refunds.get(fact.about.sale_id, ()))
    return _paid(fact, fact.about, tenders)


def _given_back(fact: Fact, refunds: Sequence[Fact]) -> Fact:
    """The return on the day of its refunds, where they have one day and all are of its place and currency."""
    days = {refund.business_day for refund in refunds}
    if len(days) != 1 or any((each.location, each.currency) != (fact.location, fact.currency) for each in refunds):
        return fact
    (day,) = days
    return fact if day == fact.business_day else _on(day, fact)


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
