"""Calls to Xero's accounting API through xero-python, its hazards taken away.

The SDK knows paths, verbs, parameter and header names, and URL escaping. Everything after that is ours: the bytes of
the body (the SDK would make binary fractions of the amounts), one try per call (its pool repeats a PUT whose answer
was lost, and sleeps on 429), both timeouts, the reading of the answer (its models raise on a word they do not know),
and the token (its own would be shared by every connection of the process, and refreshed by every thread)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token

from connector.errors import (
    Broken,
    ConsentEnded,
    NeedsReconnect,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    TokenRefused,
)
from connector.targets.xero.answers import Reply, body_of
from connector.targets.xero.limits import AT_ONCE, exceeded, left, limits
from connector.targets.xero.records import (
    COLLECTIONS,
    AccountRead,
    ActionRead,
    AttachmentRead,
    ContactRead,
    CurrencyRead,
    NewAccount,
    NewContact,
    OrganisationRead,
    RecordKind,
    RecordRead,
    Report,
    TaxRateRead,
    TrackingCategoryRead,
)
from connector.targets.xero.wire import alone, encode, items, wire
from connector.transport.access import Access
from connector.transport.budget import Governor
from connector.transport.repeat import reading
from connector.transport.sessions import ANSWER_BYTES, CONNECT_SECONDS, READ_SECONDS, check_address
from connector.transport.tally import counted

ADDRESS = "https://api.xero.com"
PATH = "/api.xro/2.0"
TIMEOUT = (CONNECT_SECONDS, READ_SECONDS)  # a pair of whole numbers: the SDK ignores a single fraction
PAGE_SIZE = 1000
PAGES = 1000

_ONE: dict[RecordKind, str] = {kind: f"get_{kind}" for kind in COLLECTIONS}
_MANY: dict[RecordKind, str] = {kind: f"get_{kind}s" for kind in COLLECTIONS}
_CREATE: dict[RecordKind, str] = {kind: f"create_{kind}s" for kind in COLLECTIONS} | {
    "bank_transfer": "create_bank_transfer"
}
_CHANGE: dict[RecordKind, str] = {kind: f"update_{kind}" for kind in COLLECTIONS} | {
    "payment": "delete_payment",
    "bank_transfer": "delete_bank_transfer",
}
_BY_URL = frozenset({"payment", "bank_transfer"})  # their change is a status alone, without a collection around it
_ALWAYS_WHOLE = frozenset({"bank_transfer"})  # refuses a call as a whole, knows no summarizeErrors
_UNPAGED = frozenset({"bank_transfer"})
_GONE_TOO: dict[RecordKind, dict[str, str]] = {"bank_transfer": {"include_deleted": "true"}}  # the others list them
_RECORD_URL = re.compile(r"/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)

T = TypeVar("T")


class XeroClient:
    """One organisation's accounting API. Every failure is raised as an error of the house."""

    def __init__(
        self, access: Access, *, page_size: int = PAGE_SIZE, sleep: Callable[[float], None] | None = None
    ) -> None:
        self._access = access
        self._page_size = page_size
        self._sleep = sleep or access.sleep
        self._governor = Governor(access.budget, limits(access.external_id), AT_ONCE, access.now, self._sleep)
        self._api = accounting_api(access)

    def create(
        self, kind: RecordKind, payloads: Sequence[Mapping[str, object]], key: str
    ) -> tuple[list[RecordRead], str]:
        """Creates records in one call; answers what came back for them, in the order sent, and the trace id.

        Always PUT: a POST without an id, with a number that exists, would overwrite that record."""
        collection = COLLECTIONS[kind]
        options = {} if kind in _ALWAYS_WHOLE else {"summarize_errors": "false"}  # text: False would go out as "False"
        reply = self._call(_CREATE[kind], wire(collection, payloads), idempotency_key=key, **options)
        return items(self._written(reply), collection, RecordRead), reply.trace_id

    def write_over(self, kind: RecordKind, identity: str, payload: Mapping[str, object]) -> tuple[RecordRead, str]:
        """Changes the one record of that id; answers what it is now, and the trace id."""
        collection = COLLECTIONS[kind]
        body = alone(payload) if kind in _BY_URL else wire(collection, [payload])
        reply = self._call(_CHANGE[kind], identity, body)
        return _first(items(self._written(reply), collection, RecordRead), kind), reply.trace_id

    def one(self, kind: RecordKind, identity: str) -> RecordRead | None:
        """The record of that id; None where the books have none."""
        body = self._read(_ONE[kind], [identity], {}, may_lack=True)
        return next(iter(items(body, COLLECTIONS[kind], RecordRead)), None)

    def by_invoice_number(self, number: str) -> list[RecordRead]:
        return self._list("get_invoices", "Invoices", RecordRead, invoice_numbers=[number])

    def where(self, kind: RecordKind, condition: str) -> Iterator[RecordRead]:
        """The records of a kind that meet a condition in Xero's filter language."""
        return self._records(kind, where=condition)

    def since(self, kind: RecordKind, moment: datetime) -> Iterator[RecordRead]:
        """The records of a kind created, changed, voided or deleted since a moment, counted in whole seconds."""
        text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._records(kind, if_modified_since=text, **_GONE_TOO.get(kind, {}))

    def attachments(self, kind: RecordKind, identity: str) -> list[AttachmentRead]:
        """The files on a record."""
        return items(self._read(f"get_{kind}_attachments", [identity], {}), "Attachments", AttachmentRead)

    def attach(self, kind: RecordKind, identity: str, name: str, content: bytes) -> AttachmentRead:
        """Puts a file on a record."""
        reply = self._call(f"create_{kind}_attachment_by_file_name", identity, name, content)
        return _first(items(self._written(reply), "Attachments", AttachmentRead), "attachment")

    def organisation(self) -> OrganisationRead:
        found = self._list("get_organisations", "Organisations", OrganisationRead)
        if not found:
            raise NeedsReconnect("Xero shows no organisation for this connection: connect it again.")
        return found[0]

    def denied(self) -> tuple[str, ...]:
        """What whoever gave consent may not do, by Xero's names of actions; none where Xero does not say."""
        try:
            found = self._list("get_organisation_actions", "Actions", ActionRead)
        except (TokenRefused, ConsentEnded):
            raise
        except (NeedsReconnect, Rejected):
            return ()
        return tuple(action.name for action in found if action.status == "NOT-ALLOWED")

    def accounts(self) -> list[AccountRead]:
        return self._list("get_accounts", "Accounts", AccountRead)

    def tax_rates(self) -> list[TaxRateRead]:
        return self._list("get_tax_rates", "TaxRates", TaxRateRead)

    def currencies(self) -> list[CurrencyRead]:
        return self._list("get_currencies", "Currencies", CurrencyRead)

    def tracking_categories(self) -> list[TrackingCategoryRead]:
        return self._list("get_tracking_categories", "TrackingCategories", TrackingCategoryRead)

    def contacts(self) -> Iterator[ContactRead]:
        return self._pages("get_contacts", "Contacts", ContactRead, summary_only="true")

    def contact(self, name: str) -> ContactRead | None:
        quoted = name.replace('"', '""')
        found = self._list("get_contacts", "Contacts", ContactRead, where=f'Name=="{quoted}"')
        return next((contact for contact in found if contact.name.casefold() == name.casefold()), None)

    def trial_balance(self) -> list[Report]:
        return self._list("get_report_trial_balance", "Reports", Report)

    def create_account(self, account: NewAccount) -> AccountRead:
        """One account: Xero drops all but the first of a call in silence."""
        body = self._written(self._call("create_account", encode(account)))
        return _first(items(body, "Accounts", AccountRead), "account")

    def create_contact(self, contact: NewContact) -> ContactRead:
        body = self._written(self._call("create_contacts", b'{"Contacts":[' + encode(contact) + b"]}"))
        return _first(items(body, "Contacts", ContactRead), "contact")

    def _records(self, kind: RecordKind, **options: object) -> Iterator[RecordRead]:
        if kind in _UNPAGED:
            return iter(self._list(_MANY[kind], COLLECTIONS[kind], RecordRead, **options))
        return self._pages(_MANY[kind], COLLECTIONS[kind], RecordRead, **options)

    def _pages(self, method: str, collection: str, kind: type[T], **options: object) -> Iterator[T]:
        """Page after page until one is empty: a short page proves nothing, the server may give less than asked."""
        for page in range(1, PAGES + 1):
            found = self._list(method, collection, kind, page=page, page_size=self._page_size, **options)
            if not found:
                return
            yield from found
        raise Broken(f"Xero lists more than {PAGES} pages of {collection}.")

    def _list(self, method: str, collection: str, kind: type[T], **options: object) -> list[T]:
        return items(self._read(method, [], options), collection, kind)

    def _read(
        self, method: str, values: Sequence[str], options: Mapping[str, object], *, may_lack: bool = False
    ) -> dict[str, object]:
        """The body of a good answer; an outage is asked again, by the transport's rule only. With `may_lack` a record
        that is not there is an empty body."""

        def call() -> dict[str, object]:
            try:
                reply = self._call(method, *values, **options)
            except OutcomeUnknown as error:
                raise RetryLater(f"Xero could not be read ({method}): {error.__cause__}.") from error
            if may_lack and reply.status == 404:
                return {}
            return self._body(reply, writing=False)

        return reading(call, now=self._access.now, sleep=self._sleep)

    def _written(self, reply: Reply) -> dict[str, object]:
        return self._body(reply, writing=True)

    def _body(self, reply: Reply, *, writing: bool) -> dict[str, object]:
        try:
            return body_of(reply, writing=writing, now=self._access.now())
        except RetryLater as error:
            self._slow_down(reply, error)
            raise
        except TokenRefused as error:
            raise self._access.judged(error) from None

    def _slow_down(self, reply: Reply, error: RetryLater) -> None:
        """A call that was refused for its pace stops every other one too, until the moment it was told."""
        if error.after is not None:
            problem = reply.headers.get("x-rate-limit-problem", "")
            self._governor.stop(exceeded(self._access.external_id, problem), error.after)

    def _call(self, method: str, *values: object, **options: object) -> Reply:
        """One call, tried once."""
        tenant, is_read = self._access.external_id, method.startswith("get_")
        with self._governor.call(reading=is_read):
            reply = _once(getattr(self._api, method), tenant, *values, **options)
        self._governor.learn(left(tenant, reply.headers))
        return reply


