"""What the audit saw, kept: first seen, closed when the cause is gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, select

from connector.domain.finding import Finding, Severity
from connector.store.database import Transaction
from connector.store.tables import FindingRow


def keep_findings(tx: Transaction, feed_id: int, findings: Iterable[Finding], now: datetime) -> None:
    """The findings of a run: new ones are opened, those not seen again are closed, muted ones stay muted."""
    seen = {finding.finding_id: finding for finding in findings}
    rows = {row.finding_id: row for row in tx.exec(select(FindingRow).where(FindingRow.feed_id == feed_id))}
    for finding_id, finding in seen.items():
        row = rows.get(finding_id) or FindingRow(
            feed_id=feed_id,
            finding_id=finding_id,
            code=finding.code,
            severity=finding.severity,
            subject=finding.subject,
            message=finding.message,
            first_seen=now,
        )
        row.message, row.fix, row.severity, row.closed_at = finding.message, finding.fix, finding.severity, None
        tx.add(row)
    for finding_id, row in rows.items():
        if finding_id not in seen and row.closed_at is None:
            row.closed_at = now
            tx.add(row)


def open_findings(tx: Transaction, feed_id: int) -> list[Finding]:
    rows = tx.exec(
        select(FindingRow)
        .where(FindingRow.feed_id == feed_id, col(FindingRow.closed_at).is_(None))
        .order_by(col(FindingRow.severity), col(FindingRow.code), col(FindingRow.subject))
    )
    return [_finding(row) for row in rows]


def _finding(row: FindingRow) -> Finding:
    severity: Severity = (
        "blocking" if row.severity == "blocking" else "warning" if row.severity == "warning" else "info"
    )
    return Finding(code=row.code, subject=row.subject, severity=severity, message=row.message, fix=row.fix)
