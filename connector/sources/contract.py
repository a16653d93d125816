"""What every source is: one frozen value, SOURCE, in the source.py of its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import msgspec

from connector.domain.defaults import SourceDefaults
from connector.domain.facts import Fact
from connector.domain.shop import Location, Shop
from connector.domain.webhook import Webhook
from connector.errors import Unreadable
from connector.transport.access import Access
from connector.transport.oauth import Consent

SPOILT = "cannot be read"
"""The first name in a record that is kept though it fits no shape, before the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A kind of record the source lists. A reference stream (places, catalogue) describes the shop, holds no money.

    A pull goes on without an optional stream where the consent does not reach it; `unseen` says what is not seen then.
    """

    name: str
    per_location: bool = False
    is_reference: bool = False
    is_optional: bool = False
    unseen: str = ""


class Received(msgspec.Struct, frozen=True, kw_only=True, gc=False, eq=False):
    """One record as received: its names, and its JSON: spelled anew as `spelled`, else as it stands in its page, the
    `ordinal`-th of its bodies.

    `record` is the body as its source read it when it took the page apart, so that it is not read twice; None where
    that was not done."""

    stream: str
    source_id: str
    spelled: bytes = b""
    bodies: Bodies | None = None
    ordinal: int = 0
    record: object = None

    @property
    def body(self) -> bytes:
        return self.spelled if self.bodies is None else self.bodies[self.ordinal]

    @property
    def spoilt(self) -> str:
        """Why only what names and places it was kept: it fits no shape of its stream. Empty for any other."""
        if not self.body.startswith(b'{"%s":' % SPOILT.encode()):
            return ""
        return msgspec.json.decode(self.body, type=dict[str, str])[SPOILT]

    def __eq__(self, other: object) -> bool:
        """The same names and bytes, however they are held and whether they were read."""
        if not isinstance(other, Received):
            return NotImplemented
        return (self.stream, self.source_id, self.body) == (other.stream, other.source_id, other.body)

    def __hash__(self) -> int:
        return hash((self.stream, self.source_id))


class Bodies:
    """The records of a page byte for byte, cut apart by `cut` when the first of them is asked for."""

    def __init__(self, page: bytes, cut: Callable[[bytes], Sequence[msgspec.Raw]]) -> None:
        self._page, self._cut = page, cut
        self._found: Sequence[msgspec.Raw] | None = None

    def __getitem__(self, ordinal: int) -> bytes:
        if self._found is None:
            self._found = self._cut(self._page)
        return bytes(self._found[ordinal])

    def received(self, stream: str, records: Iterable[tuple[str, object]]) -> tuple[Received, ...]:
        """The records of the page, which were read in one go and are given with their ids."""
        return tuple(
            [
                Received(stream=stream, source_id=name, bodies=self, ordinal=n, record=record)
                for n, (name, record) in enumerate(records)
            ]
        )


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
class Region:
    """Where a provider that has several regions is reached in one of them: its consent page, the address of its API,
    and the path that stands for it below another address, such as a stand-in's."""

    authorize_url: str
    base_url: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOrder:
    """What to pull: one stream (of one location), from a position ("" the first time), as of now."""

    stream: str
    location: str
    position: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReader:
    """A source whose files hold one record each. `read` makes one fact of a file in one pass over its bytes and raises
    Unreadable; `rows` gives (movement ordinal, the row as text) for the ordinals asked for."""

    stream: str
    read: Callable[[BinaryIO, str], Fact]
    rows: Callable[[BinaryIO, frozenset[int]], Iterator[tuple[int, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePage:
    """A page found in a file, and the stream and location whose position it moves."""

    stream: str
    location: str
    page: Page


PositionOf = Callable[[str, str], str]
"""How far a stream of a location has been read, by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source at a glance. The functions are its own client.py, translate.py and files.py.

    `limits` says in a sentence what the source cannot tell, for whoever connects it.

    `edition` tells products of one title apart; `webhook` reads the deliveries in which the provider says that there is
    news.

    `region` finds a region by its own name or by that of a place in it, and raises Unreadable, naming those there are.

    `file` reads files of one record each; `file_pages` gives the records of a file that holds many, as the pages that a
    pull would have brought, and raises Unreadable where one of them cannot be read.

    `pull` yields pages to the true end; `unpack` gives the records of a stored page again, in the same order; `unpack`,
    `shop` and `translate` are pure; `saved` reads files or folders of saved answers for a preview, with what a person
    says of the shop, and yields facts, the places that the answers describe, or an Unreadable for each file it cannot
    read; `quiet` is how long after a trading day late sales of it still come in as a rule, and
    the day is not journalized by itself."""

    name: str
    title: str
    prefix: str
    defaults: SourceDefaults
    edition: str = ""
    limits: str = ""
    streams: tuple[Stream, ...] = ()
    consent: Consent | None = None
    webhook: Webhook | None = None
    region: Callable[[str], Region] | None = None
    identify: Callable[[Access], Identity] | None = None
    pull: Callable[[Access, PullOrder], Iterator[Page]] | None = None
    unpack: Callable[[str, bytes], tuple[Received, ...]] | None = None
    shop: Callable[[Iterable[Received], str], Shop] | None = None
    translate: Callable[[Received, Shop], Fact] | None = None
    file: FileReader | None = None
    file_pages: Callable[[BinaryIO, PositionOf], Iterator[FilePage]] | None = None
    saved: Callable[[Sequence[Path], Shop], Iterator[Fact | Location | Unreadable]] | None = None
    quiet: timedelta = timedelta(hours=4)

    @property
    def label(self) -> str:
        """What people choose it by."""
        return f"{self.title} {self.edition}".strip()

    @property
    def reads_files(self) -> bool:
        """Whether it can be used without consent, from files alone."""
        return self.file is not None or self.file_pages is not None
