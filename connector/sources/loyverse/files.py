"""Saved answers of Loyverse's API → facts, for a preview without a connection; pure but for reading the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable
from connector.sources.loyverse.records import SHAPES, Answer, Head, listed, read
from connector.sources.loyverse.translate.record import translate
from connector.sources.loyverse.translate.shops import read_shop

FILE_BYTES = 200 * 1024 * 1024
_KEYS = {**dict.fromkeys(SHAPES, ""), "receipt": "receipts", "shift": "shifts", "store": "stores", "item": "items"}
_NAMES = (  # the first that the letters of a file's name contain
    ("paymenttype", "payment_types"), ("receipt", "receipts"), ("shift", "shifts"), ("store", "stores"),
    ("merchant", "merchant"), ("categor", "categories"), ("item", "items"),
)  # fmt: skip
_OWN_KEYS = (("receipt_number", "receipts"), ("expected_cash", "shifts"), ("business_name", "merchant"))
_MONEY = ("receipts", "shifts")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    stream: str
    name: str
    changed_at: datetime
    body: bytes
    file: Path

    @property
    def rank(self) -> tuple[datetime, bytes]:
        """Of two records of one name the higher one is the newer."""
        return self.changed_at, self.body


def saved(paths: Sequence[Path], zone: str) -> Iterator[Fact | Unreadable]:
    """A fact for each receipt and shift of the files and folders, ordered by stream and name, whatever order they are
    read in; an Unreadable for each file and record that cannot be read. Of equal names the newest counts.

    `zone` stands in for stores without one of their own. A stream without files is empty."""
    if wrong := _zone_problem(zone):
        yield wrong
        return
    newest: dict[tuple[str, str], _Record] = {}
    for found in _records(paths):
        if isinstance(found, Unreadable):
            yield found
            continue
        known = newest.setdefault((found.stream, found.name), found)
        if found.rank > known.rank:
            newest[found.stream, found.name] = found
    yield from _facts([newest[key] for key in sorted(newest)], zone)


def _facts(records: Sequence[_Record], zone: str) -> Iterator[Fact | Unreadable]:
    shop, wrong = _shop([record for record in records if record.stream not in _MONEY], zone)
    yield from wrong
    unplaced: dict[tuple[Path, str], list[str]] = {}
    for record in records:
        if record.stream not in _MONEY:
            continue
        try:
            yield translate(record.stream, record.name, record.body, shop)
        except Broken as error:
            yield _unreadable(record, error)
        except Unreadable as error:
            unplaced.setdefault((record.file, str(error)), []).append(f"{record.stream} {record.name}")
    for (file, message), names in unplaced.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Unreadable(f"{file}: {names[0]}{more}: {message}")


def _shop(records: Sequence[_Record], zone: str) -> tuple[Shop, list[Unreadable]]:
    sound, wrong = [], []
    for record in records:
        try:
            read_shop([(record.stream, record.body)], zone)
            sound.append((record.stream, record.body))
        except Broken as error:
            wrong.append(_unreadable(record, error))
    return read_shop(sound, zone), wrong


def _records(paths: Sequence[Path]) -> Iterator[_Record | Unreadable]:
    for path in paths:
        for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
            try:
                answers = _answers(file)
            except (Broken, Unreadable) as error:
                yield Unreadable(f"{file}: {error}")
                continue
            for stream, body in answers:
                yield _record(file, stream, body)


def _record(file: Path, stream: str, body: msgspec.Raw) -> _Record | Unreadable:
    try:
        head = read(body, Head)
        name = head.name(stream)
    except Broken as error:
        return Unreadable(f"{file}: a record of {stream} cannot be read: {error}")
    return _Record(stream=stream, name=name, changed_at=head.changed_at or _NEVER, body=bytes(body), file=file)


def _answers(file: Path) -> list[tuple[str, msgspec.Raw]]:
    """(stream, record) for each record of a file: one answer, a list of answers, or bare records."""
    content = _content(file)
    pages = read(content, list[msgspec.Raw]) if content.startswith(b"[") else [msgspec.Raw(content)]
    return [found for page in pages for found in _page(file, page)]


def _page(file: Path, page: msgspec.Raw) -> Iterator[tuple[str, msgspec.Raw]]:
    answer = read(page, Answer)
    if "id" in answer or "receipt_number" in answer:
        yield _stream_of(file, answer), page
        return
    known = [key for key in answer if key in _KEYS]
    if not known and answer.keys() - {"cursor", "errors"}:
        raise Unreadable(f"none of its parts is a list of Loyverse records: {', '.join(sorted(answer))[:200]}.")
    if not known and listed(answer, "errors"):
        raise Unreadable("it holds an error that Loyverse answered, and no records.")
    for key in known:
        for record in listed(answer, key):
            yield _KEYS[key] or key, record


def _stream_of(file: Path, answer: Answer) -> str:
    """The stream of a bare record, by what only such a record has, else by the name of its file."""
    letters = re.sub(r"[^a-z]", "", file.stem.lower())
    own = next((stream for key, stream in _OWN_KEYS if key in answer), "")
    stream = own or next((stream for part, stream in _NAMES if part in letters), "")
    if not stream:
        raise Unreadable(
            "its records do not say what they are: name the file after its kind, such as stores.json or items.json."
        )
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
        return Unreadable(f"There is no time zone {zone!r}: name one as in America/New_York.")
    return None


def _unreadable(record: _Record, error: Broken) -> Unreadable:
    return Unreadable(f"{record.file}: {record.stream} {record.name}: {error}")
