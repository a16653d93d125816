"""Journal entries: what QuickBooks refuses, what it adds, and what the ledger makes of one."""

from connector.sandbox.body import Body, child, children, number, text
from connector.sandbox.quickbooks.chart import tax_account
from connector.sandbox.quickbooks.company import Company, amount_of
from connector.sandbox.quickbooks.journal_lines import JournalLine, problems_of_line, read_line
from connector.sandbox.quickbooks.refusals import Refused, Wrong, missing, rule
from connector.sandbox.quickbooks.transactions import (
    check_header,
    check_open,
    deleted,
    home_legs,
    in_currency,
    merged,
    transaction_date,
)

KIND = "JournalEntry"


def create_journal(company: Company, sent: Body) -> Body:
    """Book a new entry and answer it as kept. Raises Refused with every line's error."""
    entry, lines = _checked(company, sent)
    _check_number(company, entry, own_id="")
    kept = company.keep_new(KIND, entry, mark=text(entry, "DocNumber"))
    _book(company, kept, lines)
    return kept


def update_journal(company: Company, sent: Body) -> Body:
    """Replace an entry (or, with sparse, the fields that were sent); its SyncToken must be the newest."""
    before = company.current(KIND, sent)
    check_open(company, text(before, "TxnDate"))
    entry, lines = _checked(company, merged(before, sent))
    _check_number(company, entry, own_id=text(before, "Id"))
    kept = company.keep_changed(KIND, before, entry, mark=text(entry, "DocNumber"))
    _book(company, kept, lines)
    return kept


def delete_journal(company: Company, sent: Body) -> Body:
    """Take an entry out of the books; afterwards it is unknown (610)."""
    before = company.current(KIND, sent)
    check_open(company, text(before, "TxnDate"))
    return deleted(company, KIND, before)


def _checked(company: Company, sent: Body) -> tuple[Body, list[JournalLine]]:
    check_header(company, sent)
    sent_lines = children(sent, "Line")
    if len(sent_lines) < 2:
        raise Refused(rule("You must have at least two lines in a journal entry."))
    taxed = company.country != "US" and text(sent, "GlobalTaxCalculation") in ("TaxExcluded", "TaxInclusive")
    wrongs = [wrong for line in sent_lines for wrong in problems_of_line(company, line, taxed)]
    wrongs += _problems_of_tax_mode(company, sent)
    if wrongs:
        raise Refused(*wrongs)
    lines = [read_line(line) for line in sent_lines]
    _check_balance(lines)
    _check_tax_detail(sent, lines)
    return _completed(company, sent, sent_lines), lines


def _problems_of_tax_mode(company: Company, sent: Body) -> list[Wrong]:
    mode = text(sent, "GlobalTaxCalculation")
    if company.country == "US":
        return []
    if mode not in ("TaxExcluded", "TaxInclusive", "NotApplicable"):
        return [missing("GlobalTaxCalculation")]
    if mode == "NotApplicable" and child(sent, "TxnTaxDetail"):
        detail = "TxnTaxDetail must be absent when GlobalTaxCalculation is NotApplicable"
        return [Wrong(code="6170", message="Invalid tax detail", detail=detail, element="TxnTaxDetail")]
    return []


def _check_balance(lines: list[JournalLine]) -> None:
    total = sum(line.net + line.tax for line in lines)
    if total:
        detail = f"The debits and credits must be equal; they differ by {amount_of(abs(total))}"
        raise Refused(Wrong(code="2300", message="Debits and credits do not match", detail=detail, element="Line"))


def _check_tax_detail(sent: Body, lines: list[JournalLine]) -> None:
    tax_lines = children(child(sent, "TxnTaxDetail"), "TaxLine")
    amounts = [number(line, "Amount") for line in tax_lines]
    told = sum((amount for amount in amounts if amount is not None), start=amount_of(0))
    booked = amount_of(sum(line.tax for line in lines))
    if tax_lines and told != booked:
        detail = f"The tax lines say {told}, the lines of the entry carry {booked}"
        raise Refused(Wrong(code="6470", message="Invalid tax amount", detail=detail, element="TxnTaxDetail"))


def _check_number(company: Company, entry: Body, own_id: str) -> None:
    number_ = text(entry, "DocNumber")
    if not number_ or not company.settings.flag("warn_duplicate_journal_number"):
        return
    for other in company.shelf.marked(KIND, number_):
        if other["Id"] != own_id:
            detail = (
                "Duplicate Document Number Error : You must specify a different number. This number has already been"
                f" used. DocNumber={number_} is assigned to TxnType=Journal Entry with TxnId={other['Id']}"
            )
            raise Refused(Wrong(code="6140", message="Duplicate Document Number Error", detail=detail))


def _completed(company: Company, sent: Body, sent_lines: list[Body]) -> Body:
    lines: list[Body] = [
        {**line, "Id": str(place), "JournalEntryLineDetail": _named(company, child(line, "JournalEntryLineDetail"))}
        for place, line in enumerate(sent_lines)
    ]
    entry: Body = {
        "Adjustment": False,
        "TxnTaxDetail": {},
        **sent,
        "TxnDate": transaction_date(company, sent).isoformat(),
        **in_currency(company, sent),
        "Line": lines,
        "TotalAmt": 0,
        "HomeTotalAmt": 0,
    }
    if company.country == "US":
        entry.pop("GlobalTaxCalculation", None)
    return entry


def _named(company: Company, detail: Body) -> Body:
    """The line detail with the names QuickBooks puts beside the ids."""
    named = dict(detail)
    for field, kind in (("AccountRef", "Account"), ("DepartmentRef", "Department"), ("ClassRef", "Class")):
        kept = company.shelf.get(kind, text(child(detail, field), "value"))
        if kept:
            named[field] = {"value": kept["Id"], "name": kept["FullyQualifiedName"]}
    return named


def _book(company: Company, entry: Body, lines: list[JournalLine]) -> None:
    legs = [(line.account, line.net) for line in lines]
    tax = sum(line.tax for line in lines)
    if tax:
        legs.append((_tax_account_id(company), tax))
    company.ledger.enter(f"{KIND} {entry['Id']}", home_legs(company, entry, legs))


def _tax_account_id(company: Company) -> str:
    return text(company.shelf.marked("Account", tax_account(company.country).lower())[0], "Id")
