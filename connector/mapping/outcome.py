"""What journalizing gives: documents, and a visible list of everything that is in none, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from connector.domain.document import Document, Held, Ignored, Share
from connector.domain.facts import Bucket, Fact, Problem
from connector.domain.finding import Finding
from connector.errors import Broken
from connector.mapping.lookup import Missing

NAMED_REASONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Journalized:
    """All of some facts: each movement is in exactly one document, held or ignored."""

    documents: tuple[Document, ...] = ()
    held: tuple[Held, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __add__(self, other: Journalized) -> Journalized:
        return Journalized(
            documents=self.documents + other.documents,
            held=self.held + other.held,
            ignored=self.ignored + other.ignored,
            findings=self.findings + other.findings,
        )


def of_period(made: Journalized, name: str) -> Journalized:
    """The same, each document, held and ignored thing naming the period it is made of."""
    return Journalized(
        documents=tuple(replace(document, period=name) for document in made.documents),
        held=tuple(replace(held, period=name) for held in made.held),
        ignored=tuple(replace(ignored, period=name) for ignored in made.ignored),
        findings=made.findings,
    )


def joined(parts: Iterable[Journalized]) -> Journalized:
    """All parts together, findings once each."""
    whole = Journalized()
    for part in parts:
        whole += part
    findings = tuple(sorted({finding.finding_id: finding for finding in whole.findings}.values()))
    return Journalized(documents=whole.documents, held=whole.held, ignored=whole.ignored, findings=findings)


def shares(buckets: Iterable[Bucket]) -> tuple[Share, ...]:
    """Whole buckets as shares: what a held period keeps."""
    return tuple(Share(bucket=bucket.key, amount=bucket.amount, count=bucket.count) for bucket in buckets)


def conserved(facts: Iterable[Fact], outcome: Journalized) -> Journalized:
    """The outcome, if every movement of the facts is in exactly one place of it; raises Broken otherwise."""
    wanted: Counter[object] = Counter()
    placed: Counter[object] = Counter()
    for fact in facts:
        for bucket in fact.buckets:
            wanted.update({(bucket.key, "amount"): bucket.amount, (bucket.key, "count"): bucket.count})
    for share in _placed(outcome):
        placed.update({(share.bucket, "amount"): share.amount, (share.bucket, "count"): share.count})
    if {name: n for name, n in wanted.items() if n} != {name: n for name, n in placed.items() if n}:
        raise Broken("a movement is in no document and on no list, or in more than one")
    return outcome


def held_by_problems(
    place: tuple[str, str], failed: Sequence[tuple[str, Problem]], buckets: Iterable[Bucket], fix: str = ""
) -> Journalized:
    """What waits because it does not add up: its key and currency, each problem with what it is about, its money.

    The first problem gives the code and the difference; each becomes a finding with the next step."""
    messages = list(dict.fromkeys(problem.message for _, problem in failed))
    more = f" And {len(messages) - NAMED_REASONS} more." if len(messages) > NAMED_REASONS else ""
    (key, currency), first = place, failed[0][1]
    held = Held(
        key=key,
        code=first.code,
        reason=" ".join(messages[:NAMED_REASONS]) + more,
        currency=currency,
        difference=first.difference,
        shares=shares(buckets),
    )
    findings = tuple(
        Finding(code=problem.code, subject=subject, severity="blocking", message=problem.message, fix=fix)
        for subject, problem in failed
    )
    return Journalized(held=(held,), findings=findings)


def held_for_mapping(
    key: str, missing: tuple[Missing, ...], currency: str, waiting: tuple[Share, ...], amount: int = 0
) -> Journalized:
    """A period that waits for the account map, and a finding for each thing that has no home; `amount` is told where
    no movements wait with it."""
    first = missing[0]
    reason = " ".join(dict.fromkeys(lack.message for lack in missing[:5]))
    if len(missing) > 5:
        reason += f" And {len(missing) - 5} more."
    held = Held(
        key=key,
        code=first.code,
        reason=f"{reason} {first.fix}",
        currency=currency,
        shares=waiting,
        amount=amount,
        waits_for=tuple(dict.fromkeys(lack.name for lack in missing)),
    )
    findings = tuple(
        Finding(code=lack.code, subject=lack.subject, severity="blocking", message=lack.message, fix=lack.fix)
        for lack in missing
    )
    return Journalized(held=(held,), findings=findings)


def _placed(outcome: Journalized) -> Iterable[Share]:
    for document in outcome.documents:
        for line in document.lines:
            yield from line.shares
    for held in outcome.held:
        yield from held.shares
    for ignored in outcome.ignored:
        yield from ignored.shares
