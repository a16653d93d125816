"""Saved files for a preview without a connection: settlement reports, and answers of listTransactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.sources.amazon.files import read_named

_REPORTS, _ANSWERS = {".txt", ".tsv", ".csv", ".xml", ".gz", ".zip"}, ".json"


def saved(paths: Sequence[Path], told: Shop) -> Iterator[Fact | Unreadable]:
    """A fact of each report and each transaction, or the Unreadable that says why not; of a folder, its files in the
    order of names. A JSON file holds answers of listTransactions; everything else is a report."""
    answers = []
    for path in _files(paths):
        if isinstance(path, Unreadable):
            yield path
        elif path.suffix.casefold() == _ANSWERS:
            answers.append(path)
        else:
            yield _report(path, told.zone)
    if answers:
        from connector.sources.amazon.saved_answers import saved_transactions  # a report is read without its machinery

        yield from saved_transactions(answers, told.zone)


def _files(paths: Sequence[Path]) -> Iterator[Path | Unreadable]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        endings = _REPORTS | {_ANSWERS}
        files = sorted(file for file in path.iterdir() if file.suffix.casefold() in endings and file.is_file())
        if not files:
            yield Unreadable(f"The folder {path.name} holds no settlement report ({', '.join(sorted(_REPORTS))}).")
        yield from files


def _report(path: Path, zone: str) -> Fact | Unreadable:
    try:
        with path.open("rb") as stream:
            return read_named(stream, zone, path.name)
    except Unreadable as error:
        return error
    except OSError as error:
        return Unreadable(f"{path.name} cannot be read: {error.strerror or 'the disk refuses it'}.")
