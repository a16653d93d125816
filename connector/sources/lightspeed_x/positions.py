"""How far a stream was read, kept as text between pulls: the highest version number that was yielded.

Versions are the retailer's own, counted up over all of its records, with gaps; they are numbers, never counted on."""

from __future__ import annotations

import msgspec

from connector.sources.lightspeed_x.records import read


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    after: int = 0

    @staticmethod
    def of(text: str) -> Position:
        """The position kept as text; the beginning for empty text."""
        return read(text.encode(), Position) if text else Position()

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()
