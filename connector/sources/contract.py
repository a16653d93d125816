"""What every source is: one frozen value, SOURCE, in the source.py of its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from connector.domain.defaults import SourceDefaults
from connector.domain.facts import Fact
from connector.domain.shop import Location, Shop
from connector.errors import Unreadable
from connector.transport.access import Access
from connector.transport.oauth import Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A kind of record the source lists. A reference stream (places, catalogue) describes the shop, holds no money."""

    name: str
    per_location: bool = False
    is_reference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One record as received: its JSON, byte for byte as the page held it or spelled anew from it, and its names."""

    stream: str
    source_id: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer: its bytes as received, its records, and the position from which a later pull goes on."""

    body: bytes
    records: tuple[Received, ...]
    position: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a connection speaks for."""

    external_id: str
    name: str
    scopes: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOrder:
    """What to pull: one stream (of one location), from a position ("" the first time), as of now."""

    stream: str
    location: str
    position: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReader:
    """A source that reads files. `read` makes one fact of a file in one pass over its bytes and raises Unreadable;
    `rows` gives (movement ordinal, the row as text) for the ordinals asked for."""

    stream: str
    read: Callable[[BinaryIO, str], Fact]
    rows: Callable[[BinaryIO, frozenset[int]], Iterator[tuple[int, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source at a glance. The functions are its own client.py, translate.py and files.py.

    `pull` yields pages to the true end; `unpack` gives the records of a stored page again, in the same order; `unpack`,
    `shop` and `translate` are pure; `saved` reads files or folders of saved
    answers for a preview, in the given zone, and yields facts, the places that the answers describe, or an Unreadable
    for each file it cannot read."""

    name: str
    title: str
    prefix: str
    defaults: SourceDefaults
    streams: tuple[Stream, ...] = ()
    consent: Consent | None = None
    identify: Callable[[Access], Identity] | None = None
    pull: Callable[[Access, PullOrder], Iterator[Page]] | None = None
    unpack: Callable[[str, bytes], tuple[Received, ...]] | None = None
    shop: Callable[[Iterable[Received], str], Shop] | None = None
    translate: Callable[[Received, Shop], Fact] | None = None
    file: FileReader | None = None
    saved: Callable[[Sequence[Path], str], Iterator[Fact | Location | Unreadable]] | None = None
