"""Refunds of an amount: what came back is not said, so it takes its share of what the sale still holds.

The share is in proportion to goods and their taxes, tax code by tax code, largest remainders first; what exceeds them
comes out of tips and charges. So no tax is given back that the sale does not hold any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import structs

from connector.domain.defaults import SourceDefaults
from connector.domain.facts import Bucket, Fact
from connector.domain.money import split
from connector.domain.sales import Refund, Sale, Tender
from connector.mapping.lookup import TAXED_ROLES

OF_AMOUNT = "refund_amount"  # the kind of what is given back until the sale says what it was
GOODS, TAX = "refund", "refund_tax"


class _Of(NamedTuple):
    """What a part of a sale is called when it comes back; goods have no code of their own, for none is known."""

    kind: str
    code: str
    tax_code: str


def with_tax_given_back(facts: tuple[Fact, ...], defaults: SourceDefaults) -> tuple[Fact, ...]:
    """The facts, each refund of an amount parted like what is left of its sale at that moment.

    One whose sale is not here, or holds less than was given back, stays as it is: its own slot asks."""
    if not any(_is_of_amount(fact) for fact in facts):
        return facts
    sales = {fact.about.sale_id: fact for fact in facts if isinstance(fact.about, Sale)}
    parted: dict[tuple[str, str], Fact] = {}
    for sale_id, returns in _returns(facts).items():
        if sale_id in sales:
            for fact in _parted(sales[sale_id], returns, defaults):
                parted[fact.stream, fact.source_id] = fact
    return tuple(parted.get((fact.stream, fact.source_id), fact) for fact in facts)


def _is_of_amount(fact: Fact) -> bool:
    return any(bucket.key.kind == OF_AMOUNT for bucket in fact.buckets)


def _returns(facts: Iterable[Fact]) -> Mapping[str, Sequence[Fact]]:
    """The returns of each sale, in the order of time. One that names several sales counts for each of them, so that
    no tax is given back twice; where it is of an amount, for none."""
    by_refund = _sales_by_refund(facts)
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in sorted(facts, key=lambda fact: (fact.occurred_at, fact.stream, fact.source_id)):
        if isinstance(fact.about, Sale):
            names = fact.about.returned_from or by_refund.get(fact.about.sale_id, ())
            for name in names if len(names) == 1 or not _is_of_amount(fact) else ():
                found[name].append(fact)
    return found


def _sales_by_refund(facts: Iterable[Fact]) -> Mapping[str, Sequence[str]]:
    """Return → the sales whose tenders its refunds gave back."""
    paid_for: dict[str, str] = {}
    refunds: list[Refund] = []
    for fact in facts:
        match fact.about:
            case Tender(tender_id=tender_id, sale_id=sale_id):
                paid_for[tender_id] = sale_id
            case Refund() as refund:
                refunds.append(refund)
            case _:
                pass
    found: dict[str, list[str]] = defaultdict(list)
    for refund in refunds:
        sale = paid_for.get(refund.tender_id, "")
        if sale and sale not in found[refund.sale_id]:
            found[refund.sale_id].append(sale)
    return found


def _parted(sale: Fact, returns: Sequence[Fact], defaults: SourceDefaults) -> Iterator[Fact]:
    left: dict[_Of, int] = defaultdict(int)
    for fact in (sale, *returns):
        if fact is not sale and _is_of_amount(fact):
            parts = _parts(-sum(bucket.amount for bucket in fact.buckets if bucket.key.kind == OF_AMOUNT), left)
            if not parts or not all(defaults.rule(of.kind, of.code) for of in parts):
                continue
            fact = _with_parts(fact, parts)
            yield fact
        for bucket in fact.buckets:
            if _comes_back(bucket) == (fact is not sale):
                left[_of(bucket, defaults)] += bucket.amount


def _comes_back(bucket: Bucket) -> bool:
    return bucket.key.kind.startswith(("refund", "exchange"))


def _of(bucket: Bucket, defaults: SourceDefaults) -> _Of:
    key = bucket.key
    rule = defaults.rule(key.kind, key.code)
    if rule and rule.role in TAXED_ROLES:
        return _Of(GOODS, "", key.tax_code)
    if rule and rule.role == "tax":
        return _Of(TAX, key.code, key.tax_code)
    what = key.kind.removeprefix("exchange_").removeprefix("refund_")
    return _Of(f"refund_{what}", key.code, key.tax_code)


def _parts(amount: int, left: Mapping[_Of, int]) -> dict[_Of, int]:
    """The parts of an amount given back, positive; none where more was given back than is left."""
    goods = {of: n for of, n in left.items() if n > 0 and of.kind in (GOODS, TAX)}
    others = {of: n for of, n in left.items() if n > 0 and of.kind not in (GOODS, TAX)}
    of_goods = min(amount, sum(goods.values()))
    if amount <= 0 or amount - of_goods > sum(others.values()):
        return {}
    return {**_shared(of_goods, goods), **_shared(amount - of_goods, others)}


def _shared(amount: int, weights: Mapping[_Of, int]) -> dict[_Of, int]:
    if not amount:
        return {}
    parts = zip(weights, split(amount, list(weights.values())), strict=True)
    return {of: part for of, part in parts if part}


def _with_parts(fact: Fact, parts: Mapping[_Of, int]) -> Fact:
    """The same return in parts. What was one movement is still one: the first part has it."""
    kept = [bucket for bucket in fact.buckets if bucket.key.kind != OF_AMOUNT]
    whole = [bucket for bucket in fact.buckets if bucket.key.kind == OF_AMOUNT]
    key, count = whole[0].key, sum(bucket.count for bucket in whole)
    for of, amount in sorted(parts.items()):
        made = structs.replace(key, kind=of.kind, code=of.code or key.code, tax_code=of.tax_code)
        if of.kind == TAX:
            made = structs.replace(made, parent=f"{GOODS}|{key.code}")
        kept.append(Bucket(key=made, amount=-amount, count=count))
        count = 0
    return structs.replace(fact, buckets=tuple(kept), vector=b"")
