"""The stand-ins without sockets: calls of requests, urllib3 and httpx go straight into their applications.

Only a harness puts this in place of the network: nothing waits, and every call is heard in its order."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import RemoteDisconnected
from io import BytesIO
from threading import RLock
from typing import Any
from unittest.mock import patch
from urllib.parse import SplitResult, unquote, urlsplit

import httpx
import urllib3
from starlette.types import ASGIApp, Message, Scope
from urllib3 import HTTPHeaderDict
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One call as it went over the wire; `status` is 0 where no answer came."""

    house: str
    method: str
    path: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The stand-ins by their place (`host:port`), and every call that was made. `at` is told when a call goes out and
    when its answer lies ready; what it raises ends the caller. They answer one call at a time, as a server would."""

    houses: dict[str, ASGIApp]
    at: Callable[[str], None] = lambda point: None
    heard: list[Heard] = field(default_factory=list)
    turn: RLock = field(default_factory=RLock)

    def call(self, method: str, url: str, headers: Headers, body: bytes) -> "_Answer":
        """The answer of the stand-in at that address. Raises _Cut where the connection breaks, _NobodyThere where
        nobody listens."""
        parts = urlsplit(url)
        app = self.houses.get(parts.netloc)
        if app is None:
            raise _NobodyThere(parts.netloc)
        self.at("wire.before")
        with self.turn:
            answer = _answered(app, _scope(method, parts, headers), body)
        status = answer.status if answer else 0
        self.heard.append(Heard(house=parts.netloc, method=method, path=parts.path, status=status))
        self.at("wire.after")
        if answer is None:
            raise _Cut
        return answer


@contextmanager
def in_process(wire: Wire) -> Iterator[None]:
    """While it is open, no call leaves the process."""

    def urlopen(pool: HTTPConnectionPool, method: str, url: str, **asked: Any) -> urllib3.HTTPResponse:
        return _through_urllib3(wire, pool, (method, url), asked)

    def handle(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        return _through_httpx(wire, request)

    with (
        patch.object(HTTPConnectionPool, "urlopen", urlopen),
        patch.object(httpx.HTTPTransport, "handle_request", handle),
    ):
        yield


@dataclass(slots=True)
class _Answer:
    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""


class _Cut(Exception):
    """The connection broke before an answer came."""


class _NobodyThere(Exception):
    """Nobody listens there."""


def _through_urllib3(
    wire: Wire, pool: HTTPConnectionPool, line: tuple[str, str], asked: dict[str, Any]
) -> urllib3.HTTPResponse:
    method, target = line
    host = f"{pool.host}:{pool.port}"
    url = target if "://" in target else f"http://{host}{target}"
    headers = [(str(name).lower().encode(), _raw(value)) for name, value in dict(asked.get("headers") or {}).items()]
    try:
        answer = wire.call(method, url, headers, _raw(asked.get("body") or b""))
    except _Cut:
        raise ProtocolError("Connection aborted.", RemoteDisconnected("no answer")) from None
    except _NobodyThere:
        refused = NewConnectionError(pool, f"nobody listens at {host}")  # type: ignore[arg-type]
        raise (refused if asked.get("retries") is False else MaxRetryError(pool, url, refused)) from None
    return urllib3.HTTPResponse(
        body=BytesIO(answer.body),
        headers=HTTPHeaderDict((name.decode(), value.decode()) for name, value in answer.headers),
        status=answer.status,
        preload_content=False,
        request_method=method,
        request_url=target,
    )


def _through_httpx(wire: Wire, request: httpx.Request) -> httpx.Response:
    headers = [(name.lower(), value) for name, value in request.headers.raw]
    try:
        answer = wire.call(request.method, str(request.url), headers, request.read())
    except _Cut:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request) from None
    except _NobodyThere:
        raise httpx.ConnectError("Connection refused", request=request) from None
    return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(answer.body), request=request)


def _scope(method: str, parts: SplitResult, headers: Headers) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": [(b"host", parts.netloc.encode()), *((n, v) for n, v in headers if n != b"host")],
        "client": ("127.0.0.1", 1),
        "server": (parts.hostname, parts.port),
        "state": {},
    }


def _answered(app: ASGIApp, scope: Scope, body: bytes) -> _Answer | None:
    """What the application answers; None where it cuts the connection."""
    answer, waiting, is_cut = _Answer(), [body], []

    async def receive() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message["headers"])
        else:
            answer.body += message.get("body", b"")

    scope["state"]["cut_connection"] = lambda: is_cut.append(True)
    _run(app(scope, receive, send))  # type: ignore[arg-type]
    return None if is_cut else answer


def _run(work: Coroutine[object, None, None]) -> None:
    """To its end without a loop: the stand-ins wait for nothing outside."""
    while True:
        try:
            work.send(None)
        except StopIteration:
            return


def _raw(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
