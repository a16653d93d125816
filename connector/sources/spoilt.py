"""A record that fits no shape, as it is kept: what names, places and dates it, and nothing else, for the rest may tell
of a customer. It stops no other record of its page; a station holds the day that it names."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from connector.errors import Broken
from connector.sources.contract import SPOILT, Received

_PLACES = frozenset({"location_id", "store_id", "outlet_id", "shopID"})
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})")
LONGEST = 200


def spoilt(stream: str, body: msgspec.Raw, names: tuple[str, ...], error: Broken) -> Received:
    """The record under the first of these names that it has; raises the error where it has none."""
    try:
        found = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        name = next(text for each in names if (text := _text(found, each)))
    except (msgspec.MsgspecError, UnicodeDecodeError, StopIteration):
        raise error from None
    kept = {
        each: text for each in found if (text := _text(found, each)) and (each in _PLACES or _MOMENT.fullmatch(text))
    }
    said = {SPOILT: str(error)[:LONGEST], names[0]: name, **kept}
    return Received(stream=stream, source_id=name, spelled=msgspec.json.encode(said))


def _text(found: Mapping[str, msgspec.Raw], name: str) -> str:
    """A short text, empty for anything else."""
    try:
        text = msgspec.json.decode(found.get(name, b"0"), type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return text if len(text) <= LONGEST else ""
