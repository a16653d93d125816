"""Square's API through its SDK: one function a stream.

The SDK builds and sends; the bytes of each answer are taken from our own transport and read by records.py, and its
models never leave this file. Pages are turned by hand: the SDK's pager ends at an empty one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import httpx
import msgspec
from square import Square
from square.core.api_error import ApiError
from square.core.request_options import RequestOptions

from connector.errors import Broken, ConnectorError, NeedsReconnect, RetryLater
from connector.sources.contract import Identity, Page, PullOrder
from connector.sources.square.pages import kept_page
from connector.sources.square.positions import BEGINNING, Position, newest, written
from connector.sources.square.records import Answer, Head, Location, Payout, TokenStatus, cursor, listed, read
from connector.sources.square.translate.shops import location as place
from connector.transport.access import Access
from connector.transport.repeat import reading, told_after
from connector.transport.sessions import httpx_client

VERSION = "2026-09-16"
BASE_URL = "https://connect.squareup.com"
ORDERS_A_PAGE = 500
RECORDS_A_PAGE = 100
MOST_PAGES = 2_000
PAGES_A_PULL = 1_000  # of a stream whose position moves with each page; the next pull goes on
ONCE = RequestOptions(max_retries=0)  # the one owner of repeats is transport
OMIT: Any = ...  # what the SDK takes for "leave it out"; None would be sent as null
SCOPES = {
    "locations": "MERCHANT_PROFILE_READ", "catalog": "ITEMS_READ", "orders": "ORDERS_READ",
    "payments": "PAYMENTS_READ", "refunds": "PAYMENTS_READ", "payouts": "PAYOUTS_READ",
    "payout_entries": "PAYOUTS_READ",
}  # fmt: skip


class _Found(NamedTuple):
    """The records of one page as they came; `is_last` tells that no cursor follows."""

    records: list[msgspec.Raw]
    is_last: bool


def identify(access: Access) -> Identity:
    """The merchant a token speaks for, its scopes and its locations (inactive ones too)."""
    with _calling(access) as api:
        told = api.ask("locations", partial(api.sdk.o_auth.retrieve_token_status, request_options=ONCE))
        status = read(told, TokenStatus)
        places = [read(raw, Location) for raw in listed(_locations(api), "locations")]
    name = next((each.business_name for each in places if each.business_name), status.merchant_id or "")
    return Identity(
        external_id=status.merchant_id or "",
        name=name,
        scopes=status.scopes or (),
        locations=tuple(place(each) for each in places),
    )


def pull(access: Access, order: PullOrder) -> Iterator[Page]:
    """The pages of a stream from a position to its true end; the position of each page may be kept once the page is.

    Raises NeedsReconnect where consent is gone or lacks the stream's scope, RetryLater where Square is busy or away."""
    streams: dict[str, Callable[[_Api, PullOrder], Iterator[Page]]] = {
        "locations": _pull_locations,
        "catalog": _pull_catalog,
        "orders": _pull_orders,
        "payments": _pull_payments,
        "refunds": _pull_refunds,
        "payouts": _pull_payouts,
        "payout_entries": _pull_payout_entries,
    }
    if order.stream not in streams:
        raise Broken(f"Square has no stream {order.stream!r}")
    with _calling(access) as api:
        yield from streams[order.stream](api, order)


def _pull_locations(api: _Api, order: PullOrder) -> Iterator[Page]:
    yield kept_page("locations", listed(_locations(api), "locations"), "")


def _pull_catalog(api: _Api, order: PullOrder) -> Iterator[Page]:
    def call(token: str) -> object:
        return api.sdk.catalog.list(cursor=token or None, types="ITEM,CATEGORY", request_options=ONCE)

    for found in api.pages("catalog", "objects", call):
        yield kept_page("catalog", found.records, "")


def _pull_orders(api: _Api, order: PullOrder) -> Iterator[Page]:
    """By change, oldest first, whatever their state: paid ones may stay OPEN."""
    position = Position.of(order.position)

    def call(token: str) -> object:
        return api.sdk.orders.search(
            location_ids=[_location(order)],
            cursor=token or OMIT,
            limit=ORDERS_A_PAGE,
            query={
                "filter": {"date_time_filter": {"updated_at": {"start_at": written(position.begin)}}},
                "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
            },
            request_options=ONCE,
        )

    return _by_change(api, "orders", call, position)


def _pull_payments(api: _Api, order: PullOrder) -> Iterator[Page]:
    """By change; both windows are named, for the created one would end a year ago and the location be the main one."""
    position = Position.of(order.position)

    def call(token: str) -> object:
        return api.sdk.payments.list(
            location_id=_location(order),
            begin_time=written(BEGINNING),
            updated_at_begin_time=written(position.begin),
            sort_field="UPDATED_AT",
            sort_order="ASC",
            limit=RECORDS_A_PAGE,
            cursor=token or None,
            request_options=ONCE,
        )

    return _by_change(api, "payments", call, position)


def _pull_refunds(api: _Api, order: PullOrder) -> Iterator[Page]:
    position = Position.of(order.position)

    def call(token: str) -> object:
        return api.sdk.refunds.list(
            location_id=_location(order),
            begin_time=written(BEGINNING),
            updated_at_begin_time=written(position.begin),
            sort_field="UPDATED_AT",
            sort_order="ASC",
            limit=RECORDS_A_PAGE,
            cursor=token or None,
            request_options=ONCE,
        )

    return _by_change(api, "refunds", call, position)


