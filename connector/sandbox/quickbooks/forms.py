"""Invoices, credit memos, receipts, refund receipts, bills and deposits: lines with their tax against one account."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from connector.sandbox.body import Body, children, number, text
from connector.sandbox.quickbooks.chart import tax_account
from connector.sandbox.quickbooks.company import Company, amount_of
from connector.sandbox.quickbooks.form_lines import DEPOSIT, EXPENSE, SALES, lines_of, read_lines
from connector.sandbox.quickbooks.form_tax import tax_of
from connector.sandbox.quickbooks.refusals import Refused, Wrong, missing, rule
from connector.sandbox.quickbooks.transactions import check_header, in_currency, transaction_date
from connector.sandbox.quickbooks.written import Kind, Legs, links_to, ref_of

MONEY_TYPES = frozenset({"Bank", "Other Current Asset"})
_PEOPLE = {"CustomerRef": "Customer", "VendorRef": "Vendor"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form. `sign` is 1 where its total is a debit; `against` is the account type that takes it, or empty where
    DepositToAccountRef names the account; `person` must be named, unless it is empty."""

    name: str
    detail: str
    sign: int
    against: str = ""
    person: str = ""
    may_be_zero: bool = True


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form(name="Invoice", detail=SALES, sign=1, against="Accounts Receivable", person="CustomerRef"),
        Form(name="CreditMemo", detail=SALES, sign=-1, against="Accounts Receivable", person="CustomerRef"),
        Form(name="SalesReceipt", detail=SALES, sign=1),
        Form(name="RefundReceipt", detail=SALES, sign=-1),
        Form(name="Bill", detail=EXPENSE, sign=-1, against="Accounts Payable", person="VendorRef"),
        Form(name="Deposit", detail=DEPOSIT, sign=1, may_be_zero=False),
    )
}


def form_kind(name: str) -> Kind:
    """The kind of a form, for whoever writes one."""
    form = FORMS[name]
    void = emptied if name in ("Invoice", "SalesReceipt") else None
    return Kind(name=name, check=lambda company, sent, own_id: _checked(company, form, sent, own_id), void=void)


def with_balance(company: Company, form: Body, kind: str) -> Body:
    """An invoice, credit memo or bill as read: what of it is still open stands beside its total."""
    paid = sum(_minor(line, "Amount") for _, line in links_to(company, kind, text(form, "Id")))
    return {**form, "Balance": amount_of(_minor(form, "TotalAmt") - paid)}


def emptied(form: Body) -> Body:
    """A form without amounts and quantities."""
    lines: list[Body] = [{**line, "Amount": 0, **_without_price(line)} for line in children(form, "Line")]
    return {**form, "Line": lines, "TotalAmt": 0, "TxnTaxDetail": {"TotalTax": 0}}


def money_account(company: Company, account_id: str, field: str) -> None:
    """Refuse an account that no payment, receipt or deposit can go into."""
    problem = company.problem_of_reference("Account", account_id, field)
    if problem:
        raise Refused(problem)
    account = company.shelf.get("Account", account_id) or {}
    if account["AccountType"] not in MONEY_TYPES:
        detail = f"{field} takes a Bank or Other Current Asset account; {account['Name']} is {account['AccountType']}"
        raise Refused(Wrong(code="6430", message="Invalid account type", detail=detail, element=field))


def account_marked(company: Company, name: str) -> str:
    return text(company.shelf.marked("Account", name.lower())[0], "Id")


def check_person(company: Company, sent: Body, field: str) -> None:
    """Refuse a transaction without its customer or vendor."""
    person = ref_of(sent, field)
    if not person:
        raise Refused(missing(field))
    problem = company.problem_of_reference(_PEOPLE[field], person, field)
    if problem:
        raise Refused(problem)


def completed(company: Company, sent: Body) -> Body:
    """A transaction with its date and currency said."""
    return {
        **sent,
        "TxnDate": transaction_date(company, sent).isoformat(),
        **in_currency(company, sent),
    }


def _checked(company: Company, form: Form, sent: Body, own_id: str) -> tuple[Body, Legs]:
    check_header(company, sent)
    if form.person or "CustomerRef" in sent:
        check_person(company, sent, form.person or "CustomerRef")
    if "DepartmentRef" in sent:
        problem = company.problem_of_reference("Department", ref_of(sent, "DepartmentRef"), "DepartmentRef")
        if problem:
            raise Refused(problem)
    lines = read_lines(company, sent, form.detail)
    tax, detail = tax_of(company, sent, lines)
    total = sum(line.amount for line in lines) + tax
    if total < 0 or (total == 0 and not form.may_be_zero):
        raise Refused(rule("Transaction amount must be 0 or greater." if total else "The amount must not be 0."))
    _check_paid(company, form, own_id, total)
    account = _account(company, form, sent)
    legs = [(account, form.sign * total), *((line.account, -form.sign * line.amount) for line in lines)]
    if tax:
        legs.append((account_marked(company, tax_account(company.country)), -form.sign * tax))
    kept = {**completed(company, sent), "TxnTaxDetail": detail, "TotalAmt": amount_of(total)}
    if rate := number(kept, "ExchangeRate"):
        kept["HomeTotalAmt"] = amount_of(int((total * rate).to_integral_value()))
    if not form.against:
        kept["DepositToAccountRef"] = {"value": account}
    return {**kept, "Line": _with_ids(sent, form, total - tax)}, legs


def _with_ids(sent: Body, form: Form, net: int) -> list[Body]:
    lines: list[Body] = [
        {**line, "Id": str(place + 1), "LineNum": place + 1} for place, line in enumerate(lines_of(sent))
    ]
    if form.detail == SALES:
        lines.append({"Amount": amount_of(net), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    return lines


def _check_paid(company: Company, form: Form, own_id: str, total: int) -> None:
    paid = sum(_minor(line, "Amount") for _, line in links_to(company, form.name, own_id)) if own_id else 0
    if paid > total:
        raise Refused(rule(f"Payments of {amount_of(paid)} are linked to it, more than its new total."))


def _account(company: Company, form: Form, sent: Body) -> str:
    if form.against:
        found = [account for account in company.shelf.all("Account") if account["AccountType"] == form.against]
        return text(found[0], "Id")
    account_id = ref_of(sent, "DepositToAccountRef")
    if not account_id and form.detail == SALES:
        return account_marked(company, "Undeposited Funds")
    if not account_id:
        raise Refused(missing("DepositToAccountRef"))
    money_account(company, account_id, "DepositToAccountRef")
    return account_id


def _without_price(line: Body) -> Body:
    detail = line.get(SALES)
    return {SALES: {**detail, "Qty": 0, "UnitPrice": 0}} if isinstance(detail, dict) else {}


def _minor(body: Body, key: str) -> int:
    return int((number(body, key) or Decimal(0)).scaleb(2))
