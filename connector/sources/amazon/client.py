"""The Selling Partner API over our own thin client: one function an operation, and who mends which refusal.

No AWS signature is needed: the token goes into a header of Amazon's own, and never to the host that stores reports."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from connector.errors import Broken, ConnectorError, NeedsScope, RetryLater, TokenRefused, Unreadable
from connector.sources.amazon.answers import (
    Document,
    Participation,
    Participations,
    Refusal,
    Refusals,
    Report,
    Reports,
    Transactions,
    read,
)
from connector.sources.amazon.pace import DOCUMENT, PARTICIPATIONS, REPORTS, TRANSACTIONS, Pace
from connector.sources.amazon.regions import API
from connector.transport.access import Access
from connector.transport.paging import turned
from connector.transport.repeat import reading, told_after
from connector.transport.sessions import httpx_client

REGIONS = tuple(API.values())
REPORT_TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
MOST_PAGES = 1_000
DOCUMENT_BYTES = 256 * 1024 * 1024  # packed, as it arrives; unpacked it has the limit of any settlement file

Query = Mapping[str, str]
T = TypeVar("T")


@contextmanager
def calling(access: Access, sleep: Callable[[float], None] = time.sleep) -> Iterator[Api]:
    """The API for one pull."""
    with httpx_client() as http, httpx_client(answer_bytes=DOCUMENT_BYTES) as storage:
        yield Api(access, http, storage, sleep)


class Api:
    """Reads only; each is asked again while Amazon is busy, for a minute at most, and keeps Amazon's pace.

    Without an address of its own an account is looked for in the regions one after the other."""

    def __init__(
        self, access: Access, http: httpx.Client, storage: httpx.Client, sleep: Callable[[float], None]
    ) -> None:
        self._access, self._http, self._storage, self._sleep = access, http, storage, sleep
        self._pace = Pace(access.now, sleep)
        self._bases = [access.base_url.rstrip("/")] if access.base_url else list(REGIONS)

    def marketplaces(self) -> tuple[Participation, ...]:
        """The marketplaces the seller may sell in."""
        body = self._ask(PARTICIPATIONS, "/sellers/v1/marketplaceParticipations", {})
        return read(body, Participations).payload

    def reports(self, since: datetime) -> Iterator[Report]:
        """The settlement reports that are done, of all marketplaces of the region. Amazon makes them by itself."""
        query: Query = {
            "reportTypes": REPORT_TYPE,
            "processingStatuses": "DONE",
            "pageSize": "100",
            "createdSince": _written(since),
        }
        for _ in range(MOST_PAGES):
            found = read(self._ask(REPORTS, "/reports/2021-06-30/reports", query), Reports)
            yield from found.reports
            token = turned(query.get("nextToken", ""), found.next_token or "", "Amazon's list of settlement reports")
            if not token:
                return
            query = {"nextToken": token}
        raise _endless("settlement reports")

    def document(self, report: Report) -> bytes:
        """The bytes of a report as Amazon keeps them, packed or not. Raises Unreadable where they are gone."""
        if not report.report_document_id:
            raise Unreadable(f"Amazon lists settlement report {report.report_id} as done, but without its document")
        path = f"/reports/2021-06-30/documents/{quote(report.report_document_id, safe='')}"
        for _ in range(2):  # an address that has ended meanwhile is asked for once more
            url = read(self._ask(DOCUMENT, path, {}), Document).url
            body = self._repeated(partial(self._download, url))
            if body is not None:
                return body
        raise RetryLater(f"The address of settlement report {report.report_id} ended before it could be read.")

    def transactions(self, status: str, after: datetime, before: datetime) -> Iterator[tuple[msgspec.Raw, ...]]:
        """Pages of transactions of a status posted within a window, to the end; an empty page is not the end."""
        window = {"postedAfter": _written(after), "postedBefore": _written(before), "transactionStatus": status}
        query: Query = window
        for _ in range(MOST_PAGES):
            page = read(self._ask(TRANSACTIONS, "/finances/2024-06-19/transactions", query), Transactions).payload
            yield page.transactions or ()
            token = turned(query.get("nextToken", ""), page.next_token or "", "Amazon's list of transactions")
            if not token:
                return
            query = {**window, "nextToken": token}
        raise _endless("transactions")

    def _ask(self, operation: str, path: str, query: Query) -> bytes:
        """The answer's bytes, from the first region that lets us in; that one is asked from then on."""
        denied: _Denied | None = None
        for base in list(self._bases):
            try:
                body = self._repeated(partial(self._once, operation, base + path, query))
            except _Denied as error:
                denied = error
                continue
            self._bases = [base]
            return body
        raise NeedsScope(
            f"Amazon refuses {operation} ({denied}): in Seller Central, check that the application is still "
            "authorised and has the role Finance and Accounting, then connect again."
        )

    def _repeated(self, call: Callable[[], T]) -> T:
        return reading(call, now=self._access.now, sleep=self._sleep)

    def _once(self, operation: str, url: str, query: Query) -> bytes:
        self._pace.wait(operation)
        headers = {"x-amz-access-token": self._access.token(), "accept": "application/json"}
        try:
            answer = self._http.get(url, params=query, headers=headers)
        except httpx.HTTPError as error:
            raise RetryLater(f"Amazon could not be reached for {operation} ({type(error).__name__}).") from None
        self._pace.learn(operation, answer.headers.get("x-amzn-ratelimit-limit"))
        if answer.status_code == 200:
            return answer.content
        raise self._access.judged(self._sorted_error(operation, answer))

    def _download(self, url: str) -> bytes | None:
        """The stored bytes; None where the address has ended. No token goes there: it is signed by itself."""
        try:
            answer = self._storage.get(url)
        except httpx.HTTPError as error:
            host = urlsplit(url).hostname
            raise RetryLater(f"The report could not be read from {host} ({type(error).__name__}).") from None
        if answer.status_code == 200:
            return answer.content
        if answer.status_code == 403:
            return None
        if answer.status_code >= 500:
            raise RetryLater(f"Amazon's storage is busy: {answer.status_code}.")
        raise Broken(f"Amazon's storage refused a report: {answer.status_code}")

    def _sorted_error(self, operation: str, answer: httpx.Response) -> ConnectorError:
        """By who can mend it; nothing above this file reads a status code."""
        status, said, now = answer.status_code, _refusal(answer), self._access.now()
        told = f"{status} {said.code} {said.message}".strip()[:300]
        if status == 429 or status >= 500:
            after = told_after(answer.headers.get("retry-after"), now)
            if status == 429:
                after = after or now + self._pace.interval(operation)
            return RetryLater(f"Amazon is busy or away: {told} for {operation}.", after=after)
        if status == 403 and "expired" in f"{said.code} {said.message}".casefold():
            return RetryLater(f"The token for Amazon has just ended: {told}.")
        if status == 403:
            return _Denied(told)
        if status == 401:
            return TokenRefused(f"Amazon no longer accepts the connection ({told}): connect Amazon again.")
        if status == 404 and operation == DOCUMENT:
            return Unreadable(f"Amazon keeps the bytes of a settlement report no longer ({told})")
        return Broken(f"Amazon refused {operation}: {told}")


class _Denied(ConnectorError):
    """The role is missing, or the account is another region's: Amazon says the same to both."""


def _refusal(answer: httpx.Response) -> Refusal:
    """What Amazon says; nothing where the answer is no JSON, as with a 503 of the front."""
    try:
        return next(iter(read(answer.content, Refusals).errors), Refusal())
    except Broken:
        return Refusal()


def _endless(what: str) -> Broken:
    return Broken(f"Amazon's list of {what} did not end after {MOST_PAGES} pages")


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
