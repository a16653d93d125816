"""What the stations saw, kept: first seen, closed when the cause is gone, muted until a day where a person said so."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import col, select

from connector.domain.finding import Finding, Severity
from connector.errors import Unreadable
from connector.store.database import Transaction
from connector.store.proposals import read_proposal, written_proposal
from connector.store.tables import FindingRow

Station = Literal["journalize", "audit", "calendar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFinding:
    """A finding with its history. `muted_until` is None where nobody muted it."""

    finding: Finding
    first_seen: datetime
    muted_until: datetime | None = None
    muted_because: str = ""

    def is_muted(self, now: datetime) -> bool:
        return self.muted_until is not None and now < self.muted_until


def keep_findings(
    tx: Transaction, feed_id: int, findings: Iterable[Finding], now: datetime, station: Station = "journalize"
) -> None:
    """The findings of a station's run: new ones are opened, those of this station that it does not see again are
    closed, muted ones stay muted. One that another station opened stays that station's to close."""
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
            station=station,
            first_seen=now,
        )
        if row.closed_at is not None:
            row.station, row.closed_at, row.episode = station, None, row.episode + 1
        _tell(row, finding, station)
        tx.add(row)
    for finding_id, row in rows.items():
        if finding_id not in seen and row.station == station and row.closed_at is None:
            row.closed_at = now
            tx.add(row)


def open_findings(tx: Transaction, feed_id: int) -> list[Finding]:
    return [kept.finding for kept in kept_findings(tx, feed_id)]


def kept_findings(tx: Transaction, feed_id: int) -> list[KeptFinding]:
    """What is open about a feed, muted or not, by severity, code and subject."""
    rows = tx.exec(
        select(FindingRow)
        .where(FindingRow.feed_id == feed_id, col(FindingRow.closed_at).is_(None))
        .order_by(col(FindingRow.severity), col(FindingRow.code), col(FindingRow.subject))
    )
    return [
        KeptFinding(
            finding=finding_of(row),
            first_seen=row.first_seen,
            muted_until=row.muted_until,
            muted_because=row.muted_because,
        )
        for row in rows
    ]


def mute_finding(tx: Transaction, feed_id: int, finding_id: str, until: datetime, because: str) -> None:
    """Hides a finding from lists until a moment; raises Unreadable where there is none, or no reason."""
    row = tx.exec(select(FindingRow).where(FindingRow.feed_id == feed_id, FindingRow.finding_id == finding_id)).first()
    if row is None:
        raise Unreadable(f"There is no finding {finding_id!r}; connector audit --json lists them with their ids.")
    if not because.strip():
        raise Unreadable("A finding is muted with a reason: say why.")
    row.muted_until, row.muted_because = until, because
    tx.add(row)


def _tell(row: FindingRow, finding: Finding, station: Station) -> None:
    """What a station knows is kept; what only the audit knows (money, movements, periods) stays until it looks again.

    The audit's fix names accounts: journalizing, which proposes none, does not take its place."""
    row.message, row.severity = finding.message, finding.severity
    if station == "audit" or not row.amount_minor:
        row.fix, row.proposal = finding.fix, written_proposal(finding.proposal)
    if station != "journalize" or finding.movements:
        row.amount_minor, row.currency = finding.amount, finding.currency
        row.movements, row.blocked = finding.movements, json.dumps(finding.blocked)


def finding_of(row: FindingRow) -> Finding:
    severity: Severity = (
        "blocking" if row.severity == "blocking" else "warning" if row.severity == "warning" else "info"
    )
    return Finding(
        code=row.code,
        subject=row.subject,
        severity=severity,
        message=row.message,
        fix=row.fix,
        amount=row.amount_minor,
        currency=row.currency,
        movements=row.movements,
        blocked=tuple(json.loads(row.blocked)),
        proposal=read_proposal(row.proposal),
    )
