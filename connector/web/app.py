"""The web application: which address is answered by which page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.web.asked import Office, Page
from connector.web.beside import Part, lifespan
from connector.web.door import Endpoint, page, sealed
from connector.web.pages.confirm import ask, callback
from connector.web.pages.connect import connect, for_files, paste_token
from connector.web.pages.connections import connections
from connector.web.pages.health import health, metrics, ready
from connector.web.pages.start import start
from connector.web.pages.unlock import unlock
from connector.web.pages.webhooks import webhooks

GET, POST = ["GET"], ["POST"]
PAGES: tuple[tuple[str, Page, list[str]], ...] = (
    ("/", start, GET),
    ("/unlock", unlock, [*GET, *POST]),
    ("/connect/{provider}", connect, [*GET, *POST]),
    ("/connect/{provider}/token", paste_token, POST),
    ("/connect/{provider}/files", for_files, POST),
    ("/callback/{provider}", callback, GET),
    ("/confirm/{number}", ask, [*GET, *POST]),
    ("/connections", connections, GET),
)
FOR_MACHINES = (("/health", health), ("/ready", ready), ("/metrics", metrics))


def application(office: Office, parts: Sequence[Part] = ()) -> Starlette:
    """The pages over one house; `parts` run beside them, as long as they do."""
    routes = [Route(path, page(office, show, path), methods=methods) for path, show, methods in PAGES]
    routes += [Route(path, _for_machines(office, show), methods=GET) for path, show in FOR_MACHINES]
    delivered = webhooks(office)
    routes += [Route(f"/webhooks/{{provider}}{more}", delivered, methods=POST) for more in ("", "/{part}")]
    style = (files("connector.web") / "static" / "connector.css").read_bytes()

    async def stylesheet(request: Request) -> Response:
        return sealed(office, Response(style, media_type="text/css", headers={"cache-control": "max-age=3600"}))

    async def broken(request: Request, error: Exception) -> Response:
        return sealed(office, Response("Something is broken here; the log says what.", status_code=500))

    async def missing(request: Request, error: Exception) -> Response:
        return sealed(office, Response("There is no such page.", status_code=getattr(error, "status_code", 404)))

    app = Starlette(
        routes=[*routes, Route("/static/connector.css", stylesheet, methods=GET)],
        exception_handlers={404: missing, 405: missing, 500: broken},
        lifespan=lifespan(parts),
    )
    app.state.base_url = office.base_url
    return app


def _for_machines(office: Office, show: Callable[[Office], Response]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return sealed(office, await run_in_threadpool(show, office))

    return endpoint
