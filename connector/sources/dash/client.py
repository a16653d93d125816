"""The REST profile of `dash-daily-summary/1`, a contract of this project: two lists, read and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

import httpx
import msgspec

from connector.errors import Broken, ConnectorError, NeedsScope, RetryLater, TokenRefused, Unreadable
from connector.sources.contract import Identity, Page, PullOrder, Received
from connector.sources.dash.pages import kept_locations, kept_summaries, marked, unread_summary
from connector.sources.dash.positions import Position
from connector.sources.dash.records import Answer, Place, Stamp, Summary, read, read_summary
from connector.sources.dash.translate.shops import location
from connector.transport.access import Access
from connector.transport.paging import turned
from connector.transport.repeat import reading, told_after
from connector.transport.sessions import httpx_client

LOCATIONS = "/v1/locations"
SUMMARIES = "/v1/daily-summaries"
MOST_PAGES = 2_000

Ask = Callable[[str, Mapping[str, str]], Answer]


def identify(access: Access) -> Identity:
    """The merchant whose days are told, and the locations."""
    with _calling(access) as ask:
        answers = list(_pages(ask, LOCATIONS, {}))
    merchant = next((answer.merchant for answer in answers if answer.merchant), None)
    external_id = (merchant.id if merchant else "") or access.external_id or urlsplit(access.base_url).netloc
    return Identity(
        external_id=external_id,
        name=(merchant.name if merchant else "") or external_id,
        locations=tuple(location(read(raw, Place)) for answer in answers for raw in answer.data),
    )


def pull(access: Access, order: PullOrder) -> Iterator[Page]:
    """The pages of a stream from a position to its true end; the position of each page may be kept once the page is.

    Raises Unreadable where no address is set, NeedsReconnect where consent is gone, RetryLater where the other side
    is busy or away."""
    streams = {"locations": _pull_locations, "daily_summaries": _pull_summaries}
    if order.stream not in streams:
        raise Broken(f"Dash has no stream {order.stream!r}")
    with _calling(access) as ask:
        yield from streams[order.stream](ask, order)


def _pull_locations(ask: Ask, order: PullOrder) -> Iterator[Page]:
    for answer in _pages(ask, LOCATIONS, {}):
        yield kept_locations(answer.data, Position().text)


def _pull_summaries(ask: Ask, order: PullOrder) -> Iterator[Page]:
    """By change, oldest first: after each page all that changed before has been seen."""
    if not order.location:
        raise Broken("Dash's daily summaries are pulled location by location, and none was named")
    position = Position.of(order.position)
    wanted = {"location_id": order.location}
    if position.begin:
        wanted["updated_since"] = position.begin
    for answer in _pages(ask, SUMMARIES, wanted):
        found = [_summary(raw, order.location) for raw in answer.data]
        summaries = [each for each in found if isinstance(each, Summary)]
        unread = [each for each in found if isinstance(each, Received)]
        changes = (_changed(raw) for raw in answer.data)
        position = position.past(summaries, [min(each, order.now) for each in changes if each])  # a clock may be ahead
        yield kept_summaries([marked(each, position.revisions) for each in summaries], position.text, unread)


def _changed(raw: msgspec.Raw) -> datetime | None:
    """When a summary was changed; what is no moment tells nothing."""
    with suppress(Broken):
        return read(raw, Stamp).updated_at
    return None


def _summary(raw: msgspec.Raw, wanted: str) -> Summary | Received:
    """The summary, or what is kept of one that cannot be read."""
    try:
        summary = read_summary(raw)
    except Broken as error:
        return unread_summary(raw, wanted, error)
    if summary.location.id != wanted:
        raise Broken(f"the summaries of location {wanted} were asked for, and one of {summary.location.id} came")
    return summary


def _pages(ask: Ask, path: str, wanted: Mapping[str, str]) -> Iterator[Answer]:
    """Pages until one has no cursor, however empty. Raises Broken where there is no end of them."""
    cursor = ""
    for _ in range(MOST_PAGES):
        answer = ask(path, {**wanted, **({"cursor": cursor} if cursor else {})})
        yield answer
        cursor = turned(cursor, answer.next_cursor or "", f"Dash's list {path}")
        if not cursor:
            return
    raise Broken(f"Dash's list {path} did not end after {MOST_PAGES} pages")


@contextmanager
def _calling(access: Access) -> Iterator[Ask]:
    """A way to ask, again while the other side is busy, for a minute at most."""
    if not access.base_url:
        raise Unreadable(
            "Dash publishes no address of its own: connect with --url and the address of the server that gives its "
            "days under this project's contract dash-daily-summary/1, or read its exported files."
        )
    with httpx_client() as http:

        def ask(path: str, wanted: Mapping[str, str]) -> Answer:
            return reading(partial(_once, http, access, path, wanted), now=access.now, sleep=access.sleep)

        yield ask


def _once(http: httpx.Client, access: Access, path: str, wanted: Mapping[str, str]) -> Answer:
    headers = {"Authorization": f"Bearer {access.token()}", "Accept": "application/json"}
    try:
        answer = http.get(f"{access.base_url.rstrip('/')}{path}", params=dict(wanted), headers=headers)
    except httpx.HTTPError as error:
        raise RetryLater(f"Dash could not be reached for {path} ({type(error).__name__}).") from error
    if not answer.is_success:
        raise access.judged(_sorted_error(answer, path, access.now()))
    return read(answer.content, Answer)


def _sorted_error(answer: httpx.Response, path: str, now: datetime) -> ConnectorError:
    """By who can mend it; nothing above this file reads a status code."""
    status = answer.status_code
    if status == 401:
        return TokenRefused("Dash no longer accepts the connection: connect Dash again.")
    if status in (402, 403):
        return NeedsScope(f"Dash refuses {path} ({status}): connect again with an account that may read it.")
    if status in (408, 425, 429) or status >= 500:
        after = told_after(answer.headers.get("retry-after"), now)
        return RetryLater(f"Dash is busy or away: {status} for {path}.", after=after)
    return Broken(f"Dash refused the request for {path}: {status}.")
