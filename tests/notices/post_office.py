"""A mail server and a web address on this machine, which keep what they are given."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class PostOffice:
    """`mails` and `posts` as they arrived; `refuse` answers mail with that code, `status` posts."""

    mails: list[Message] = field(default_factory=list)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refuse: str = ""
    status: int = 204
    smtp_port: int = 0
    url: str = ""


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Both servers, on ports of their own."""
    office = PostOffice()
    mail, web = _Server(("127.0.0.1", 0), _mail(office)), HTTPServer(("127.0.0.1", 0), _web(office))
    office.smtp_port, office.url = mail.server_address[1], f"http://127.0.0.1:{web.server_address[1]}/told"
    threads = [threading.Thread(target=each.serve_forever, args=(0.02,)) for each in (mail, web)]
    for thread in threads:
        thread.start()
    try:
        yield office
    finally:
        for server, thread in zip((mail, web), threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True


def _mail(office: PostOffice) -> type[StreamRequestHandler]:
    class Handler(StreamRequestHandler):
        """As much of SMTP as a mail needs."""

        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline().decode().strip():
                word = line.upper().split()[0]
                if word == "RCPT" and office.refuse:
                    self._say(office.refuse)
                elif word == "DATA":
                    self._say("354 go on")
                    office.mails.append(message_from_string(self._text()))
                    self._say("250 kept")
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _say(self, answer: str) -> None:
            self.wfile.write(f"{answer}\r\n".encode())

        def _text(self) -> str:
            rows = []
            while (row := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                rows.append(row)
            return "\n".join(rows)

    return Handler


def _web(office: PostOffice) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            office.posts.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(office.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    return Handler
