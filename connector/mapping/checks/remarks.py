"""What a source's own records say that does not agree and holds nothing: a warning each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.sales import Receipt

FIX = "Nothing is held, and the amounts are posted as the source tells them. Ask whoever sends them."


def remark_findings(facts: Iterable[Fact]) -> tuple[Finding, ...]:
    """The remarks of each record, those of one code together."""
    return tuple(finding for fact in facts for finding in _of(fact))


def _of(fact: Fact) -> Iterator[Finding]:
    if not isinstance(fact.about, Receipt) or not fact.about.remarks:
        return
    by_code: dict[str, list[str]] = defaultdict(list)
    for remark in fact.about.remarks:
        by_code[remark.code].append(remark.message)
    for code, messages in by_code.items():
        subject = f"{fact.stream}/{fact.source_id}"
        yield Finding(code=code, subject=subject, severity="warning", message=" ".join(messages), fix=FIX)
