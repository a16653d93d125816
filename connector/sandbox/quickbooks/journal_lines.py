"""One line of a journal entry: everything that can be wrong with it, and its amounts once it is right."""

from collections.abc import Iterator
from dataclasses import dataclass

from connector.sandbox.body import Body, child, number, text
from connector.sandbox.quickbooks.company import Company, minor_amount
from connector.sandbox.quickbooks.refusals import Wrong, missing, not_a_number, rule, too_long

_ENTITY_OF = {"Accounts Receivable": ("Customer", "customer"), "Accounts Payable": ("Vendor", "vendor")}
_DESCRIPTION_LIMIT = 4000
_DETAIL = "JournalEntryLineDetail"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """A line that passed every check; `net` and `tax` are minor units, debit positive."""

    account: str
    net: int
    tax: int


def read_line(line: Body) -> JournalLine:
    """The amounts of a line without problems."""
    detail = child(line, _DETAIL)
    sign = 1 if text(detail, "PostingType") == "Debit" else -1
    net, tax = minor_amount(line, "Amount"), minor_amount({"TaxAmount": 0, **detail}, "TaxAmount")
    if isinstance(net, Wrong) or isinstance(tax, Wrong):
        raise TypeError("a line is read only after it was checked")
    return JournalLine(account=text(child(detail, "AccountRef"), "value"), net=sign * net, tax=sign * tax)


def problems_of_line(company: Company, line: Body, taxed: bool) -> Iterator[Wrong]:
    """Every error of the line; `taxed` says whether the entry has tax worked out on its lines."""
    detail = child(line, _DETAIL)
    if text(line, "DetailType") != _DETAIL:
        yield missing("Line.DetailType")
    if len(text(line, "Description")) > _DESCRIPTION_LIMIT:
        yield too_long("Line.Description", _DESCRIPTION_LIMIT)
    yield from _problems_of_amount(line)
    if text(detail, "PostingType") not in ("Debit", "Credit"):
        yield Wrong(
            code="2260",
            message="Invalid posting type",
            detail="PostingType must be Debit or Credit",
            element="Line.JournalEntryLineDetail.PostingType",
        )
    yield from _problems_of_account(company, detail)
    yield from _problems_of_lists(company, detail)
    yield from _problems_of_tax(company, detail, taxed)


def _problems_of_amount(line: Body) -> Iterator[Wrong]:
    if "Amount" not in line:
        yield missing("Line.Amount")
        return
    amount = minor_amount(line, "Amount")
    if isinstance(amount, Wrong):
        yield amount
    elif amount < 0:
        yield Wrong(
            code="2290",
            message="Negative amount",
            detail="The amount of a journal line must not be negative; use the other PostingType",
            element="Line.Amount",
        )


def _problems_of_account(company: Company, detail: Body) -> Iterator[Wrong]:
    account_id = text(child(detail, "AccountRef"), "value")
    if not account_id:
        yield missing("Line.JournalEntryLineDetail.AccountRef")
        return
    problem = company.problem_of_reference("Account", account_id, "Line.JournalEntryLineDetail.AccountRef")
    if problem:
        yield problem
        return
    account = company.shelf.get("Account", account_id) or {}
    needed = _ENTITY_OF.get(text(account, "AccountType"))
    if needed:
        yield from _problems_of_entity(company, child(detail, "Entity"), *needed)


def _problems_of_entity(company: Company, entity: Body, kind: str, word: str) -> Iterator[Wrong]:
    entity_id = text(child(entity, "EntityRef"), "value")
    if text(entity, "Type") != kind or not entity_id:
        account = "accounts receivable" if kind == "Customer" else "accounts payable"
        yield rule(f"When you use {account}, you must choose a {word} in the Name field.")
        return
    problem = company.problem_of_reference(kind, entity_id, "Line.JournalEntryLineDetail.Entity.EntityRef")
    if problem:
        yield problem


def _problems_of_lists(company: Company, detail: Body) -> Iterator[Wrong]:
    for field, kind in (("ClassRef", "Class"), ("DepartmentRef", "Department")):
        if field in detail:
            element = f"Line.JournalEntryLineDetail.{field}"
            problem = company.problem_of_reference(kind, text(child(detail, field), "value"), element)
            if problem:
                yield problem


def _problems_of_tax(company: Company, detail: Body, taxed: bool) -> Iterator[Wrong]:
    if "TaxCodeRef" not in detail:
        return
    if not taxed:
        where = "a company in the US" if company.country == "US" else "an entry whose tax calculation is NotApplicable"
        yield Wrong(
            code="6160",
            message="Invalid tax code",
            detail=f"A journal line of {where} cannot carry a tax code",
            element="Line.JournalEntryLineDetail.TaxCodeRef",
        )
        return
    yield from _problems_of_code(company, text(child(detail, "TaxCodeRef"), "value"))
    if text(detail, "TaxApplicableOn") not in ("Sales", "Purchase"):
        yield Wrong(code="2270", message="Missing value", detail="TaxApplicableOn must be Sales or Purchase")
    if "TaxAmount" not in detail:
        yield Wrong(code="2280", message="Missing value", detail="TaxAmount is required on a line with a tax code")
    elif number(detail, "TaxAmount") is None or isinstance(minor_amount(detail, "TaxAmount"), Wrong):
        yield not_a_number("Line.JournalEntryLineDetail.TaxAmount")


def _problems_of_code(company: Company, code_id: str) -> Iterator[Wrong]:
    code = company.shelf.get("TaxCode", code_id)
    if code is not None and code["Active"] is False:
        yield Wrong(code="6230", message="Tax code inactive", detail=f"The tax code {code['Name']} is not active")
        return
    problem = company.problem_of_reference("TaxCode", code_id, "Line.JournalEntryLineDetail.TaxCodeRef")
    if problem:
        yield problem
