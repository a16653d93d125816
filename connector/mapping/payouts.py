"""A payout → the document that empties clearing: bank and fees against the clearing account."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date

from connector.domain.account_map import Placement
from connector.domain.document import Document, Line
from connector.domain.facts import Bucket, Fact
from connector.domain.payouts import Payout
from connector.mapping.checks.identities import payout_problems
from connector.mapping.lines import derived, lines_of
from connector.mapping.lookup import Missing, bank_slot, slot_account
from connector.mapping.outcome import Journalized, held_by_problems, held_for_mapping, shares
from connector.mapping.periods import PayoutPeriod
from connector.mapping.rules import Rules

FIX = "Pull the payout and its entries again; it goes by itself when they agree."


def payout_documents(period: PayoutPeriod, rules: Rules) -> Journalized:
    """The document of a payout, one for the fees of each earlier month in it, or the whole payout held."""
    problems = tuple(problem for of in period.facts for problem in of.problems) + payout_problems(period)
    if problems:
        place = _key(period, "payout", period.payout_id, rules), period.facts[0].currency
        failed = [(f"payout/{period.payout_id}", problem) for problem in problems]
        return held_by_problems(place, failed, period.buckets, FIX)
    assert period.payout is not None and isinstance(period.payout.about, Payout)  # else payout_problems spoke
    payout = period.payout.about
    early = _early_fees(period, payout, rules)
    missing = tuple(lack for month, of in early.items() for lack in lines_of(of, rules.on(last_day(month)), {})[1])
    whole, rules = rules, rules.on(payout.arrives_on)
    home, clearing = slot_account(_slot(period, rules), rules, {}), slot_account("clearing.card", rules, {})
    missing += lines_of(period.buckets, rules, {})[1]
    missing += tuple(lack for lack in (home, clearing if early else None) if isinstance(lack, Missing))
    if missing or isinstance(home, Missing):
        key = _key(period, "payout", period.payout_id, rules)
        return held_for_mapping(key, missing, period.payout.currency, shares(period.buckets))
    assert isinstance(clearing, Placement) or not early
    documents = [_fees_document(period, month, of, clearing, whole.on(last_day(month))) for month, of in early.items()]
    documents.append(_payout_document(period, payout, early, (home, clearing), rules))
    return Journalized(documents=tuple(documents))


def _payout_document(
    period: PayoutPeriod,
    payout: Payout,
    early: Mapping[str, Sequence[Bucket]],
    homes: tuple[Placement, Placement | Missing],
    rules: Rules,
) -> Document:
    fees = [bucket for of in early.values() for bucket in of]
    lines, _ = lines_of([bucket for bucket in period.buckets if bucket not in fees], rules, {})
    taken, _ = lines_of(fees, rules, {})
    posted_before = sum(line.amount for line in taken)
    rest = -sum(line.amount for line in lines) - posted_before
    if posted_before and isinstance(homes[1], Placement):
        lines = (*lines, _derived("clearing.card", homes[1], posted_before, rules))
    if rest or len(lines) < 2:
        lines = (*lines, _derived(_slot(period, rules), homes[0], rest, rules))
    key = _key(period, "payout", period.payout_id, rules)
    return Document(
        key=key,
        mark=rules.mark(key, payout.arrives_on),
        date=payout.arrives_on,
        currency=period.facts[0].currency,
        kind="adjustment" if payout.has_failed else "payout",
        narration=_narration(payout, rules),
        source_ref=payout.reference or payout.payout_id,
        lines=lines,
        location=period.facts[0].location,
    )


def _early_fees(period: PayoutPeriod, payout: Payout, rules: Rules) -> dict[str, list[Bucket]]:
    """Fees by month, of months before the payout's own: they were earned by the processor then, and cost then."""
    found: dict[str, list[Bucket]] = {}
    for bucket in period.buckets:
        rule = rules.defaults.rule(bucket.key.kind, bucket.key.code)
        month = bucket.key.period[:7]
        is_fee = rule is not None and rule.role in ("fee", "fee_tax")
        is_early = month < payout.arrives_on.strftime("%Y-%m") and not rules.is_before_start(last_day(month))
        if is_fee and is_early:
            found.setdefault(month, []).append(bucket)
    return {month: found[month] for month in sorted(found)}


def _fees_document(
    period: PayoutPeriod, month: str, buckets: Sequence[Bucket], clearing: Placement | Missing, rules: Rules
) -> Document:
    assert isinstance(clearing, Placement)  # else the payout is held
    lines, _ = lines_of(buckets, rules, {})
    key = _key(period, "fees", f"{period.payout_id}/{month}", rules)
    dated = last_day(month)
    return Document(
        key=key,
        mark=rules.mark(key, dated),
        date=dated,
        currency=period.facts[0].currency,
        kind="adjustment",
        narration=f"{rules.defaults.title} · fees of {month} in payout {period.payout_id}",
        source_ref=period.payout_id,
        lines=(*lines, _derived("clearing.card", clearing, -sum(line.amount for line in lines), rules)),
        location=period.facts[0].location,
    )


def last_day(month: str) -> date:
    """The last day of a month written as 2026-04."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])


def _key(period: PayoutPeriod, kind: str, name: str, rules: Rules) -> str:
    return rules.key(location=period.facts[0].location, kind=kind, period=name)


def _slot(period: PayoutPeriod, rules: Rules) -> str:
    """Where the payout's money goes: to the bank, or to a balance the processor keeps. It stays in clearing where the
    payout failed, and where the bookkeeper codes the bank's own line to clearing."""
    assert period.payout is not None and isinstance(period.payout.about, Payout)  # its document is being made
    payout, fact = period.payout.about, period.payout
    if payout.has_failed:
        return "clearing.card"
    if payout.kept_by_processor:
        return "stored_balance"
    return "clearing.card" if rules.deposits == "bank feed" else _bank_slot(fact, payout, rules)


def _bank_slot(fact: Fact, payout: Payout, rules: Rules) -> str:
    return bank_slot(fact.location, fact.currency, rules, payout.destination)


def _narration(payout: Payout, rules: Rules) -> str:
    failed = " failed: its fees stay, its amount goes back" if payout.has_failed else ""
    return f"{rules.defaults.title} · payout {payout.payout_id}{failed}"


def _derived(slot: str, home: Placement, amount: int, rules: Rules) -> Line:
    if slot.startswith("clearing"):
        return derived("clearing", home, amount, rules, "Clearing")
    return bank_line(home, amount, rules)


def bank_line(bank: Placement, amount: int, rules: Rules) -> Line:
    """The one line that the bank feed will match."""
    return derived("bank", bank, amount, rules, "Bank")
