"""Lines become rows: one broken by a line feed is joined again, one that lost its empty end is filled up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.errors import Unreadable

LONGEST_ROW = 1 << 14  # lines are not joined beyond it


class Rows:
    """The rows below the header, many at a time: their cells one after another, `width` cells a row.

    A line that lacks columns is joined with the next until the count fits, unless that one begins with the settlement's
    id, as every row does: then the line has only lost its empty cells. The sum of the file proves it right or wrong:
    `joined` counts such repairs. `cut_after` is the number of columns of a last row that ends early and without a line
    feed, as in a file that is cut off; else 0."""

    def __init__(self, blocks: Iterable[bytes], width: int, id_at: int) -> None:
        self._blocks, self._width, self._id_at = blocks, width, id_at
        self._settlement = b""
        self._piece = b""
        self.joined = 0
        self.cut_after = 0

    def __iter__(self) -> Iterator[list[bytes]]:
        block = b""
        for block in self._blocks:
            cells = self._even(block) or self._uneven(block)
            if cells:
                yield cells
        if self._is_begun():
            if not block.endswith(b"\n"):
                self.cut_after = self._piece.count(b"\t") + 1
            yield self._filled(self._piece)

    def _even(self, block: bytes) -> list[bytes]:
        """The cells of a block in which each line is a whole row of the settlement; none where a line is not."""
        if self._piece or not self._settlement or not block.endswith(b"\n"):
            return []
        cells = block.replace(b"\n", b"\t").split(b"\t")
        cells.pop()
        count, rest = divmod(len(cells), self._width)
        if rest or cells[self._id_at :: self._width].count(self._settlement) != count or block.count(b"\n") != count:
            return []
        return cells

    def _uneven(self, block: bytes) -> list[bytes]:
        return [cell for line in block.split(b"\n") for row in self._odd(line) for cell in row]

    def _odd(self, line: bytes) -> Iterator[list[bytes]]:
        line = line.removesuffix(b"\r")
        if not self._piece and not line.strip():
            return
        if not self._settlement:
            self._settlement = self._first_id(line)
        if self._begins(line):
            if self._is_begun():
                yield self._filled(self._piece)
            self._piece = b""
        elif self._piece:
            self.joined += 1
        self._piece += line
        if len(self._piece) > LONGEST_ROW:
            raise Unreadable("its lines cannot be put together to rows; upload the file as Amazon gave it")
        count = self._piece.count(b"\t") + 1
        if count >= self._width:
            yield self._complete(self._piece.split(b"\t"))
            self._piece = b""

    def _first_id(self, line: bytes) -> bytes:
        cells = line.split(b"\t")
        found = cells[self._id_at].strip() if self._id_at < len(cells) else b""
        if not found:
            raise Unreadable("its first row, the summary, names no settlement")
        return found

    def _begins(self, line: bytes) -> bool:
        return self._id_at == 0 and line.split(b"\t", 1)[0].strip() == self._settlement

    def _is_begun(self) -> bool:
        """Whether the piece is the beginning of a row, not the tail of the last cell of the row before."""
        return bool(self._piece) and (self._id_at != 0 or self._begins(self._piece))

    def _filled(self, piece: bytes) -> list[bytes]:
        cells = piece.split(b"\t")
        return cells + [b""] * (self._width - len(cells))

    def _complete(self, cells: list[bytes]) -> list[bytes]:
        if any(cell.strip() for cell in cells[self._width :]):
            raise Unreadable(f"a row of it has {len(cells)} columns where the header has {self._width}")
        found = cells[self._id_at].strip()
        if found != self._settlement:
            raise Unreadable(
                f"it holds rows of two settlements, {_shown(self._settlement)} and {_shown(found)}; "
                "upload each settlement as its own file"
            )
        return cells[: self._width]


def _shown(cell: bytes) -> str:
    return repr(cell.decode("utf-8", "replace")[:40])
