"""Who works on a data folder: every process holds a lock that the system frees when it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "worker.lock"


class Folder:
    """A data folder that this process shares with others."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def is_alone(self) -> bool:
        """Whether no other process works on the folder right now."""
        with self.to_itself() as is_alone:
            return is_alone

    @contextmanager
    def to_itself(self) -> Iterator[bool]:
        """Keeps others from starting while it lasts, where no other works on it already; else says that one does."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._handle, fcntl.LOCK_SH)  # trying for more gave up what was held
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_SH)


@contextmanager
def shared_folder(path: Path) -> Iterator[Folder]:
    """The folder, for as long as this process works on it; waits while another has it to itself."""
    handle = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield Folder(handle)
    finally:
        os.close(handle)
