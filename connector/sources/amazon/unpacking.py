"""The bytes of an upload as lines of text: gzip and zip are unpacked as a stream, and everything has a limit."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from connector.errors import Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_BYTES = 2 * 1024**3
MOST_RATIO = 100
FREE_BYTES = 1024**2  # below this the ratio is not asked: a small file packs as well as it likes
LONGEST_LINE = 1024**2
_BLOCK = 1 << 15  # small enough for the cells of a block to stay in the processor's cache
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL = 22 + 65_535
_ZIP_DIRECTORY = 1 << 16


def unpacked(stream: BinaryIO) -> Iterator[bytes]:
    """The text of a plain, gzip or zip file in blocks of bytes.

    Raises Unreadable where the file is empty, binary, damaged, too large, or packed in a way we do not open."""
    for number, block in enumerate(_blocks(stream)):
        if number == 0:
            _refuse_other_formats(block)
        yield block


def is_xml(block: bytes) -> bool:
    """Whether a file that begins so is XML."""
    return block.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")


def blocks_of_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text in blocks of whole lines; only the last may lack its line feed."""
    rest = b""
    for block in blocks:
        text = rest + block
        end = text.rfind(b"\n") + 1
        rest = text[end:]
        if len(rest) > LONGEST_LINE:
            raise Unreadable("a line of it is longer than a settlement report can have")
        if end:
            yield text[:end]
    if rest:
        yield rest


def _refuse_other_formats(block: bytes) -> None:
    if block.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("it is saved as UTF-16; upload the file as Amazon gave it")
    if b"\0" in block:
        raise Unreadable("it is not a text file; upload the settlement report as Amazon gave it")


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    head = stream.read(4)
    if not head:
        raise Unreadable("it is empty")
    if head.startswith(b"\x1f\x8b"):
        source = _Counted(head, stream)
        return _unpacked(cast(IO[bytes], gzip.GzipFile(fileobj=io.BufferedReader(source, _BLOCK))), source)
    if head.startswith(b"PK\x03\x04") or head.startswith(_ZIP_END):
        return _unzipped(stream)
    return _limited(io.BufferedReader(_Counted(head, stream), _BLOCK))


class _Counted(io.RawIOBase):
    """A stream whose first bytes were already taken; counts the bytes it gave."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream, self.given = head, stream, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer)
        data = self._head or self._stream.read(len(room))
        self._head = b""
        room[: len(data)] = data
        self.given += len(data)
        return len(data)


def _limited(stream: IO[bytes]) -> Iterator[bytes]:
    taken = 0
    while block := stream.read(_BLOCK):
        taken += len(block)
        if taken > MOST_BYTES:
            raise Unreadable("it holds more than 2 GB; a settlement report is smaller")
        yield block


def _unpacked(stream: IO[bytes], source: _Counted | zipfile.ZipInfo) -> Iterator[bytes]:
    taken = 0
    try:
        for block in _limited(stream):
            taken += len(block)
            packed = source.given if isinstance(source, _Counted) else source.compress_size
            if taken > FREE_BYTES and taken > MOST_RATIO * packed:
                raise Unreadable("it unpacks to more than a hundred times its size; upload it unpacked")
            yield block
    except EOFError as error:
        raise Unreadable("it is cut off: the packed file ends too early; download it again") from error
    except (OSError, zlib.error, zipfile.BadZipFile) as error:
        raise Unreadable("it is damaged and cannot be unpacked; download it again") from error


def _unzipped(stream: BinaryIO) -> Iterator[bytes]:
    _refuse_crowded_zip(stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            entry = archive.infolist()[0]
            if entry.flag_bits & 1:
                raise Unreadable("it is a zip file with a password; upload the file inside it")
            if entry.is_dir() or "/" in entry.filename or "\\" in entry.filename:
                raise Unreadable("it is a zip file with folders; upload the file inside it")
            with archive.open(entry) as content:
                yield from _unpacked(content, entry)
    except (zipfile.BadZipFile, ArithmeticError, LookupError, RuntimeError, ValueError, OSError, struct.error) as error:
        raise Unreadable("it is a damaged zip file; download it again") from error


def _refuse_crowded_zip(stream: BinaryIO) -> None:
    """Looks at the count at the end of the archive, so that a directory of thousands is never read."""
    if not stream.seekable():
        raise Unreadable("a zip file cannot be read from this place; upload the file inside it")
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _ZIP_TAIL))
    tail = stream.read(_ZIP_TAIL)
    found = tail.rfind(_ZIP_END)
    if found < 0 or len(tail) < found + 22:
        raise Unreadable("it is cut off: the zip file ends too early; download it again")
    count, directory = struct.unpack_from("<HI", tail, found + 10)
    if count != 1 or directory > _ZIP_DIRECTORY:
        raise Unreadable(f"it is a zip file of {count} files; upload one settlement report at a time")
    stream.seek(0)
