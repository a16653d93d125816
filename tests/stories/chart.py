"""What a bookkeeper does in the books by hand, done to a stand-in: the chart of accounts as told."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from connector.domain.books import Account, Books, TaxRate
from connector.sandbox.body import Body, text
from connector.sandbox.ledger import Ledger
from connector.sandbox.quickbooks import chart as quickbooks_chart
from connector.sandbox.quickbooks import controls as quickbooks
from connector.sandbox.quickbooks.company import DEFAULTS as QUICKBOOKS_SETTINGS
from connector.sandbox.quickbooks.company import Company
from connector.sandbox.settings import Settings
from connector.sandbox.town import Clock
from connector.sandbox.town import House as StandIn
from connector.sandbox.xero import chart as xero_chart
from connector.sandbox.xero import controls as xero
from connector.sandbox.xero.organisation import DEFAULTS as XERO_SETTINGS
from connector.sandbox.xero.organisation import Organisation

IN_QUICKBOOKS = {"bank": "Bank", "income": "Income", "expense": "Expense", "current_asset": "Other Current Asset",
                 "current_liability": "Other Current Liability"}  # fmt: skip
IN_XERO = {"bank": "BANK", "income": "REVENUE", "expense": "EXPENSE", "current_asset": "CURRENT",
           "current_liability": "CURRLIAB", "equity": "EQUITY"}  # fmt: skip


class Keeper(Protocol):
    """A person who keeps the books of a stand-in."""

    def put(self, account: Account, account_id: str) -> str:
        """The account as told, under the id it has there (none: it is new); its id."""

    def drop(self, account_id: str) -> None:
        """The account is deleted."""

    def offer(self, category: str, option: str, *, is_active: bool) -> None:
        """An option of tracking, or no longer."""

    def rate(self, rate: TaxRate) -> None:
        """A tax rate as told."""

    def told(self) -> tuple[list[str], dict[str, int]]:
        """What the stand-in holds in truth: the marks of its records, and each account's balance, debit positive."""


@dataclass(kw_only=True)
class Chart:
    """The chart of a stand-in, brought to what a world's books are; accounts are the same by the ids of the world."""

    keeper: Keeper
    ids: dict[str, str] = field(default_factory=dict)
    options: set[tuple[str, str]] = field(default_factory=set)

    def become(self, books: Books) -> None:
        wanted = {each.account_id: each for each in books.accounts}
        for name in self.ids.keys() - wanted.keys():
            self.keeper.drop(self.ids.pop(name))
        for name, account in wanted.items():
            self.ids[name] = self.keeper.put(account, self.ids.get(name, ""))
        options = {(category, option) for category, option, _ in books.tracking}
        for category, option in sorted(options ^ self.options):
            self.keeper.offer(category, option, is_active=(category, option) in options)
        self.options = options
        for rate in books.tax_rates:
            self.keeper.rate(rate)


