"""What the commands of reconciling share: text files opened and written, and tables with aligned columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

FILE_BYTES = 1024 * 1024 * 1024


@contextmanager
def lines_of(path: Path) -> Iterator[Iterator[str]]:
    """The lines of a text file of at most FILE_BYTES; raises Unreadable in one sentence."""
    from connector.errors import Unreadable

    try:
        if path.stat().st_size > FILE_BYTES:
            raise Unreadable(f"{path.name} is larger than {FILE_BYTES // 2**20} MiB; split it by account.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield iter(file)
    except UnicodeDecodeError:
        raise Unreadable(f"{path.name} is not UTF-8 text; save it as CSV UTF-8.") from None
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from None


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """A file that stands there whole or not at all."""
    from connector.errors import Unreadable

    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            yield file
        beside.replace(path)
    except OSError as error:
        raise Unreadable(f"{path} cannot be written: {error.strerror}.") from None


def show_table(
    heading: Sequence[str], rows: Sequence[Sequence[str]], *, right: set[str], say: Callable[[str], object]
) -> None:
    """Aligned columns under their names; nothing where there are no rows."""
    if not rows:
        return
    widths = [max(len(row[place]) for row in (heading, *rows)) for place in range(len(heading))]
    for row in (heading, *rows):
        cells = [
            cell.rjust(width) if name in right else cell.ljust(width)
            for name, cell, width in zip(heading, row, widths, strict=True)
        ]
        say("  " + "  ".join(cells).rstrip())
