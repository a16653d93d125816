"""Money that moves through bank accounts: spent and received, and transferred between two of them."""

from connector.sandbox.body import Body, child, text
from connector.sandbox.xero.amounts import amount_of, minor_sent
from connector.sandbox.xero.contacts import contact_of
from connector.sandbox.xero.invoices import rate_of
from connector.sandbox.xero.lines import price_lines
from connector.sandbox.xero.organisation import Organisation, day_sent, wire_day, wire_instant
from connector.sandbox.xero.refusals import Invalid, Malformed

TRANSACTIONS = "BankTransactions"
TRANSFERS = "BankTransfers"
_BANK_SIGN = {"RECEIVE": 1, "SPEND": -1}


def create_transaction(organisation: Organisation, sent: Body) -> Body:
    """Money received into or spent from a bank account. Raises Invalid, Malformed."""
    return _transacted(organisation, {**sent, "BankTransactionID": organisation.new_id(TRANSACTIONS)})


def update_transaction(organisation: Organisation, before: Body, sent: Body) -> Body:
    """The transaction with the fields that were sent, its lines replaced; DELETED takes it off the books."""
    if before["IsReconciled"] is True:
        raise Invalid("This Bank Transaction cannot be edited as it has been reconciled with a Bank Statement.")
    if text(sent, "Status") == "DELETED":
        return _deleted(organisation, TRANSACTIONS, "BankTransactionID", (before, sent))
    if before["Status"] == "DELETED":
        raise Invalid("This Bank Transaction cannot be edited as it is deleted.")
    organisation.check_open(day_sent(before, "Date", None))
    return _transacted(organisation, {**before, **sent, "BankTransactionID": before["BankTransactionID"]})


def _transacted(organisation: Organisation, sent: Body) -> Body:
    if text(sent, "Type") not in _BANK_SIGN:
        raise Malformed(f"Type must be RECEIVE or SPEND here, not {text(sent, 'Type')}")
    account = _bank_account(organisation, child(sent, "BankAccount"), "BankAccount")
    day = day_sent(sent, "Date", organisation.clock().date())
    organisation.check_open(day)
    currency = organisation.checked_currency(sent)
    priced = price_lines(organisation, sent, currency)
    if priced.total <= 0:
        raise Invalid("The total of a bank transaction must be greater than zero.")
    sign = _BANK_SIGN[text(sent, "Type")]
    body: Body = {
        **sent,
        **wire_day(day),
        **priced.fields(),
        "BankAccount": _short(account),
        "Contact": contact_of(organisation, sent),
        "LineAmountTypes": text(sent, "LineAmountTypes") or "Exclusive",
        "CurrencyCode": currency,
        "Status": "AUTHORISED",
        "IsReconciled": False,
        "HasAttachments": False,
    }
    legs = [(text(account, "AccountID"), sign * priced.total), *priced.legs(organisation, -sign)]
    if currency != organisation.currency:
        body["CurrencyRate"] = rate_of(body, organisation.currency)
    organisation.enter(text(body, "BankTransactionID"), legs, rate_of(body), currency)
    return organisation.keep(TRANSACTIONS, "BankTransactionID", body)


def create_transfer(organisation: Organisation, sent: Body) -> Body:
    """Move money between two bank accounts. Raises Invalid, Malformed."""
    source = _bank_account(organisation, child(sent, "FromBankAccount"), "FromBankAccount")
    goal = _bank_account(organisation, child(sent, "ToBankAccount"), "ToBankAccount")
    amount = minor_sent(sent, "Amount", organisation.currency)
    if source["AccountID"] == goal["AccountID"] or amount <= 0:
        raise Invalid("A bank transfer needs two different accounts and an amount greater than zero.")
    day = day_sent(sent, "Date", organisation.clock().date())
    organisation.check_open(day)
    body: Body = {
        **sent,
        **wire_day(day),
        "BankTransferID": organisation.new_id(TRANSFERS),
        "CreatedDateUTC": wire_instant(organisation.clock()),
        "FromBankAccount": _short(source),
        "ToBankAccount": _short(goal),
        "Amount": amount_of(amount, organisation.currency),
        "Status": "AUTHORISED",
        "FromIsReconciled": False,
        "ToIsReconciled": False,
        "HasAttachments": False,
    }
    legs = [(text(source, "AccountID"), -amount), (text(goal, "AccountID"), amount)]
    organisation.enter(text(body, "BankTransferID"), legs)
    return organisation.keep(TRANSFERS, "BankTransferID", body)


def delete_transfer(organisation: Organisation, before: Body, sent: Body) -> Body:
    """Take a transfer off the books."""
    if before["FromIsReconciled"] is True or before["ToIsReconciled"] is True:
        raise Invalid("This Bank Transfer cannot be deleted as it has been reconciled with a Bank Statement.")
    return _deleted(organisation, TRANSFERS, "BankTransferID", (before, sent))


def _deleted(organisation: Organisation, kind: str, id_field: str, change: tuple[Body, Body]) -> Body:
    before, sent = change
    if text(sent, "Status") != "DELETED" or before["Status"] == "DELETED":
        raise Invalid("It can only be deleted, and only once")
    organisation.check_open(day_sent(before, "Date", None))
    organisation.enter(text(before, id_field), [])
    return organisation.keep(kind, id_field, {**before, "Status": "DELETED"})


def _bank_account(organisation: Organisation, wish: Body, field: str) -> Body:
    account = organisation.account(wish)
    if account is None or account["Status"] != "ACTIVE" or account["Type"] != "BANK":
        raise Invalid(f"{field}: the bank account could not be found, is archived or is not of type BANK")
    return account


def _short(account: Body) -> Body:
    return {"AccountID": account["AccountID"], "Code": account["Code"], "Name": account["Name"]}
