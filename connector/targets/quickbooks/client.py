"""QuickBooks' endpoints: query, read, create. python-quickbooks builds the calls; what goes out and what comes back
passes through `process_request` here, and leaves as bytes or as an error of the house."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

import msgspec
import requests
from quickbooks import QuickBooks

from connector.errors import Broken, ConnectorError, OutcomeUnknown, RetryLater
from connector.targets.quickbooks.answers import Answer, error_in
from connector.targets.quickbooks.limits import AT_ONCE, limits, minute
from connector.targets.quickbooks.records import Attachable, Capture, Trace, Uploaded
from connector.transport.access import Access
from connector.transport.budget import Governor
from connector.transport.repeat import reading
from connector.transport.sessions import http_session

ADDRESS = "https://quickbooks.api.intuit.com"
MINOR_VERSION = 75
PAGE_ROWS = 1000  # a query gives 100 unless asked, and never more than this
MOST_PAGES = 100
ABOUT, CONTENT = "file_metadata_01", "file_content_01"

T = TypeVar("T")


def open_client(access: Access) -> QuickBooksClient:
    """The client of one company; plain http is allowed for a stand-in on this machine only."""
    client = QuickBooksClient(company_id=access.external_id, minorversion=MINOR_VERSION)
    client.api_url_v3 = (access.base_url.rstrip("/") or ADDRESS) + "/v3"
    client.access = access
    client.governor = Governor(access.budget, limits(access.external_id), AT_ONCE, access.now, access.sleep)
    client.free, client.own = deque(), threading.local()
    return client


class QuickBooksClient(QuickBooks):  # type: ignore[misc]  # the library has no types
    """The calls to one company, from any thread. Reads are repeated by transport within a minute, writes never."""

    access: Access
    governor: Governor
    free: deque[requests.Session]
    own: threading.local

    @property
    def answer(self) -> Answer:
        """The last answer that this thread was given."""
        answer: Answer = self.own.answer
        return answer

    def rows(self, kind: str, type_: type[T], where: str = "") -> list[T]:
        """Every row of a list, page by page to its true end."""
        rows: list[T] = []
        for page in range(MOST_PAGES):
            start = page * PAGE_ROWS + 1
            found = self._page(("select * from", kind, where, "orderby Id startposition", str(start)), kind, type_)
            rows += found
            if len(found) < PAGE_ROWS:
                return rows
        raise Broken(f"QuickBooks' list of {kind} does not end after {MOST_PAGES} pages of {PAGE_ROWS}")

    def one(self, kind: str, id_: str, type_: type[T]) -> T:
        """One object by its id; raises Rejected (code 610) where it is gone."""
        self._read(lambda: self.get_single_object(kind, quote(id_, safe="")))
        return _expected(self.answer.body, kind, type_)

    def captured(self, kinds: Sequence[str], since: str) -> list[tuple[str, Trace]]:
        """What was touched since, with its kind; deleted records too. It stops at 1000 objects without a word."""
        self._read(lambda: self.change_data_capture(",".join(kinds), since))
        found = _expected(self.answer.body, "CDCResponse", list[Capture])
        return [
            (kind, trace)
            for capture in found
            for each in capture.query_response
            for kind in kinds
            if kind in each
            for trace in _row(each[kind], kind, list[Trace])
        ]

    def write(self, kind: str, body: str, how: Mapping[str, str], type_: type[T]) -> T:
        """Changes the object whose Id and SyncToken the body holds; `how` names another operation than an update."""
        self.update_object(kind, request_body=body, params=dict(how))
        return self._taken(kind, type_)

    def create(self, kind: str, body: str, key: str, type_: type[T]) -> T:
        """Creates one object with exactly this body, and answers what QuickBooks made of it. Sent once, whatever comes.

        `key` is the request id: QuickBooks answers a repeat of it with its first answer, whatever the body; empty
        sends none."""
        self.create_object(kind, request_body=body, request_id=key)
        return self._taken(kind, type_)

    def upload(self, about: bytes, content: bytes, content_type: str) -> Attachable:
        """Uploads one file with what is said about it. The library's way would double every byte; this is plain."""
        bound = hashlib.sha256(content).hexdigest()  # nothing within the content can look like it
        parts = [(ABOUT, "about.json", "application/json", about), (CONTENT, "content", content_type, content)]
        body = b"".join(_part(bound, *part) for part in parts) + f"--{bound}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={bound}", "Accept": "application/json"}
        url = f"{self.api_url_v3}/company/{self.company_id}/upload"
        self.process_request("POST", url, headers, {"minorversion": str(MINOR_VERSION)}, body)
        (uploaded,) = self._taken("AttachableResponse", list[Uploaded])
        return uploaded.attachable

    def process_request(
        self, request_type: str, url: str, headers: dict[str, str], params: dict[str, str], data: object = ""
    ) -> _Heard:
        """Sends one call and raises whatever the answer means, before the library can lose a part of it."""
        is_write = request_type == "POST" and not url.endswith("/query")
        sent = {**headers, "Authorization": f"Bearer {self.access.token()}"}
        body = data.encode() if isinstance(data, str) else data if isinstance(data, bytes) else None
        try:
            with self.governor.call(reading=not is_write), self._lent() as http:
                response = http.request(request_type, url, headers=sent, params=params, data=body)
        except (requests.RequestException, Broken) as error:
            raise _unanswered(error, is_write=is_write) from None  # its text may hold the token
        self.own.answer = _answer(response)
        error_found = error_in(self.answer, is_write=is_write, now=self.access.now())
        if error_found:
            self._slow_down(error_found)
            raise self.access.judged(error_found)
        return _Heard()

    def _taken(self, kind: str, type_: type[T]) -> T:
        try:
            return _inner(self.answer.body, kind, type_)
        except (msgspec.MsgspecError, KeyError) as error:
            raise OutcomeUnknown(f"QuickBooks took the {kind}, and its answer does not say which: {error}") from error

    def _page(self, statement: tuple[str, ...], kind: str, type_: type[T]) -> list[T]:
        self._read(lambda: self.query(" ".join(filter(None, (*statement, "maxresults", str(PAGE_ROWS))))))
        found = _expected(self.answer.body, "QueryResponse", dict[str, msgspec.Raw])
        rows = msgspec.json.decode(found[kind], type=list[msgspec.Raw]) if kind in found else []
        return [_row(row, kind, type_) for row in rows]

    def _read(self, call: Callable[[], object]) -> None:
        reading(call, now=self.access.now, sleep=self.access.sleep)

    def _slow_down(self, error: ConnectorError) -> None:
        """A call that was refused for its pace stops every other one too, until the moment it was told."""
        if isinstance(error, RetryLater) and error.after is not None:
            self.governor.stop(minute(self.access.external_id), error.after)

    @contextmanager
    def _lent(self) -> Iterator[requests.Session]:
        """A session for this call alone; one that is free is used again."""
        try:
            session = self.free.pop()
        except IndexError:
            session = http_session()
        try:
            yield session
        finally:
            self.free.append(session)


