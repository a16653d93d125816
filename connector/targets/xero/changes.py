"""What changed in the books since a moment: records made, edited, voided or deleted, by anybody."""

from __future__ import annotations

from datetime import datetime

from connector.domain.drift import Standing
from connector.targets.xero.client import XeroClient
from connector.targets.xero.records import COLLECTIONS, RecordKind, RecordRead
from connector.targets.xero.wire import moment


def changed(client: XeroClient, since: datetime) -> list[Standing]:
    """Every record of the kinds we write that was touched since, each kind listed to its end.

    An invoice is also touched by what is paid on it: its version then moves, and its content does not. A bank transfer
    has no time of its last change: that of its creation stands for it, and only its status tells that it is gone."""
    return [standing(kind, record) for kind in COLLECTIONS for record in client.since(kind, since)]


def standing(kind: RecordKind, record: RecordRead) -> Standing:
    """A record as a list shows it."""
    return Standing(
        kind=kind,
        target_id=record.id_of(kind),
        version=record.version,
        mark=record.mark_of(kind),
        is_gone=record.is_gone,
        changed_at=moment(record.version),
    )
