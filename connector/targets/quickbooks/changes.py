"""What changed in the books since a moment: records made, edited, voided or deleted, by anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connector.domain.drift import Standing
from connector.errors import Rejected
from connector.targets.quickbooks.client import QuickBooksClient, quoted
from connector.targets.quickbooks.marks import is_voided, mark_of
from connector.targets.quickbooks.records import KINDS, Trace

CAPTURED = 1000  # a list of changes stops here without a word
REMEMBERED = timedelta(days=30)
UNLISTED = "changes_unlisted"


def changed(client: QuickBooksClient, since: datetime) -> list[Standing]:
    """Every record of the kinds we write that was touched since: live ones by a query each, deleted ones as captured.

    Raises Rejected("changes_unlisted") where QuickBooks no longer lists which were deleted (more than 30 days ago, or
    among more than a thousand changes of one kind): each record has to be read by itself then."""
    if since < client.access.now() - REMEMBERED:
        raise _unlisted(f"{since:%Y-%m-%d} is more than {REMEMBERED.days} days ago")
    moment = since.astimezone(UTC).replace(microsecond=0).isoformat()
    live = [
        _standing(kind, trace)
        for kind in KINDS
        for trace in client.rows(kind, Trace, f"where MetaData.LastUpdatedTime >= {quoted(moment)}")
    ]
    return live + _deleted(client, KINDS, moment)


def _standing(kind: str, trace: Trace) -> Standing:
    return Standing(
        kind=kind,
        target_id=trace.id,
        version=trace.sync_token,
        mark=mark_of(kind, trace.doc_number, trace.private_note),
        is_gone=is_voided(trace.private_note),
        changed_at=trace.meta_data.last_updated_time,
    )


def _deleted(client: QuickBooksClient, kinds: Sequence[str], moment: str) -> list[Standing]:
    found = client.captured(kinds, moment)
    if len(found) < CAPTURED:
        gone = [(kind, trace) for kind, trace in found if trace.status == "Deleted"]
        return [Standing(kind=kind, target_id=trace.id, version="", is_gone=True) for kind, trace in gone]
    if len(kinds) > 1:
        return [standing for kind in kinds for standing in _deleted(client, [kind], moment)]
    raise _unlisted(f"More than {CAPTURED} records of the kind {kinds[0]} were changed since {moment}")


def _unlisted(why: str) -> Rejected:
    return Rejected(
        f"{why}: QuickBooks does not list any more which were deleted. Read each record by itself, or look more often.",
        code=UNLISTED,
    )
