"""A worker of the engine as a process of its own, for tests that kill it: each station writes a line into a file."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from connector.store.jobs_database import open_jobs
from connector.sync.engine import Engine, Task

LOG, GO = "log", "go"


def note(folder: Path, line: str) -> None:
    """One line, whole, whoever else writes."""
    handle = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def lines(folder: Path) -> list[str]:
    return (folder / LOG).read_text().splitlines() if (folder / LOG).exists() else []


def run(folder: Path, worker: str, address: str) -> None:
    def stands(what: Mapping[str, int | str]) -> list[Task]:
        """Stands still until it is let go, as a call that hangs would."""
        note(folder, f"begin {what['n']} {worker}")
        while not (folder / GO).exists():
            time.sleep(0.02)
        note(folder, f"end {what['n']} {worker}")
        return [Task(id=f"after:{what['n']}", queue="books", partition="books", station="goes", what=what)]

    def goes(what: Mapping[str, int | str]) -> list[Task]:
        note(folder, f"after {what['n']}")
        return []

    engine = Engine(open_jobs(address, folder))
    engine.start({"stands": stands, "goes": goes}, worker=worker, slots=4)
    note(folder, f"ready {worker}")
    threading.Event().wait()
