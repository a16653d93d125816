"""Writing over a record of ours, and voiding one: only while the books still hold the version that we know."""

from __future__ import annotations

from collections.abc import Mapping

from connector.errors import Rejected
from connector.targets.contract import Receipt, Rendered
from connector.targets.quickbooks.client import QuickBooksClient
from connector.targets.quickbooks.compare import differences
from connector.targets.quickbooks.marks import is_voided
from connector.targets.quickbooks.posting import Desk
from connector.targets.quickbooks.records import Gone, Record, Trace
from connector.targets.quickbooks.wire import wire

STALE, UNKNOWN = "5010", "610"

# Kinds that stay, emptied, when they are voided; every other kind can only be deleted.
_VOIDING: Mapping[str, Mapping[str, str]] = {
    "Invoice": {"operation": "void"},
    "Payment": {"operation": "update", "include": "void"},
    "SalesReceipt": {"operation": "update", "include": "void"},
    "BillPayment": {"operation": "update", "include": "void"},
}


def replace(desk: Desk, rendered: Rendered, receipt: Receipt) -> Receipt:
    """Writes the whole record over the one of that id. A repeat of one that went through answers it again."""
    kind, payload, client = rendered.kind, desk.resolved(rendered), desk.client
    sent = {**payload, "Id": receipt.target_id, "SyncToken": receipt.version}
    try:
        made = client.write(kind, wire(sent), {}, Record)
    except Rejected as error:
        if error.code != STALE:
            raise
        return _already_replaced(desk, rendered, receipt)
    found = tuple(differences(kind, payload, made))
    trace_id = client.answer.trace_id
    return Receipt(target_id=made.id, version=made.sync_token, trace_id=trace_id, differences=found)


def void(client: QuickBooksClient, rendered: Rendered, receipt: Receipt) -> Receipt:
    """Voids a record, or deletes it where its kind cannot be voided. One that is gone already is done."""
    kind = rendered.kind
    sent: dict[str, object] = {"Id": receipt.target_id, "SyncToken": receipt.version}
    try:
        if kind not in _VOIDING:
            client.write(kind, wire(sent), {"operation": "delete"}, Gone)
            return Receipt(target_id=receipt.target_id, version="", trace_id=client.answer.trace_id)
        left = client.write(kind, wire({**sent, "sparse": True}), _VOIDING[kind], Trace)
    except Rejected as error:
        if error.code == UNKNOWN:
            return Receipt(target_id=receipt.target_id, version="")
        if error.code != STALE:
            raise
        return _already_voided(client, rendered, receipt)
    return Receipt(target_id=left.id, version=left.sync_token, trace_id=client.answer.trace_id)


def _already_replaced(desk: Desk, rendered: Rendered, receipt: Receipt) -> Receipt:
    held = desk.client.one(rendered.kind, receipt.target_id, Record)
    if differences(rendered.kind, desk.resolved(rendered), held):
        raise _changed_by_a_person(rendered, receipt)
    return Receipt(target_id=held.id, version=held.sync_token)


def _already_voided(client: QuickBooksClient, rendered: Rendered, receipt: Receipt) -> Receipt:
    held = client.one(rendered.kind, receipt.target_id, Trace)
    if not is_voided(held.private_note):
        raise _changed_by_a_person(rendered, receipt)
    return Receipt(target_id=held.id, version=held.sync_token)


def _changed_by_a_person(rendered: Rendered, receipt: Receipt) -> Rejected:
    return Rejected(
        f"A person has changed {rendered.mark} ({rendered.kind} {receipt.target_id}) meanwhile: it is not touched. "
        "Look at it again, then decide.",
        code=STALE,
    )
