"""Door 2 of mapping: every finding about a feed, by running every check. Values in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from connector.domain.finding import Finding, rank
from connector.mapping.checks.accounts import account_findings
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.balances import balance_findings
from connector.mapping.checks.categories import new_kinds_on_accounts, strayed_products
from connector.mapping.checks.coverage import bank, homeless, locations, undecided_codes
from connector.mapping.checks.deposits import coded_elsewhere
from connector.mapping.checks.duplicates import same_sales
from connector.mapping.checks.news import news
from connector.mapping.checks.taxes import tax_findings
from connector.mapping.checks.tenders import tenders_together
from connector.mapping.checks.tracking import tracking_findings

BARRING: Sequence[Callable[[Audit], Iterable[Finding]]] = (
    account_findings,
    tax_findings,
    tracking_findings,
    same_sales,
)  # what would go wrong though everything has a home; mapping itself holds what has none

CHECKS: Sequence[Callable[[Audit], Iterable[Finding]]] = (
    homeless,
    bank,
    news,
    undecided_codes,
    locations,
    account_findings,
    tax_findings,
    tracking_findings,
    tenders_together,
    new_kinds_on_accounts,
    strayed_products,
    balance_findings,
    same_sales,
    coded_elsewhere,
)


def audit(values: Audit) -> tuple[Finding, ...]:
    """Every finding once, the gravest and then the largest first; the same values give the same findings."""
    found = {finding.finding_id: finding for check in CHECKS for finding in check(values)}
    return tuple(sorted(found.values(), key=order))


def barring(values: Audit) -> tuple[Finding, ...]:
    """The findings that keep documents from the books: each says by its concern which ones."""
    found = {finding.finding_id: finding for check in BARRING for finding in check(values) if finding.concern}
    return tuple(sorted(found.values(), key=order))


def order(finding: Finding) -> tuple[int, int, str, str]:
    """By severity, then by money, then by name."""
    return -rank(finding.severity), -finding.amount, finding.code, finding.subject
