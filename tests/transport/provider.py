"""A provider that answers what the test laid ready, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


@dataclass(frozen=True, kw_only=True)
class Ready:
    """An answer; `is_cut` hangs up in the middle of it, `is_dropped` before its first byte."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    is_cut: bool = False
    is_dropped: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    path: str
    headers: Mapping[str, str]
    body: bytes

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    def json(self) -> object:
        return json.loads(self.body)


class Provider:
    """Gives its answers in order; the last one serves for ever."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.asked: list[Asked] = []
        self._ready = [Ready()]

    def will(self, *answers: Ready) -> None:
        self._ready = list(answers)

    def answer_to(self, asked: Asked) -> Ready:
        self.asked.append(asked)
        return self._ready.pop(0) if len(self._ready) > 1 else self._ready[0]


def tokens(**fields: object) -> Ready:
    return Ready(body=json.dumps({"access_token": "access-2", "refresh_token": "refresh-2", **fields}).encode())


@contextmanager
def provider_running() -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(path=self.path, headers=headers, body=self.rfile.read(length))
            ready = provider.answer_to(asked)
            if ready.is_dropped:
                return
            self.send_response(ready.status)
            for name, value in ready.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(ready.body) + ready.is_cut))
            self.end_headers()
            self.wfile.write(ready.body)

        do_POST = do_PUT = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
