"""The door of the pages: who is let in, what a form must prove, and the headers that every answer bears."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connector.errors import ConnectorError, Unreadable
from connector.transport.hosts import is_loopback
from connector.web.asked import Asked, Office, Page
from connector.web.rendering import render, sorry
from connector.web.session import Session

BODY_BYTES = 64 * 1024
MOST_FIELDS = 50
SAFE = ("GET", "HEAD")
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
HSTS = "max-age=31536000"

_log = logging.getLogger("connector.web")

Endpoint = Callable[[Request], Awaitable[Response]]


class TooLarge(Exception):
    """The body is larger than what is read."""


def page(office: Office, show: Page, route: str) -> Endpoint:
    """A page behind the door, as an endpoint; it runs on a thread. The log tells the route, never the address: that may
    hold a code."""

    async def endpoint(request: Request) -> Response:
        try:
            body = await read_body(request, BODY_BYTES)
        except TooLarge:
            return sealed(office, Response("This is more than the page takes.", status_code=413))
        asked = _asked(office, request, body)
        answer = await run_in_threadpool(_answer, office, asked, show)
        _log.info("answered", extra={"method": asked.method, "route": route, "status": answer.status_code})
        return sealed(office, _with_cookie(office, asked.session, answer))

    return endpoint


async def read_body(request: Request, most: int) -> bytes:
    """The body, read no further than `most` bytes. Raises TooLarge."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge
    return body


def sealed(office: Office, answer: Response) -> Response:
    """The answer with the headers that it lacks."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if office.base_url.startswith("https://"):
        answer.headers.setdefault("strict-transport-security", HSTS)
    return answer


def may_post_to(answer: Response, *addresses: str) -> Response:
    """Lets the forms of a page end at these addresses too: browsers hold a form to its page's policy even where the
    answer sends it elsewhere."""
    places = " ".join(f"{urlsplit(each).scheme}://{urlsplit(each).netloc}" for each in addresses)
    policy = HEADERS["content-security-policy"].replace("form-action 'self'", f"form-action 'self' {places}")
    answer.headers["content-security-policy"] = policy
    return answer


def _asked(office: Office, request: Request, body: bytes) -> Asked:
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    now = office.house.now()
    kept = office.signer.read(request.cookies.get(cookie_name(office), ""), now)
    return Asked(
        method=request.method,
        url=request.url.path,
        path={name: str(value)[:100] for name, value in request.path_params.items()},
        query=dict(request.query_params),
        form=_fields(body) if is_form else {},
        headers=dict(request.headers),
        peer=request.client.host if request.client else "",
        session=kept or office.signer.fresh(now),
        body=body,
    )


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def _answer(office: Office, asked: Asked, show: Page) -> Response:
    refused = _refused(office, asked)
    if refused is not None:
        return refused
    try:
        return show(office, asked)
    except ConnectorError as error:
        return sorry(office, asked, str(error), 422 if isinstance(error, Unreadable) else 400)


def _refused(office: Office, asked: Asked) -> Response | None:
    """An answer that is not the page; None where the visitor may see it."""
    own = urlsplit(office.base_url)
    if asked.headers.get("host", "") != own.netloc:
        if office.is_local and asked.method in SAFE and _is_here(asked):
            return RedirectResponse(office.base_url + asked.url, status_code=307)
        return sorry(office, asked, f"These pages are at {office.base_url}.", 421)
    if office.is_local and not _is_here(asked):
        message = "These pages are for the machine they run on, until CONNECTOR_SETUP_KEY is set."
        return sorry(office, asked, message, 403)
    if not office.is_local and not office.settings.setup_key:
        return sorry(office, asked, "These pages are closed until CONNECTOR_SETUP_KEY is set.", 403)
    if asked.method not in SAFE and not _is_own_form(office, asked):
        return sorry(office, asked, "This form was not sent from its own page, or its page is old. Open it anew.", 403)
    if not office.is_local and not asked.session.is_open and asked.url != "/unlock":
        return render(office, asked, "unlock.html", status=401, problem="")
    return None


def _is_here(asked: Asked) -> bool:
    """Whether the caller sits at this machine, and no other machine's call was handed on by one that does."""
    handed_on = {"forwarded", "x-forwarded-for", "x-real-ip", "via"} & asked.headers.keys()
    host = urlsplit(f"//{asked.headers.get('host', '')}").hostname or ""
    return not handed_on and is_loopback(host) and is_loopback(asked.peer)


def _is_own_form(office: Office, asked: Asked) -> bool:
    """Both must hold: the browser says that our own page sent it, and it carries the session's token."""
    origin = asked.headers.get("origin", "null")
    is_ours = origin == office.base_url or (origin == "null" and asked.headers.get("sec-fetch-site") == "same-origin")
    return is_ours and office.signer.is_form_token(asked.session, asked.text("form_token"))


def cookie_name(office: Office) -> str:
    return "__Host-connector" if office.base_url.startswith("https://") else "connector"


def _with_cookie(office: Office, session: Session, answer: Response) -> Response:
    """A cookie that the answer set itself stays; a browser that has one keeps it."""
    if session.is_new and "set-cookie" not in answer.headers:
        set_session(office, session, answer)
    return answer


def set_session(office: Office, session: Session, answer: Response) -> None:
    answer.set_cookie(
        cookie_name(office),
        office.signer.cookie(session),
        max_age=int((session.ends_at - office.house.now()).total_seconds()),
        path="/",
        httponly=True,
        secure=office.base_url.startswith("https://"),
        samesite="lax",
    )
