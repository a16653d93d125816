"""Serve an application on the loopback interface from a background thread."""

import asyncio
import socket
import threading
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

_START_SECONDS = 10


def serve(app: ASGIApp, *, port: int = 0) -> "Served":
    """Start serving `app` on 127.0.0.1; port 0 takes a free one. It answers when this returns.

    Raises OSError when the port is taken, RuntimeError when the application does not start.
    """
    served = Served(app, _bound_socket(port))
    served.start()
    return served


class Served:
    """A running application; `base_url` has no slash at its end. `close` ends it and frees the port."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._server = _Server(
            uvicorn.Config(
                app,
                http=_Protocol,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
            )
        )
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="stand-in", daemon=True)

    def start(self) -> None:
        """Begin to answer; returns as soon as calls are accepted."""
        self._thread.start()
        if not self._server.is_up.wait(_START_SECONDS):
            self.close()
            raise RuntimeError("the stand-in did not start")

    def close(self) -> None:
        """Stop answering, end the thread and close the socket. Closing twice is harmless."""
        self._server.end()
        self._thread.join()
        self._listener.close()

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _bound_socket(port: int) -> socket.socket:
    # The protocol must be named: asyncio sets TCP_NODELAY only on sockets it knows to be TCP, and without it every
    # answer written in two parts waits some 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """Ends when told rather than at the next look at a flag, and waits for no idle connection."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Stop answering; may be called from any thread, and more than once."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ended.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.is_up.set()
        while not self._ended.is_set():
            await self.on_tick(0)  # renews the Date header
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=1)
        await asyncio.sleep(0)  # lets the closed connections go


class _Protocol(H11Protocol):
    """Hands each call a way to cut its own connection, which plain ASGI does not offer (`faults` uses it)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "cut_connection": self.transport.abort}