class InQuickBooks:
    """The keeper of a company in QuickBooks."""

    def __init__(self, at: StandIn, clock: Clock) -> None:
        settings = Settings(at.shelf, QUICKBOOKS_SETTINGS)
        self._company = Company(shelf=at.shelf, ledger=Ledger(at.shelf), settings=settings, clock=clock, country="US",
                                currency="USD", name="")  # fmt: skip
        self._change(self._named("Savings"), {"Active": False})  # one bank account is enough for a small world

    def put(self, account: Account, account_id: str) -> str:
        type_ = IN_QUICKBOOKS[account.type]
        fields: Body = {"Name": account.name, "FullyQualifiedName": account.name, "AcctNum": account.number,
                        "AccountType": type_, "Active": account.is_active,
                        "CurrencyRef": {"value": account.currency or "USD"}}  # fmt: skip
        if not account_id and (found := self._company.shelf.marked("Account", account.name.lower())):
            return text(found[0], "Id")  # every company has it
        before = self._company.shelf.get("Account", account_id) if account_id else None
        before = before or quickbooks_chart.add_account(self._company, {"Name": account.name, "AccountType": type_})
        classification, subtype = quickbooks_chart.ACCOUNT_TYPES[type_]
        kept = self._change(before, {**fields, "Classification": classification, "AccountSubType": subtype})
        return text(kept, "Id")

    def drop(self, account_id: str) -> None:
        account = self._company.shelf.get("Account", account_id) or {}
        name = f"{account['Name']} (deleted)"
        self._change(account, {"Name": name, "FullyQualifiedName": name, "AcctNum": "", "Active": False})

    def offer(self, category: str, option: str, *, is_active: bool) -> None:
        assert category == "Location"
        found = self._company.shelf.marked("Department", option.lower())
        body: Body = {"Name": option, "FullyQualifiedName": option, "SubDepartment": False, "Active": is_active}
        if found:
            self._company.keep_changed("Department", found[0], {**found[0], **body}, mark=option.lower())
        else:
            self._company.keep_new("Department", body, mark=option.lower())

    def rate(self, rate: TaxRate) -> None:
        raise AssertionError("books of the United States work sales tax out by themselves")

    def told(self) -> tuple[list[str], dict[str, int]]:
        marks = [text(each, "mark") for each in quickbooks.documents(self._company)]
        return marks, {name: int(minor) for name, minor in quickbooks.trial_balance(self._company).items()}

    def _named(self, name: str) -> Body:
        (account,) = self._company.shelf.marked("Account", name.lower())
        return account

    def _change(self, account: Body, fields: Body) -> Body:
        name = text({**account, **fields}, "Name")
        return self._company.keep_changed("Account", account, {**account, **fields}, mark=name.lower())


class InXero:
    """The keeper of an organisation in Xero."""

    def __init__(self, at: StandIn, clock: Clock) -> None:
        settings = Settings(at.shelf, XERO_SETTINGS)
        self._organisation = Organisation(shelf=at.shelf, ledger=Ledger(at.shelf), settings=settings, clock=clock,
                                          country="GB", currency="GBP", name="")  # fmt: skip
        self._keep({**self._named("Savings"), "Status": "ARCHIVED"})

    def put(self, account: Account, account_id: str) -> str:
        type_ = IN_XERO[account.type]
        fields: Body = {"Name": account.name, "Code": account.number, "Type": type_,
                        "Class": xero_chart.CLASS_OF[type_], "Status": "ACTIVE" if account.is_active else "ARCHIVED",
                        "EnablePaymentsToAccount": account.takes_payments and account.type != "bank"}  # fmt: skip
        known = [each for each in self._accounts() if text(each, "Name") == account.name]
        if not account_id and known:
            return text(known[0], "AccountID")  # every organisation has it
        before = self._organisation.shelf.get("Accounts", account_id) if account_id else None
        before = before or xero_chart.add_account(self._organisation, fields)
        return text(self._keep({**before, **fields}), "AccountID")

    def drop(self, account_id: str) -> None:
        self._organisation.shelf.remove("Accounts", account_id)

    def offer(self, category: str, option: str, *, is_active: bool) -> None:
        """Nothing: worlds with places are in QuickBooks."""

    def rate(self, rate: TaxRate) -> None:
        shelf, percent = self._organisation.shelf, Decimal(rate.percent)
        like = shelf.get("TaxRates", rate.code) or shelf.get("TaxRates", "OUTPUT2") or {}
        status = "ACTIVE" if rate.is_active else "ARCHIVED"
        body: Body = {**like, "TaxType": rate.code, "Name": rate.name, "Status": status, "EffectiveRate": percent,
                      "DisplayTaxRate": percent}  # fmt: skip
        shelf.put("TaxRates", rate.code, body)

    def told(self) -> tuple[list[str], dict[str, int]]:
        marks = [text(each, "mark") for each in xero.documents(self._organisation)]
        return marks, {name: int(minor) for name, minor in xero.trial_balance(self._organisation).items()}

    def _accounts(self) -> list[Body]:
        return self._organisation.shelf.all("Accounts")

    def _named(self, name: str) -> Body:
        (account,) = [each for each in self._accounts() if text(each, "Name") == name]
        return account

    def _keep(self, account: Body) -> Body:
        return self._organisation.keep("Accounts", "AccountID", account, mark=text(account, "Code"))
