"""The lists of a company that can be written: accounts, customers, vendors, departments and classes."""

from connector.sandbox.body import Body, child, text
from connector.sandbox.quickbooks.chart import ACCOUNT_TYPES, BALANCE_SHEET, add_account
from connector.sandbox.quickbooks.company import Company, amount_of
from connector.sandbox.quickbooks.refusals import Refused, Wrong, missing, rule, too_long
from connector.sandbox.quickbooks.transactions import merged

_NAME_LIMIT = 100
_NOT_SOLD = frozenset({"Bank", "Credit Card", "Accounts Receivable", "Accounts Payable"})
_PEOPLE = ("Customer", "Vendor")


def account_answer(company: Company, account: Body) -> Body:
    """The account as read: balance sheet accounts with their balance (debit positive), the others with 0."""
    counted = account["Classification"] in BALANCE_SHEET
    balance = amount_of(company.ledger.balance(text(account, "Id")) if counted else 0)
    return {**account, "CurrentBalance": balance, "CurrentBalanceWithSubAccounts": balance}


def save_account(company: Company, sent: Body) -> Body:
    """Create an account, or with an Id change one. Raises Refused (6240 for a name in use)."""
    if text(sent, "Id"):
        return account_answer(company, _change_account(company, sent))
    name = _checked_name(sent, "Name")
    type_ = text(sent, "AccountType") or _type_of(text(sent, "AccountSubType"))
    if type_ not in ACCOUNT_TYPES:
        raise Refused(missing("AccountType") if not type_ else _bad_type(type_))
    full_name = _full_name(company, "Account", sent, name)
    _check_free(company, ("Account",), full_name, own_id="")
    kept = add_account(company, {**sent, "Name": name, "AccountType": type_, "FullyQualifiedName": full_name})
    return account_answer(company, kept)


def save_person(company: Company, kind: str, sent: Body) -> Body:
    """Create a customer or a vendor; both share one space of names."""
    name = _checked_name(sent, "DisplayName")
    _check_free(company, _PEOPLE, name, own_id="")
    body: Body = {**sent, "DisplayName": name, "FullyQualifiedName": name, "Active": True, "Balance": 0}
    return company.keep_new(kind, body, mark=name.lower())


def save_place(company: Company, kind: str, sent: Body) -> Body:
    """Create a department (location) or a class."""
    name = _checked_name(sent, "Name")
    full_name = _full_name(company, kind, sent, name)
    _check_free(company, (kind,), full_name, own_id="")
    body: Body = {**sent, f"Sub{kind}": ":" in full_name, "FullyQualifiedName": full_name, "Active": True}
    return company.keep_new(kind, body, mark=full_name.lower())


def save_item(company: Company, sent: Body) -> Body:
    """Create an item of service that stands for an account on sales forms; bank and open-item accounts cannot."""
    name = _checked_name(sent, "Name")
    if not text(sent, "Type"):
        raise Refused(missing("Type"))
    if text(sent, "Type") != "Service":
        raise Refused(rule("Only items of type Service are offered here."))
    account_id = text(child(sent, "IncomeAccountRef"), "value")
    problem = company.problem_of_reference("Account", account_id, "IncomeAccountRef")
    if problem:
        raise Refused(problem if account_id else missing("IncomeAccountRef"))
    account = company.shelf.get("Account", account_id) or {}
    if account["AccountType"] in _NOT_SOLD:
        detail = f"{account['Name']} is a {account['AccountType']} account, which no item can stand for"
        raise Refused(Wrong(code="6430", message="Invalid account type", detail=detail, element="IncomeAccountRef"))
    _check_free(company, ("Item",), name, own_id="")
    body: Body = {**sent, "Name": name, "FullyQualifiedName": name, "Active": True}
    return company.keep_new("Item", body, mark=name.lower())


def _change_account(company: Company, sent: Body) -> Body:
    before = company.current("Account", sent)
    fields = {**before, **merged(before, sent)}
    name = _checked_name(fields, "Name")
    full_name = _full_name(company, "Account", fields, name)
    _check_free(company, ("Account",), full_name, own_id=text(before, "Id"))
    return company.keep_changed("Account", before, {**fields, "FullyQualifiedName": full_name}, mark=full_name.lower())


def _checked_name(sent: Body, field: str) -> str:
    name = text(sent, field).strip()
    if not name:
        raise Refused(missing(field))
    if len(name) > _NAME_LIMIT:
        raise Refused(too_long(field, _NAME_LIMIT))
    if ":" in name or '"' in name:
        raise Refused(rule("A name cannot contain a colon or a double quotation mark."))
    return name


def _full_name(company: Company, kind: str, sent: Body, name: str) -> str:
    parent_id = text(child(sent, "ParentRef"), "value")
    if not parent_id:
        return name
    problem = company.problem_of_reference(kind, parent_id, "ParentRef")
    if problem:
        raise Refused(problem)
    parent = company.shelf.get(kind, parent_id) or {}
    return f"{parent['FullyQualifiedName']}:{name}"


def _check_free(company: Company, kinds: tuple[str, ...], name: str, own_id: str) -> None:
    for kind in kinds:
        for other in company.shelf.marked(kind, name.lower()):
            if other["Id"] != own_id:
                detail = f"The name supplied already exists. : Id={other['Id']}"
                raise Refused(Wrong(code="6240", message="Duplicate Name Exists Error", detail=detail))


def _type_of(subtype: str) -> str:
    return next((type_ for type_, (_, first) in ACCOUNT_TYPES.items() if first == subtype), "")


def _bad_type(type_: str) -> Wrong:
    return Wrong(
        code="2170", message="Invalid Enumeration", detail=f"{type_} is no account type", element="AccountType"
    )
