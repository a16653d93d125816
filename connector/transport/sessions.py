"""The sessions every call goes out through: limits on time and size, no redirects, no proxies, no repeats."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import requests
from requests.adapters import HTTPAdapter
from urllib3.response import BaseHTTPResponse

from connector.errors import Broken, Unreadable
from connector.transport.hosts import is_loopback
from connector.transport.tally import counted

CONNECT_SECONDS = 5
READ_SECONDS = 60
ANSWER_BYTES = 64 * 1024 * 1024


def http_session(answer_bytes: int = ANSWER_BYTES) -> requests.Session:
    """A session for one connection and one thread.

    A redirect is handed back as the answer it is, never followed. Raises Unreadable for an address that is not
    allowed and Broken for an answer beyond `answer_bytes` (unpacked); every other failure is requests' own error."""
    session = _Session()
    session.trust_env = False
    adapter = _Adapter(answer_bytes)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def httpx_client(
    on_response: Callable[[httpx.Response], None] | None = None, *, answer_bytes: int = ANSWER_BYTES
) -> httpx.Client:
    """The same promises for libraries built on httpx; `answer_bytes` counts the bytes as they arrive.

    `on_response` sees every answer, its body read, before the library does; what it raises reaches the caller."""

    def read(response: httpx.Response) -> None:
        response.read()
        if on_response is not None:
            on_response(response)

    return httpx.Client(
        transport=_Transport(answer_bytes),
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        event_hooks={"request": [_check_request], "response": [read]},
    )


def check_address(url: str) -> None:
    """Allows https anywhere and plain http to this machine; raises Unreadable for anything else."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise Unreadable(f"{_shown(url)!r} is not a web address.") from None
    if not host or parts.scheme not in ("http", "https"):
        raise Unreadable(f"{_shown(url)!r} is not a web address: it must begin with https:// and name a host.")
    if parts.scheme == "http" and not is_loopback(host):
        raise Unreadable(f"{host} may be called over https only: plain http is for this machine alone.")


def _shown(url: str) -> str:
    # A query may carry a code or token, user and password stand before the @: neither belongs in a message.
    return url.partition("?")[0].rpartition("@")[2][:100]


class _Session(requests.Session):
    """Whatever the caller says or forgets, a request is limited in time and stays where it was sent."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        check_address(request.url or "")
        timeout = kwargs.get("timeout") or (CONNECT_SECONDS, READ_SECONDS)
        with counted(request.url or "") as call:
            answer = super().send(request, **{**kwargs, "timeout": timeout, "allow_redirects": False})
            call.status = answer.status_code
        return answer


class _Adapter(HTTPAdapter):
    """requests' adapter repeats nothing by itself; this one also stops reading an answer that does not end."""

    def __init__(self, answer_bytes: int) -> None:
        super().__init__(max_retries=0)
        self._answer_bytes = answer_bytes

    def build_response(self, req: requests.PreparedRequest, resp: BaseHTTPResponse) -> requests.Response:
        answer = super().build_response(req, resp)
        answer.raw = _Bounded(resp, self._answer_bytes)
        return answer


class _Bounded:
    """A body as requests reads it (`stream`), cut off by Broken at the limit; all else is the body's own."""

    def __init__(self, raw: BaseHTTPResponse, limit: int) -> None:
        self._raw = raw
        self._limit = limit

    def __getattr__(self, name: str) -> object:
        return getattr(self._raw, name)

    def stream(self, amt: int = 65536, decode_content: bool | None = None) -> Iterator[bytes]:
        return _until(self._raw.stream(amt, decode_content), self._limit, self._raw.close)


class _Transport(httpx.HTTPTransport):
    def __init__(self, answer_bytes: int) -> None:
        super().__init__(verify=_tls(), retries=0, trust_env=False)
        self._answer_bytes = answer_bytes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with counted(str(request.url)) as call:
            answer = super().handle_request(request)
            call.status = answer.status_code
        if isinstance(answer.stream, httpx.SyncByteStream):
            answer.stream = _BoundedStream(answer.stream, self._answer_bytes)
        return answer


@cache
def _tls() -> ssl.SSLContext:
    """One context for the process: reading the certificates of the world takes longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


class _BoundedStream(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, limit: int) -> None:
        self._stream = stream
        self._limit = limit

    def __iter__(self) -> Iterator[bytes]:
        return _until(iter(self._stream), self._limit, self.close)

    def close(self) -> None:
        self._stream.close()


def _until(chunks: Iterator[bytes], limit: int, close: Callable[[], None]) -> Iterator[bytes]:
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        if seen > limit:
            close()
            raise Broken(f"The answer is larger than {limit} bytes and was not read to its end.")
        yield chunk


def _check_request(request: httpx.Request) -> None:
    check_address(str(request.url))
    asked = request.extensions.get("timeout", {})
    usual = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS).as_dict()
    request.extensions["timeout"] = {name: asked.get(name) or seconds for name, seconds in usual.items()}
