"""Saved answers of the X-Series API → facts, for a preview without a connection; pure but for reading the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from connector.domain.facts import Fact
from connector.domain.shop import Location, Shop
from connector.errors import Broken, Unreadable
from connector.sources.lightspeed_x.pages import kept
from connector.sources.lightspeed_x.records import Answer, Head, listed, read
from connector.sources.lightspeed_x.translate.record import translate
from connector.sources.lightspeed_x.translate.shops import read_shop

FILE_BYTES = 200 * 1024 * 1024
_SIGNS = (  # the first key that a record has tells its stream
    ("line_items", "sales"), ("register_closure_id", "sessions"), ("time_zone", "outlets"),
    ("type_id", "payment_types"), ("rates", "taxes"), ("register_open_time", "registers"), ("is_open", "registers"),
    ("price_excluding_tax", "products"), ("sku", "products"),
)  # fmt: skip
_NAMES = (  # the first that the letters of a file's name contain
    ("paymentssummary", "sessions"), ("session", "sessions"), ("paymenttype", "payment_types"), ("sale", "sales"),
    ("outlet", "outlets"), ("register", "registers"), ("tax", "taxes"), ("product", "products"),
)  # fmt: skip
_REFERENCE = frozenset({"outlets", "registers", "payment_types", "taxes", "products"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    stream: str
    source_id: str
    rank: tuple[int, str, bytes]  # of two records of one id the higher one is the newer
    body: bytes
    file: Path


def saved(paths: Sequence[Path], zone: str) -> Iterator[Fact | Location | Unreadable]:
    """The outlets of the files and folders, and a fact for each sale and session, ordered by stream and id, whatever
    order they are read in; an Unreadable for each file and record that cannot be read. Of records with equal ids the
    newest counts.

    `zone` stands in for outlets whose own zone is not among the files. A stream without files is empty."""
    if wrong := _zone_problem(zone):
        yield wrong
        return
    newest: dict[tuple[str, str], _Record] = {}
    for found in _records(paths):
        if isinstance(found, Unreadable):
            yield found
            continue
        known = newest.setdefault((found.stream, found.source_id), found)
        if found.rank > known.rank:
            newest[found.stream, found.source_id] = found
    records = [newest[key] for key in sorted(newest)]
    shop = read_shop(((each.stream, each.body) for each in records if each.stream in _REFERENCE), zone)
    yield from shop.locations.values()
    yield from _facts([each for each in records if each.stream not in _REFERENCE], shop)


def _facts(records: Sequence[_Record], shop: Shop) -> Iterator[Fact | Unreadable]:
    unplaced: dict[tuple[Path, str], list[str]] = {}
    for record in records:
        try:
            yield translate(record.stream, record.source_id, record.body, shop)
        except Broken as error:
            yield Unreadable(f"{record.file}: {record.stream} {record.source_id}: {error}")
        except Unreadable as error:
            unplaced.setdefault((record.file, str(error)), []).append(f"{record.stream} {record.source_id}")
    for (file, message), names in unplaced.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Unreadable(f"{file}: {names[0]}{more}: {message}")


def _records(paths: Sequence[Path]) -> Iterator[_Record | Unreadable]:
    for path in paths:
        for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
            try:
                bodies = _bodies(file)
            except (Broken, Unreadable) as error:
                yield Unreadable(f"{file}: {error}")
                continue
            for body in bodies:
                yield _record(file, body)


def _record(file: Path, body: msgspec.Raw) -> _Record | Unreadable:
    try:
        stream, head = _stream(file, body), read(body, Head)
        rank = (head.number, head.updated_at or "", bytes(body))
        return _Record(stream=stream, source_id=head.source_id, rank=rank, body=kept(stream, body), file=file)
    except (Broken, Unreadable) as error:
        return Unreadable(f"{file}: a record cannot be read: {error}")


def _bodies(file: Path) -> list[msgspec.Raw]:
    """Every record of a file: one answer, a list of answers, one record or a list of records."""
    content = _content(file)
    pages = read(content, list[msgspec.Raw]) if content.startswith(b"[") else [msgspec.Raw(content)]
    return [record for page in pages for record in _of_page(page)]


def _of_page(page: msgspec.Raw) -> list[msgspec.Raw]:
    keys = read(page, dict[str, msgspec.Raw])
    if "data" in keys:
        return listed(read(page, Answer))
    if "id" in keys or "register_closure_id" in keys:
        return [page]
    raise Unreadable(f"it is no answer of the X-Series API: it holds {', '.join(sorted(keys))[:200] or 'nothing'}.")


def _stream(file: Path, body: msgspec.Raw) -> str:
    keys = read(body, dict[str, msgspec.Raw])
    letters = re.sub(r"[^a-z]", "", file.stem.lower())
    by_keys = next((stream for sign, stream in _SIGNS if sign in keys), "")
    stream = by_keys or next((stream for part, stream in _NAMES if part in letters), "")
    if not stream:
        raise Unreadable("it does not say what it is: name the file after its kind, such as sales.json or taxes.json.")
    return stream


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > FILE_BYTES:
            raise Unreadable(f"it is larger than {FILE_BYTES // 1024 // 1024} MB.")
        content = file.read_bytes().removeprefix(b"\xef\xbb\xbf").strip()
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror}.") from error
    if not content:
        raise Unreadable("it is empty.")
    return content


def _zone_problem(zone: str) -> Unreadable | None:
    try:
        ZoneInfo(zone or "UTC")
    except (KeyError, ValueError, OSError):
        return Unreadable(f"There is no time zone {zone!r}: name one as in Pacific/Auckland.")
    return None
