"""Square's API through its SDK: one function an endpoint; windows and positions are in pulling.py.

The SDK builds and sends; the bytes of each answer are taken from our own transport and read by records.py, and its
models never leave this file. Pages are turned by hand: the SDK's pager ends at an empty one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import httpx
import msgspec
from square import Square
from square.core.api_error import ApiError
from square.core.request_options import RequestOptions

from connector.errors import Broken, ConnectorError, NeedsScope, RetryLater, TokenRefused
from connector.sources.contract import Identity
from connector.sources.square.positions import BEGINNING, written
from connector.sources.square.records import Answer, Location, TokenStatus, cursor, listed, read
from connector.sources.square.translate.shops import location as place
from connector.transport.access import Access
from connector.transport.paging import turned
from connector.transport.repeat import reading, told_after
from connector.transport.sessions import httpx_client

VERSION = "2026-09-16"
BASE_URL = "https://connect.squareup.com"
ORDERS_A_PAGE = 500
RECORDS_A_PAGE = 100
OBJECTS_A_PAGE = 1_000  # of the catalogue
DRAWERS_A_PAGE = 1_000
MOST_PAGES = 2_000
ONCE = RequestOptions(max_retries=0)  # the one owner of repeats is transport
OMIT: Any = ...  # what the SDK takes for "leave it out"; None would be sent as null
SCOPES = {
    "locations": "MERCHANT_PROFILE_READ", "catalog": "ITEMS_READ", "orders": "ORDERS_READ",
    "payments": "PAYMENTS_READ", "refunds": "PAYMENTS_READ", "payouts": "PAYOUTS_READ",
    "payout_entries": "PAYOUTS_READ", "cash_drawers": "CASH_DRAWER_READ", "gift_card_activities": "GIFTCARDS_READ",
    "disputes": "DISPUTES_READ",
}  # fmt: skip


class Found(NamedTuple):
    """The records of one page as they came; `is_last` tells that no cursor follows."""

    records: list[msgspec.Raw]
    is_last: bool


def identify(access: Access) -> Identity:
    """The merchant a token speaks for, its scopes and its locations (inactive ones too)."""
    with calling(access) as api:
        told = api.ask("locations", partial(api.sdk.o_auth.retrieve_token_status, request_options=ONCE))
        status = read(told, TokenStatus)
        places = [read(raw, Location) for raw in locations(api)]
    name = next((each.business_name for each in places if each.business_name), status.merchant_id or "")
    return Identity(
        external_id=status.merchant_id or "",
        name=name,
        scopes=status.scopes or (),
        locations=tuple(place(each) for each in places),
    )


def locations(api: Api) -> list[msgspec.Raw]:
    """All of them in one answer, inactive ones too."""
    answer = api.ask("locations", partial(api.sdk.locations.list, request_options=ONCE))
    return listed(read(answer, Answer), "locations")


def catalog(api: Api, after: datetime | None) -> Iterator[Found]:
    """Items with their variations, and categories, that were changed after a moment; deleted ones too."""

    def call(token: str) -> object:
        return api.sdk.catalog.search(
            object_types=["ITEM", "CATEGORY"],
            begin_time=written(after) if after else OMIT,
            include_deleted_objects=True,
            limit=OBJECTS_A_PAGE,
            cursor=token or OMIT,
            request_options=ONCE,
        )

    return api.pages("catalog", "objects", call)


def orders(api: Api, location: str, begin: datetime) -> Iterator[Found]:
    """By change, oldest first, whatever their state: paid ones may stay OPEN."""

    def call(token: str) -> object:
        return api.sdk.orders.search(
            location_ids=[location],
            cursor=token or OMIT,
            limit=ORDERS_A_PAGE,
            query={
                "filter": {"date_time_filter": {"updated_at": {"start_at": written(begin)}}},
                "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
            },
            request_options=ONCE,
        )

    return api.pages("orders", "orders", call)


def payments(api: Api, location: str, begin: datetime) -> Iterator[Found]:
    """By change; both windows are named, for the created one would end a year ago and the location be the main one."""

    def call(token: str) -> object:
        return api.sdk.payments.list(
            location_id=location,
            begin_time=written(BEGINNING),
            updated_at_begin_time=written(begin),
            sort_field="UPDATED_AT",
            sort_order="ASC",
            limit=RECORDS_A_PAGE,
            cursor=token or None,
            request_options=ONCE,
        )

    return api.pages("payments", "payments", call)


def refunds(api: Api, location: str, begin: datetime) -> Iterator[Found]:
    """By change, like payments."""

    def call(token: str) -> object:
        return api.sdk.refunds.list(
            location_id=location,
            begin_time=written(BEGINNING),
            updated_at_begin_time=written(begin),
            sort_field="UPDATED_AT",
            sort_order="ASC",
            limit=RECORDS_A_PAGE,
            cursor=token or None,
            request_options=ONCE,
        )

    return api.pages("refunds", "refunds", call)


def payouts(api: Api, location: str, begin: datetime) -> Iterator[Found]:
    """By creation, oldest first; there is no window on changes."""

    def call(token: str) -> object:
        return api.sdk.payouts.list(
            location_id=location,
            begin_time=written(begin),
            sort_order="ASC",
            limit=RECORDS_A_PAGE,
            cursor=token or None,
            request_options=ONCE,
        )

    return api.pages("payouts", "payouts", call)


def payout_entries(api: Api, payout_id: str) -> Iterator[Found]:
    """The lines of one BATCH payout."""

    def call(token: str) -> object:
        return api.sdk.payouts.list_entries(
            payout_id, sort_order="ASC", limit=RECORDS_A_PAGE, cursor=token or None, request_options=ONCE
        )

    return api.pages("payout_entries", "payout_entries", call)


def drawers(api: Api, location: str, begin: datetime) -> Iterator[Found]:
    """The summaries of cash drawer shifts by opening, oldest first."""

    def call(token: str) -> object:
        return api.sdk.cash_drawers.shifts.list(
            location_id=location,
            begin_time=written(begin),
            sort_order="ASC",
            limit=DRAWERS_A_PAGE,
            cursor=token or None,
            request_options=ONCE,
        )

    return api.pages("cash_drawers", "cash_drawer_shifts", call)


def drawer(api: Api, location: str, shift_id: str) -> list[msgspec.Raw]:
    """One shift whole, with what went in and out between opening and counting."""
    call = partial(api.sdk.cash_drawers.shifts.get, shift_id, location_id=location, request_options=ONCE)
    return listed(read(api.ask("cash_drawers", call), Answer), "cash_drawer_shift")


def gift_card_activities(api: Api, begin: datetime, card: str = "") -> Iterator[Found]:
    """Of all locations (and, where it is named, of one card) by creation, oldest first; without a begin Square would
    take one year."""

    def call(token: str) -> object:
        return api.sdk.gift_cards.activities.list(
            gift_card_id=card or None,
            begin_time=written(begin),
            sort_order="ASC",
            limit=RECORDS_A_PAGE,
            cursor=token or None,
            request_options=ONCE,
        )

    return api.pages("gift_card_activities", "gift_card_activities", call)


def disputes(api: Api) -> Iterator[Found]:
    """All of them in all states: there is no window."""

    def call(token: str) -> object:
        return api.sdk.disputes.list(cursor=token or None, request_options=ONCE)

    return api.pages("disputes", "disputes", call)


class Api:
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
        return reading(partial(self._once, stream, call), now=self._access.now, sleep=self._access.sleep)

    def pages(self, stream: str, key: str, call: Callable[[str], object]) -> Iterator[Found]:
        """Pages until one has no cursor, however empty. Raises Broken where there is no end of them."""
        token = ""
        for _ in range(MOST_PAGES):
            answer = read(self.ask(stream, partial(call, token)), Answer)
            token = turned(token, cursor(answer), f"Square's list of {stream}")
            yield Found(listed(answer, key), is_last=not token)
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
            raise self._access.judged(_sorted_error(error, stream, self._access.now())) from error
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
def calling(access: Access) -> Iterator[Api]:
    """The way to one account, closed at the end."""
    api = Api(access)
    with api.http:
        yield api


def _sorted_error(error: ApiError, stream: str, now: datetime) -> ConnectorError:
    """By who can mend it; nothing above this file reads a status code."""
    status, code = error.status_code or 0, error.errors[0].code if error.errors else ""
    if status == 401:
        return TokenRefused(f"Square no longer accepts the connection ({code}): connect Square again.")
    if status == 403:
        scope = SCOPES.get(stream, "")
        return NeedsScope(f"Square refuses {stream} ({code}): connect again and allow {scope}.")
    if status == 429 or status >= 500:
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        after = told_after(headers.get("retry-after"), now)
        return RetryLater(f"Square is busy or away: {status} for {stream}.", after=after)
    detail = (error.errors[0].detail if error.errors else "") or ""
    return Broken(f"Square refused the request for {stream}: {status} {code} {detail}".strip())
