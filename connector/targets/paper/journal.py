"""The dry run's files: the journal as a bookkeeper writes it, and one set of tables for each kind of books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.domain.books import Books
from connector.domain.document import Document
from connector.domain.notation import journal
from connector.targets.paper.tables import LeftOut, Table, quickbooks_journals, xero_journals

JOURNAL = "documents.journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The files of a dry run, and the documents that a table could not hold, with the reason."""

    files: tuple[Path, ...]
    left_out: tuple[LeftOut, ...]


def write(documents: Sequence[Document], folder: Path, books: Books | None = None) -> Written:
    """Writes every document to `documents.journal`, and to the import tables those that fit them.

    Files of an earlier run in the folder are replaced. `books` gives the home currency and the names of tax codes."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = [quickbooks_journals(documents), *xero_journals(documents, books)]
    _remove_tables(folder)
    path = folder / JOURNAL
    path.write_text(journal(documents), encoding="utf-8")
    return Written(
        files=(path, *(_write_table(table, folder) for table in tables if table.text)),
        left_out=tuple(left for table in tables for left in table.left_out),
    )


def _remove_tables(folder: Path) -> None:
    # A shorter run must not leave the last table of a longer one behind: somebody would import it.
    for pattern in ("quickbooks-journals.csv", "xero-journals-*.csv"):
        for old in folder.glob(pattern):
            old.unlink()


def _write_table(table: Table, folder: Path) -> Path:
    path = folder / table.name
    path.write_bytes(table.text.encode("utf-8"))
    return path
