"""What a preview prints: the stable JSON, the journal in notation, and the lines as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from connector.domain.document import Document, Held, Ignored, Line, Share
from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.money import decimal_text, grouped_text
from connector.domain.notation import journal, written_held
from connector.domain.spreadsheet import plain_cell
from connector.domain.wording import many
from connector.mapping.outcome import Journalized


def as_json(facts: Sequence[Fact], made: Journalized) -> str:
    """The stable form: amounts as decimal text; of debit and credit one is empty; movements are counts."""
    body = {
        "documents": [document_body(document) for document in made.documents],
        "held": [_held(held) for held in made.held],
        "ignored": [_ignored(ignored) for ignored in made.ignored],
        "findings": [_finding(finding) for finding in made.findings],
        "movements": movements_body(facts, made),
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def as_journal(facts: Sequence[Fact], made: Journalized) -> str:
    """Documents in notation, then what is held and why, then the sum that nothing is lost."""
    parts = [journal(made.documents)] if made.documents else []
    parts += [written_held(held) for held in made.held]
    parts += [f"ignored  {ignored.key}: {ignored.reason}\n" for ignored in made.ignored]
    parts += [f"{finding.severity}  {finding.message}\n         {finding.fix}\n" for finding in _unheld(made)]
    counts, all_of_them = movements_body(facts, made), sum(fact.movement_count for fact in facts)
    parts.append(
        f"{many(all_of_them, 'movement')}: {counts['in_documents']} in {many(len(made.documents), 'document')}, "
        f"{counts['in_held']} held in {many(len(made.held), 'place')}, {counts['ignored']} ignored.\n"
    )
    return "\n".join(parts)


def as_csv(made: Journalized) -> str:
    """One row a line; text that a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["date", "mark", "kind", "currency", "account", "number", "role", "debit", "credit", "tax_code",
                     "tax", "narration"])  # fmt: skip
    for document in made.documents:
        for line in document.lines:
            debit, credit = _sides(line, document.currency)
            texts = [document.mark, document.kind, document.currency, line.account, line.number, line.role]
            writer.writerow([
                document.date.isoformat(), *map(plain_cell, texts), debit, credit, plain_cell(line.tax_code),
                decimal_text(line.tax, document.currency) if line.tax else "", plain_cell(document.narration),
            ])  # fmt: skip
    return out.getvalue()


def document_body(document: Document) -> dict[str, object]:
    """A document as `preview --format json` shows it."""
    return {
        "key": document.key,
        "mark": document.mark,
        "date": document.date.isoformat(),
        "currency": document.currency,
        **({"rate": document.rate, "rate_source": document.rate_source} if document.rate else {}),
        "kind": document.kind,
        "narration": document.narration,
        "source_ref": document.source_ref,
        "lines": [_line(line, document.currency) for line in document.lines],
    }


def movements_body(facts: Iterable[Fact], made: Journalized) -> dict[str, object]:
    """The proof that nothing is lost: counts of movements by where they are, and their sum by currency."""
    sums: dict[str, int] = {}
    count = 0
    for fact in facts:
        for bucket in fact.buckets:
            sums[bucket.key.currency] = sums.get(bucket.key.currency, 0) + bucket.amount
            count += bucket.count
    return {
        "count": count,
        "sum": {currency: decimal_text(minor, currency) for currency, minor in sorted(sums.items())},
        "in_documents": sum(document.movements for document in made.documents),
        "in_held": sum(held.movements for held in made.held),
        "ignored": sum(ignored.movements for ignored in made.ignored),
    }


def _line(line: Line, currency: str) -> dict[str, object]:
    debit, credit = _sides(line, currency)
    return {
        "account": line.account,
        "number": line.number,
        "role": line.role,
        "debit": debit,
        "credit": credit,
        "tax_code": line.tax_code,
        "tax": decimal_text(abs(line.tax), currency) if line.tax else "",
        "tracking": dict(line.tracking),
        "movements": line.movements,
    }


def _sides(line: Line, currency: str) -> tuple[str, str]:
    amount = decimal_text(abs(line.amount), currency)
    return ("", amount) if line.amount < 0 else (amount, "")


def _held(held: Held) -> dict[str, object]:
    return {
        "key": held.key,
        "code": held.code,
        "reason": held.reason,
        "difference": decimal_text(held.difference, held.currency),
        "movements": held.movements,
    }


def _ignored(ignored: Ignored) -> dict[str, object]:
    return {
        "key": ignored.key,
        "reason": ignored.reason,
        "movements": ignored.movements,
        "sum": _share_sums(ignored.shares),
    }


def _share_sums(shares: Sequence[Share]) -> dict[str, str]:
    sums: dict[str, int] = {}
    for share in shares:
        sums[share.bucket.currency] = sums.get(share.bucket.currency, 0) + share.amount
    return {currency: decimal_text(minor, currency) for currency, minor in sorted(sums.items())}


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "subject": finding.subject,
        "message": finding.message,
        "fix": finding.fix,
    }


def _unheld(made: Journalized) -> list[Finding]:
    return [finding for finding in made.findings if finding.severity != "blocking"]


def amount_text(minor: int, currency: str) -> str:
    """As a person reads it, with its currency."""
    return f"{grouped_text(minor, currency)} {currency}"
