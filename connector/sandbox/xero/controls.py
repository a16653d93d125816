"""Controls for tests: the true balances, the documents as they stand, and the switches of the organisation."""

from decimal import Decimal

from starlette.routing import Route

from connector.sandbox.body import Body, NotJson, child, children, number, text
from connector.sandbox.calls import Answer, Call, endpoint
from connector.sandbox.xero.organisation import Organisation, instant_of

# kind: id field, fields that can bear our mark, total field
_DOCUMENTS = {
    "Invoices": ("InvoiceID", "InvoiceNumber", "Total"),
    "CreditNotes": ("CreditNoteID", "CreditNoteNumber", "Total"),
    "Payments": ("PaymentID", "Reference", "Amount"),
    "BankTransactions": ("BankTransactionID", "Reference", "Total"),
    "BankTransfers": ("BankTransferID", "Reference", "Amount"),
    "ManualJournals": ("ManualJournalID", "Narration", ""),
}

_MATCHED = {
    "BankTransactions": ("IsReconciled",),
    "BankTransfers": ("FromIsReconciled", "ToIsReconciled"),
    "Payments": ("IsReconciled",),
}


def control_routes(organisation: Organisation) -> list[Route]:
    """`GET trial-balance` and `documents`, `POST reconcile`, `GET` and `POST settings`, all under /_sandbox."""
    return [
        Route("/_sandbox/trial-balance", endpoint(lambda call: Answer(body=trial_balance(organisation)))),
        Route("/_sandbox/documents", endpoint(lambda call: Answer(body=documents(organisation)))),
        Route("/_sandbox/reconcile", endpoint(lambda call: _reconcile(organisation, call)), methods=["POST"]),
        Route("/_sandbox/settings", endpoint(lambda call: _settings(organisation, call)), methods=["GET", "POST"]),
    ]


def trial_balance(organisation: Organisation) -> dict[str, str]:
    """Minor units of the base currency as text by account name, debit positive; accounts at zero are left out."""
    accounts = organisation.shelf.all("Accounts")
    balances = {text(a, "Name"): organisation.ledger.balance(text(a, "AccountID")) for a in accounts}
    return {name: str(balance) for name, balance in balances.items() if balance}


def documents(organisation: Organisation) -> list[Body]:
    """Every document, also deleted and voided ones: id, kind, mark, date, status, total (a journal's debits)."""
    return [
        {
            "id": body[id_field],
            "kind": kind,
            "mark": text(body, mark_field),
            "date": instant_of(text(body, "Date")).date().isoformat(),
            "status": body["Status"],
            "total": body[total_field] if total_field else _debits(body),
        }
        for kind, (id_field, mark_field, total_field) in _DOCUMENTS.items()
        for body in organisation.shelf.all(kind)
    ]


def _debits(journal: Body) -> Decimal:
    amounts = [
        (number(line, "LineAmount") or 0) + _own_tax(journal, line) for line in children(journal, "JournalLines")
    ]
    return Decimal(sum(amount for amount in amounts if amount > 0))


def _own_tax(journal: Body, line: Body) -> Decimal:
    return number(line, "TaxAmount") or Decimal(0) if journal["LineAmountTypes"] == "Exclusive" else Decimal(0)


def _reconcile(organisation: Organisation, call: Call) -> Answer:
    """A person matches the record of the `id` that was sent with a line of the bank."""
    identity = text(call.json(), "id")
    for kind, fields in _MATCHED.items():
        body = organisation.shelf.get(kind, identity)
        if body:
            paid = text(child(body, "Invoice"), "InvoiceID") or text(child(body, "CreditNote"), "CreditNoteID")
            matched: Body = {**body, **dict.fromkeys(fields, True)}
            return Answer(body=organisation.keep(kind, _DOCUMENTS[kind][0], matched, mark=paid))
    return Answer(status=404, body={"error": f"there is no payment or bank record {identity}"})


def _settings(organisation: Organisation, call: Call) -> Answer:
    if call.method == "GET":
        return Answer(body=organisation.settings.all())
    try:
        wish = call.json()
        with organisation.shelf.transaction():
            for word, status in (("archive_account", "ARCHIVED"), ("restore_account", "ACTIVE")):
                if word in wish:
                    _change_account(organisation, str(wish.pop(word)), {"Status": status})
            for change in _wishes(wish, "change_accounts"):
                _change_account(organisation, str(change.pop("Name")), change)
            for change in _wishes(wish, "change_tax_rates"):
                _change_rate(organisation, str(change.pop("Name")), change)
            organisation.settings.change(wish)
    except (NotJson, ValueError) as error:
        return Answer(status=400, body={"error": str(error)})
    return Answer(body=organisation.settings.all())


def _wishes(wish: dict[str, object], word: str) -> list[Body]:
    """What a person changes in the lists: for each, its name and the fields that become others."""
    wished = wish.pop(word, [])
    if not isinstance(wished, list) or not all(isinstance(each, dict) and "Name" in each for each in wished):
        raise ValueError(f"{word} is a list of changes, each with a Name")
    return [dict(each) for each in wished]


def _change_rate(organisation: Organisation, name: str, fields: Body) -> None:
    rates = [rate for rate in organisation.shelf.all("TaxRates") if text(rate, "Name") == name]
    if not rates:
        raise ValueError(f"there is no tax rate {name}")
    organisation.shelf.put("TaxRates", text(rates[0], "TaxType"), {**rates[0], **fields})


def _change_account(organisation: Organisation, name: str, fields: Body) -> None:
    accounts = [a for a in organisation.shelf.all("Accounts") if text(a, "Name").lower() == name.lower()]
    if not accounts:
        raise ValueError(f"there is no account {name}")
    account: Body = {**accounts[0], **fields}
    organisation.keep("Accounts", "AccountID", account, mark=text(account, "Code"))
