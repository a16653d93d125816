"""Bytes as received: stored compressed, in chunks, once; read back as a stream."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from sqlalchemy import delete
from sqlmodel import col, select

from connector.errors import Unreadable
from connector.store.database import Transaction
from connector.store.tables import PageChunkRow, PageRow, RecordRow

CHUNK = 1 << 20
IN_MEMORY = 8 << 20
GONE = "gone"


class PageWriter:
    """Writes one page into the open transaction, chunk by chunk."""

    def __init__(self, tx: Transaction, connection_id: int, stream: str, now: datetime) -> None:
        self._tx, self._n = tx, 0
        self._hash, self._packer = hashlib.sha256(), zlib.compressobj(6)
        self._row = PageRow(connection_id=connection_id, stream=stream, fetched_at=now, sha256="")
        self._pending = b""
        tx.add(self._row)
        self._row.sha256 = f"open-{id(self)}"
        tx.flush()

    def write(self, piece: bytes) -> None:
        self._hash.update(piece)
        self._row.size += len(piece)
        self._store(self._packer.compress(piece))

    def close(self) -> tuple[int, str]:
        """The page's id and the SHA-256 of its bytes."""
        self._store(self._packer.flush(), last=True)
        self._row.sha256 = self._hash.hexdigest()
        self._tx.add(self._row)
        self._tx.flush()
        return self._row.id or 0, self._row.sha256

    def _store(self, packed: bytes, *, last: bool = False) -> None:
        self._pending += packed
        if self._pending and (last or len(self._pending) >= CHUNK):
            chunk = PageChunkRow(page_id=self._row.id or 0, n=self._n, body=self._pending)
            self._tx.add(chunk)
            self._tx.flush()
            self._tx.expunge(chunk)
            self._n, self._pending = self._n + 1, b""


def page_with(tx: Transaction, connection_id: int, stream: str, sha256: str) -> int | None:
    """The id of the page that holds exactly these bytes; None where there is none."""
    found = select(PageRow.id).where(
        PageRow.connection_id == connection_id, PageRow.stream == stream, PageRow.sha256 == sha256
    )
    return tx.exec(found).first()


def pages_without_record(tx: Transaction, connection_id: int, stream: str) -> list[tuple[int, str]]:
    """Pages of a stream (id, SHA-256 of the bytes) from which no record was taken, oldest first."""
    has_record = select(RecordRow.id).where(RecordRow.page_id == PageRow.id).exists()
    found = select(PageRow).where(PageRow.connection_id == connection_id, PageRow.stream == stream, ~has_record)
    return [(row.id or 0, row.sha256) for row in tx.exec(found.order_by(col(PageRow.id)))]


def let_go(tx: Transaction, connection_id: int, streams: Sequence[str], before: datetime) -> tuple[int, int]:
    """Deletes the bytes of some streams' pages that came before a moment: how many pages, and their size unpacked.

    What was made of them stays, and so does their SHA-256."""
    mine = (
        PageRow.connection_id == connection_id,
        col(PageRow.stream).in_(streams),
        col(PageRow.fetched_at) < before,
        PageRow.codec != GONE,
    )
    pages = list(tx.exec(select(PageRow).where(*mine)))
    for page in pages:
        tx.exec(delete(PageChunkRow).where(col(PageChunkRow.page_id) == page.id))
        page.codec = GONE
        tx.add(page)
    return len(pages), sum(page.size for page in pages)


def open_page(tx: Transaction, page_id: int) -> BinaryIO:
    """The page's bytes, unpacked into a temporary file where they are many; it can be sought in, as a zip must be.

    Raises Unreadable where they were let go."""
    row = tx.get_one(PageRow, page_id)
    if row.codec == GONE:
        raise Unreadable(f"What was received on {row.fetched_at:%Y-%m-%d} was let go; its SHA-256 was {row.sha256}.")
    unpacker = zlib.decompressobj()
    body: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the caller closes it)
    for chunk in _chunks(tx, page_id):
        while chunk:
            body.write(unpacker.decompress(chunk, CHUNK))
            chunk = unpacker.unconsumed_tail
    body.write(unpacker.flush())
    body.seek(0)
    return cast(BinaryIO, body)


def _chunks(tx: Transaction, page_id: int) -> Iterator[bytes]:
    numbers = tx.exec(select(PageChunkRow.n).where(PageChunkRow.page_id == page_id).order_by(col(PageChunkRow.n)))
    for n in numbers.all():
        yield tx.exec(select(PageChunkRow.body).where(PageChunkRow.page_id == page_id, PageChunkRow.n == n)).one()
