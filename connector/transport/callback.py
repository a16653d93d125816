"""The end of a consent on the owner's own machine: listens once for the browser that comes back."""

from __future__ import annotations

import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from connector.errors import NeedsReconnect

PATH = "/callback"
ANSWERS = frozenset({"code", "error", "spapi_oauth_code"})
SECONDS_PER_REQUEST = 10
PAGE = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>Connector</title>'
    b"<p>You can close this window and go back to the connector.</p></html>"
)


def wait_for_callback(port: int = 0) -> Listener:
    """Listens on the loopback interface; port 0 takes a free one. Raises OSError where the port is taken."""
    return Listener(port)


class Listener:
    """Takes one callback. `redirect_uri` says localhost, since Xero allows that name but not 127.0.0.1.

    The answer's `state` is not judged here; `exchange` does that."""

    def __init__(self, port: int) -> None:
        self._answers: queue.Queue[dict[str, str]] = queue.Queue(maxsize=1)
        self._server = HTTPServer(("127.0.0.1", port), _handler(self._answers))
        self.redirect_uri = f"http://localhost:{self._server.server_port}{PATH}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="callback", daemon=True)
        self._thread.start()

    def wait(self, timeout: float) -> dict[str, str]:
        """The parameters of the callback; the port is free again afterwards. Raises NeedsReconnect after `timeout`
        seconds without one."""
        try:
            return self._answers.get(timeout=timeout)
        except queue.Empty:
            raise NeedsReconnect(f"Nobody answered the consent page within {timeout:.0f} seconds.") from None
        finally:
            self.close()

    def close(self) -> None:
        """Stops listening. Closing twice is harmless."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _handler(answers: queue.Queue[dict[str, str]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS_PER_REQUEST

        def do_GET(self) -> None:
            page = urlsplit(self.path)
            told = dict(parse_qsl(page.query))
            if page.path != PATH or not ANSWERS & told.keys():
                self.send_error(404)
                return
            self._thank()
            if not answers.full():
                answers.put_nowait(told)

        def _thank(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(PAGE)))
            self.send_header("cache-control", "no-store")
            self.send_header("referrer-policy", "no-referrer")
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing: the request line holds the code."""

    return Handler
