"""What runs beside the web endpoints in one process: started with them, told to stop with them, waited for."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]

_log = logging.getLogger("connector.serve")


class Part:
    """One thing that runs in a thread of its own until its event is set. `name` is what people read."""

    def __init__(self, name: str, run: Callable[[threading.Event], None]) -> None:
        self.name, self._run, self._stop = name, run, threading.Event()
        self._thread = threading.Thread(target=self._watched, name=name)

    def start(self) -> None:
        self._thread.start()

    def tell_to_stop(self) -> None:
        self._stop.set()

    def wait(self) -> None:
        """Until it has finished what it had in hand."""
        self._thread.join()

    @property
    def problem(self) -> str:
        """Why this process is not ready, as far as this part knows; empty while it runs."""
        return "" if self._thread.is_alive() else f"The {self.name} does not run."

    def _watched(self) -> None:
        try:
            self._run(self._stop)
        except Exception:
            _log.exception("the %s has stopped", self.name)


def lifespan(parts: Sequence[Part]) -> Lifespan:
    """Starts the parts and, when the endpoints have closed, ends them: all are told first, then each is waited for.

    It stands in the lifespan because nothing after the server's own run is reached when the process is told to stop."""

    @asynccontextmanager
    async def beside(app: Starlette) -> AsyncIterator[None]:
        try:
            for part in parts:
                part.start()
            yield
        finally:
            for part in parts:
                part.tell_to_stop()
            for part in parts:
                await asyncio.to_thread(part.wait)

    return beside
