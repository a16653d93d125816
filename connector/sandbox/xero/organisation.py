"""A Xero organisation as it stands on the shelf, and how Xero writes dates, ids and amounts."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from connector.sandbox.body import Body, text
from connector.sandbox.ledger import Ledger
from connector.sandbox.settings import Settings, Value
from connector.sandbox.shelf import Shelf
from connector.sandbox.xero.amounts import converted
from connector.sandbox.xero.refusals import Invalid, Malformed

TENANT = "5e1b7a52-3c44-4d0b-9a59-0d4f3b1c7a01"
NO_ID = "00000000-0000-0000-0000-000000000000"
_IDS = uuid.UUID("7d0a2f6c-93d1-4a5e-8f11-5b8a0c6de901")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

DEFAULTS: Mapping[str, Value] = {
    "period_lock_date": "",
    "end_of_year_lock_date": "",
    "sales_tax_basis": "ACCRUALS",
    "denied_actions": "",
    "calls_per_minute": 60,
    "calls_per_day": 5000,
}

Legs = Iterable[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Everything a rule needs to decide; `country` is two letters, `currency` the base currency."""

    shelf: Shelf
    ledger: Ledger
    settings: Settings
    clock: Callable[[], datetime]
    country: str
    currency: str
    name: str

    def new_id(self, kind: str) -> str:
        """The next id of the kind; the same in every run that does the same."""
        return str(uuid.uuid5(_IDS, f"{self.name}/{kind}/{self.shelf.next_number(kind)}"))

    def keep(self, kind: str, id_field: str, body: Body, mark: str = "") -> Body:
        """Keep `body` with the time of this change, which is always later than that of the change before it."""
        before, at = self.shelf.get(kind, text(body, id_field)), self.clock()
        if before:
            at = max(at, instant_of(text(before, "UpdatedDateUTC")) + timedelta(milliseconds=1))
        kept: Body = {**body, "UpdatedDateUTC": wire_instant(at)}
        self.shelf.put(kind, text(kept, id_field), kept, mark=mark)
        return kept

    def enter(self, document: str, legs: Legs, rate: Decimal = Decimal(1), currency: str = "") -> None:
        """Book legs of a currency (else the base currency), of which `rate` units are one of the base currency; what
        rounding leaves is currency gain or loss."""
        base: dict[str, int] = {}
        for account, minor in legs:
            base[account] = base.get(account, 0) + converted(minor, rate, currency or self.currency, self.currency)
        rest = sum(base.values())
        if rest:
            gains = self.system_account("REALISEDCURRENCYGAIN")
            base[gains] = base.get(gains, 0) - rest
        self.ledger.enter(document, base)

    def system_account(self, role: str) -> str:
        """The id of the account Xero itself posts to in this role."""
        return next(text(a, "AccountID") for a in self.shelf.all("Accounts") if a.get("SystemAccount") == role)

    def account(self, sent: Body) -> Body | None:
        """The account meant by AccountID, or by Code (or AccountCode) among those not archived."""
        account_id = text(sent, "AccountID")
        if account_id:
            return self.shelf.get("Accounts", account_id)
        code = text(sent, "Code") or text(sent, "AccountCode")
        found = self.shelf.marked("Accounts", code) if code else []
        return next((a for a in found if a["Status"] == "ACTIVE"), found[0] if found else None)

    def check_open(self, day: date) -> None:
        """Refuse a date on or before a lock date."""
        for name in ("period_lock_date", "end_of_year_lock_date"):
            locked_to = self.settings.day(name)
            if locked_to and day <= locked_to:
                kind = "period" if name.startswith("period") else "end of year"
                raise Invalid(f"The document date cannot be before the {kind} lock date of {locked_to}.")

    def checked_currency(self, sent: Body) -> str:
        """The currency of the document, the base currency when none was sent. Raises Invalid."""
        currency = text(sent, "CurrencyCode") or self.currency
        if self.shelf.get("Currencies", currency) is None:
            raise Invalid(f"Organisation is not subscribed to currency {currency}")
        return currency


def wire_instant(at: datetime) -> str:
    """An instant as Xero answers it."""
    return f"/Date({(at - _EPOCH) // timedelta(milliseconds=1)}+0000)/"


def wire_day(day: date, field: str = "Date") -> Body:
    """A date under `field`, twice, as Xero answers it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {field: wire_instant(midnight), f"{field}String": f"{day.isoformat()}T00:00:00"}


def instant_of(value: str) -> datetime:
    """The instant in Xero's own writing. Raises ValueError."""
    if not value.startswith("/Date("):
        raise ValueError(value)
    digits = value.removeprefix("/Date(").split("+")[0].split(")")[0]
    return _EPOCH + timedelta(milliseconds=int(digits))


def day_sent(sent: Body, field: str, default: date | None) -> date:
    """The date sent as YYYY-MM-DD or in Xero's own writing. Raises Malformed when it is neither."""
    written = text(sent, field)
    if not written and default is not None:
        return default
    try:
        return instant_of(written).date() if written.startswith("/Date(") else date.fromisoformat(written[:10])
    except ValueError:
        raise Malformed(f"{field} must be YYYY-MM-DD") from None
