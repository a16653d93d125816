"""The books of one QuickBooks company, opened: what can be asked of them and written into them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connector.domain.books import BALANCE_SHEET, Account, Basis, Books, charges_tax_by_code
from connector.domain.defaults import SlotAccount
from connector.domain.document import Document
from connector.domain.drift import Difference, Standing
from connector.domain.keys import part_mark
from connector.errors import Broken, ConnectorError
from connector.targets.contract import Banked, Organisation, Outgoing, Receipt, Rendered
from connector.targets.quickbooks import attachments, banked, changes, chart, lists, records, revise
from connector.targets.quickbooks.client import QuickBooksClient, open_client
from connector.targets.quickbooks.posting import Desk
from connector.targets.quickbooks.translate.documents import render
from connector.targets.quickbooks.translate.names import customer_name, vendor_name
from connector.targets.quickbooks.wire import minor
from connector.transport.access import Access

BASES: Mapping[str, Basis] = {"Accrual": "accrual", "Cash": "cash"}


def open_company(access: Access) -> Company:
    client = open_client(access)
    return Company(client=client, access=access, desk=Desk(client=client))


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The books of one company, for one thread (see OpenBooks)."""

    client: QuickBooksClient
    access: Access
    desk: Desk

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
        """Chart, tax codes, locations and classes (where the company tracks them), the names that forms refer to, and
        the day the books are closed to.

        Seven to ten metered calls: read it at set-up, once a day and after a refusal, not before each posting."""
        company, preferences = self._company(), self._preferences()
        accounting, codes = preferences.accounting_info_prefs, lists.tax_codes(self.client)
        money = preferences.currency_prefs
        percents = lists.percents(self.client, by_code=charges_tax_by_code(company.country))
        return Books(
            name=company.company_name,
            country=company.country,
            currency=money.home_currency.value,
            accounts=tuple(chart.account(read) for read in lists.accounts(self.client)),
            tax_rates=lists.tax_rates(codes, percents),
            tracking=lists.tracking(self.client, accounting),
            locked_until=accounting.book_close_date,
            basis=BASES.get(preferences.report_prefs.report_basis, ""),
            names=lists.named(self.client, codes, percents),
            currencies=() if money.multi_currency_enabled else (money.home_currency.value,),
        )

    def open_account(self, wanted: SlotAccount) -> Account:
        """Opens an account, or answers the active one that has this name and type already."""
        return lists.open_account(self.client, wanted)

    def open_contact(self, name: str) -> str:
        """Empty: a journal entry or transfer, the default of these books, names nobody (for forms see open_items)."""
        return ""

    def open_items(self, contact: str, accounts: Sequence[Account]) -> None:
        """What forms refer to: the customer and the vendor of a source (`contact` as in open_contact), and an item for
        each account that stands on its sales forms. What is there already is taken; the books must be read after it."""
        lists.open_person(self.client, "Customer", customer_name(contact))
        lists.open_person(self.client, "Vendor", vendor_name(contact))
        lists.open_items(self.client, accounts)

    def render(self, document: Document, books: Books) -> tuple[Rendered, ...]:
        """The records of a document (see translate.documents); nothing where its lines are all zero."""
        day = document.date.isoformat()
        return tuple(
            Rendered(
                part=entry.part,
                kind=entry.kind,
                mark=part_mark(document.mark, entry.part),
                day=day,
                payload=entry.payload,
            )
            for entry in render(document, books)
        )

    def find(self, rendered: Rendered) -> list[Receipt]:
        """The records under a mark."""
        return self.desk.find(rendered)

    def post(self, outgoing: Sequence[Outgoing]) -> list[Receipt | ConnectorError]:
        """One call each, in order."""
        return self.desk.post(outgoing)

    def read_back(self, rendered: Rendered, receipt: Receipt) -> list[Difference]:
        """The record as the books hold it now, against what was sent."""
        return self.desk.read_back(rendered, receipt)

    def changed(self, since: datetime) -> list[Standing]:
        """Every record of our kinds that was made, edited, voided or deleted since (see changes)."""
        return changes.changed(self.client, since)

    def replace(self, rendered: Rendered, receipt: Receipt) -> Receipt:
        """Writes the record over the one of that id, if the books hold the receipt's version of it still."""
        return revise.replace(self.desk, rendered, receipt)

    def void(self, rendered: Rendered, receipt: Receipt) -> Receipt:
        """Voids the record, or deletes it where its kind knows no voiding."""
        return revise.void(self.client, rendered, receipt)

    def banked(self, account: Account, amounts: Collection[int] | None, first: date, last: date) -> list[Banked]:
        """Records of anybody with exactly one of these amounts (debit positive; None: any) on it; six calls."""
        return banked.banked(self.client, account, amounts, (first, last))

    def attach(self, receipt: Receipt, kind: str, name: str, content: bytes) -> str:
        """Attaches a file to a record and gives the attachment's id; one of that name that is there already stays."""
        return attachments.attach(self.client, receipt, kind, name, content)

    def balances(self) -> dict[str, int]:
        """Balance sheet accounts by full name, archived ones too, each in its own currency.

        Profit and loss accounts are left out: QuickBooks says 0 for them, whatever was posted."""
        home = self._preferences().currency_prefs.home_currency.value
        return {
            account.name: minor(read.current_balance, account.currency or home)
            for read in lists.accounts(self.client)
            if (account := chart.account(read)).type in BALANCE_SHEET
        }

    def _company(self) -> records.CompanyInfo:
        return self.client.one("CompanyInfo", self.access.external_id, records.CompanyInfo)

    def _preferences(self) -> records.Preferences:
        found = self.client.rows("Preferences", records.Preferences)
        if not found:
            raise Broken("QuickBooks answers no Preferences for this company")
        return found[0]
