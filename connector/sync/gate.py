"""The gate before the outbox: what the auditor and the owner's policies keep from the books, document by document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.domain.books import Books
from connector.domain.document import Document, Held, shares_of
from connector.domain.finding import Finding
from connector.mapping.auditor import barring
from connector.mapping.checks.audited import Audit, Chart
from connector.mapping.policies import Policy, first_broken


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What keeps documents back: findings by their concern, and policies by the lines that they are about."""

    findings: tuple[Finding, ...] = ()
    policies: tuple[Policy, ...] = ()
    books: Books | None = None
    chart: Chart | None = None

    def bar(self, document: Document) -> Held | None:
        """The document as held, with the first reason; None where nothing speaks against it."""
        for finding in self.findings:
            if finding.concern and finding.concern.holds(document):
                return _held(document, finding)
        broken = first_broken(self.policies, document, self.chart) if self.chart and self.policies else None
        return _held(document, broken) if broken else None


OPEN = Gate()


def gate_of(values: Audit, policies: Sequence[Policy], chart: Books) -> Gate:
    """The gate of a feed as its books, its map and its policies stand."""
    return Gate(findings=barring(values), policies=tuple(policies), books=chart, chart=Chart(chart))


def concerned(findings: Iterable[Finding], documents: Sequence[Document]) -> dict[str, tuple[str, ...]]:
    """By finding: the periods of the documents that it keeps back, oldest first."""
    return {
        finding.finding_id: tuple(dict.fromkeys(each.period for each in _by_day(documents) if concern.holds(each)))
        for finding in findings
        if (concern := finding.concern)
    }


def _by_day(documents: Iterable[Document]) -> list[Document]:
    return sorted(documents, key=lambda each: (each.date, each.key))


def _held(document: Document, finding: Finding) -> Held:
    return Held(
        key=document.key,
        code=finding.code,
        reason=f"{finding.message} {finding.fix}",
        currency=document.currency,
        shares=shares_of(document.lines),
        period=document.period,
        amount=document.debits,
        waits_for=(f"{finding.code.partition('_')[0]} {finding.subject.replace('|', ' ')}",),
    )
