"""Controls for tests: the true balances, the documents as they stand, and the switches of the company."""

from starlette.routing import Route

from connector.sandbox.body import Body, NotJson, child, children, number, text
from connector.sandbox.calls import Answer, Call, endpoint
from connector.sandbox.quickbooks.company import Company, amount_of

KINDS = (
    "JournalEntry", "Transfer", "Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Deposit", "Bill", "Payment",
    "BillPayment",
)  # fmt: skip


def control_routes(company: Company) -> list[Route]:
    """`GET /_sandbox/trial-balance`, `GET /_sandbox/documents`, `GET` and `POST /_sandbox/settings`."""
    return [
        Route("/_sandbox/trial-balance", endpoint(lambda call: Answer(body=trial_balance(company))), methods=["GET"]),
        Route("/_sandbox/documents", endpoint(lambda call: Answer(body=documents(company))), methods=["GET"]),
        Route("/_sandbox/settings", endpoint(lambda call: _settings(company, call)), methods=["GET", "POST"]),
    ]


def trial_balance(company: Company) -> dict[str, str]:
    """Minor units as text by account name, debit positive; accounts at zero are left out."""
    accounts = company.shelf.all("Account")
    balances = {text(a, "FullyQualifiedName"): company.ledger.balance(text(a, "Id")) for a in accounts}
    return {name: str(balance) for name, balance in balances.items() if balance}


def documents(company: Company) -> list[Body]:
    """Every live transaction: id, kind, mark, date, and its total (a journal's debits) as a decimal number."""
    return [
        {
            "id": record["Id"],
            "kind": kind,
            "mark": text(record, "DocNumber") or text(record, "PrivateNote"),
            "date": record["TxnDate"],
            "total": _total(kind, record),
        }
        for kind in KINDS
        for record in company.shelf.all(kind)
    ]


def _total(kind: str, record: Body) -> object:
    if kind == "JournalEntry":
        return _debits(record)
    return record["Amount" if kind == "Transfer" else "TotalAmt"]


def _debits(entry: Body) -> object:
    total = amount_of(0)
    for line in children(entry, "Line"):
        detail = child(line, "JournalEntryLineDetail")
        if text(detail, "PostingType") == "Debit":
            total += (number(line, "Amount") or 0) + (number(detail, "TaxAmount") or 0)
    return total


def _settings(company: Company, call: Call) -> Answer:
    if call.method == "GET":
        return Answer(body=company.settings.all())
    try:
        wish = call.json()
        with company.shelf.transaction():
            for word, active in (("archive_account", False), ("restore_account", True)):
                if word in wish:
                    _change_account(company, str(wish.pop(word)), {"Active": active})
            for change in _wishes(wish, "change_accounts"):
                _change_account(company, str(change.pop("Name")), change)
            if "rename_account" in wish:
                _rename_account(company, wish.pop("rename_account"))
            for change in _wishes(wish, "change_tax_rates"):
                _change_rate(company, str(change.pop("Name")), change)
            company.settings.change(wish)
    except (NotJson, ValueError) as error:
        return Answer(status=400, body={"error": str(error)})
    return Answer(body=company.settings.all())


def _wishes(wish: dict[str, object], word: str) -> list[Body]:
    """What a person changes in the lists: for each, its name and the fields that become others."""
    wished = wish.pop(word, [])
    if not isinstance(wished, list) or not all(isinstance(each, dict) and "Name" in each for each in wished):
        raise ValueError(f"{word} is a list of changes, each with a Name")
    return [dict(each) for each in wished]


def _change_account(company: Company, name: str, fields: Body) -> None:
    accounts = company.shelf.marked("Account", name.lower())
    if not accounts:
        raise ValueError(f"there is no account {name}")
    company.keep_changed("Account", accounts[0], {**accounts[0], **fields}, mark=name.lower())


def _rename_account(company: Company, wished: object) -> None:
    """[the name, the new name]: the owner calls an account otherwise, and takes its number away."""
    name, new = wished if isinstance(wished, list) and len(wished) == 2 else ("", "")
    accounts = company.shelf.marked("Account", str(name).lower())
    if not accounts or not new:
        raise ValueError(f"there is no account {name}, or no new name")
    fields: Body = {"Name": str(new), "FullyQualifiedName": str(new), "AcctNum": ""}
    company.keep_changed("Account", accounts[0], {**accounts[0], **fields}, mark=str(new).lower())


def _change_rate(company: Company, name: str, fields: Body) -> None:
    """A rate by the name of its code: both of its sides."""
    rates = [rate for rate in company.shelf.all("TaxRate") if text(rate, "Name").startswith(f"{name} (")]
    if not rates:
        raise ValueError(f"there is no tax rate {name}")
    for rate in rates:
        company.keep_changed("TaxRate", rate, {**rate, **fields})
