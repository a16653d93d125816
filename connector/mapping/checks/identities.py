"""The source's own identities between records: each sale against its tenders, each refund, each payout.

Values in, problems out. Identities within one record are the translator's and come with the fact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from connector.domain.facts import Fact, Problem
from connector.domain.money import decimal_text
from connector.domain.payouts import Payout, PayoutEntry
from connector.domain.sales import Refund, Sale, Tender
from connector.mapping.periods import PayoutPeriod

Name = tuple[str, str]  # stream, source id
Place = tuple[str, date, str]  # location, business day, currency


@dataclass(slots=True)
class _Index:
    sales: dict[str, tuple[Fact, Sale]] = field(default_factory=dict)
    tenders: dict[str, tuple[Fact, Tender]] = field(default_factory=dict)
    refunds: list[tuple[Fact, Refund]] = field(default_factory=list)


def sale_problems(facts: Iterable[Fact]) -> Mapping[Name, tuple[Problem, ...]]:
    """For each fact by name, what does not agree: S7, S9, orphans, and refunds that do not equal their return."""
    index = _indexed(facts)
    problems: dict[Name, list[Problem]] = defaultdict(list)
    for fact, problem in _all(index):
        problems[fact.stream, fact.source_id].append(problem)
    return {name: tuple(found) for name, found in problems.items()}


def merged(*several: Mapping[Name, tuple[Problem, ...]]) -> Mapping[Name, tuple[Problem, ...]]:
    """The problems of several checks, by the name of the fact."""
    names = {name for problems in several for name in problems}
    return {name: tuple(each for problems in several for each in problems.get(name, ())) for name in names}


def payout_problems(period: PayoutPeriod) -> tuple[Problem, ...]:
    """S11: the entries of a payout sum to its amount; and neither stands without the other."""
    entries = [fact.about for fact in period.entries if isinstance(fact.about, PayoutEntry)]
    if period.payout is None or not isinstance(period.payout.about, Payout):
        message = f"The entries of payout {period.payout_id} are here, the payout is not."
        return (Problem(code="orphan", message=message, difference=sum(entry.net for entry in entries)),)
    payout, currency = period.payout.about, period.payout.currency
    if not payout.is_explained:
        return ()
    if not entries:
        message = (
            f"Payout {payout.payout_id} of {decimal_text(payout.amount, currency)} {currency} has no entries here."
        )
        return (Problem(code="missing_entries", message=message, difference=payout.amount),)
    off = payout.amount - sum(entry.net for entry in entries)
    message = f"Payout {payout.payout_id} differs from its entries by {decimal_text(off, currency)} {currency}."
    return (Problem(code="S11", message=message, difference=off),) if off else ()


def deposits(facts: Iterable[Fact]) -> Mapping[Place, int]:
    """What customer deposits take (−) and give back (+) by place, day and currency: a tender posts on its own day, and
    until the sale completes the other side is a deposit."""
    index = _indexed(facts)
    sums: dict[Place, int] = defaultdict(int)
    for fact, tender in index.tenders.values():
        found = index.sales.get(tender.sale_id)
        if found is None or (found[1].is_complete and _place(found[0]) == _place(fact)):
            continue
        sums[_place(fact)] -= tender.amount
        if found[1].is_complete:
            sums[_place(found[0])] += tender.amount
    return {place: amount for place, amount in sums.items() if amount}


def _place(fact: Fact) -> Place:
    return (fact.location, fact.business_day, fact.currency)


def _indexed(facts: Iterable[Fact]) -> _Index:
    index = _Index()
    for fact in facts:
        match fact.about:
            case Sale() as sale:
                index.sales[sale.sale_id] = (fact, sale)
            case Tender() as tender:
                index.tenders[tender.tender_id] = (fact, tender)
            case Refund() as refund:
                index.refunds.append((fact, refund))
            case _:
                pass
    return index


def _all(index: _Index) -> Iterator[tuple[Fact, Problem]]:
    refunds_of_sale: dict[str, int] = defaultdict(int)
    refunds_of_tender: dict[str, int] = defaultdict(int)
    for _, refund in index.refunds:
        refunds_of_sale[refund.sale_id] += refund.amount
        refunds_of_tender[refund.tender_id] += refund.amount
    for fact, sale in index.sales.values():
        if sale.is_return:
            yield from _return_problems(fact, sale, refunds_of_sale[sale.sale_id])
        else:
            yield from _tendered_problems(fact, sale, index, refunds_of_sale[sale.sale_id])
    for fact, tender in index.tenders.values():
        yield from _tender_problems(fact, tender, index, refunds_of_tender[tender.tender_id])
    for fact, refund in index.refunds:
        yield from _refund_problems(fact, refund, index)


def _tendered_problems(fact: Fact, sale: Sale, index: _Index, refunded: int) -> Iterator[tuple[Fact, Problem]]:
    off = sale.total - sum(amount for _, amount in sale.tendered) + refunded
    if off and sale.is_complete:
        yield fact, _problem("S7", f"Sale {sale.sale_id} differs from its tenders by {{}}.", off, fact)
    for tender_id, amount in sale.tendered:
        if tender_id not in index.tenders:
            yield fact, _problem("S7", f"Payment {tender_id} of {{}} of sale {sale.sale_id} is not here.", amount, fact)
            continue
        other, tender = index.tenders[tender_id]
        if tender.amount != amount:
            text = f"Sale {sale.sale_id} and payment {tender_id} differ by {{}}."
            yield fact, _problem("S7", text, amount - tender.amount, fact)
        if other.location != fact.location or other.currency != fact.currency:
            text = f"Sale {sale.sale_id} and payment {tender_id} of {{}} are of different places or currencies."
            yield fact, _problem("several_places", text, amount, fact)
            yield other, _problem("several_places", text, amount, fact)


def _return_problems(fact: Fact, sale: Sale, refunded: int) -> Iterator[tuple[Fact, Problem]]:
    off = sale.total + refunded
    if off:
        yield fact, _problem("S9", f"Return {sale.sale_id} and its refunds differ by {{}}.", off, fact)


def _tender_problems(fact: Fact, tender: Tender, index: _Index, refunded: int) -> Iterator[tuple[Fact, Problem]]:
    sale = index.sales.get(tender.sale_id)
    if sale is None:
        text = f"Payment {tender.tender_id} of {{}} has no sale here (order {tender.sale_id or 'unknown'})."
        yield fact, _problem("orphan", text, tender.amount, fact)
    elif tender.tender_id not in {name for name, _ in sale[1].tendered}:
        text = f"Payment {tender.tender_id} of {{}} is not among the tenders of its sale {tender.sale_id}."
        yield fact, _problem("S7", text, tender.amount, fact)
    off = tender.refunded - refunded
    if off:
        text = f"Payment {tender.tender_id}: what was given back differs from its refunds by {{}}."
        yield fact, _problem("S9", text, off, fact)


def _refund_problems(fact: Fact, refund: Refund, index: _Index) -> Iterator[tuple[Fact, Problem]]:
    found = index.sales.get(refund.sale_id)
    if found is None:
        text = f"Refund {refund.refund_id} of {{}} has no return here (order {refund.sale_id or 'unknown'})."
        yield fact, _problem("orphan", text, refund.amount, fact)
    elif found[0].business_day != fact.business_day or found[0].location != fact.location:
        text = f"Refund {refund.refund_id} of {{}} and its return are of different days or places."
        yield fact, _problem("several_days", text, refund.amount, fact)
        yield found[0], _problem("several_days", text, refund.amount, fact)


def _problem(code: str, text: str, minor: int, fact: Fact) -> Problem:
    amount = f"{decimal_text(minor, fact.currency)} {fact.currency}"
    return Problem(code=code, message=text.format(amount), difference=minor)
