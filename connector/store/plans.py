"""What a period of a feed calls for, complete: documents with everything that will be sent, and what waits."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import msgspec

from connector.domain.document import Document, Held, Ignored, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPosting:
    """A record as it will be written, complete: payload in its canonical spelling, its digest, key and mark."""

    part: str
    target_kind: str
    day: str
    payload: bytes
    digest: str
    key: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDocument:
    """A document with everything that will be sent for it; `map_version` where it is made with an older map than its
    feed's newest."""

    document: Document
    postings: tuple[PlannedPosting, ...]
    map_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPlan:
    """All that a period of a feed calls for."""

    name: str
    documents: tuple[PlannedDocument, ...]
    held: tuple[Held, ...]
    ignored: tuple[Ignored, ...]

    @property
    def digest(self) -> str:
        spelled = msgspec.json.encode([[d.document for d in self.documents], self.held, self.ignored])
        keys = [posting.key for planned in self.documents for posting in planned.postings]
        return hashlib.sha256(spelled + json.dumps(keys).encode()).hexdigest()

    @property
    def shares(self) -> list[Share]:
        lines = [share for planned in self.documents for line in planned.document.lines for share in line.shares]
        held = [share for held in self.held for share in held.shares]
        return lines + held + [share for ignored in self.ignored for share in ignored.shares]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlace:
    """Which feed a period is of, where its documents go, and under which map they were made."""

    feed_id: int
    target_connection_id: int
    map_version: int
