"""What happens between us and a stand-in: calls and answers that are lost, late or garbled, lists that lag behind."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Kind = Literal[
    "lost_request", "lost_answer", "server_error", "throttled", "late", "cut_short", "not_json", "refused",
    "forbidden", "old_answer", "one_missing", "redated", "same_cursor",
]  # fmt: skip

NOTHING_DONE: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "server_error": (503, b"<html>away</html>", {}),
    "throttled": (429, b"{}", {"Retry-After": "120"}),
    "refused": (401, b"{}", {}),
    "forbidden": (403, b"{}", {}),
    "same_cursor": (200, b'{"cursor": "there"}', {}),
}
_MARKED = ("DocNumber", "InvoiceNumber", "CreditNoteNumber", "Narration", "TxnDate", "BankTransactionID", "PaymentID")
_MADE = ("CreateTime", "UpdatedDateUTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """What goes wrong with the next so many calls of a method whose path holds a text. `seconds` is how much later a
    call that is given up for lost is acted on."""

    kind: Kind
    method: str = ""
    path: str = ""
    seconds: int = 200
    times: int = 1

    def meets(self, scope: Scope) -> bool:
        return self.method in ("", scope["method"]) and self.path.lower() in scope["path"].lower()


@dataclass(slots=True, kw_only=True)
class Weather:
    """Stands before an application. `next_mishap` is asked for each call that no waiting mishap met."""

    app: ASGIApp
    clock: Callable[[], datetime]
    lag: timedelta = timedelta(0)
    forgets_keys: bool = False
    next_mishap: Callable[[Scope], Mishap | None] = lambda scope: None
    waiting: list[Mishap] = field(default_factory=list)
    under_way: list[tuple[datetime, Scope, bytes]] = field(default_factory=list)
    """Calls that are acted on from a moment on, though whoever sent them has given up."""
    last: bytes = b"{}"
    """What was answered to the last write."""
    made: list[tuple[datetime, str, str]] = field(default_factory=list)
    """When which call was acted on."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.catch_up()
        if scope["path"].startswith("/_sandbox/"):
            await self.app(scope, receive, send)
            return
        if self.forgets_keys:
            scope = _without_key(scope)
        mishap = self._taken(scope) or self.next_mishap(scope)
        if mishap is None:
            await self._act(scope, receive, send)
        elif mishap.kind in NOTHING_DONE:
            status, body, headers = NOTHING_DONE[mishap.kind]
            await Response(body, status_code=status, headers=headers)(scope, receive, send)
        else:
            await self._spoil(mishap, scope, receive, send)

    async def catch_up(self) -> None:
        """Acts on every call whose moment has come."""
        for each in [each for each in self.under_way if each[0] <= self.clock()]:
            self.under_way.remove(each)
            _, scope, body = each
            self._note(scope)
            await self.app(scope, _giving(body), _unheard)

    async def _spoil(self, mishap: Mishap, scope: Scope, receive: Receive, send: Send) -> None:
        if mishap.kind == "redated":
            await self._act(scope, _redated((await receive())["body"]), send)
            return
        if mishap.kind in GARBLES:
            start, body = await self._answer(scope, receive)
            await _send(send, (start, GARBLES[mishap.kind](body, self.last)))
            return
        if mishap.kind == "lost_answer":
            await self._answer(scope, receive)
        if mishap.kind == "late":
            moment = self.clock() + timedelta(seconds=mishap.seconds)
            self.under_way.append((moment, scope, (await receive()).get("body", b"")))
        scope["state"]["cut_connection"]()

    async def _act(self, scope: Scope, receive: Receive, send: Send) -> None:
        start, body = await self._answer(scope, receive)
        if scope["method"] != "GET" and start["status"] == 200:
            self.last = body
        if not self.lag or not _is_list(scope):
            await _send(send, (start, body))
            return
        seen = _as_of(json.loads(body), self.clock() - self.lag) if start["status"] == 200 else None
        await _send(send, (start, json.dumps(seen).encode() if seen is not None else body))

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        heard: list[Message] = []

        async def hear(message: Message) -> None:
            heard.append(message)

        self._note(scope)
        await self.app(scope, receive, hear)
        body = b"".join(message.get("body", b"") for message in heard[1:])
        return heard[0], body

    def _note(self, scope: Scope) -> None:
        self.made.append((self.clock(), scope["method"], scope["path"]))

    def _taken(self, scope: Scope) -> Mishap | None:
        for place, mishap in enumerate(self.waiting):
            if mishap.meets(scope):
                left = [replace(mishap, times=mishap.times - 1)] if mishap.times > 1 else []
                self.waiting[place : place + 1] = left
                return mishap
        return None


async def _send(send: Send, answer: tuple[Message, bytes]) -> None:
    start, body = answer
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _without_last(body: bytes, last: bytes) -> bytes:
    """An answer to many that leaves the last one out."""
    answer: dict[str, object] = json.loads(body)
    return json.dumps({n: v[:-1] if isinstance(v, list) else v for n, v in answer.items()}).encode()


GARBLES: dict[str, Callable[[bytes, bytes], bytes]] = {
    "not_json": lambda body, last: b"<html>Sorry</html>",
    "cut_short": lambda body, last: body[: len(body) // 2],
    "old_answer": lambda body, last: last,
    "one_missing": _without_last,
}


def _redated(body: bytes) -> Receive:
    """The books put another date on it than was sent."""
    return _giving(re.sub(rb'"(TxnDate|Date)":\s*"[^"]*"', rb'"\1":"2026-03-13"', body))


def _giving(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _unheard(message: Message) -> None:
    """Takes the answer and lets nobody hear it."""


def _without_key(scope: Scope) -> Scope:
    query = [(name, value) for name, value in parse_qsl(scope["query_string"].decode()) if name != "requestid"]
    headers = [(name, value) for name, value in scope["headers"] if name != b"idempotency-key"]
    return {**scope, "query_string": urlencode(query).encode(), "headers": headers}


def _is_list(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.endswith(("/query", "/cdc")) or (scope["method"] == "GET" and path.count("/") == 3)


def _as_of(value: object, moment: datetime) -> object:
    """A list of documents as an index shows it that knows nothing newer."""
    if isinstance(value, dict):
        return {name: _as_of(inner, moment) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_of(inner, moment) for inner in value if not _is_newer(inner, moment)]
    return value


def _is_newer(value: object, moment: datetime) -> bool:
    if not isinstance(value, dict) or not any(name in value for name in _MARKED):
        return False
    times = value.get("MetaData", value)
    text = next((str(times[name]) for name in _MADE if name in times), "")
    if text.startswith("/Date("):
        return int(text[6:].split("+")[0].rstrip(")/")) / 1000 > moment.timestamp()
    return bool(text) and datetime.fromisoformat(text) > moment
