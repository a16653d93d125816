"""What the QuickBooks tests begin with: books, documents, and a company of the stand-in with its switches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx

from connector.domain.books import Account, AccountType, Books, TaxRate
from connector.domain.document import Document, Kind, Line, Role
from connector.domain.keys import canonical, digest, posting_key
from connector.sandbox.faults import Faults
from connector.sandbox.quickbooks.app import desk_for, quickbooks_app
from connector.sandbox.quickbooks.company import REALM
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.targets.contract import OpenBooks, Outgoing, Receipt, Rendered
from connector.targets.quickbooks.target import TARGET
from connector.transport.access import Access

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 19)
MARK = "SQ-20261119-7F3K2Q"


def now() -> datetime:
    return NOW


def account(id_: str, name: str, type_: AccountType, **changes: Any) -> Account:
    plain = Account(account_id=id_, name=name, number="", type=type_, kind=type_)
    return replace(plain, **changes)


def books(*accounts: Account, country: str = "US", currency: str = "USD") -> Books:
    return Books(name="Harbour Coffee", country=country, currency=currency, accounts=accounts)


AMERICAN = books(
    account("35", "Checking", "bank"),
    account("36", "Square Balance", "current_asset"),
    account("61", "Square Fees", "expense"),
    account("79", "Sales Food", "income"),
)
BRITISH = replace(
    books(
        account("35", "Bank", "bank"),
        account("101", "Square Balance", "current_asset"),
        account("61", "Square Fees", "expense"),
        account("79", "Sales", "income"),
        country="GB",
        currency="GBP",
    ),
    tax_rates=(
        TaxRate(code="2", name="20.0% S"),
        TaxRate(code="9", name="No VAT"),
        TaxRate(code="7", name="17.5% S", is_active=False),
    ),
)


def line(role: Role, name: str, amount: int, **changes: Any) -> Line:
    return replace(Line(role=role, account=name, amount=amount), **changes)


def document(*lines: Line, kind: Kind = "sales", mark: str = MARK, **changes: Any) -> Document:
    plain = Document(
        key=f"square|ML1|L1|{kind}|2026-11-19",
        mark=mark,
        date=DAY,
        currency="USD",
        kind=kind,
        narration="Square · Main St · sales",
        source_ref="2026-11-19",
        lines=lines,
    )
    return replace(plain, **changes)


def outgoing(rendered: Rendered, epoch: int = 0) -> Outgoing:
    """The record with the key that the outbox would give it."""
    found = digest(canonical(rendered.payload))
    key = posting_key(organisation="o", connection="c", key=rendered.mark, version=1, digest=found, epoch=epoch)
    return Outgoing(rendered=rendered, key=key)


@dataclass(frozen=True, kw_only=True)
class Company:
    """A QuickBooks company on this machine, opened by the connector."""

    base_url: str
    faults: Faults
    open: OpenBooks
    shelf: Shelf

    def fill(self, kind: str, count: int) -> None:
        """Puts records of a kind straight onto the shelf, as if each had been made now."""
        times = {"CreateTime": NOW.isoformat(), "LastUpdatedTime": NOW.isoformat()}
        with self.shelf.transaction():
            for number in range(count):
                body: dict[str, object] = {"Id": str(50_000 + number), "SyncToken": "0", "MetaData": times}
                self.shelf.put(kind, str(50_000 + number), body)

    def set(self, **settings: object) -> None:
        answer = httpx.post(f"{self.base_url}/_sandbox/settings", json=settings, trust_env=False)
        assert answer.status_code == 200, answer.text

    def control(self, name: str) -> object:
        return httpx.get(f"{self.base_url}/_sandbox/{name}", trust_env=False).json()

    def balances(self) -> dict[str, str]:
        """The true balances, minor units as text, debit positive; accounts at zero are left out."""
        found = self.control("trial-balance")
        assert isinstance(found, dict)
        return found

    def documents(self) -> list[dict[str, str]]:
        found = self.control("documents")
        assert isinstance(found, list)
        return found

    def render(self, wanted: Document) -> Rendered:
        (rendered,) = self.open.render(wanted, self.open.books())
        return rendered

    def post(self, rendered: Rendered, epoch: int = 0) -> Receipt:
        """Posts one record, which must go well."""
        (receipt,) = self.open.post([outgoing(rendered, epoch)])
        assert isinstance(receipt, Receipt), receipt
        return receipt


@contextmanager
def company(folder: Path, country: str = "US", currency: str = "USD", *, tills: int = 0) -> Iterator[Company]:
    """A new company; `tills` is how many bank accounts it has beyond its first chart."""
    faults = Faults()
    with Shelf(folder / "quickbooks.books") as shelf:
        app = quickbooks_app(shelf, faults=faults, clock=now, country=country, currency=currency)
        with shelf.transaction():
            for number in range(tills):
                shelf.put("Account", str(10_000 + number), _till(number))
        with serve(app) as served:
            token = desk_for(shelf, now, "").issue_personal_token()
            made = Company(
                base_url=served.base_url, faults=faults, open=opened(served.base_url, lambda: token), shelf=shelf
            )
            made.set(calls_per_second=0, calls_per_minute=0)
            yield made


def _till(number: int) -> dict[str, object]:
    return {
        "Id": str(10_000 + number),
        "Name": f"Till {number}",
        "AccountType": "Bank",
        "Classification": "Asset",
        "Active": True,
    }


def opened(base_url: str, token: Callable[[], str] = lambda: "good-token") -> OpenBooks:
    assert TARGET.open
    return TARGET.open(Access(base_url=base_url, external_id=REALM, token=token, now=now))
