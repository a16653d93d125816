"""Payments of customers and of bills: money against what is open, one record linked on each line."""

from collections.abc import Mapping
from decimal import Decimal

from connector.sandbox.body import Body, child, children, number, text
from connector.sandbox.quickbooks.company import Company, amount_of, minor_amount
from connector.sandbox.quickbooks.forms import account_marked, check_person, completed, money_account
from connector.sandbox.quickbooks.refusals import Refused, Wrong, bad_reference, missing, rule
from connector.sandbox.quickbooks.transactions import check_header
from connector.sandbox.quickbooks.written import Kind, Legs, links_to, ref_of

# what a line can pay, and with which sign it counts into the total
_OWED: Mapping[str, int] = {"Invoice": 1, "JournalEntry": 1, "CreditMemo": -1}
_PAY_TYPES = {
    "Check": ("CheckPayment", "BankAccountRef", "Bank"),
    "CreditCard": ("CreditCardPayment", "CCAccountRef", "Credit Card"),
}


def payment(company: Company, sent: Body, own_id: str) -> tuple[Body, Legs]:
    """A customer's payment as kept, and its legs: into a bank account or another current asset only."""
    check_header(company, sent)
    check_person(company, sent, "CustomerRef")
    total = _total(sent)
    if children(sent, "Line") and sum(_applied(company, sent, own_id, _OWED)) != total:
        raise Refused(rule("The amounts applied do not add up to the amount of the payment."))
    account = ref_of(sent, "DepositToAccountRef") or account_marked(company, "Undeposited Funds")
    money_account(company, account, "DepositToAccountRef")
    kept = {**completed(company, sent), "DepositToAccountRef": {"value": account}, "UnappliedAmt": 0}
    return kept, [(account, total), (_open_items(company, "Accounts Receivable"), -total)]


def bill_payment(company: Company, sent: Body, own_id: str) -> tuple[Body, Legs]:
    """A payment of bills as kept, and its legs: from a bank account by check, or from a credit card."""
    check_header(company, sent)
    check_person(company, sent, "VendorRef")
    total = _total(sent)
    if sum(_applied(company, sent, own_id, {"Bill": 1})) != total:
        raise Refused(rule("The amounts applied do not add up to the amount of the payment."))
    if text(sent, "PayType") not in _PAY_TYPES:
        raise Refused(missing("PayType"))
    how, field, type_ = _PAY_TYPES[text(sent, "PayType")]
    account_id = ref_of(child(sent, how), field)
    problem = company.problem_of_reference("Account", account_id, field) if account_id else missing(f"{how}.{field}")
    if problem:
        raise Refused(problem)
    account = company.shelf.get("Account", account_id) or {}
    if account["AccountType"] != type_:
        detail = f"A bill is paid from a {type_} account; {account['Name']} is {account['AccountType']}"
        raise Refused(Wrong(code="6430", message="Invalid account type", detail=detail, element=field))
    return completed(company, sent), [(account_id, -total), (_open_items(company, "Accounts Payable"), total)]


def _without_amounts(body: Body) -> Body:
    return {**body, "TotalAmt": 0, "Line": []}


PAYMENT = Kind(name="Payment", check=payment, void=_without_amounts)
BILL_PAYMENT = Kind(name="BillPayment", check=bill_payment, void=_without_amounts)


def _total(sent: Body) -> int:
    if "TotalAmt" not in sent:
        raise Refused(missing("TotalAmt"))
    total = minor_amount(sent, "TotalAmt")
    if isinstance(total, Wrong):
        raise Refused(total)
    if total < 0:
        raise Refused(rule("Transaction amount must be 0 or greater."))
    return total


def _applied(company: Company, sent: Body, own_id: str, payable: Mapping[str, int]) -> list[int]:
    """What each line takes from the record that it is linked to, with the sign in which that counts."""
    return [_line(company, sent, line, own_id, payable) for line in children(sent, "Line")]


def _line(company: Company, sent: Body, line: Body, own_id: str, payable: Mapping[str, int]) -> int:
    amount, links = minor_amount(line, "Amount"), children(line, "LinkedTxn")
    if isinstance(amount, Wrong):
        raise Refused(amount)
    if len(links) != 1 or text(links[0], "TxnType") not in payable:
        raise Refused(missing("Line.LinkedTxn"))
    kind, id_ = text(links[0], "TxnType"), text(links[0], "TxnId")
    owed = company.shelf.get(kind, id_)
    if owed is None:
        raise Refused(bad_reference(kind, id_, "Line.LinkedTxn.TxnId"))
    others = [paid for payment, paid in links_to(company, kind, id_) if payment["Id"] != own_id]
    left = _owed(company, sent, kind, owed) - sum(
        int((number(paid, "Amount") or Decimal(0)).scaleb(2)) for paid in others
    )
    if amount <= 0 or amount > left:
        raise Refused(
            rule(f"{amount_of(amount)} cannot be applied to {kind} {id_}, of which {amount_of(left)} is open.")
        )
    return payable[kind] * amount


def _owed(company: Company, sent: Body, kind: str, owed: Body) -> int:
    """What the person of the payment owed at first; of a journal what it debits the receivable with, in their name."""
    if kind != "JournalEntry":
        same = all(ref_of(owed, field) == ref_of(sent, field) for field in ("CustomerRef", "VendorRef"))
        return int((number(owed, "TotalAmt") or Decimal(0)).scaleb(2)) if same else 0
    receivable, total = _open_items(company, "Accounts Receivable"), Decimal(0)
    for line in children(owed, "Line"):
        detail = child(line, "JournalEntryLineDetail")
        named = ref_of(child(detail, "Entity"), "EntityRef") == ref_of(sent, "CustomerRef")
        if named and ref_of(detail, "AccountRef") == receivable and text(detail, "PostingType") == "Debit":
            total += number(line, "Amount") or Decimal(0)
    return int(total.scaleb(2))


def _open_items(company: Company, type_: str) -> str:
    found = [account for account in company.shelf.all("Account") if account["AccountType"] == type_]
    return text(found[0], "Id")
