"""Files on a record: the rows behind a document, for whoever opens it in the books."""

from __future__ import annotations

import msgspec

from connector.targets.contract import Receipt
from connector.targets.quickbooks.client import QuickBooksClient, quoted
from connector.targets.quickbooks.records import Attachable

CONTENT_TYPE = "text/csv"


def attach(client: QuickBooksClient, receipt: Receipt, kind: str, name: str, content: bytes) -> str:
    """Uploads a file, tied to the record of that kind and id; gives its id. Looked for first, for an upload
    has no request id: a repeat attaches nothing twice."""
    tie = "AttachableRef.EntityRef"
    where = f"where {tie}.Type = {quoted(kind)} and {tie}.value = {quoted(receipt.target_id)}"
    for found in client.rows("Attachable", Attachable, where):
        if found.file_name == name:
            return found.id
    about = {
        "FileName": name,
        "ContentType": CONTENT_TYPE,
        "AttachableRef": [{"EntityRef": {"type": kind, "value": receipt.target_id}, "IncludeOnSend": False}],
    }
    return client.upload(msgspec.json.encode(about), content, CONTENT_TYPE).id
