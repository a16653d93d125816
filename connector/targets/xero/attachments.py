"""Files on a record: the rows behind a document, for whoever opens it in the books."""

from __future__ import annotations

from typing import cast, get_args

from connector.errors import ConsentEnded, NeedsReconnect, NeedsScope, Rejected, TokenRefused
from connector.targets.contract import Receipt
from connector.targets.xero.client import XeroClient
from connector.targets.xero.records import RecordKind

_WITHOUT = frozenset({"payment"})


def attach(client: XeroClient, receipt: Receipt, kind: str, name: str, content: bytes) -> str:
    """Puts a file on the record of that kind and id; gives its id. A record that holds a file of that name keeps it,
    so that a repeat attaches nothing twice. Raises NeedsScope where the consent is older than this wish."""
    if kind in _WITHOUT or kind not in get_args(RecordKind):
        raise Rejected(f"Xero keeps no files on a {kind}: put {name} on the invoice or bank record.", code="no_files")
    known = cast(RecordKind, kind)
    try:
        held = client.attachments(known, receipt.target_id)
        there = next((file.attachment_id for file in held if file.file_name.casefold() == name.casefold()), "")
        return there or client.attach(known, receipt.target_id, name, content).attachment_id
    except (TokenRefused, ConsentEnded):
        raise
    except NeedsReconnect as error:
        raise NeedsScope(f"Files cannot be put into Xero: {error}") from error
