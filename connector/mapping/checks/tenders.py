"""Tenders: two that are paid out by different hands must not wait in one account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.domain.finding import Finding
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.homes import Home
from connector.mapping.checks.proposals import Fix, code_entry, code_fix
from connector.mapping.checks.wording import listed, money

TENDERS = frozenset({"tender", "provider_tender"})  # the kinds of what a sale was paid with, in every source


def tenders_together(audit: Audit) -> Iterator[Finding]:
    """Accounts on which tenders with different payouts meet: the balance could never be told apart."""
    for name, _, homes in audit.accounts:
        tenders = [home for home in homes if home.kind in TENDERS and home.place.role == "clearing"]
        by_payout: dict[str, list[Home]] = {}
        for home in tenders:
            by_payout.setdefault(_payout(home, audit), []).append(home)
        if len(by_payout) > 1:
            yield _finding(name, list(by_payout.values()), audit)


def _payout(home: Home, audit: Audit) -> str:
    """What tells payouts apart: the slot proposed, and the tender itself where each has an account of its own."""
    rule = audit.rules.defaults.rule(home.kind, home.code)
    if rule is None:
        return home.code
    proposed = audit.rules.defaults.account(rule.slot)
    return f"{rule.slot} {home.code}" if proposed and "{code}" in proposed.name else rule.slot


def _finding(name: str, groups: Sequence[Sequence[Home]], audit: Audit) -> Finding:
    by_size = sorted(groups, key=lambda homes: -sum(home.amount for home in homes))
    moved = by_size[-1][0]
    rule = audit.rules.defaults.rule(moved.kind, moved.code)
    proposed = audit.rules.defaults.account(rule.slot) if rule else None
    account = proposed.name.replace("{code}", moved.code) if proposed else name
    fix = Fix(code_entry(moved.kind, moved.code, "an account of its own"))
    if account != name:
        why = "each payout empties an account of its own"
        fix = code_fix(moved.kind, moved.code, account, audit.rules.account_map, why)
    amount = sum(home.amount for homes in by_size[1:] for home in homes)
    currency = moved.currency
    tenders = listed(home.code or home.kind for homes in groups for home in homes)
    return Finding(
        code="tenders_together",
        subject=name,
        severity="warning",
        message=(
            f"{tenders} wait together in {name}, and are paid out apart: {money(amount, currency)} cannot be told "
            "from the rest."
        ),
        fix=fix.text,
        proposal=fix.proposal,
        amount=amount,
        currency=currency,
        movements=sum(home.movements for homes in by_size[1:] for home in homes),
    )
