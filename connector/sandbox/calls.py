"""A call and its answer as plain values, so that a stand-in's rules are functions from one to the other."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from connector.sandbox.body import Body, decode, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request. `path_values` are the parts of the path a route named; header names are lower case."""

    method: str
    path: str
    path_values: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Body:
        """The JSON object sent. Raises body.NotJson."""
        return decode(self.content)

    def fields(self) -> dict[str, str]:
        """The text fields sent, whether as a form or as a JSON object. Raises body.NotJson."""
        if "json" in self.headers.get("content-type", ""):
            return {key: str(value) for key, value in self.json().items() if value is not None}
        return dict(parse_qsl(self.content.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP response; `body` is bytes as they are, or a value to be written as JSON, or None for an empty one."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


def endpoint(handle: Callable[[Call], Answer]) -> Callable[[Request], Awaitable[Response]]:
    """`handle` as a Starlette endpoint. It runs on the server's own thread, one call at a time."""

    async def serve(request: Request) -> Response:
        call = Call(
            method=request.method,
            path=request.url.path,
            path_values=request.path_params,
            query=dict(request.query_params),
            headers=dict(request.headers),
            content=await request.body(),
        )
        return _response(handle(call))

    return serve


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    if isinstance(answer.body, bytes):
        return Response(answer.body, status_code=answer.status, headers=headers)
    headers.setdefault("content-type", "application/json;charset=UTF-8")
    return Response(encode(answer.body), status_code=answer.status, headers=headers)
