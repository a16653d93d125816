"""Writing over a record of ours, and voiding one: only while the books still hold what we know of it.

Xero has no lock of versions: the record is read and compared by its UpdatedDateUTC right before it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from connector.errors import ConnectorError, OutcomeUnknown, Rejected
from connector.targets.contract import Receipt, Rendered
from connector.targets.xero.answers import refusal
from connector.targets.xero.client import XeroClient
from connector.targets.xero.compare import differences
from connector.targets.xero.posting import document_mark, outcome, piece_of
from connector.targets.xero.records import COLLECTIONS, Piece, RecordKind, RecordRead

CHANGED, GONE, PAID, MATCHED, NEVER_EDITED = "changed_meanwhile", "gone", "paid", "matched", "never_edited"

_NEVER_EDITED: Mapping[str, str] = {"payment": "payment", "bank_transfer": "bank transfer"}
_END: Mapping[RecordKind, str] = {
    "invoice": "VOIDED",
    "credit_note": "VOIDED",
    "payment": "DELETED",
    "bank_transaction": "DELETED",
    "bank_transfer": "DELETED",
    "manual_journal": "VOIDED",
}
_ALWAYS_SENT: Mapping[str, Sequence[str]] = {
    "bank_transaction": ("Type", "BankAccount", "LineItems"),
    "manual_journal": ("Narration",),
}


def replace(client: XeroClient, rendered: Rendered, receipt: Receipt) -> Receipt:
    """Writes the whole record over the one of that id. A repeat of one that went through answers it again."""
    piece = piece_of(rendered)
    if piece.kind in _NEVER_EDITED:
        raise Rejected(
            f"Xero never edits a {_NEVER_EDITED[piece.kind]}: delete {piece.mark} there, then post it again.",
            code=NEVER_EDITED,
        )
    held = client.one(piece.kind, receipt.target_id)
    if held is None or held.is_gone:
        raise Rejected(f"{piece.mark} is no longer in Xero: post it again instead of writing over it.", code=GONE)
    if held.version != receipt.version:
        return _as_known(piece, held)
    _check_unmatched(piece, held)
    _check_unpaid(piece, held)
    record = {**_record(piece), **_identity(piece, receipt.target_id)}
    written, trace_id = client.write_over(piece.kind, receipt.target_id, {**piece.payload, "record": record})
    found = outcome(rendered, written, trace_id)
    if isinstance(found, ConnectorError):
        raise found
    return found


def void(client: XeroClient, rendered: Rendered, receipt: Receipt) -> Receipt:
    """Voids a record, or deletes it where that is its kind's end; one that is gone already is done.

    The payments of the same document are deleted before their invoice or credit note; others' forbid it."""
    piece = piece_of(rendered)
    held = client.one(piece.kind, receipt.target_id)
    if held is None or held.is_gone:
        return Receipt(target_id=receipt.target_id, version=held.version if held else "")
    if held.version != receipt.version:
        _as_known(piece, held)
    _check_unmatched(piece, held)
    for payment in _own_payments(client, piece, held):
        _end(client, "payment", payment.payment_id, {**piece.payload, "record": {"Status": _END["payment"]}})
    return _end(client, piece.kind, receipt.target_id, _ending(piece, receipt.target_id))


def _as_known(piece: Piece, held: RecordRead) -> Receipt:
    """The receipt of a record that was only touched, or holds already what it should; raises Rejected for another."""
    if differences(piece, held):
        raise Rejected(
            f"A person has changed {piece.mark} in Xero meanwhile: it is not touched. Look at it again, then decide.",
            code=CHANGED,
        )
    return Receipt(target_id=held.id_of(piece.kind), version=held.version)


def _check_unmatched(piece: Piece, held: RecordRead) -> None:
    if held.is_matched:
        raise Rejected(
            f"{piece.mark} is matched with a line of the bank in Xero: undo the match there, or adjust it by "
            "a document of its own.",
            code=MATCHED,
        )


def _check_unpaid(piece: Piece, held: RecordRead) -> None:
    if held.payments or held.is_allocated:
        raise Rejected(
            f"{piece.mark} is paid or credited in Xero and cannot be written over: adjust it by a document of its own, "
            "or void it with its payments.",
            code=PAID,
        )


def _own_payments(client: XeroClient, piece: Piece, held: RecordRead) -> list[RecordRead]:
    """The payments of the document itself; raises Rejected where there are others, or one of them is matched."""
    ours = f"{document_mark(piece)}-"
    strange = [payment for payment in held.payments if not payment.reference.startswith(ours)]
    if strange or held.is_allocated:
        raise Rejected(
            f"{piece.mark} is paid or credited in Xero by somebody else: take that off there first.", code=PAID
        )
    found = [client.one("payment", payment.payment_id) for payment in held.payments]
    own = [payment for payment in found if payment and not payment.is_gone]
    for payment in own:
        _check_unmatched(piece, payment)
    return own


def _end(client: XeroClient, kind: RecordKind, identity: str, payload: Mapping[str, object]) -> Receipt:
    """Sends a record to its end; raises Rejected where Xero refuses, OutcomeUnknown where the answer shows no end."""
    left, trace_id = client.write_over(kind, identity, payload)
    if left.texts:
        raise refusal(left.texts)
    if not left.is_gone:
        raise OutcomeUnknown(f"Xero answered the status {left.status or 'none'} to the end of {identity}: look it up.")
    return Receipt(target_id=identity, version=left.version, trace_id=trace_id)


def _ending(piece: Piece, identity: str) -> dict[str, object]:
    """What ends a record: its status, and beside it only what Xero's definition wants on every record of the kind."""
    record = _record(piece)
    kept = {name: record[name] for name in _ALWAYS_SENT.get(piece.kind, ())}
    return {**piece.payload, "record": {**kept, **_identity(piece, identity), "Status": _END[piece.kind]}}


def _identity(piece: Piece, identity: str) -> dict[str, object]:
    """The field that names the record; a payment and a transfer are named by the address alone."""
    if piece.kind in _NEVER_EDITED:
        return {}
    return {f"{COLLECTIONS[piece.kind].removesuffix('s')}ID": identity}


def _record(piece: Piece) -> dict[str, object]:
    return msgspec.convert(piece.payload["record"], dict[str, object])
