"""Lightspeed's R-Series API, version 3: one stream, one list; pages by the address that each answer gives.

Calls are paced by the leaky bucket that every answer tells the level of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from urllib.parse import urlsplit

import httpx
import msgspec

from connector.errors import Broken, ConnectorError, NeedsScope, RetryLater, TokenRefused
from connector.sources.contract import Identity, Page, PullOrder
from connector.sources.lightspeed.pace import pace_of
from connector.sources.lightspeed.pages import answered, balances, day_reports, kept_page, received_as
from connector.sources.lightspeed.positions import (
    IDS_AGAIN,
    NIGHTLY,
    OVERLAP,
    REPORT_DAYS,
    SWEEP_DAYS,
    SWEEP_IDS,
    Position,
    last_closed_day,
)
from connector.sources.lightspeed.records import Account, Shop, read
from connector.sources.lightspeed.shapes import KINDS, REPORTS, Json, decoded, value_of
from connector.sources.lightspeed.translate.shops import currency_of_account, location
from connector.transport.access import Access
from connector.transport.paging import newest, turned
from connector.transport.repeat import reading, told_after
from connector.transport.sessions import httpx_client

BASE_URL = "https://api.lightspeedapp.com"
RECORDS_A_PAGE = 100
MOST_PAGES = 20_000
PAGES_A_PULL = 1_000  # of a stream whose position moves with each page; the next pull goes on
FARTHEST_REPORTS = timedelta(days=400)
SALE_RELATIONS = (
    "SaleLines", "SaleLines.Item", "SalePayments", "SalePayments.PaymentType", "SalePayments.SaleAccounts",
    "TaxCategory",
)  # fmt: skip
RELATIONS = {
    "sales": SALE_RELATIONS,
    "register_counts": ("RegisterCountAmounts", "RegisterCountAmounts.PaymentType"),
    "register_withdraws": ("PaymentType",),
}
REFERENCE = ("shops", "registers", "categories", "payment_types", "tax_categories")
BALANCES: dict[str, dict[str, str]] = {"credit_accounts": {}, "gift_cards": {"giftCard": "true"}}
BY_ID = ("register_counts", "register_withdraws", "processing_fees")
SCOPES = {
    "shops": "employee:admin_shops", "categories": "employee:inventory", "items": "employee:inventory",
    "credit_accounts": "employee:customers", "gift_cards": "employee:customers",
    **dict.fromkeys(REPORTS, "employee:reports"),
}  # fmt: skip

Sleep = Callable[[float], None]


def identify(access: Access, *, sleep: Sleep = time.sleep) -> Identity:
    """The account a token speaks for, with its currency and its shops (archived ones too)."""
    with _calling(access, sleep) as api:
        account = api.account()
        currency = currency_of_account(account)
        found = [read(received_as("shops", each).body, Shop) for page in api.all("shops") for each in page]
    return Identity(
        external_id=account.account_id,
        name=account.name,
        locations=tuple(location(each, currency) for each in found),
    )


def pull(access: Access, order: PullOrder, *, sleep: Sleep = time.sleep) -> Iterator[Page]:
    """The pages of a stream from a position to its true end; the position of each page may be kept once the page is.

    Raises NeedsReconnect where consent is gone or lacks the stream's scope, RetryLater where Lightspeed is busy or
    away."""
    with _calling(access, sleep) as api:
        if order.stream == "account":
            yield kept_page("account", [api.account_json()], "")
        elif order.stream in REFERENCE:
            for records in api.all(order.stream):
                yield kept_page(order.stream, records, "")
        elif order.stream == "items":
            yield from _pull_items(api, order)
        elif order.stream == "sales":
            yield from _pull_sales(api, order)
        elif order.stream in BY_ID:
            yield from _pull_by_id(api, order)
        elif order.stream in BALANCES:
            yield from _pull_balances(api, order)
        elif order.stream in REPORTS:
            yield from _pull_reports(api, order)
        else:
            raise Broken(f"Lightspeed has no stream {order.stream!r}")


def _pull_items(api: _Api, order: PullOrder) -> Iterator[Page]:
    """The catalogue, then what of it was changed; the position moves with the last page, for they come by id."""
    position = Position.of(order.position)
    begin = {"timeStamp": f">=,{_written(position.since - OVERLAP)}"} if position.since else {}
    since, before = position.since, None
    for records in api.pages("items", begin):
        if before is not None:
            yield kept_page("items", before, position.text)
        moments = (_moment(record, "timeStamp") for record in records)
        since, before = newest(since, moments, order.now), records
    if before is not None:
        yield kept_page("items", before, msgspec.structs.replace(position, since=since).text)


def _pull_sales(api: _Api, order: PullOrder) -> Iterator[Page]:
    """By change, oldest first, whatever their state; once a week also what was completed in the last weeks, for some
    edits are not told as changes."""
    position = Position.of(order.position)
    if position.is_due(order.now):
        since = order.now - SWEEP_DAYS
        for records in api.pages("sales", {"sort": "completeTime", "completeTime": f">=,{_written(since)}"}):
            yield kept_page("sales", records, position.text)
    position = msgspec.structs.replace(position, swept_at=_swept(position, order.now))
    begin = {"updatetime": f">=,{_written(position.since - OVERLAP)}"} if position.since else {}
    for records in islice(api.pages("sales", {"sort": "updatetime", **begin}), PAGES_A_PULL):
        moments = (_moment(record, "updatetime") for record in records)
        since_now = newest(position.since, moments, order.now)
        position = msgspec.structs.replace(position, since=since_now)
        yield kept_page("sales", records, position.text)


def _pull_by_id(api: _Api, order: PullOrder) -> Iterator[Page]:
    """Lists that can be sorted by id alone: from some before the last one seen; once a week from many before it, for
    nothing tells which of them changed."""
    stream, position = order.stream, Position.of(order.position)
    field = KINDS[stream].id_field
    first = position.last_id - (SWEEP_IDS if position.is_due(order.now) else IDS_AGAIN)
    position = msgspec.structs.replace(position, swept_at=_swept(position, order.now))
    begin = {field: f">,{first}"} if first > 0 else {}
    for records in api.pages(stream, {"sort": field, **begin}):
        last = max([position.last_id, *(_number(value_of(record, field)) for record in records)])
        position = msgspec.structs.replace(position, last_id=last)
        yield kept_page(stream, records, position.text)


def _pull_balances(api: _Api, order: PullOrder) -> Iterator[Page]:
    """All balances other than nothing as one record, once a day; none where they are those that were kept last."""
    position = Position.of(order.position)
    if position.swept_at is not None and order.now - position.swept_at < NIGHTLY:
        return
    rows = [row for page in api.pages(order.stream, BALANCES[order.stream]) for row in page]
    records, digest = balances(order.stream, rows, order.now)
    is_known = digest == position.kept
    position = msgspec.structs.replace(position, swept_at=order.now, kept=digest)
    yield kept_page(order.stream, [] if is_known else records, position.text)


def _pull_reports(api: _Api, order: PullOrder) -> Iterator[Page]:
    """The daily reports of the closed days of the last weeks, again each time, for a late change moves them; at first
    and once a week of more than a year."""
    stream, position = order.stream, Position.of(order.position)
    last = last_closed_day(order.now)
    first, swept_at = _first_day(position, last, order.now), _swept(position, order.now)
    while first <= last:
        end = min(first + timedelta(days=REPORT_DAYS - 1), last)
        rows = [row for page in api.reports(stream, first, end) for row in page]
        records, shops = day_reports(stream, rows, position.shops, (first, end))
        position = msgspec.structs.replace(position, shops=shops, last_day=end)
        if end == last:
            position = msgspec.structs.replace(position, swept_at=swept_at)
        yield kept_page(stream, records, position.text)
        first = end + timedelta(days=1)


def _first_day(position: Position, last: date, now: datetime) -> date:
    """A first reading that was cut short goes on; a sweep begins anew."""
    oldest = last - FARTHEST_REPORTS
    if position.since:
        oldest = max(oldest, position.since.date())
    if position.swept_at is None:
        return position.last_day + timedelta(days=1) if position.last_day else oldest
    return oldest if position.is_due(now) else max(oldest, last - timedelta(days=REPORT_DAYS - 1))


def _swept(position: Position, now: datetime) -> datetime:
    return now if position.swept_at is None or position.is_due(now) else position.swept_at


class _Api:
    """Calls of one account. Every call asks for the token anew, for a pull may outlive one."""

    def __init__(self, access: Access, sleep: Sleep) -> None:
        self._access = access
        self._sleep = sleep
        self._base = (access.base_url or BASE_URL).rstrip("/")
        self._account_id = access.external_id
        self.http = httpx_client()

    def account(self) -> Account:
        """The account the token speaks for, its currency told."""
        told = read(received_as("account", self.account_json()).body, Account)
        return msgspec.structs.replace(told, account_id=told.account_id or self._id())

    def account_json(self) -> Json:
        """What the answer about the one account says of it."""
        answer = self._ask("account", f"{self._base}/API/V3/Account/{self._id()}.json")
        return {"accountID": self._id(), **answered("account", answer)[0]}

    def all(self, stream: str) -> Iterator[list[Json]]:
        """The pages of a whole list, archived records too."""
        return self.pages(stream, {})

    def pages(self, stream: str, wanted: dict[str, str]) -> Iterator[list[Json]]:
        """Pages until one names no next; an empty one may. Raises Broken where there is no end of them."""
        query = {"archived": "true", "limit": str(RECORDS_A_PAGE), **wanted}
        if stream in RELATIONS:
            query["load_relations"] = msgspec.json.encode(RELATIONS[stream]).decode()
        return self._pages(stream, f"{KINDS[stream].key}.json", query)

    def reports(self, stream: str, first: date, last: date) -> Iterator[list[Json]]:
        query = {"startDate": first.isoformat(), "endDate": last.isoformat()}
        return self._pages(stream, f"Reports/Accounting/{REPORTS[stream]}.json", query)

    def _pages(self, stream: str, path: str, query: dict[str, str]) -> Iterator[list[Json]]:
        url = str(httpx.URL(f"{self._base}/API/V3/Account/{self._id()}/{path}", params=query))
        for _ in range(MOST_PAGES):
            answer = self._ask(stream, url)
            yield answered(stream, answer)
            url = turned(url, self._next(answer), f"Lightspeed's list of {stream}")
            if not url:
                return
        raise Broken(f"Lightspeed's list of {stream} did not end after {MOST_PAGES} pages")

    def _next(self, answer: Json) -> str:
        """The address of the next page, as it was given; never at another host, which would be handed the token."""
        attributes = answer.get("@attributes")
        url = attributes.get("next") if isinstance(attributes, dict) else ""
        if not isinstance(url, str) or not url:
            return ""
        if urlsplit(url)[:2] != urlsplit(self._base)[:2]:
            raise Broken(f"Lightspeed's next page is at another address than {self._base}")
        return url

    def _id(self) -> str:
        if not self._account_id:
            found = answered("account", self._ask("account", f"{self._base}/API/V3/Account.json"))
            self._account_id = str(value_of(found[0], "accountID") or "") if found else ""
        if not self._account_id:
            raise Broken("Lightspeed did not say which account the token speaks for")
        return self._account_id

    def _ask(self, stream: str, url: str) -> Json:
        """One answer; asked again while Lightspeed is busy, for a minute at most and never before it said."""
        answer = decoded(reading(partial(self._once, stream, url), now=self._access.now, sleep=self._sleep))
        if not isinstance(answer, dict):
            raise Broken(f"Lightspeed's answer about {stream} is no object")
        return answer

    def _once(self, stream: str, url: str) -> bytes:
        pace = pace_of(f"{self._base} {self._account_id}")
        pace.wait(self._access.now(), self._sleep)
        try:
            response = self.http.get(url, headers={"authorization": f"Bearer {self._access.token()}"})
        except httpx.HTTPError as error:
            raise RetryLater(f"Lightspeed could not be reached for {stream} ({type(error).__name__}).") from error
        pace.note(response.headers, self._access.now())
        if not response.is_success:
            raise self._access.judged(_sorted_error(response, stream, self._access.now()))
        return response.content


@contextmanager
def _calling(access: Access, sleep: Sleep) -> Iterator[_Api]:
    api = _Api(access, sleep)
    with api.http:
        yield api


def _sorted_error(response: httpx.Response, stream: str, now: datetime) -> ConnectorError:
    """By who can mend it; nothing above this file reads a status code."""
    status = response.status_code
    if status == 401:
        return TokenRefused("Lightspeed no longer accepts the connection: connect Lightspeed again.")
    if status in (402, 403):
        scope = SCOPES.get(stream, "employee:register")
        return NeedsScope(f"Lightspeed refuses {stream} ({status}): connect again and allow {scope}.")
    if status == 429 or status >= 500:
        after = told_after(response.headers.get("retry-after"), now)
        return RetryLater(f"Lightspeed is busy or away: {status} for {stream}.", after=after)
    return Broken(f"Lightspeed refused the request for {stream}: {status} {' '.join(response.text.split())[:200]}")


def _moment(record: Json, field: str) -> datetime | None:
    """When a record was changed; what is no moment tells nothing, and is for whoever reads the record."""
    text = value_of(record, field)
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) and text else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isdecimal() else 0


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
