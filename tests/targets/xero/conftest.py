"""The books of a London café in the stand-in, reached by real HTTP."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.domain.books import Books
from connector.sandbox.faults import Faults
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.xero.app import desk_for, xero_app
from connector.sandbox.xero.organisation import TENANT
from connector.targets.contract import Outgoing, Receipt, Rendered
from connector.targets.xero.books import XeroBooks
from connector.transport.access import Access
from tests.targets.xero.examples import SLOTS

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A call as it arrived; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Ear:
    """Hears every call before the stand-in does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.calls: list[Heard] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        self.calls.append(_heard(scope, messages))

        async def again() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, again, send)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cafe:
    """The stand-in and our way into it."""

    access: Access
    faults: Faults
    shelf: Shelf
    target: XeroBooks
    base_url: str
    ear: Ear

    def heard(self, method: str, path: str = "") -> list[Heard]:
        """The calls of a method to the accounting API, so far."""
        return [
            call for call in self.ear.calls if call.method == method and call.path.startswith(f"/api.xro/2.0{path}")
        ]

    def settings(self, **wish: object) -> None:
        _post(f"{self.base_url}/_sandbox/settings", wish)

    def match(self, identity: str) -> None:
        """A person matches a record with a line of the bank."""
        _post(f"{self.base_url}/_sandbox/reconcile", {"id": identity})

    def edit(self, collection: str, identity: str, **fields: object) -> None:
        """A person edits a record, or ends it by its status."""
        self._write("POST", f"{collection}/{identity}", fields)

    def pay(self, number: str, code: str, amount: int) -> None:
        """A person enters a payment of an invoice."""
        self._write(
            "PUT", "Payments", {"Invoice": {"InvoiceNumber": number}, "Account": {"Code": code}, "Amount": amount}
        )

    def subscribe(self, currency: str) -> None:
        """The owner adds a currency."""
        self._write("PUT", "Currencies", {"Code": currency})

    def track(self, category: str, option: str) -> None:
        """The owner opens a tracking category with one option."""
        self._write("PUT", "TrackingCategories", {"Name": category})
        (kept,) = self.shelf.all("TrackingCategories")
        self._write("PUT", f"TrackingCategories/{kept['TrackingCategoryID']}/Options", {"Name": option})

    def _write(self, method: str, path: str, wish: object) -> None:
        headers = {"authorization": f"Bearer {self.access.token()}", "xero-tenant-id": self.access.external_id}
        _send(method, f"{self.base_url}/api.xro/2.0/{path}", wish, headers)

    def balances(self) -> dict[str, str]:
        """The true balances, minor units as text."""
        return {str(name): str(value) for name, value in _get(f"{self.base_url}/_sandbox/trial-balance").items()}


@pytest.fixture
def cafe(tmp_path: Path) -> Iterator[Cafe]:
    shelf, faults = Shelf(tmp_path / "xero.db"), Faults()
    app = Ear(xero_app(shelf, faults=faults, clock=lambda: NOW, country="GB", currency="GBP", company="Harbour Café"))
    token = desk_for(shelf, lambda: NOW, "Harbour Café").issue_personal_token()
    with serve(app) as served:
        access = Access(base_url=served.base_url, external_id=TENANT, token=lambda: token, now=lambda: NOW)
        cafe = Cafe(
            access=access, faults=faults, shelf=shelf, target=XeroBooks(access), base_url=served.base_url, ear=app
        )
        cafe.settings(calls_per_minute=9000, calls_per_day=9000)
        yield cafe
    shelf.close()


@pytest.fixture
def books(cafe: Cafe) -> Books:
    """The café's books after set-up."""
    for slot in SLOTS:
        cafe.target.open_account(slot)
    for name in ("Square", "Amazon"):
        cafe.target.open_contact(name)
    return cafe.target.books()


def outgoing(*rendered: Rendered) -> list[Outgoing]:
    """Records on their way, each with a key of its own."""
    return [Outgoing(rendered=one, key=f"p1-{one.mark}-{one.kind}") for one in rendered]


def posted(cafe: Cafe, rendered: Sequence[Rendered]) -> list[Receipt]:
    """The receipts of records that are all taken."""
    outcomes = cafe.target.post(outgoing(*rendered))
    receipts = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
    assert receipts == outcomes
    return receipts


def _heard(scope: Scope, messages: list[Message]) -> Heard:
    return Heard(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode(),
        headers={name.decode(): value.decode() for name, value in scope["headers"]},
        body=b"".join(message.get("body", b"") for message in messages),
    )


def _post(url: str, wish: object) -> None:
    _send("POST", url, wish, {})


def _send(method: str, url: str, wish: object, headers: dict[str, str]) -> None:
    request = urllib.request.Request(
        url, data=json.dumps(wish).encode(), headers={"content-type": "application/json", **headers}, method=method
    )
    urllib.request.urlopen(request).close()


def _get(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url) as answer:
        found: dict[str, object] = json.load(answer)
    return found
