"""Switches that make a stand-in misbehave on purpose: lose an answer, or answer with a given failure."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.sandbox.body import Body, NotJson, child, encode, number, text
from connector.sandbox.calls import Answer, Call, endpoint

When = Literal["before", "after"]
_CONTROL = "/_sandbox/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong, for which calls, and how many times more.

    `cut` "before" breaks the connection with nothing done, "after" when the work is committed; "" answers instead
    with `status`, `body` and `headers`, the work undone. Empty `path_contains` and `method` mean any.
    """

    cut: Literal["before", "after", ""] = ""
    status: int = 500
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    path_contains: str = ""
    method: str = ""
    times: int = 1

    def concerns(self, method: str, path: str) -> bool:
        """Whether a call of this method and path is to suffer; the letter case of the path does not count."""
        return self.path_contains.lower() in path.lower() and self.method.upper() in ("", method.upper())


class Faults:
    """The faults that wait for their calls. One object serves one stand-in; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def lose_answer(self, *, when: When, path_contains: str = "", method: str = "", times: int = 1) -> None:
        """Cut the connection of the next `times` matching calls, before or after the work is committed."""
        self.add(Fault(cut=when, path_contains=path_contains, method=method, times=times))

    def answer_with(
        self,
        status: int,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        path_contains: str = "",
        times: int = 1,
    ) -> None:
        """Answer the next `times` matching calls like this, with nothing done."""
        self.add(Fault(status=status, body=body, headers=headers or {}, path_contains=path_contains, times=times))

    def add(self, fault: Fault) -> None:
        """Let `fault` wait, behind the earlier ones."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget every fault that still waits."""
        with self._lock:
            self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that concerns this call, used up by one; None when the call is to go well."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.concerns(method, path):
                    left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._waiting[place : place + 1] = left
                    return fault
        return None

    def routes(self) -> list[Route]:
        """`POST /_sandbox/faults` adds one from JSON, `DELETE` forgets all; from this machine only."""
        return [Route("/_sandbox/faults", endpoint(self._control), methods=["POST", "DELETE"])]

    def around(self, app: ASGIApp) -> ASGIApp:
        """`app` behind the waiting faults: `Middleware(faults.around)`."""
        return FaultGate(app, self)

    def _control(self, call: Call) -> Answer:
        if call.method == "DELETE":
            self.clear()
            return Answer(status=204)
        try:
            self.add(_fault(call.json()))
        except (NotJson, ValueError) as error:
            return Answer(status=400, body={"error": str(error)})
        return Answer(status=201, body={"status": "waiting"})


def _fault(wish: Body) -> Fault:
    when = text(wish, "when")
    status = number(wish, "status")
    if (when in ("before", "after")) == (status is not None):
        raise ValueError('say either "when": "before" or "after", or a "status" to answer with')
    body = wish.get("body", "")
    cut: Literal["before", "after", ""] = "before" if when == "before" else "after" if when == "after" else ""
    return Fault(
        cut=cut,
        status=int(status or 500),
        body=body.encode() if isinstance(body, str) else encode(body),
        headers={name: str(value) for name, value in child(wish, "headers").items()},
        path_contains=text(wish, "path_contains"),
        method=text(wish, "method"),
        times=int(number(wish, "times") or 1),
    )


class FaultGate:
    """Middleware: `app` behind the waiting faults; the control paths themselves never suffer."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith(_CONTROL):
            await _only_from_here(self._app, scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._faults.take(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        elif not fault.cut:
            await Response(fault.body, status_code=fault.status, headers=dict(fault.headers))(scope, receive, send)
        else:
            if fault.cut == "after":
                await self._app(scope, receive, _unheard)
            await _cut(scope, receive)


async def _only_from_here(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    client = scope.get("client")
    if client is None or client[0] != "127.0.0.1":
        app = JSONResponse({"error": "the controls answer on this machine only"}, status_code=403)
    await app(scope, receive, send)


async def _unheard(message: Message) -> None:
    """Takes the answer and lets nobody hear it."""


async def _cut(scope: Scope, receive: Receive) -> None:
    """Break the connection without a byte of an answer, and wait until the server has noticed."""
    cut_connection: Callable[[], None] = scope["state"]["cut_connection"]
    cut_connection()
    while (await receive())["type"] != "http.disconnect":
        await asyncio.sleep(0)
