"""The lines of sales forms, bills and deposits: what can be wrong with one, and the account that it stands on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connector.sandbox.body import Body, child, children, number, text
from connector.sandbox.quickbooks.company import Company, minor_amount
from connector.sandbox.quickbooks.refusals import Refused, Wrong, missing, not_a_number, rule, too_long
from connector.sandbox.quickbooks.written import ref_of

SALES, EXPENSE, DEPOSIT = "SalesItemLineDetail", "AccountBasedExpenseLineDetail", "DepositLineDetail"
_ADDED = frozenset({"SubTotalLineDetail", "DescriptionOnly"})
_DESCRIPTION_LIMIT = 4000
_NEEDS_A_NAME = frozenset({"Accounts Receivable", "Accounts Payable"})
_SIDES: Mapping[str, str] = {SALES: "Sales", EXPENSE: "Purchase"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLine:
    """A line that passed every check; `amount` is minor units with the form's own sign, `side` Sales or Purchase."""

    account: str
    amount: int
    code: str
    side: str


def read_lines(company: Company, sent: Body, detail: str) -> list[FormLine]:
    """The lines of a form. Raises Refused with every line's error."""
    lines = lines_of(sent)
    if not lines:
        raise Refused(missing("Line"))
    wrongs = [wrong for line in lines for wrong in _problems(company, line, detail)]
    if wrongs:
        raise Refused(*wrongs)
    return [_line(company, line, detail) for line in lines]


def lines_of(sent: Body) -> list[Body]:
    """The lines that somebody wrote; those that QuickBooks adds are left out."""
    return [line for line in children(sent, "Line") if text(line, "DetailType") not in _ADDED]


def _line(company: Company, line: Body, name: str) -> FormLine:
    detail, amount = child(line, name), minor_amount(line, "Amount")
    if isinstance(amount, Wrong):
        raise TypeError("a line is read only after it was checked")
    side = _SIDES.get(name) or text(detail, "TaxApplicableOn")
    return FormLine(account=_account_id(company, detail), amount=amount, code=ref_of(detail, "TaxCodeRef"), side=side)


def _account_id(company: Company, detail: Body) -> str:
    item = company.shelf.get("Item", ref_of(detail, "ItemRef"))
    return ref_of(item, "IncomeAccountRef") if item else ref_of(detail, "AccountRef")


def _problems(company: Company, line: Body, name: str) -> Iterator[Wrong]:
    detail = child(line, name)
    if text(line, "DetailType") != name or not detail:
        yield missing("Line.DetailType")
        return
    if len(text(line, "Description")) > _DESCRIPTION_LIMIT:
        yield too_long("Line.Description", _DESCRIPTION_LIMIT)
    yield from _problems_of_amount(line, detail)
    list_, field = ("Item", "ItemRef") if name == SALES else ("Account", "AccountRef")
    yield from _problems_of_reference(company, detail, list_, field)
    if "ClassRef" in detail:
        problem = company.problem_of_reference("Class", ref_of(detail, "ClassRef"), "ClassRef")
        if problem:
            yield problem


def _problems_of_amount(line: Body, detail: Body) -> Iterator[Wrong]:
    amount = minor_amount(line, "Amount")
    if isinstance(amount, Wrong):
        yield amount
        return
    quantity, price = number(detail, "Qty"), number(detail, "UnitPrice")
    if any(name in detail and number(detail, name) is None for name in ("Qty", "UnitPrice")):
        yield not_a_number("Line.UnitPrice")
    elif quantity is not None and price is not None and quantity * price != number(line, "Amount"):
        yield Wrong(
            code="6070", message="Amount calculation incorrect", detail="Amount is not equal to UnitPrice * Qty"
        )


def _problems_of_reference(company: Company, detail: Body, list_: str, field: str) -> Iterator[Wrong]:
    id_ = ref_of(detail, field)
    if not id_:
        yield missing(f"Line.{field}")
        return
    problem = company.problem_of_reference(list_, id_, f"Line.{field}")
    if problem:
        yield problem
        return
    account = company.shelf.get("Account", id_) if list_ == "Account" else None
    if account and account["AccountType"] in _NEEDS_A_NAME:
        yield rule(f"A line on {account['Name']} needs a customer or a vendor in the Name field.")
