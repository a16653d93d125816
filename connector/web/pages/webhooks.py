"""Where providers deliver webhooks: no session, no cookie, an empty answer, 200 or 401 at once."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from connector.domain.webhook import Delivery
from connector.sync.webhooks import receive, secrets, webhook
from connector.web.asked import Office
from connector.web.door import Endpoint, TooLarge, read_body, sealed

BODY_BYTES = 2 * 1024 * 1024

_log = logging.getLogger("connector.webhooks")


def webhooks(office: Office) -> Endpoint:
    """The endpoint for every provider."""

    async def endpoint(request: Request) -> Response:
        provider = str(request.path_params["provider"])
        if webhook(provider) is None:
            return sealed(office, Response(status_code=404))
        try:
            body = await read_body(request, BODY_BYTES)
        except TooLarge:
            office.webhooks.count(provider, "too large")
            return sealed(office, Response(status_code=413))
        delivery = Delivery(
            headers=_headers(request),
            body=body,
            secrets=secrets(office.settings, provider),
            url=office.base_url + request.url.path,
        )
        outcome = await run_in_threadpool(receive, office.house, provider, delivery)
        office.webhooks.count(provider, outcome)
        if outcome == "forged":
            _log.warning("a webhook with a wrong signature was refused", extra={"provider": provider})
        return sealed(office, Response(status_code=401 if outcome == "forged" else 200))

    return endpoint


def _headers(request: Request) -> dict[str, str]:
    """One that is sent twice is joined, so that no signature is right by its first or last."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
