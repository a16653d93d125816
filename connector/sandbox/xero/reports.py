"""The trial balance as the books report it: a header, sections of rows, cells of text with ids in their attributes."""

from connector.sandbox.body import Body, text
from connector.sandbox.xero.amounts import amount_of
from connector.sandbox.xero.organisation import Organisation, wire_instant

_COLUMNS = ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")
_SECTIONS = ("REVENUE", "EXPENSE", "ASSET", "LIABILITY", "EQUITY")


def trial_balance_report(organisation: Organisation) -> Body:
    """`Reports` with the one trial balance; an account at zero is left out, zero cells are empty text."""
    header: Body = {"RowType": "Header", "Cells": [{"Value": name} for name in _COLUMNS]}
    report: Body = {
        "ReportID": "TrialBalance",
        "ReportName": "Trial Balance",
        "ReportType": "TrialBalance",
        "ReportTitles": ["Trial Balance", organisation.name],
        "ReportDate": organisation.clock().strftime("%d %B %Y"),
        "UpdatedDateUTC": wire_instant(organisation.clock()),
        "Rows": [header, *(_section(organisation, name) for name in _SECTIONS)],
    }
    return {"Reports": [report]}


def _section(organisation: Organisation, name: str) -> Body:
    rows = []
    for account in organisation.shelf.all("Accounts"):
        balance = organisation.ledger.balance(text(account, "AccountID"))
        if balance and text(account, "Class") == name:
            rows.append(_row(organisation, account, balance))
    return {"RowType": "Section", "Title": name.title(), "Rows": rows}


def _row(organisation: Organisation, account: Body, balance: int) -> Body:
    attributes = [{"Id": "account", "Value": text(account, "AccountID")}]
    amount = str(amount_of(abs(balance), organisation.currency))
    debit, credit = (amount, "") if balance > 0 else ("", amount)
    cells = [f"{text(account, 'Name')} ({text(account, 'Code')})", debit, credit, debit, credit]
    return {"RowType": "Row", "Cells": [{"Value": value, "Attributes": attributes} for value in cells]}
