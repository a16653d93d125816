"""What is to know or to mend about a connection as a whole: first seen, closed when the cause is gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, select

from connector.domain.finding import Finding, Severity
from connector.store.database import Transaction
from connector.store.tables import ConnectionFindingRow

RECONNECT, SCOPE = "reconnect_needed", "scope_missing"
ENDING, LACKING, UNRENEWED = "consent_ending", "scope_lacking", "renewal_late"
URGENT = (RECONNECT, ENDING, UNRENEWED)  # told at once, while there is time: nothing comes in or goes out after


def keep_connection_findings(
    tx: Transaction, connection_id: int, code: str, findings: Iterable[Finding], now: datetime
) -> None:
    """All findings of one code as they now stand: new ones are opened, those not among them are closed."""
    mine = select(ConnectionFindingRow).where(
        ConnectionFindingRow.connection_id == connection_id, ConnectionFindingRow.code == code
    )
    rows = {row.subject: row for row in tx.exec(mine)}
    for finding in findings:
        row = rows.pop(finding.subject, None) or ConnectionFindingRow(
            connection_id=connection_id, code=code, subject=finding.subject, severity="", message="", first_seen=now
        )
        row.episode += row.closed_at is not None
        row.severity, row.message, row.fix, row.closed_at = finding.severity, finding.message, finding.fix, None
        tx.add(row)
    for row in rows.values():
        row.closed_at = row.closed_at or now
        tx.add(row)


def connection_findings(tx: Transaction, *connection_ids: int) -> list[Finding]:
    """What is open about some connections, the grave first."""
    rows = tx.exec(
        select(ConnectionFindingRow)
        .where(
            col(ConnectionFindingRow.connection_id).in_(connection_ids), col(ConnectionFindingRow.closed_at).is_(None)
        )
        .order_by(col(ConnectionFindingRow.severity), col(ConnectionFindingRow.code), col(ConnectionFindingRow.subject))
    )
    return [told_of(row) for row in rows]


def told_of(row: ConnectionFindingRow) -> Finding:
    severity: Severity = "blocking" if row.severity == "blocking" else "warning"
    return Finding(code=row.code, subject=row.subject, severity=severity, message=row.message, fix=row.fix)