def _once(send: Callable[..., Reply], *values: object, **options: object) -> Reply:
    """An answer of the SDK's method: OutcomeUnknown where it was lost, RetryLater where nothing was sent."""
    try:
        return send(*values, _preload_content=False, _request_timeout=TIMEOUT, **options)
    except (NewConnectionError, ConnectTimeoutError) as error:
        raise RetryLater(f"Xero could not be reached; nothing was sent ({type(error).__name__}).") from error
    except (HTTPError, OSError) as error:
        raise OutcomeUnknown(
            f"Xero's answer was lost ({type(error).__name__}): it is looked up before it is repeated."
        ) from error


def accounting_api(access: Access) -> AccountingApi:
    """The SDK's API with the dangerous parts replaced; `access` gives the token of every call."""
    address = access.base_url or ADDRESS
    check_address(address)
    client = ApiClient(Configuration(), oauth2_token_getter=lambda: _token(access))
    client.configuration.oauth2_token = OAuth2Token()  # else the process has one token for all its connections
    pool: urllib3.PoolManager = client.rest_client.pool_manager
    pool.connection_pool_kw |= {"retries": False, "maxsize": AT_ONCE}
    client.rest_client = _Wire(pool)
    return AccountingApi(client, base_url=address.rstrip("/") + PATH)


