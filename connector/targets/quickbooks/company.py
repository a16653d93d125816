"""The books of one QuickBooks company, opened: what can be asked of them and written into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from connector.domain.books import BALANCE_SHEET, Account, Books, TaxRate
from connector.domain.defaults import SlotAccount
from connector.domain.document import Document
from connector.errors import AlreadyThere, Broken, ConnectorError, NeedsReconnect, Rejected, RetryLater
from connector.targets.contract import Organisation, Outgoing, Receipt, Rendered
from connector.targets.quickbooks import chart, records
from connector.targets.quickbooks.client import QuickBooksClient, open_client, quoted
from connector.targets.quickbooks.compare import differences
from connector.targets.quickbooks.translate import CLASS, LOCATION, render
from connector.transport.access import Access

LOOK_AROUND = timedelta(days=31)  # a transfer whose date was moved by hand is still found within these
_ALL = "where Active in (true, false)"
_KINDS: dict[str, type[records.JournalEntry | records.Transfer]] = {
    "JournalEntry": records.JournalEntry,
    "Transfer": records.Transfer,
}


def open_company(access: Access) -> Company:
    return Company(client=open_client(access), access=access)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The books of one company, for one thread (see OpenBooks)."""

    client: QuickBooksClient
    access: Access

    def organisation(self) -> Organisation:
        """Whose books these are; two calls."""
        company, preferences = self._company(), self._preferences()
        return Organisation(
            external_id=self.access.external_id,
            name=company.company_name,
            country=company.country,
            currency=preferences.currency_prefs.home_currency.value,
        )

    def books(self) -> Books:
        """Chart, tax codes, locations and classes (where the company tracks them), and the day the books are closed to.

        Four to six metered calls: read it at set-up, once a day and after a refusal, not before each posting."""
        company, preferences = self._company(), self._preferences()
        accounting = preferences.accounting_info_prefs
        return Books(
            name=company.company_name,
            country=company.country,
            currency=preferences.currency_prefs.home_currency.value,
            accounts=tuple(chart.account(read) for read in self._accounts()),
            tax_rates=self._tax_rates(),
            tracking=self._tracking(accounting),
            locked_until=accounting.book_close_date,
        )

    def open_account(self, wanted: SlotAccount) -> Account:
        """Opens an account, or answers the active one that has this name and type already.

        No request id is sent: account names are unique, and an old answer could speak of an account since archived."""
        body = chart.creation(wanted)
        try:
            return chart.account(self.client.create("Account", records.wire(body), "", records.Account))
        except AlreadyThere:
            return self._account_of(wanted)

    def open_contact(self, name: str) -> str:
        """Empty: a journal entry or transfer of ours names nobody."""
        return ""

    def render(self, document: Document, books: Books) -> tuple[Rendered, ...]:
        """One journal entry or transfer; nothing for a document whose lines are all zero."""
        day = document.date.isoformat()
        return tuple(
            Rendered(part="", kind=entry.kind, mark=document.mark, day=day, payload=entry.payload)
            for entry in render(document, books)
        )

    def find(self, rendered: Rendered) -> list[Receipt]:
        """The records under a mark. A journal entry is found by its number whatever its date has become."""
        if rendered.kind == "Transfer":
            return [_receipt(found) for found in self._transfers(rendered)]
        where = f"where DocNumber = {quoted(rendered.mark)}"
        return [_receipt(found) for found in self.client.rows("JournalEntry", records.JournalEntry, where)]

    def post(self, outgoing: Sequence[Outgoing]) -> list[Receipt | ConnectorError]:
        """One call each, in order. Once QuickBooks says "later" or "connect again", the rest is not sent."""
        outcomes: list[Receipt | ConnectorError] = []
        for item in outgoing:
            last = outcomes[-1] if outcomes else None
            outcomes.append(last if isinstance(last, RetryLater | NeedsReconnect) else self._outcome(item))
        return outcomes

    def read_back(self, rendered: Rendered, receipt: Receipt) -> list[str]:
        """The record as the books hold it now, against what was sent."""
        try:
            found = self.client.one(rendered.kind, receipt.target_id, _KINDS[rendered.kind])
        except Rejected as error:
            if error.code != "610":
                raise
            return [f"QuickBooks has no {rendered.kind} {receipt.target_id} any more"]
        return differences(rendered.payload, found)

    def balances(self) -> dict[str, int]:
        """Balance sheet accounts by full name, archived ones too, each in its own currency.

        Profit and loss accounts are left out: QuickBooks says 0 for them, whatever was posted."""
        home = self._preferences().currency_prefs.home_currency.value
        return {
            account.name: records.minor(read.current_balance, account.currency or home)
            for read in self._accounts()
            if (account := chart.account(read)).type in BALANCE_SHEET
        }

    def _outcome(self, item: Outgoing) -> Receipt | ConnectorError:
        kind = item.rendered.kind
        try:
            made = self.client.create(kind, records.wire(item.rendered.payload), item.key, _KINDS[kind])
        except ConnectorError as error:
            return error
        return _receipt(made, self.client.answer.trace_id)

    def _company(self) -> records.CompanyInfo:
        return self.client.one("CompanyInfo", self.access.external_id, records.CompanyInfo)

    def _preferences(self) -> records.Preferences:
        found = self.client.rows("Preferences", records.Preferences)
        if not found:
            raise Broken("QuickBooks answers no Preferences for this company")
        return found[0]

    def _accounts(self) -> list[records.Account]:
        return self.client.rows("Account", records.Account, _ALL)

    def _tax_rates(self) -> tuple[TaxRate, ...]:
        codes = self.client.rows("TaxCode", records.TaxCode, _ALL)
        return tuple(TaxRate(code=code.id, name=code.name, is_active=code.active) for code in codes)

    def _tracking(self, accounting: records.AccountingInfoPrefs) -> tuple[tuple[str, str, str], ...]:
        by_class = accounting.class_tracking_per_txn or accounting.class_tracking_per_txn_line
        kept = [(LOCATION, "Department", accounting.track_departments), (CLASS, "Class", by_class)]
        return tuple(
            (category, place.fully_qualified_name or place.name, place.id)
            for category, kind, is_kept in kept
            if is_kept
            for place in self.client.rows(kind, records.Place)
        )

    def _transfers(self, rendered: Rendered) -> list[records.Transfer]:
        day = date.fromisoformat(rendered.day)
        first, last = (day - LOOK_AROUND).isoformat(), (day + LOOK_AROUND).isoformat()
        where = f"where TxnDate >= {quoted(first)} and TxnDate <= {quoted(last)}"
        found = self.client.rows("Transfer", records.Transfer, where)
        return [transfer for transfer in found if f"[{rendered.mark}]" in (transfer.private_note or "")]

    def _account_of(self, wanted: SlotAccount) -> Account:
        where = f"{_ALL} and Name = {quoted(wanted.name)}"
        found = [chart.account(read) for read in self.client.rows("Account", records.Account, where)]
        fitting = [account for account in found if account.is_active and account.type == wanted.type]
        if not fitting:
            raise Rejected(
                f"QuickBooks has an account {wanted.name!r} of another type, or an inactive one: "
                "rename that one, or choose another name.",
                code="6240",
            )
        return fitting[0]


def _receipt(found: records.JournalEntry | records.Transfer, trace_id: str = "") -> Receipt:
    return Receipt(target_id=found.id, version=found.sync_token, trace_id=trace_id)
