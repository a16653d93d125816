"""What was open at the cut-over → one opening document an account; and what the facts say was not paid out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from connector.domain.account_map import Placement
from connector.domain.cutover import Cutover, OpeningItem
from connector.domain.document import Document, Line
from connector.domain.facts import Fact
from connector.domain.payouts import Payout, PayoutEntry, Settlement
from connector.domain.sales import Charge, Receipt, Refund, Tender
from connector.domain.shop import local_day
from connector.mapping.express import site
from connector.mapping.lines import derived
from connector.mapping.lookup import Missing, slot_account
from connector.mapping.outcome import Journalized, held_for_mapping, joined, of_period
from connector.mapping.payouts import last_day
from connector.mapping.rules import Rules

_CLEARING_ITSELF = frozenset({"negative_balance_brought_forward", "transfer_returned"})


def openings(cutover: Cutover, rules: Rules) -> Journalized:
    """One document for each account and currency that held something, dated the first day of the feed, its items named
    and the method before on the other side. They stand on no movement: their lines are derived."""
    if cutover.starts_on is None or cutover.gaps:
        return Journalized()
    by_slot: dict[tuple[str, str], list[OpeningItem]] = {}
    for item in sorted(cutover.items):
        by_slot.setdefault((item.slot, item.currency), []).append(item)
    return joined(
        of_period(
            _opening(items, cutover, cutover.starts_on, rules.on(cutover.starts_on)), f"opening|{slot}|{currency}"
        )
        for (slot, currency), items in by_slot.items()
    )


def _opening(items: Sequence[OpeningItem], cutover: Cutover, day: date, rules: Rules) -> Journalized:
    slot, currency = items[0].slot, items[0].currency
    key = rules.key(location="", kind="opening", period=f"{slot}/{currency}")
    home = slot_account(slot.partition("@")[0], rules, _names(slot.partition("@")[2]))
    if isinstance(home, Missing):
        return held_for_mapping(key, (home,), currency, (), abs(sum(item.amount for item in items)))
    lines = [_line(item, home, rules) for item in items]
    rest = -sum(line.amount for line in lines)
    other = derived("opening", Placement(account=cutover.against), rest, rules, f"Until {cutover.last_day}")
    document = Document(
        key=key,
        mark=rules.mark(key, day),
        date=day,
        currency=currency,
        kind="opening",
        narration=f"{rules.defaults.title} · opening of {home.account or home.number}",
        source_ref=f"cut-over {cutover.last_day}",
        lines=(*lines, other),
    )
    return Journalized(documents=(document,))


def _line(item: OpeningItem, home: Placement, rules: Rules) -> Line:
    role, side = item.opens
    return derived(role, home, item.amount if side == "debit" else -item.amount, rules, item.name)


def _names(marketplace: str) -> Mapping[str, str]:
    return {"marketplace": marketplace, "site": site(marketplace)} if marketplace else {}


def not_paid_out(facts: Sequence[Fact], starts_on: date) -> list[OpeningItem]:
    """What payouts since the first day bring of takings before it, as far as the facts tell: an item for each payout
    (one that failed too: it is sent again),
    and for each settlement that arrives after, of what ended before: the whole, or months of it."""
    days = {_id(fact): fact.business_day for fact in facts}
    late = {
        fact.about.payout_id for fact in facts if isinstance(fact.about, Payout) and fact.about.arrives_on >= starts_on
    }
    sums: dict[tuple[str, str], int] = {}
    for fact in facts:
        entry = fact.about
        if not isinstance(entry, PayoutEntry) or entry.payout_id not in late:
            continue
        if days.get(entry.settles, starts_on) < starts_on:
            of = entry.payout_id, fact.currency
            sums[of] = sums.get(of, 0) + entry.gross
    items = [
        OpeningItem(slot="clearing.card", name=f"{name}: taken before {starts_on}", amount=amount, currency=currency)
        for (name, currency), amount in sorted(sums.items())
        if amount
    ]
    return [*items, *_settlements(facts, starts_on)]


def _settlements(facts: Iterable[Fact], starts_on: date) -> Iterator[OpeningItem]:
    for fact in facts:
        about = fact.about
        if not isinstance(about, Settlement) or about.deposits_on < starts_on or about.total <= 0:
            continue
        name, amount = f"settlement {about.settlement_id}, deposited {about.deposits_on}", about.total
        if local_day(about.ends_at, about.zone) >= starts_on:
            name, amount = f"settlement {about.settlement_id}, months before {starts_on}", _months(fact, starts_on)
        if amount:
            yield OpeningItem(slot=f"clearing@{about.marketplace}", name=name, amount=amount, currency=fact.currency)


def _months(fact: Fact, starts_on: date) -> int:
    """What the months of a settlement left in clearing that were over before the first day: no document of ours holds
    them, and the deposit does."""
    return sum(
        bucket.amount
        for bucket in fact.buckets
        if last_day(bucket.key.period) < starts_on and bucket.key.kind not in _CLEARING_ITSELF
    )


def _id(fact: Fact) -> str:
    match fact.about:
        case Tender(tender_id=name) | Refund(refund_id=name) | Receipt(receipt_id=name) | Charge(charge_id=name):
            return name
        case _:
            return fact.source_id