@dataclass(frozen=True, slots=True)
class _Heard:
    """All that the library is told of an answer: nothing to trip over; the body is decoded once, by us."""

    status_code: int = 200
    text: str = "{}"


def quoted(text: str) -> str:
    """A text within a query: its quotes and backslashes stand for themselves."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _part(bound: str, name: str, file_name: str, content_type: str, content: bytes) -> bytes:
    head = (
        f'--{bound}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        f"Content-Type: {content_type}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n"


def _answer(response: requests.Response) -> Answer:
    return Answer(
        status=response.status_code,
        body=response.content,
        trace_id=response.headers.get("intuit_tid", ""),
        retry_after=response.headers.get("Retry-After", ""),
    )


def _unanswered(error: Exception, *, is_write: bool) -> ConnectorError:
    what = type(error).__name__
    if is_write:
        return OutcomeUnknown(f"QuickBooks gave no answer ({what}): the record may be there, look it up by its mark.")
    return error if isinstance(error, Broken) else RetryLater(f"QuickBooks gave no answer ({what}).")


def _expected(body: bytes, name: str, type_: type[T]) -> T:
    try:
        return _inner(body, name, type_)
    except (msgspec.MsgspecError, KeyError) as error:
        raise Broken(f"QuickBooks' {name} has a shape we do not know: {error}") from error


def _row(row: msgspec.Raw, kind: str, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(row, type=type_)
    except msgspec.MsgspecError as error:
        raise Broken(f"QuickBooks' {kind} has a shape we do not know: {error}") from error


def _inner(body: bytes, name: str, type_: type[T]) -> T:
    return msgspec.json.decode(msgspec.json.decode(body, type=dict[str, msgspec.Raw])[name], type=type_)
