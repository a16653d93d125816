"""Parts of records as they are written: two that differ in nothing but the id that stands first are the same bytes, and
one that was read before need not be read again."""

from __future__ import annotations

import msgspec

_ID = b'{"id":'


def less_id(part: msgspec.Raw) -> bytes:
    """The part without its id; the part itself where it does not begin with one."""
    written = bytes(part)
    return written[written.find(b",") :] if written.startswith(_ID) else written


def json_of(part: bytes) -> bytes:
    """What `less_id` gave as JSON again, with no id that means anything. It is no JSON where the id was no simple
    one."""
    return _ID + b"null" + part if part.startswith(b",") else part
