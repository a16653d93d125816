"""A payout → the document that empties clearing: bank and fees against the clearing account."""

from __future__ import annotations

from dataclasses import replace

from connector.domain.account_map import Placement
from connector.domain.document import Document, Held, Line
from connector.domain.facts import Problem
from connector.domain.finding import Finding
from connector.domain.payouts import Payout
from connector.mapping.checks.identities import payout_problems
from connector.mapping.lines import lines_of
from connector.mapping.lookup import Missing, slot_account
from connector.mapping.outcome import Journalized, held_for_mapping, shares
from connector.mapping.periods import PayoutPeriod
from connector.mapping.rules import Rules


def payout_documents(period: PayoutPeriod, rules: Rules) -> Journalized:
    """The document of a payout, or the payout held with its numbers."""
    fact = period.payout or period.entries[0]
    key = rules.key(location=fact.location, kind="payout", period=period.payout_id)
    problems = tuple(problem for of in period.facts for problem in of.problems) + payout_problems(period)
    if problems:
        return _held_by_problems(key, period, problems)
    assert period.payout is not None and isinstance(period.payout.about, Payout)  # else payout_problems spoke
    payout = period.payout.about
    lines, missing = lines_of(period.buckets, rules, {})
    slot = _slot(payout)
    home = slot_account(slot, rules, {})
    if isinstance(home, Missing):
        missing = (*missing, home)
    if missing or isinstance(home, Missing):
        return held_for_mapping(key, missing, fact.currency, shares(period.buckets))
    rest = -sum(line.amount for line in lines)
    document = Document(
        key=key,
        mark=rules.mark(key, payout.arrives_on),
        date=payout.arrives_on,
        currency=fact.currency,
        kind="adjustment" if payout.has_failed else "payout",
        narration=_narration(payout, rules),
        source_ref=payout.reference or payout.payout_id,
        lines=(*lines, _derived(slot, home, rest, rules)) if rest or len(lines) < 2 else lines,
        location=fact.location,
    )
    return Journalized(documents=(document,))


def _slot(payout: Payout) -> str:
    """Where the payout's money is: at the bank, in a balance the processor keeps, or, failed, still in clearing."""
    if payout.has_failed:
        return "clearing.card"
    return "stored_balance" if payout.kept_by_processor else "bank"


def _narration(payout: Payout, rules: Rules) -> str:
    failed = " failed: its fees stay, its amount goes back" if payout.has_failed else ""
    return f"{rules.defaults.title} · payout {payout.payout_id}{failed}"


def _derived(slot: str, home: Placement, amount: int, rules: Rules) -> Line:
    line = bank_line(home, amount, rules)
    return replace(line, role="clearing", text="Clearing") if slot.startswith("clearing") else line


def bank_line(bank: Placement, amount: int, rules: Rules) -> Line:
    """The one line that the bank feed will match."""
    return Line(
        role="bank",
        account=bank.account or bank.number,
        number=bank.number,
        amount=amount,
        tax_code=bank.tax_code or (rules.out_of_scope if rules.by_tax_code else ""),
        tracking=bank.tracking,
        text="Bank",
    )


def _held_by_problems(key: str, period: PayoutPeriod, problems: tuple[Problem, ...]) -> Journalized:
    fact = period.facts[0]
    held = Held(
        key=key,
        code=problems[0].code,
        reason=" ".join(dict.fromkeys(problem.message for problem in problems)),
        currency=fact.currency,
        difference=problems[0].difference,
        shares=shares(period.buckets),
    )
    fix = "Pull the payout and its entries again; it goes by itself when they agree."
    findings = tuple(
        Finding(code=p.code, subject=f"payout/{period.payout_id}", severity="blocking", message=p.message, fix=fix)
        for p in problems
    )
    return Journalized(held=(held,), findings=findings)
