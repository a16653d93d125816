"""A bookkeeper's connector at the door of the Xero stand-in, and the documents it brings."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from connector.sandbox.faults import Faults
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.xero.app import desk_for, xero_app
from connector.sandbox.xero.organisation import TENANT

Json = dict[str, Any]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 16, 18, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Books:
    """An organisation on 127.0.0.1 and the calls a bookkeeper's connector makes to it."""

    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url
        self.http = httpx.Client(
            base_url=f"{base_url}/api.xro/2.0",
            headers={"authorization": f"Bearer {token}", "xero-tenant-id": TENANT},
            trust_env=False,
            verify=False,
        )

    def put(self, kind: str, *elements: Json, key: str = "", **query: str) -> httpx.Response:
        headers = {"idempotency-key": key} if key else {}
        return self.http.put(f"/{kind}", json={kind: list(elements)}, params=query, headers=headers)

    def put_one(self, kind: str, element: Json) -> Json:
        answer = self.put(kind, element)
        assert answer.status_code == 200, answer.text
        written: Json = answer.json()[kind][0]
        return written

    def post(self, kind: str, identity: str, **fields: object) -> Json:
        """A person edits a record, or ends it by its status."""
        answer = self.http.post(f"/{kind}/{identity}", json=fields)
        assert answer.status_code == 200, answer.text
        written: Json = answer.json()[kind][0]
        return written

    def match(self, identity: str) -> None:
        """A person matches a record with a line of the bank."""
        answer = self.http.post(f"{self.base_url}/_sandbox/reconcile", json={"id": identity})
        assert answer.status_code == 200, answer.text

    def list(self, kind: str, **query: str) -> list[Json]:
        answer = self.http.get(f"/{kind}", params=query)
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()[kind]
        return found

    def set(self, **settings: object) -> None:
        answer = self.http.post(f"{self.base_url}/_sandbox/settings", json=settings)
        assert answer.status_code == 200, answer.text

    def control(self, name: str) -> Any:
        return self.http.get(f"{self.base_url}/_sandbox/{name}").json()


def line(amount: object, account: str = "200", tax: str = "OUTPUT2", **fields: object) -> Json:
    return {
        "Description": "Sales",
        "Quantity": 1,
        "UnitAmount": amount,
        "AccountCode": account,
        "TaxType": tax,
        **fields,
    }


def invoice(*lines: Json, **fields: object) -> Json:
    return {
        "Type": "ACCREC",
        "InvoiceNumber": "SQ-20260314-7F3K2Q",
        "Contact": {"Name": "Square takings"},
        "Date": "2026-03-14",
        "DueDate": "2026-03-14",
        "Status": "AUTHORISED",
        "LineAmountTypes": "Inclusive",
        "LineItems": list(lines) or [line(120)],
        **fields,
    }


def credit_note(*lines: Json, **fields: object) -> Json:
    wish = {**invoice(*lines), "Type": "ACCRECCREDIT", "CreditNoteNumber": "SQ-20260314-REFUND", **fields}
    del wish["InvoiceNumber"], wish["DueDate"]
    return wish


def journal(*amounts: tuple[object, str], **fields: object) -> Json:
    lines = [{"LineAmount": amount, "AccountCode": code, "TaxType": "NONE"} for amount, code in amounts]
    return {
        "Narration": "Over and short [#SQ-1]",
        "Date": "2026-03-14",
        "Status": "POSTED",
        "LineAmountTypes": "NoTax",
        "JournalLines": lines,
        **fields,
    }


def messages(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body["ErrorNumber"] == 10
    return [error["Message"] for element in body["Elements"] for error in element["ValidationErrors"]]


def opened(folder: Path, clock: Clock, faults: Faults, country: str = "GB", currency: str = "GBP") -> Iterator[Books]:
    with Shelf(folder / "xero.books") as shelf:
        app = xero_app(shelf, faults=faults, clock=clock, country=country, currency=currency)
        with serve(app) as served:
            books = Books(served.base_url, desk_for(shelf, clock, "").issue_personal_token())
            with books.http:
                books.set(calls_per_minute=0, calls_per_day=0)
                yield books


def clearing(books: Books, *, payments: bool = True, type_: str = "CURRENT", code: str = "611") -> str:
    wish: Json = {"Code": code, "Name": f"Square {code}", "Type": type_, "TaxType": "NONE"}
    books.put_one("Accounts", {**wish, "EnablePaymentsToAccount": payments})
    return code
