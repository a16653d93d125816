"""Balances: clearing that does not empty in its usual time, and liabilities that stand wrong or never move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from connector.domain.finding import Finding, Severity
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.values import Posted
from connector.mapping.checks.wording import money
from connector.mapping.suggest import OWED

USUAL = timedelta(days=10)  # where an account has no history of its own
GRACE = timedelta(days=3)  # weekends and holidays
ENOUGH = 3  # emptied so many times, an account has a usual time
STANDS = timedelta(days=45)  # tips are paid and cards redeemed long before

_CLEARING = frozenset({"clearing", "carry"})
_OWED = frozenset({"tip", "gift_card", "store_credit", "customer_deposit"})
_WORDS = {"tip": "Tips", "gift_card": "Gift cards", "store_credit": "Store credit",
          "customer_deposit": "Customer deposits", "service_charge": "Service charges"}  # fmt: skip


def balance_findings(audit: Audit) -> Iterator[Finding]:
    """Each clearing account and each liability that documents of this feed stand on."""
    by_account: defaultdict[tuple[str, str], list[Posted]] = defaultdict(list)
    for line in audit.posted:
        by_account[line.account, line.currency].append(line)
    for (account, currency), lines in sorted(by_account.items()):
        roles = {line.role for line in lines}
        standing = _standing(account, currency, lines, audit)
        if roles & _CLEARING:
            yield from _clearing(standing, audit.today)
        elif roles & _OWED or ("service_charge" in roles and _is_owed(account, audit)):
            yield from _owed(standing, audit.today)


def _is_owed(account: str, audit: Audit) -> bool:
    found = audit.chart.find(account)
    return found is not None and found.type in OWED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """An account: its balance, debit positive, as the books say, else by our documents."""

    account: str
    currency: str
    balance: int
    by_documents: int
    is_told: bool
    lines: Sequence[Posted]


def _standing(account: str, currency: str, lines: Iterable[Posted], audit: Audit) -> _Standing:
    in_order = sorted(lines, key=lambda line: line.day)
    ours = sum(line.debit - line.credit for line in in_order)
    told = audit.balances.get(account)
    return _Standing(
        account=account,
        currency=currency,
        balance=ours if told is None else told,
        by_documents=ours,
        is_told=told is not None,
        lines=in_order,
    )


def _clearing(standing: _Standing, today: date) -> Iterator[Finding]:
    """What is open consists of the newest takings: the oldest of those tells how long it has waited."""
    is_ours_to_empty = any(line.credit for line in standing.lines)
    if not standing.balance or not (standing.is_told or is_ours_to_empty):
        return
    since = _open_since(standing)
    usual = _usual(standing.lines)
    if since is None or today - since <= usual + GRACE:
        return
    amount = money(abs(standing.balance), standing.currency)
    side = "has" if standing.balance > 0 else "is overdrawn by"
    yield _finding(
        "clearing_not_emptied",
        standing,
        f"{standing.account} {side} {amount} open since {since.isoformat()}; it usually comes to zero in "
        f"{usual.days} days.",
        "connector reconcile lists the open items: a payout may be missing, coded elsewhere, or not pulled yet.",
    )


def _open_since(standing: _Standing) -> date | None:
    """The day of the oldest of the newest lines that together make up the balance; None where nothing does."""
    left = abs(standing.balance)
    for line in reversed(standing.lines):
        left -= line.debit if standing.balance > 0 else line.credit
        if left <= 0:
            return line.day
    return standing.lines[0].day if left < abs(standing.balance) else None


def _usual(lines: Sequence[Posted]) -> timedelta:
    """The time within which nine of ten takings were paid out, first in first out; a plain one where there is no
    history to speak of."""
    waiting: list[tuple[date, int]] = []
    waited: list[timedelta] = []
    for line in lines:
        if line.debit:
            waiting.append((line.day, line.debit))
        left = line.credit
        while left > 0 and waiting:
            day, amount = waiting.pop(0)
            if amount > left:
                waiting.insert(0, (day, amount - left))
            else:
                waited.append(line.day - day)
            left -= amount
    return sorted(waited)[len(waited) * 9 // 10] if len(waited) >= ENOUGH else USUAL


def _owed(standing: _Standing, today: date) -> Iterator[Finding]:
    role = next((line.role for line in standing.lines if line.role in _OWED), "service_charge")
    amount = money(abs(standing.balance), standing.currency)
    if standing.balance > 0:
        yield _finding(
            "liability_in_debit",
            standing,
            f"{standing.account} stands in debit by {amount}: more went out than ever came in.",
            "Book what was there before the first day as its opening balance, or look for what was paid out twice.",
        )
    elif standing.balance < 0 and not _moved(standing, today):
        first = min(line.day for line in standing.lines if line.credit)
        yield _finding(
            "liability_without_debit",
            standing,
            f"{_WORDS[role]}: {standing.account} owes {amount} and has had no debit for "
            f"{(today - _last_debit(standing, first)).days} days.",
            f"Pay it out or redeem it against {standing.account}; payroll may stand on another account.",
        )


def _moved(standing: _Standing, today: date) -> bool:
    """Whether anything was taken out in time, by our documents or, where the books owe less, by somebody else."""
    first = min((line.day for line in standing.lines if line.credit), default=today)
    by_others = standing.is_told and standing.balance > standing.by_documents
    return by_others or today - _last_debit(standing, first) <= STANDS


def _last_debit(standing: _Standing, first: date) -> date:
    return max((line.day for line in standing.lines if line.debit), default=first)


def _finding(code: str, standing: _Standing, message: str, fix: str, severity: Severity = "warning") -> Finding:
    return Finding(
        code=code,
        subject=f"{standing.account}|{standing.currency}",
        severity=severity,
        message=message,
        fix=fix,
        amount=abs(standing.balance),
        currency=standing.currency,
        movements=sum(line.lines for line in standing.lines),
    )
