"""The X-Series API over our own HTTP client: lists by version, and what an open register expects.

The retailer's domain prefix decides the host. Sales are read in the pinned dated version, the lists that describe the
shop in 2.0, whose shapes are published."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import httpx
import msgspec

from connector.errors import Broken, ConnectorError, NeedsScope, RetryLater, TokenRefused, Unreadable
from connector.sources.contract import Identity, Page, PullOrder
from connector.sources.lightspeed_x.pages import kept_page
from connector.sources.lightspeed_x.positions import Position
from connector.sources.lightspeed_x.records import (
    Answer,
    Head,
    Outlet,
    Register,
    Retailer,
    Session,
    listed,
    read,
    written,
)
from connector.sources.lightspeed_x.translate.shops import location
from connector.transport.access import Access
from connector.transport.repeat import reading, told_after
from connector.transport.sessions import httpx_client

VERSION = "2026-07"  # each dated version lives about a year: the README says until when
LISTS_VERSION = "2.0"
RECORDS_A_PAGE = 200
MOST_PAGES = 5_000  # of one pull; the next one goes on
WINDOW_SECONDS = 300
RESERVE = 10  # calls of a window that are left to whoever asks in between
PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
PATHS = {
    "outlets": f"{LISTS_VERSION}/outlets",
    "registers": f"{LISTS_VERSION}/registers",
    "payment_types": f"{LISTS_VERSION}/payment_types",
    "taxes": f"{LISTS_VERSION}/taxes",
    "products": f"{LISTS_VERSION}/products",
    "sales": f"{VERSION}/sales",
}
SCOPES = {
    "retailer": "retailer:read", "outlets": "outlets:read", "registers": "registers:read", "taxes": "taxes:read",
    "payment_types": "payment_types:read", "products": "products:read", "sales": "sales:read",
}  # fmt: skip
WITH_DELETED = frozenset({"outlets", "registers", "products"})  # old sales still name what was deleted since

Sleep = Callable[[float], None]


def identify(access: Access) -> Identity:
    """The retailer that a token speaks for, by its domain prefix, and its outlets."""
    with _calling(access, time.sleep) as api:
        answer = read(api.ask("retailer", f"{LISTS_VERSION}/retailer", {}), Answer)
        retailer = read(answer.data, Retailer)
        outlets = [read(raw, Outlet) for page, _ in api.pages("outlets", 0) for raw in page]
    return Identity(
        external_id=access.external_id or retailer.domain_prefix or "",
        name=retailer.name or retailer.domain_prefix or "",
        locations=tuple(location(outlet) for outlet in outlets),
    )


def pull(access: Access, order: PullOrder, *, sleep: Sleep = time.sleep) -> Iterator[Page]:
    """The pages of a stream after a position, until an empty one; the position of each may be kept once the page is.

    Raises NeedsReconnect where consent is gone, RetryLater where Lightspeed is busy or away."""
    if order.stream not in PATHS and order.stream != "sessions":
        raise Broken(f"Lightspeed has no stream {order.stream!r}")
    position = Position.of(order.position)
    with _calling(access, sleep) as api:
        if order.stream == "sessions":
            yield from _sessions(api, position)
            return
        for records, version in api.pages(order.stream, position.after):
            yield kept_page(order.stream, records, Position(after=version).text)


def _sessions(api: _Api, position: Position) -> Iterator[Page]:
    """What is expected in the registers that changed and are open: opened, or used since they were last looked at."""
    for raws, version in api.pages("registers", position.after):
        registers = [read(raw, Register) for raw in raws]
        found = [api.session(register) for register in registers if register.is_open]
        yield kept_page("sessions", [each for each in found if each], Position(after=version).text)


class _NotThere(Broken):
    """There is nothing at the address that was asked."""


class _Api:
    """One connection's calls: paced by what Lightspeed says is left, repeated while it is busy."""

    def __init__(self, access: Access, sleep: Sleep) -> None:
        self._access = access
        self._sleep = sleep
        self._pause = 0.0
        self._root = f"{_address(access)}/api"
        self.http = httpx_client()

    def pages(self, stream: str, after: int) -> Iterator[tuple[list[msgspec.Raw], int]]:
        """(records, highest version of them) after a version, oldest change first, until an empty page.

        Raises Broken where a page does not lead on."""
        for _ in range(MOST_PAGES):
            asked = {"after": str(after), "page_size": str(RECORDS_A_PAGE)}
            asked |= {"deleted": "true"} if stream in WITH_DELETED else {}
            records = listed(read(self.ask(stream, PATHS[stream], asked), Answer))
            if not records:
                return
            version = max(read(record, Head).number for record in records)
            if version <= after:
                raise Broken(f"Lightspeed's list of {stream} after version {after} does not go on")
            after = version
            yield records, version

    def session(self, register: Register) -> msgspec.Raw | None:
        """What is expected in an open register at this moment, with the register's own names; None where it was closed
        meanwhile."""
        path, moment = f"{LISTS_VERSION}/registers/{_safe(register.id)}/payments_summary", self._access.now()
        try:
            answer = read(self.ask("registers", path, {}), Answer)
        except _NotThere:
            return None
        found = read(answer.data, Session)
        named = {"register_id": register.id, "outlet_id": register.outlet_id, "looked_at": moment}
        return msgspec.Raw(written(msgspec.structs.replace(found, **named)))

    def ask(self, what: str, path: str, asked: dict[str, str]) -> bytes:
        """The bytes of one answer; asked again while Lightspeed is busy, for a minute at most."""
        if self._pause:
            self._sleep(self._pause)
        return reading(partial(self._once, what, path, asked), now=self._access.now, sleep=self._sleep)

    def _once(self, what: str, path: str, asked: dict[str, str]) -> bytes:
        headers = {"authorization": f"Bearer {self._access.token()}", "accept": "application/json"}
        try:
            answer = self.http.get(f"{self._root}/{path}", params=asked, headers=headers)
        except httpx.HTTPError as error:
            raise RetryLater(f"Lightspeed could not be reached for {what} ({type(error).__name__}).") from error
        if not answer.is_success:
            raise self._access.judged(_sorted_error(answer, what, self._access.now()))
        self._pause = _pause(answer)
        return answer.content


