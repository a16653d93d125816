"""Payments onto invoices, bills and credit notes, and their deletion."""

from connector.sandbox.body import Body, child, number, text
from connector.sandbox.xero.amounts import amount_of, minor_sent
from connector.sandbox.xero.invoices import (
    CREDIT_NOTES,
    INVOICES,
    Family,
    control_account,
    find_document,
    rate_of,
    settle,
)
from connector.sandbox.xero.organisation import Organisation, day_sent, wire_day
from connector.sandbox.xero.refusals import Invalid

_KIND = "Payments"
_TYPES = {
    "ACCREC": ("ACCRECPAYMENT", 1),
    "ACCPAY": ("ACCPAYPAYMENT", -1),
    "ACCRECCREDIT": ("ARCREDITPAYMENT", -1),
    "ACCPAYCREDIT": ("APCREDITPAYMENT", 1),
}


def create_payment(organisation: Organisation, sent: Body) -> Body:
    """Pay a document from or into an account. Raises Invalid."""
    family, document = _document(organisation, sent)
    if document["Status"] != "AUTHORISED":
        raise Invalid("Payments can only be made against Authorised documents")
    account = _account(organisation, child(sent, "Account"))
    currency = text(document, "CurrencyCode")
    amount = _amount(sent, minor_sent(document, family.due_field, currency), currency)
    day = day_sent(sent, "Date", organisation.clock().date())
    organisation.check_open(day)
    type_, sign = _TYPES[text(document, "Type")]
    settled = settle(organisation, family, document, amount)
    payment_id = organisation.new_id(_KIND)
    legs = [(text(account, "AccountID"), sign * amount), (control_account(organisation, document), -sign * amount)]
    rate = number(sent, "CurrencyRate") or rate_of(document)
    organisation.enter(payment_id, legs, rate, currency)
    short: Body = {key: value for key, value in settled.items() if key not in ("LineItems", "Payments")}
    body: Body = {
        **{key: value for key, value in sent.items() if key not in ("Invoice", "CreditNote", "Date")},
        **wire_day(day),
        "PaymentID": payment_id,
        "Amount": amount_of(amount, currency),
        "BankAmount": amount_of(amount, currency),
        "CurrencyRate": rate,
        "PaymentType": type_,
        "Status": "AUTHORISED",
        "IsReconciled": False,
        "HasAccount": True,
        "Account": {"AccountID": account["AccountID"], "Code": account["Code"], "Name": account["Name"]},
        "Invoice" if family is INVOICES else "CreditNote": short,
    }
    return organisation.keep(_KIND, "PaymentID", body, mark=text(document, family.id_field))


def delete_payment(organisation: Organisation, before: Body, sent: Body) -> Body:
    """Take a payment back; nothing else about one can be changed."""
    if text(sent, "Status") != "DELETED" or text(before, "Status") == "DELETED":
        raise Invalid("A payment can only be deleted, and only once")
    if before["IsReconciled"] is True:
        raise Invalid("This payment cannot be deleted as it has been reconciled with a Bank Statement.")
    family, document = _document(organisation, before)
    organisation.check_open(day_sent(before, "Date", None))
    settle(organisation, family, document, -minor_sent(before, "Amount", text(document, "CurrencyCode")))
    organisation.enter(text(before, "PaymentID"), [])
    body: Body = {**before, "Status": "DELETED"}
    return organisation.keep(_KIND, "PaymentID", body, mark=text(document, family.id_field))


def payments_of(organisation: Organisation, document_id: str) -> list[Body]:
    """The live payments on a document, in the short form a document shows."""
    return [
        {key: payment[key] for key in ("PaymentID", "Date", "Amount", "Reference", "CurrencyRate") if key in payment}
        for payment in organisation.shelf.marked(_KIND, document_id)
        if payment["Status"] == "AUTHORISED" and number(payment, "Amount")
    ]


def _document(organisation: Organisation, sent: Body) -> tuple[Family, Body]:
    for field, family in (("Invoice", INVOICES), ("CreditNote", CREDIT_NOTES)):
        wish = child(sent, field)
        key = text(wish, family.id_field) or text(wish, family.number_field) or text(sent, family.number_field)
        if key:
            document = find_document(organisation, family, key)
            if document is None:
                raise Invalid(f"{field} could not be found")
            return family, document
    raise Invalid("A payment must name an invoice or a credit note")


def _amount(sent: Body, due: int, currency: str) -> int:
    amount = minor_sent(sent, "Amount", currency)
    if amount <= 0:
        raise Invalid("The payment amount must be greater than zero")
    if amount > due:
        raise Invalid("Payment amount exceeds the amount outstanding on this document")
    return amount


def _account(organisation: Organisation, wish: Body) -> Body:
    account = organisation.account(wish)
    if account is None or account["Status"] != "ACTIVE":
        raise Invalid("Account could not be found")
    if account["Type"] != "BANK" and account["EnablePaymentsToAccount"] is not True:
        raise Invalid(
            f"Account '{text(account, 'Code')}' must be of type BANK or have payments enabled to be used for a payment"
        )
    return account
