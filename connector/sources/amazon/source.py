"""Amazon: settlement reports, read from files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from connector.domain.facts import Fact
from connector.errors import Unreadable
from connector.sources.amazon.defaults import DEFAULTS
from connector.sources.amazon.files import STREAM, read, read_named, rows
from connector.sources.contract import FileReader, Source

_ENDINGS = {".txt", ".tsv", ".csv", ".gz", ".zip"}


def saved(paths: Sequence[Path], zone: str) -> Iterator[Fact | Unreadable]:
    """A fact of each file, or the Unreadable that says why not; of a folder, its reports in the order of names."""
    for path in paths:
        if not path.is_dir():
            yield _fact(path, zone)
            continue
        reports = sorted(file for file in path.iterdir() if file.suffix.casefold() in _ENDINGS and file.is_file())
        if not reports:
            yield Unreadable(f"The folder {path.name} holds no settlement report ({', '.join(sorted(_ENDINGS))}).")
        for report in reports:
            yield _fact(report, zone)


def _fact(path: Path, zone: str) -> Fact | Unreadable:
    try:
        with path.open("rb") as stream:
            return read_named(stream, zone, path.name)
    except Unreadable as error:
        return error
    except OSError as error:
        return Unreadable(f"{path.name} cannot be read: {error.strerror or 'the disk refuses it'}.")


SOURCE = Source(
    name="amazon",
    title="Amazon",
    prefix="AM",
    defaults=DEFAULTS,
    file=FileReader(stream=STREAM, read=read, rows=rows),
    saved=saved,
)