class _Wire:
    """Stands where the SDK's REST client stood: sends bytes as they are, reads whole answers, judges none."""

    def __init__(self, pool: urllib3.PoolManager) -> None:
        self._pool = pool

    def GET(self, url: str, **request: object) -> Reply:
        return self._send("GET", url, b"", request)

    def PUT(self, url: str, *, body: bytes, **request: object) -> Reply:
        return self._send("PUT", url, body, request)

    def POST(self, url: str, *, body: bytes, **request: object) -> Reply:
        """To one record only: a POST without an id overwrites whatever carries the same number."""
        if not _RECORD_URL.search(url):
            raise Broken("a record is changed by its id only")
        return self._send("POST", url, body, request)

    def _send(self, method: str, url: str, body: bytes, request: Mapping[str, object]) -> Reply:
        headers, query, timeout = request["headers"], request["query_params"], request["_request_timeout"]
        if not isinstance(headers, dict) or not isinstance(timeout, tuple):
            raise Broken("the SDK called without headers or timeouts")
        connect, read = timeout
        with counted(url) as call:
            response = self._pool.request(
                method,
                f"{url}?{urlencode(_pairs(query))}" if query else url,
                body=body or None,
                headers=headers,
                timeout=urllib3.Timeout(connect=connect, read=read),
                redirect=False,
                preload_content=False,
            )
            call.status = response.status
        return _whole(response)


def _whole(response: urllib3.BaseHTTPResponse) -> Reply:
    content = response.read(ANSWER_BYTES + 1)
    response.release_conn()
    if len(content) > ANSWER_BYTES:
        response.close()
        raise Broken(f"Xero's answer is larger than {ANSWER_BYTES} bytes and was not read to its end.")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(status=response.status, headers=headers, content=content)


def _pairs(query: object) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in query] if isinstance(query, list) else []


def _token(access: Access) -> dict[str, object]:
    """The SDK's form of a token that is good now. It names no end and no refresh token, so the SDK never refreshes."""
    return {"access_token": access.token(), "scope": [], "expires_in": None, "token_type": "Bearer"}


def _first(found: Sequence[T], what: str) -> T:
    if not found:
        raise OutcomeUnknown(f"Xero answered without the new {what}: it is looked up before it is repeated.")
    return found[0]