@contextmanager
def _calling(access: Access, sleep: Sleep) -> Iterator[_Api]:
    api = _Api(access, sleep)
    with api.http:
        yield api


def _address(access: Access) -> str:
    """The host of the retailer's domain prefix. It came with a browser's callback, so it is looked at first."""
    if access.base_url:
        return access.base_url.rstrip("/")
    if not access.external_id:
        raise Unreadable("Say which Lightspeed shop it is: --account with the part before .retail.lightspeed.app.")
    if not PREFIX.match(access.external_id):
        raise Unreadable(f"{access.external_id[:70]!r} is not the domain prefix of a Lightspeed shop.")
    return f"https://{access.external_id}.retail.lightspeed.app"


def _safe(register_id: str) -> str:
    if not re.fullmatch(r"[\w-]{1,64}", register_id):
        raise Broken(f"{register_id[:70]!r} is not the id of a register")
    return register_id


def _pause(answer: httpx.Response) -> float:
    """Seconds to wait before the next call: none while there are calls left, then as fast as the window refills."""
    left, limit = answer.headers.get("x-ratelimit-remaining", ""), answer.headers.get("x-ratelimit-limit", "")
    if not (left.isdecimal() and limit.isdecimal()) or int(left) > RESERVE:
        return 0.0
    return WINDOW_SECONDS / max(int(limit), 1)


def _sorted_error(answer: httpx.Response, what: str, now: datetime) -> ConnectorError:
    """By who can mend it; nothing above this file reads a status code."""
    status = answer.status_code
    if status == 401:
        return TokenRefused("Lightspeed no longer accepts the connection: connect Lightspeed again.")
    if status == 402:
        return NeedsScope(f"The shop's Lightspeed plan does not include {what}: change the plan, or leave it out.")
    if status == 403:
        return NeedsScope(f"Lightspeed refuses {what}: connect again and allow {SCOPES.get(what, what)}.")
    if status == 429 or status >= 500:
        after = told_after(answer.headers.get("retry-after"), now)
        return RetryLater(f"Lightspeed is busy or away: {status} for {what}.", after=after)
    if status in (404, 410) and what == "sales":
        return Broken(f"Lightspeed does not know version {VERSION} of its API any more ({status}): it has ended.")
    if status == 404:
        return _NotThere(f"Lightspeed has nothing there for {what}")
    return Broken(f"Lightspeed refused the request for {what}: {status}")
