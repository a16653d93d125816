"""Door 1 of mapping: every document that some facts call for, and a visible place for everything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from connector.domain.document import Ignored, shares_of
from connector.domain.facts import Fact, Problem, period_name, sums_by_kind
from connector.domain.finding import Finding
from connector.domain.payouts import Payout, Settlement
from connector.domain.sales import NoSale
from connector.mapping.accruals import accruals
from connector.mapping.checks.chains import chain_findings
from connector.mapping.checks.customer_balances import balance_findings
from connector.mapping.checks.destinations import destination_findings
from connector.mapping.checks.gift_cards import card_findings
from connector.mapping.checks.identities import deposits, merged, sale_problems
from connector.mapping.checks.remarks import remark_findings
from connector.mapping.checks.settled import settled_findings
from connector.mapping.checks.tills import till_checks
from connector.mapping.coverage import covered
from connector.mapping.exchange import with_exchange
from connector.mapping.house_accounts import set_offs
from connector.mapping.outcome import Journalized, conserved, held_by_problems, joined, of_period, shares
from connector.mapping.payouts import payout_documents
from connector.mapping.periods import PayoutPeriod, Periods, cut
from connector.mapping.restated import restated
from connector.mapping.rules import Rules
from connector.mapping.sales import day_documents
from connector.mapping.settlements import settlement_documents


def documents(facts: Iterable[Fact], rules: Rules) -> Journalized:
    """Journalizes facts: the same facts in any order give the same outcome, and each movement is in one place of it."""
    all_facts = restated(facts, rules.defaults)
    periods = cut(all_facts)
    made = joined([
        *_days(periods, rules),
        *(of_period(_payout(payout, rules), period_name(payout.facts[0])) for payout in periods.payouts),
        *(of_period(_settlement(files, rules), period_name(files[0])) for files in _by_settlement(periods.settlements)),
        *(of_period(_without_money(fact, rules), period_name(fact)) for fact in periods.without_money),
        _accrued(all_facts, rules),
        Journalized(findings=_noticed(periods, all_facts, rules)),
    ])  # fmt: skip
    return covered(conserved(all_facts, with_exchange(made, rules)), rules)


def _noticed(periods: Periods, facts: tuple[Fact, ...], rules: Rules) -> tuple[Finding, ...]:
    """What is to be known and holds nothing."""
    return (
        *chain_findings(periods.settlements),
        *card_findings(facts),
        *settled_findings(facts),
        *destination_findings(facts, rules),
        *remark_findings(facts),
        *balance_findings(facts, rules.defaults),
    )


def _days(periods: Periods, rules: Rules) -> Iterator[Journalized]:
    if rules.role == "payouts only":
        for day in periods.days:
            yield of_period(_of_another_feed(day.facts, rules), period_name(day.facts[0]))
        return
    facts = [fact for day in periods.days for fact in day.facts]
    tills = till_checks([*facts, *periods.without_money])
    problems, taken = merged(sale_problems(facts), tills.problems), deposits(facts)
    met = set_offs(facts, rules.defaults)
    yield Journalized(findings=tills.findings)
    for day in periods.days:
        if rules.is_before_start(day.day):
            yield of_period(_before_start(day.facts, rules), period_name(day.facts[0]))
            continue
        place = (day.location, day.day, day.currency)
        made = day_documents(day, problems, taken.get(place, 0), met.get(place), rules.on(day.day))
        yield of_period(made, period_name(day.facts[0]))


def _accrued(facts: tuple[Fact, ...], rules: Rules) -> Journalized:
    """Accruals and their reversals, each a period of its own: they stand on no movement of their own."""
    if rules.accrues_through is None:
        return Journalized()
    made = accruals(facts, rules, through=rules.accrues_through)
    return Journalized(
        documents=tuple(replace(document, period=f"accrual|{document.key}") for document in made.documents),
        held=tuple(replace(held, period=f"accrual|{held.key}") for held in made.held),
        findings=made.findings,
    )


def _payout(payout: PayoutPeriod, rules: Rules) -> Journalized:
    if rules.role == "sales only":
        return _of_another_feed(payout.facts, rules)
    about = payout.payout.about if payout.payout else None
    if isinstance(about, Payout) and rules.is_before_start(about.arrives_on):
        return _before_start(payout.facts, rules)
    return payout_documents(payout, rules)


def _of_another_feed(facts: Iterable[Fact], rules: Rules) -> Journalized:
    return joined(_ignored(fact, f"This feed posts {rules.role}.", rules) for fact in facts)


def _before_start(facts: Iterable[Fact], rules: Rules) -> Journalized:
    return joined(_ignored(fact, _covered_before(rules), rules) for fact in facts)


def _covered_before(rules: Rules) -> str:
    return f"It is before {rules.starts_on}, the first day of this feed: the method before it covers it."


def _since_start(made: Journalized, rules: Rules) -> Journalized:
    """The documents since the first day of the feed; what others hold is ignored."""
    early = [document for document in made.documents if rules.is_before_start(document.date)]
    if not early:
        return made
    ignored = tuple(
        Ignored(key=document.key, reason=_covered_before(rules), currency=document.currency,
                shares=shares_of(document.lines))
        for document in early
    )  # fmt: skip
    kept = tuple(document for document in made.documents if document not in early)
    return replace(made, documents=kept, ignored=(*made.ignored, *ignored))


def _by_settlement(facts: Iterable[Fact]) -> list[list[Fact]]:
    """The files of each settlement: usually one."""
    files: dict[str, list[Fact]] = {}
    for fact in facts:
        files.setdefault(fact.source_id, []).append(fact)
    return list(files.values())


def _settlement(files: list[Fact], rules: Rules) -> Journalized:
    """A settlement is journalized once: the same again, be it in the other layout (the older one splits some amounts),
    is ignored; files that differ are held for a person."""
    first, *others = files
    if all(sums_by_kind(other) == sums_by_kind(first) for other in others):
        reason = f"Settlement {first.source_id} is here already, with the same sums."
        again = [_ignored(other, reason, rules) for other in others]
        return joined([_since_start(_of_settlement(first, rules), rules), *again])
    reason = f"{len(files)} files of settlement {first.source_id} differ; keep the right one and leave out the others."
    key = rules.key(location=first.location, kind="settlement", period=first.source_id)
    failed = [(first.source_id, Problem(code="settlement_differs", message=reason))]
    return held_by_problems((key, first.currency), failed, [bucket for file in files for bucket in file.buckets])


def _of_settlement(fact: Fact, rules: Rules) -> Journalized:
    assert isinstance(fact.about, Settlement)
    if rules.is_before_start(fact.about.deposits_on):
        return _before_start([fact], rules)
    return settlement_documents(fact, rules)


def _without_money(fact: Fact, rules: Rules) -> Journalized:
    if fact.problems:
        return _held_record(fact, rules)
    reason = fact.about.reason if isinstance(fact.about, NoSale) else "It holds no money."
    return _ignored(fact, reason, rules)


def _held_record(fact: Fact, rules: Rules) -> Journalized:
    key = rules.key(location=fact.location, kind=fact.stream, period=fact.source_id)
    subject = f"{fact.stream}/{fact.source_id}"
    failed = [(subject, problem) for problem in fact.problems]
    return held_by_problems((key, fact.currency), failed, fact.buckets)


def _ignored(fact: Fact, reason: str, rules: Rules) -> Journalized:
    key = rules.key(location=fact.location, kind=fact.stream, period=fact.source_id)
    return Journalized(ignored=(Ignored(key=key, reason=reason, currency=fact.currency, shares=shares(fact.buckets)),))
