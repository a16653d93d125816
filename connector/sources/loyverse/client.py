"""Loyverse's API: lists by cursor, newest first, and nothing of money.

The bytes of each answer are read by records.py; what a status means is decided here and nowhere above."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import httpx
import msgspec

from connector.errors import Broken, ConnectorError, NeedsReconnect, NeedsScope, RetryLater, TokenRefused
from connector.sources.contract import Identity, Page, PullOrder
from connector.sources.loyverse.pace import Pace
from connector.sources.loyverse.pages import history_page, kept_page
from connector.sources.loyverse.positions import (
    BEGINNING,
    OVERLAP,
    SERVED,
    SWEEP,
    Position,
    day_of,
    spans,
    written,
)
from connector.sources.loyverse.records import Answer, Head, Merchant, Store, cursor, listed, read
from connector.sources.loyverse.translate.shops import currency_of
from connector.sources.loyverse.translate.shops import location as place
from connector.transport.access import Access
from connector.transport.paging import newest, turned
from connector.transport.repeat import reading, told_after
from connector.transport.sessions import httpx_client

BASE_URL = "https://api.loyverse.com"
VERSION = "v1.0"
RECORDS_A_PAGE = 250
MOST_PAGES = 2_000
SCOPES = {
    "merchant": "MERCHANT_READ", "stores": "STORES_READ", "payment_types": "PAYMENT_TYPES_READ",
    "categories": "ITEMS_READ", "items": "ITEMS_READ", "receipts": "RECEIPTS_READ", "shifts": "RECEIPTS_READ",
}  # fmt: skip


def identify(access: Access) -> Identity:
    """The merchant a token speaks for, and its stores. Their zones are empty: Loyverse does not know them."""
    with _calling(access) as api:
        merchant = _merchant(api)
        stores = [read(raw, Store) for found in api.pages("stores", {}) for raw in found.records]
    currency = currency_of(merchant)
    return Identity(
        external_id=merchant.id,
        name=merchant.business_name or merchant.id,
        locations=tuple(place(store, currency) for store in stores),
    )


def pull(access: Access, order: PullOrder) -> Iterator[Page]:
    """The pages of a stream from a position to its true end; the position of each page may be kept once the page is.

    Raises NeedsReconnect where consent is gone or lacks the stream's scope, RetryLater where Loyverse is busy or
    away."""
    streams: dict[str, Callable[[_Api, PullOrder], Iterator[Page]]] = {
        "merchant": _pull_merchant,
        "stores": _pull_list,
        "payment_types": partial(_pull_list, extra={"show_deleted": "true"}),
        "categories": _pull_changed,
        "items": partial(_pull_changed, extra={"show_deleted": "true"}),
        "receipts": partial(_pull_history, overlap=OVERLAP),
        "shifts": partial(_pull_history, overlap=SWEEP),
    }
    if order.stream not in streams:
        raise Broken(f"Loyverse has no stream {order.stream!r}")
    with _calling(access) as api:
        yield from streams[order.stream](api, order)


def _pull_merchant(api: _Api, order: PullOrder) -> Iterator[Page]:
    yield kept_page("merchant", [msgspec.Raw(api.ask("merchant", {}))], "")


def _pull_list(api: _Api, order: PullOrder, extra: Mapping[str, str] | None = None) -> Iterator[Page]:
    for found in api.pages(order.stream, extra or {}):
        yield kept_page(order.stream, found.records, "")


def _pull_changed(api: _Api, order: PullOrder, extra: Mapping[str, str] | None = None) -> Iterator[Page]:
    """What changed since; everything where the records do not tell when they changed."""
    since = Position.of(order.position).since
    asked = dict(extra or {}) | ({"updated_at_min": written(since - OVERLAP)} if since else {})
    latest = since
    for found in api.pages(order.stream, asked):
        changes = (read(raw, Head).updated_at for raw in found.records)
        latest = newest(latest, changes, order.now)
        kept = Position(since=latest).text if found.is_last and latest else order.position
        yield kept_page(order.stream, found.records, kept)


def _pull_history(api: _Api, order: PullOrder, overlap: timedelta) -> Iterator[Page]:
    """By change, span after span, since the merchant began. Where Loyverse refuses the older days for want of its
    add-on, the pull begins with the days that are served; unless those before were read already, a page says so."""
    known = Position.of(order.position)
    try:
        yield from _spans(api, order, known.since - overlap if known.since else _opened(api), known)
    except _HistoryRefused:
        begin = order.now - SERVED
        if known.read_to is None or known.read_to < begin:
            known = Position(since=begin, read_to=day_of(begin))
            yield history_page(order.stream, begin, known.text)
        yield from _spans(api, order, begin, known)


def _spans(api: _Api, order: PullOrder, begin: datetime, known: Position) -> Iterator[Page]:
    for start, end in spans(begin, known.read_to, order.now):
        asked = {"updated_at_min": written(start)} | ({"updated_at_max": written(end)} if end else {})
        latest = known.since
        for found in api.pages(order.stream, asked):
            changes = (read(raw, Head).changed_at or start for raw in found.records)
            latest = newest(latest, changes, order.now)  # a till's own clock may be ahead
            if found.is_last:
                known = Position(since=latest or start, read_to=day_of(end or order.now))
            yield kept_page(order.stream, found.records, known.text)


def _opened(api: _Api) -> datetime:
    """When the merchant began: there is nothing before."""
    return _merchant(api).created_at or BEGINNING


def _merchant(api: _Api) -> Merchant:
    return read(api.ask("merchant", {}), Merchant)


class _Found(NamedTuple):
    """The records of one page as they came; `is_last` tells that no cursor follows."""

    records: list[msgspec.Raw]
    is_last: bool


class _HistoryRefused(NeedsReconnect):
    """402: what was asked for is older than the plan of the owner serves."""


class _Api:
    """The calls of one pull, at one pace."""

    def __init__(self, access: Access, http: httpx.Client) -> None:
        self._access = access
        self._http = http
        self._pace = Pace(access.now, access.sleep)

    def ask(self, stream: str, asked: Mapping[str, str]) -> bytes:
        """The bytes of one answer; asked again while Loyverse is busy, for a minute at most."""
        return reading(partial(self._once, stream, asked), now=self._access.now, sleep=self._access.sleep)

    def pages(self, stream: str, asked: Mapping[str, str]) -> Iterator[_Found]:
        """Pages until one has no cursor, however empty; nothing else of what is asked changes between them. Raises
        Broken where there is no end of them."""
        token = ""
        for _ in range(MOST_PAGES):
            paged = {**asked, "limit": str(RECORDS_A_PAGE)} | ({"cursor": token} if token else {})
            answer = read(self.ask(stream, paged), Answer)
            token = turned(token, cursor(answer), f"Loyverse's list of {stream}")
            yield _Found(listed(answer, stream), is_last=not token)
            if not token:
                return
        raise Broken(f"Loyverse's list of {stream} did not end after {MOST_PAGES} pages")

    def _once(self, stream: str, asked: Mapping[str, str]) -> bytes:
        self._pace.wait()
        url = f"{self._access.base_url or BASE_URL}/{VERSION}/{stream}"
        headers = {"Authorization": f"Bearer {self._access.token()}"}
        try:
            answer = self._http.get(url, params=dict(asked), headers=headers)
        except httpx.HTTPError as error:
            raise RetryLater(f"Loyverse could not be reached for {stream} ({type(error).__name__}).") from error
        if answer.status_code == 429:
            self._pace.slow_down()
        if not answer.is_success:
            raise self._access.judged(_sorted_error(answer, stream, self._access.now()))
        return answer.content


@contextmanager
def _calling(access: Access) -> Iterator[_Api]:
    with httpx_client() as http:
        yield _Api(access, http)


class _Said(msgspec.Struct, frozen=True):
    """One error as Loyverse writes it."""

    code: str = ""
    details: str | None = None


class _Errors(msgspec.Struct, frozen=True):
    errors: tuple[_Said, ...] = ()


def _sorted_error(answer: httpx.Response, stream: str, now: datetime) -> ConnectorError:
    """By who can mend it; nothing above this file reads a status code."""
    status, said = answer.status_code, _said(answer.content)
    if status == 401:
        return TokenRefused(f"Loyverse no longer accepts the connection ({said.code or status}): connect it again.")
    if status == 402:
        return _HistoryRefused(
            f"Loyverse serves these {stream} only with a paid add-on ({said.code or status}): without Unlimited Sales "
            "History it keeps the last 31 days."
        )
    if status == 403:
        scope = SCOPES.get(stream, "")
        return NeedsScope(f"Loyverse refuses {stream} ({said.code or status}): connect again and allow {scope}.")
    if status == 429 or status >= 500:
        after = told_after(answer.headers.get("retry-after"), now)
        return RetryLater(f"Loyverse is busy or away: {status} for {stream}.", after=after)
    return Broken(f"Loyverse refused the request for {stream}: {status} {said.code} {said.details or ''}".strip())


def _said(body: bytes) -> _Said:
    """The first error of an answer; an empty one where it is not Loyverse that speaks."""
    try:
        return next(iter(msgspec.json.decode(body, type=_Errors).errors), _Said())
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Said()
