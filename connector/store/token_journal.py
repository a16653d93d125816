"""The token journal: answers to refreshes, sealed, on the disk before the database has them.

A provider may end the old refresh token the moment it answers, so for an instant the answer is the only key there is.
One line an answer; a line goes when the database holds what it says, so the file is empty nearly always."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from connector.errors import Unreadable
from connector.store.vault import Vault

NAME = "tokens.journal"
MOST_BYTES = 4 * 1024 * 1024


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `used` is the SHA-256 of the refresh token that was sent; only `sealed` holds anything secret."""

    connection: int
    attempt: int
    used: str
    sealed: str


class TokenJournal:
    """The file in a folder, shared by every process that works on it. Only its owner may read it."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._path, self._vault = folder / NAME, vault

    def check(self) -> None:
        """Raises Unreadable where an answer could not be written, in time to ask for none."""
        try:
            with self._held() as handle:
                size = os.fstat(handle).st_size
        except OSError as error:
            raise Unreadable(self._refusal(error.strerror or "it cannot be opened")) from None
        if size > MOST_BYTES:
            raise Unreadable(self._refusal(f"it has grown beyond {MOST_BYTES} bytes"))

    def append(self, connection: int, attempt: int, used: str, plain: bytes) -> None:
        """On the disk when it returns. Raises OSError where the disk did not take it."""
        sealed = self._vault.seal(plain, _row_name(connection, attempt))
        line = msgspec.json.encode(Answer(connection=connection, attempt=attempt, used=used, sealed=sealed))
        with self._held() as handle:
            # The break comes first as well: a line that a power cut left half must not swallow this one.
            _write(handle, b"\n" + line + b"\n")
            os.fsync(handle)

    def find(self, connection: int, used: str) -> bytes | None:
        """The newest answer to a refresh token, opened; None where there is none. Raises as the vault does."""
        with self._held() as handle:
            found = [each for each in _answers(handle) if (each.connection, each.used) == (connection, used)]
        if not found:
            return None
        return self._vault.open(found[-1].sealed, _row_name(connection, found[-1].attempt))

    def keep_only(self, is_open: Callable[[], Collection[int]]) -> None:
        """Drops the answers of all attempts but those that have no end yet; they are asked for under the file's lock,
        so that an answer which arrives meanwhile stays."""
        with self._held() as handle:
            answers = list(_answers(handle))
            wanted = set(is_open()) if answers else set()
            kept = [each for each in answers if each.attempt in wanted]
            if len(kept) == len(answers):
                return
            if not kept:
                os.ftruncate(handle, 0)
                os.fsync(handle)
                return
            self._replace(b"".join(msgspec.json.encode(each) + b"\n" for each in kept))

    def _replace(self, body: bytes) -> None:
        """Whole or not at all: a power cut leaves the old file or the new one."""
        fresh = self._path.with_name(f".{NAME}.new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            _write(handle, body)
            os.fsync(handle)
        finally:
            os.close(handle)
        fresh.replace(self._path)
        _sync_folder(self._path.parent)

    @contextmanager
    def _held(self) -> Iterator[int]:
        """The file, opened and locked; the lock lies in a file of its own, since this one may be replaced."""
        guard = os.open(self._path.with_name(f"{NAME}.lock"), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(guard, fcntl.LOCK_EX)
            is_new = not self._path.exists()
            handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                os.fchmod(handle, 0o600)
                if is_new:
                    _sync_folder(self._path.parent)
                yield handle
            finally:
                os.close(handle)
        finally:
            os.close(guard)

    def _refusal(self, why: str) -> str:
        return (
            f"The token journal {self._path} cannot be written ({why}), so no token was renewed: "
            "a new one could be lost on the way. Make it writable and try again."
        )


def _answers(handle: int) -> Iterator[Answer]:
    """The lines that are whole; a torn one was never said to be on the disk."""
    os.lseek(handle, 0, os.SEEK_SET)
    body = b"".join(iter(lambda: os.read(handle, 65536), b""))
    for line in body.splitlines():
        try:
            yield msgspec.json.decode(line, type=Answer)
        except msgspec.DecodeError:
            continue


def _write(handle: int, body: bytes) -> None:
    written = 0
    while written < len(body):
        written += os.write(handle, body[written:])


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _row_name(connection: int, attempt: int) -> str:
    """What the seal is bound to: an answer moved to another connection or attempt does not open."""
    return f"token_journal:{connection}:{attempt}"
