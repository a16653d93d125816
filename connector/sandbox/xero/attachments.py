"""Files on documents: kept whole, ten on each, one of a name."""

import base64

from connector.sandbox.body import Body
from connector.sandbox.xero.organisation import Organisation
from connector.sandbox.xero.refusals import Invalid

_KIND = "Attachments"
_MOST_FILES = 10
_LARGEST = 10 * 1024 * 1024


def attached(organisation: Organisation, document_id: str) -> list[Body]:
    """The files on a document, without their content."""
    return [_told(kept) for kept in organisation.shelf.marked(_KIND, document_id)]


def attach(organisation: Organisation, document_id: str, name: str, content: bytes) -> Body:
    """The file kept under the document, in place of one of the same name. Raises Invalid."""
    if not content or len(content) > _LARGEST:
        raise Invalid("The attachment must have content of 10 MB or less.")
    held = organisation.shelf.marked(_KIND, document_id)
    same = next((kept for kept in held if kept["FileName"] == name), None)
    if same is None and len(held) >= _MOST_FILES:
        raise Invalid(f"A document can have {_MOST_FILES} attachments at most.")
    id_ = str(same["AttachmentID"]) if same else organisation.new_id(_KIND)
    body: Body = {
        "AttachmentID": id_,
        "FileName": name,
        "MimeType": "text/csv" if name.lower().endswith(".csv") else "application/octet-stream",
        "ContentLength": len(content),
        "Content": base64.b64encode(content).decode(),
    }
    organisation.shelf.put(_KIND, id_, body, mark=document_id)
    return _told(body)


def _told(kept: Body) -> Body:
    return {field: value for field, value in kept.items() if field != "Content"}
