"""Deposits: a payout that somebody coded to income, to a loan, or put aside to ask about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from connector.domain.finding import Finding
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.tenders import TENDERS
from connector.mapping.checks.values import Deposit, PaidOut
from connector.mapping.checks.wording import money
from connector.mapping.suggest import INCOME, OWED

WITHIN = timedelta(days=4)  # a bank shows a payout on its day or a few later
_ASKED = ("ask my accountant", "uncategorised", "uncategorized", "suspense")


def coded_elsewhere(audit: Audit) -> Iterator[Finding]:
    """Payouts whose amount stands on such an account within days of their own day; each line is taken once."""
    open_lines = [each for each in audit.deposits if _is_elsewhere(each, audit)]
    for payout in sorted(audit.payouts, key=lambda each: (each.day, each.payout_id)):
        found = next((each for each in open_lines if _meets(payout, each)), None)
        if found:
            open_lines.remove(found)
            yield _finding(payout, found, audit)


def _is_elsewhere(deposit: Deposit, audit: Audit) -> bool:
    account = audit.chart.find(deposit.account)
    is_asked = any(word in deposit.account.casefold() for word in _ASKED)
    return is_asked or (account is not None and account.type in INCOME | OWED)


def _meets(payout: PaidOut, deposit: Deposit) -> bool:
    is_near = -WITHIN <= deposit.day - payout.day <= WITHIN
    return is_near and (deposit.amount, deposit.currency) == (payout.amount, payout.currency)


def _finding(payout: PaidOut, deposit: Deposit, audit: Audit) -> Finding:
    clearing = [home for home in audit.homes if home.place.role == "clearing"]
    emptied = {home.place.account for home in clearing if home.kind not in TENDERS}  # what payouts take it out of
    accounts = sorted(emptied or {home.place.account for home in clearing})
    account = accounts[0] if len(accounts) == 1 else "its clearing account"
    return Finding(
        code="deposit_coded_elsewhere",
        subject=payout.payout_id,
        severity="warning",
        message=(
            f"Payout {payout.payout_id} of {money(payout.amount, payout.currency)} stands on {deposit.account} since "
            f"{deposit.day.isoformat()}: the same money twice, once as a sale and once as a deposit."
        ),
        fix=f"Recode the deposit to {account} in the books. Reason: the sale is posted already.",
        amount=abs(payout.amount),
        currency=payout.currency,
        movements=1,
        blocked=(f"payout|{payout.payout_id}",),
    )
