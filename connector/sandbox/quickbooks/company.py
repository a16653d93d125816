"""A QuickBooks company as it stands on the shelf: who it is, its lists, its ledger and its switches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from connector.sandbox.body import Body, number, text
from connector.sandbox.ledger import Ledger
from connector.sandbox.quickbooks.refusals import Refused, Wrong, bad_reference, gone, not_a_number, stale
from connector.sandbox.settings import Settings, Value
from connector.sandbox.shelf import Shelf

REALM = "9341452000000001"
PACIFIC = timezone(timedelta(hours=-8))

DEFAULTS: Mapping[str, Value] = {
    "book_close_date": "",
    "book_close_password": False,
    "warn_duplicate_journal_number": False,
    "track_departments": True,
    "class_tracking_per_line": True,
    "multi_currency": False,
    "report_basis": "Accrual",
    "using_sales_tax": True,
    "calls_per_second": 10,
    "calls_per_minute": 500,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Everything a rule needs to decide; `country` is two letters, `currency` the home currency."""

    shelf: Shelf
    ledger: Ledger
    settings: Settings
    clock: Callable[[], datetime]
    country: str
    currency: str
    name: str

    def now(self) -> datetime:
        """The server's own time, at its own offset."""
        return self.clock().astimezone(PACIFIC)

    def today(self) -> date:
        """The date QuickBooks puts on a transaction that came without one."""
        return self.now().date()

    def keep_new(self, kind: str, body: Body, mark: str = "") -> Body:
        """Give `body` its id, token and times, and keep it."""
        at = self.now().isoformat(timespec="seconds")
        kept: Body = {
            **body,
            "Id": str(self.shelf.next_number(kind)),
            "SyncToken": "0",
            "domain": "QBO",
            "sparse": False,
            "MetaData": {"CreateTime": at, "LastUpdatedTime": at},
        }
        self.shelf.put(kind, text(kept, "Id"), kept, mark=mark)
        return kept

    def keep_changed(self, kind: str, before: Body, body: Body, mark: str = "") -> Body:
        """Keep `body` as the next version of `before`."""
        times = before["MetaData"]
        created = text(times, "CreateTime") if isinstance(times, dict) else ""
        kept: Body = {
            **body,
            "Id": before["Id"],
            "SyncToken": str(int(text(before, "SyncToken")) + 1),
            "domain": "QBO",
            "sparse": False,
            "MetaData": {"CreateTime": created, "LastUpdatedTime": self.now().isoformat(timespec="seconds")},
        }
        self.shelf.put(kind, text(kept, "Id"), kept, mark=mark)
        return kept

    def bury(self, kind: str, id: str) -> None:  # noqa: A002
        """Remember when an object went, for whoever asks what changed."""
        at = self.now().isoformat(timespec="seconds")
        self.shelf.put("gone", f"{kind} {id}", {"kind": kind, "Id": id, "at": at}, mark=kind)

    def current(self, kind: str, sent: Body) -> Body:
        """The kept object that `sent` means by Id, when its SyncToken is the newest. Raises Refused."""
        kept = self.shelf.get(kind, text(sent, "Id"))
        if kept is None:
            raise Refused(gone(f"{kind} {text(sent, 'Id')}"))
        if text(sent, "SyncToken") != kept["SyncToken"]:
            raise Refused(stale(text(sent, "SyncToken")))
        return kept

    def problem_of_reference(self, kind: str, id: str, field: str) -> Wrong | None:  # noqa: A002
        """What is wrong with a reference to the list `kind`: unknown, inactive, or nothing."""
        kept = self.shelf.get(kind, id)
        if kept is None:
            return bad_reference(kind, id, field)
        return gone(f"{kind} {kept.get('Name', id)}") if kept.get("Active") is False else None


def minor_amount(body: Body, key: str) -> int | Wrong:
    """The amount under `key` in minor units, or what is wrong with it: missing, text, or a third decimal."""
    amount = number(body, key)
    if amount is None or amount != amount.quantize(Decimal("0.01")):
        return not_a_number(key)
    return int(amount.scaleb(2))


def amount_of(minor: int) -> Decimal:
    """Minor units as the number QuickBooks writes."""
    return Decimal(minor).scaleb(-2)
