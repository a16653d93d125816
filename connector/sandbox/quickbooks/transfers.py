"""Transfers: money moved between two balance sheet accounts."""

from connector.sandbox.body import Body, child, text
from connector.sandbox.quickbooks.chart import BALANCE_SHEET
from connector.sandbox.quickbooks.company import Company, minor_amount
from connector.sandbox.quickbooks.refusals import Refused, Wrong, missing
from connector.sandbox.quickbooks.transactions import (
    check_header,
    check_open,
    deleted,
    home_legs,
    in_currency,
    merged,
    transaction_date,
)

KIND = "Transfer"


def create_transfer(company: Company, sent: Body) -> Body:
    """Book a new transfer and answer it as kept. Raises Refused."""
    transfer, legs = _checked(company, sent)
    kept = company.keep_new(KIND, transfer)
    company.ledger.enter(f"{KIND} {kept['Id']}", home_legs(company, kept, legs))
    return kept


def update_transfer(company: Company, sent: Body) -> Body:
    """Replace a transfer; its SyncToken must be the newest."""
    before = company.current(KIND, sent)
    check_open(company, text(before, "TxnDate"))
    transfer, legs = _checked(company, merged(before, sent))
    kept = company.keep_changed(KIND, before, transfer)
    company.ledger.enter(f"{KIND} {kept['Id']}", home_legs(company, kept, legs))
    return kept


def delete_transfer(company: Company, sent: Body) -> Body:
    """Take a transfer out of the books."""
    before = company.current(KIND, sent)
    check_open(company, text(before, "TxnDate"))
    return deleted(company, KIND, before)


def _checked(company: Company, sent: Body) -> tuple[Body, list[tuple[str, int]]]:
    check_header(company, sent)
    wrongs = [wrong for field in ("FromAccountRef", "ToAccountRef") if (wrong := _problem_of(company, sent, field))]
    amount = minor_amount(sent, "Amount")
    if isinstance(amount, Wrong):
        wrongs.append(amount)
    if wrongs or isinstance(amount, Wrong):
        raise Refused(*wrongs)
    if amount <= 0:
        raise Refused(Wrong(code="2290", message="Negative amount", detail="A transfer needs an amount above zero"))
    source, goal = (text(child(sent, field), "value") for field in ("FromAccountRef", "ToAccountRef"))
    if source == goal:
        raise Refused(Wrong(code="6430", message="Invalid account", detail="The two accounts must differ"))
    transfer: Body = {
        **sent,
        "TxnDate": transaction_date(company, sent).isoformat(),
        **in_currency(company, sent),
    }
    return transfer, [(source, -amount), (goal, amount)]


def _problem_of(company: Company, sent: Body, field: str) -> Wrong | None:
    account_id = text(child(sent, field), "value")
    if not account_id:
        return missing(field)
    problem = company.problem_of_reference("Account", account_id, field)
    account = company.shelf.get("Account", account_id)
    if problem or account is None or account["Classification"] in BALANCE_SHEET:
        return problem
    detail = f"The account {account['Name']} is not a balance sheet account and cannot be used in a transfer"
    return Wrong(code="6430", message="Invalid account type", detail=detail, element=field)
