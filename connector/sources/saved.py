"""Saved answers of a provider, for a preview without a connection: which files there are, how large one may be, and of
a record that is there twice the newer one. What an answer holds is for its source to say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.domain.facts import Fact
from connector.domain.shop import is_zone
from connector.errors import Broken, Unreadable

FILE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRecord:
    """One record of a file. Of two of one id the one of the higher rank counts; ranks of a source are made alike."""

    stream: str
    source_id: str
    body: bytes
    file: Path
    rank: tuple[object, ...] = ()

    def unreadable(self, error: Broken) -> Unreadable:
        return Unreadable(f"{self.file}: {self.stream} {self.source_id}: {error}")


def gathered(
    paths: Sequence[Path], records_of: Callable[[Path], Iterable[SavedRecord | Unreadable]]
) -> tuple[list[SavedRecord], list[Unreadable]]:
    """The records of the files and folders, the newest of each id, ordered by stream and id whatever order they are
    read in; and an Unreadable for each file, and each record, that cannot be read."""
    newest: dict[tuple[str, str], SavedRecord] = {}
    wrong: list[Unreadable] = []
    for file in _files(paths):
        if isinstance(file, Unreadable):
            wrong.append(file)
            continue
        try:
            for found in records_of(file):
                if isinstance(found, Unreadable):
                    wrong.append(found)
                    continue
                known = newest.setdefault((found.stream, found.source_id), found)
                if found.rank > known.rank:
                    newest[found.stream, found.source_id] = found
        except (Broken, Unreadable) as error:
            wrong.append(Unreadable(f"{file}: {error}"))
    return [newest[key] for key in sorted(newest)], wrong


def sound(
    records: Iterable[SavedRecord], read: Callable[[SavedRecord], object]
) -> tuple[list[tuple[str, bytes]], list[Unreadable]]:
    """(stream, body) of the records that can be read, as descriptions of the shop are; an Unreadable for the others."""
    good, wrong = [], []
    for record in records:
        try:
            read(record)
            good.append((record.stream, record.body))
        except Broken as error:
            wrong.append(record.unreadable(error))
    return good, wrong


def facts_of(records: Iterable[SavedRecord], fact_of: Callable[[SavedRecord], Fact]) -> Iterator[Fact | Unreadable]:
    """A fact for each record, or what is wrong with it. What many records of a file lack alike is said once a file."""
    unplaced: dict[tuple[Path, str], list[str]] = {}
    for record in records:
        try:
            yield fact_of(record)
        except Broken as error:
            yield record.unreadable(error)
        except Unreadable as error:
            unplaced.setdefault((record.file, str(error)), []).append(f"{record.stream} {record.source_id}")
    for (file, message), names in unplaced.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Unreadable(f"{file}: {names[0]}{more}: {message}")


def content_of(file: Path) -> bytes:
    """What a file holds, as `checked` gives it; raises Unreadable where it cannot be opened too."""
    try:
        with file.open("rb") as stream:
            return checked(stream.read(FILE_BYTES + 1))
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror}.") from error


def checked(content: bytes) -> bytes:
    """The content without its byte order mark and outer blanks; raises Unreadable where there is too much, or none."""
    if len(content) > FILE_BYTES:
        raise Unreadable(f"it is larger than {FILE_BYTES // 1024 // 1024} MB.")
    content = content.removeprefix(b"\xef\xbb\xbf").strip()
    if not content:
        raise Unreadable("it is empty.")
    return content


def stream_named(file: Path, names: Iterable[tuple[str, str]]) -> str:
    """The stream of the first of the (part, stream) whose part the letters of the file's name contain; else empty."""
    letters = re.sub(r"[^a-z]", "", file.stem.lower())
    return next((stream for part, stream in names if part in letters), "")


def zone_problem(zone: str, example: str = "America/New_York") -> Unreadable | None:
    """What is wrong with the zone that a person gave; none given is well."""
    if not zone or is_zone(zone):
        return None
    return Unreadable(f"There is no time zone {zone!r}: name one as in {example}.")


def _files(paths: Iterable[Path]) -> Iterator[Path | Unreadable]:
    for path in paths:
        if not path.is_dir():
            yield path
        elif files := sorted(path.rglob("*.json")):
            yield from files
        else:
            yield Unreadable(f"The folder {path} holds no saved answer (.json).")