def _pull_payouts(api: _Api, order: PullOrder) -> Iterator[Page]:
    """The trailing payouts again and again, for a payout that fails later is not listed as changed."""
    position = Position.of(order.position)
    since = position.since
    for found in _payout_pages(api, _location(order), position):
        since = newest(since, (read(raw, Payout).created_at for raw in found.records))
        kept = Position(since=since) if found.is_last else position
        yield kept_page("payouts", found.records, kept.text)


def _pull_payout_entries(api: _Api, order: PullOrder) -> Iterator[Page]:
    """The entries of the trailing BATCH payouts of all locations, of each once for every state it has been in."""
    position = Position.of(order.position)
    payouts = [payout for each in _location_ids(api) for payout in _payouts(api, each, position)]
    states = {payout.id: f"{payout.status} {payout.version or 0}" for payout in payouts if payout.type == "BATCH"}
    waiting = [key for key, state in states.items() if position.seen.get(key) != state]
    seen = {key: position.seen[key] for key in states if key in position.seen}
    for key in waiting:
        for found in api.pages("payout_entries", "payout_entries", partial(_list_entries, api, key)):
            if found.is_last:
                seen = seen | {key: states[key]}
            is_end = found.is_last and key == waiting[-1]
            since = newest(position.since, (payout.created_at for payout in payouts)) if is_end else position.since
            yield kept_page("payout_entries", found.records, Position(since=since, seen=seen).text)


def _list_entries(api: _Api, payout_id: str, token: str) -> object:
    return api.sdk.payouts.list_entries(
        payout_id, sort_order="ASC", limit=RECORDS_A_PAGE, cursor=token or None, request_options=ONCE
    )


def _payouts(api: _Api, location: str, position: Position) -> list[Payout]:
    return [read(raw, Payout) for found in _payout_pages(api, location, position) for raw in found.records]


def _payout_pages(api: _Api, location: str, position: Position) -> Iterator[_Found]:

    def call(token: str) -> object:
        return api.sdk.payouts.list(
            location_id=location,
            begin_time=written(position.payouts_begin),
            sort_order="ASC",
            limit=RECORDS_A_PAGE,
            cursor=token or None,
            request_options=ONCE,
        )

    return api.pages("payouts", "payouts", call)


def _location_ids(api: _Api) -> list[str]:
    return [read(raw, Location).id for raw in listed(_locations(api), "locations")]


def _locations(api: _Api) -> Answer:
    return read(api.ask("locations", partial(api.sdk.locations.list, request_options=ONCE)), Answer)


def _by_change(api: _Api, stream: str, call: Callable[[str], object], position: Position) -> Iterator[Page]:
    """Pages sorted by change, oldest first: after each of them all that is older has been seen."""
    since = position.since
    for found in islice(api.pages(stream, stream, call), PAGES_A_PULL):
        since = newest(since, (read(raw, Head).updated_at for raw in found.records))
        yield kept_page(stream, found.records, Position(since=since).text)


class _Api:
    """The SDK over our own transport; holds the bytes of the last answer."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._body = b""
        self.http = httpx_client(self._keep)
        self.sdk = Square(
            base_url=access.base_url or BASE_URL, token=access.token, httpx_client=self.http, version=VERSION
        )

    def ask(self, stream: str, call: Callable[[], object]) -> bytes:
        """The bytes of one answer; asked again while Square is busy, for a minute at most."""
        return reading(partial(self._once, stream, call), now=self._access.now)

    def pages(self, stream: str, key: str, call: Callable[[str], object]) -> Iterator[_Found]:
        """Pages until one has no cursor, however empty. Raises Broken where there is no end of them."""
        token = ""
        for _ in range(MOST_PAGES):
            answer = read(self.ask(stream, partial(call, token)), Answer)
            token = cursor(answer)
            yield _Found(listed(answer, key), is_last=not token)
            if not token:
                return
        raise Broken(f"Square's list of {stream} did not end after {MOST_PAGES} pages")

    def _once(self, stream: str, call: Callable[[], object]) -> bytes:
        self._body = b""
        try:
            call()
        except _Taken:
            return self._body
        except ApiError as error:
            raise _sorted_error(error, stream, self._access.now()) from error
        except httpx.HTTPError as error:
            raise RetryLater(f"Square could not be reached for {stream} ({type(error).__name__}).") from error
        return self._body

    def _keep(self, response: httpx.Response) -> None:
        """Takes the bytes of a good answer before the SDK makes models of it: that would take longer than all else,
        and nobody would look at them."""
        self._body = response.content
        if response.is_success:
            raise _Taken


class _Taken(Exception):
    """The answer's bytes are taken; the SDK need not go on."""


@contextmanager
def _calling(access: Access) -> Iterator[_Api]:
    api = _Api(access)
    with api.http:
        yield api


def _sorted_error(error: ApiError, stream: str, now: datetime) -> ConnectorError:
    """By who can mend it; nothing above this file reads a status code."""
    status, code = error.status_code or 0, error.errors[0].code if error.errors else ""
    if status == 401:
        return NeedsReconnect(f"Square no longer accepts the connection ({code}): connect Square again.")
    if status == 403:
        scope = SCOPES.get(stream, "")
        return NeedsReconnect(f"Square refuses {stream} ({code}): connect again and allow {scope}.")
    if status == 429 or status >= 500:
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        after = told_after(headers.get("retry-after"), now)
        return RetryLater(f"Square is busy or away: {status} for {stream}.", after=after)
    detail = (error.errors[0].detail if error.errors else "") or ""
    return Broken(f"Square refused the request for {stream}: {status} {code} {detail}".strip())


def _location(order: PullOrder) -> str:
    if not order.location:
        raise Broken(f"Square's {order.stream} are pulled location by location, and none was named")
    return order.location
