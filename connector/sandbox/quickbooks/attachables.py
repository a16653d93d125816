"""Files on transactions: an upload in parts, and the file as it is listed."""

import re
from collections.abc import Iterator

from connector.sandbox.body import Body, child, children, decode, text
from connector.sandbox.calls import Call
from connector.sandbox.quickbooks.company import Company
from connector.sandbox.quickbooks.refusals import Refused, Wrong, bad_reference, missing

_LARGEST = 20_000_000
_NAME = re.compile(r'\bname="([^"]+)"')


def uploaded(company: Company, call: Call) -> Body:
    """The AttachableResponse to an upload: a part that says what the file is, and the file itself."""
    parts = dict(_parts(call))
    about, content = parts.get("file_metadata_01"), parts.get("file_content_01")
    if about is None or content is None:
        raise Refused(missing("file_metadata_01" if about is None else "file_content_01"))
    if len(content) > _LARGEST:
        raise Refused(Wrong(code="2050", message="File too large", detail=f"A file has at most {_LARGEST} bytes"))
    sent = decode(about)
    for field in ("FileName", "ContentType"):
        if not text(sent, field):
            raise Refused(missing(field))
    for tie in children(sent, "AttachableRef"):
        entity = child(tie, "EntityRef")
        if company.shelf.get(text(entity, "type"), text(entity, "value")) is None:
            raise Refused(bad_reference(text(entity, "type"), text(entity, "value"), "AttachableRef.EntityRef"))
    kept = company.keep_new("Attachable", {**sent, "Size": len(content)})
    company.shelf.put("file", text(kept, "Id"), {"content": content.decode("utf-8", "replace")})
    return {"AttachableResponse": [{"Attachable": kept}]}


def _parts(call: Call) -> Iterator[tuple[str, bytes]]:
    """The parts of a multipart body by name; their lines end as the standard wants."""
    kind, _, bound = call.headers.get("content-type", "").partition("boundary=")
    if not kind.startswith("multipart/form-data") or not bound:
        raise Refused(Wrong(code="2010", message="Invalid upload", detail="An upload is multipart/form-data"))
    for part in call.content.split(b"--" + bound.encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = _NAME.search(head.decode())
        if name:
            yield name[1], content.removesuffix(b"\r\n")
