"""Serves the application until the process is told to stop; calls in hand are answered first."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from connector.errors import Unreadable

GRACE_SECONDS = 10
MOST_AT_ONCE = 200
IDLE_SECONDS = 5


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """The listening socket, closed at the end. Raises Unreadable where it cannot be had."""
    # The protocol must be named: asyncio sets TCP_NODELAY only on sockets it knows to be TCP.
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise Unreadable(f"{host}:{port} cannot be served: {error.strerror or error}.") from None
        yield listener


def run(application: ASGIApp, listener: socket.socket) -> None:
    """Until SIGTERM or Ctrl-C. Whatever a proxy says about who calls is not believed: the door looks itself."""
    config = uvicorn.Config(
        application,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])
