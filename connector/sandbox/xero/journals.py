"""Manual journals: base currency, no bank, receivable, payable or system account, and a sum of zero."""

from dataclasses import dataclass

from connector.sandbox.body import Body, children, text
from connector.sandbox.xero.amounts import amount_of, minor_sent
from connector.sandbox.xero.lines import AMOUNT_TYPES, tax_on, tax_problem
from connector.sandbox.xero.organisation import Organisation, day_sent, wire_day
from connector.sandbox.xero.refusals import Invalid, Malformed
from connector.sandbox.xero.tracking import tracked

KIND = "ManualJournals"
_STATUSES = ("DRAFT", "POSTED")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    body: Body
    account: str
    net: int
    tax: int


def create_journal(organisation: Organisation, sent: Body) -> Body:
    """A new journal; without a Status it stays a draft and touches nothing. Raises Invalid, Malformed."""
    return _kept(organisation, {"Status": "DRAFT", **sent, "ManualJournalID": organisation.new_id(KIND)})


def update_journal(organisation: Organisation, before: Body, sent: Body) -> Body:
    """The journal with the fields that were sent; a draft is DELETED, a posted one VOIDED."""
    if before["Status"] in ("VOIDED", "DELETED"):
        raise Invalid("This journal cannot be edited as it is voided or deleted.")
    organisation.check_open(day_sent(before, "Date", None))
    status = text(sent, "Status")
    if status in ("VOIDED", "DELETED"):
        if (status == "DELETED") != (before["Status"] == "DRAFT"):
            raise Invalid("Journal not of valid status for modification")
        organisation.enter(text(before, "ManualJournalID"), [])
        return organisation.keep(KIND, "ManualJournalID", {**before, "Status": status})
    return _kept(organisation, {**before, **sent, "ManualJournalID": before["ManualJournalID"]})


def _kept(organisation: Organisation, wish: Body) -> Body:
    status, mode = text(wish, "Status"), text(wish, "LineAmountTypes") or "NoTax"
    if status not in _STATUSES or mode not in AMOUNT_TYPES:
        raise Malformed(f"Status {status} or LineAmountTypes {mode} is not known")
    if not text(wish, "Narration").strip():
        raise Invalid("A Narration must be specified.")
    day = day_sent(wish, "Date", organisation.clock().date())
    organisation.check_open(day)
    lines = _lines(organisation, children(wish, "JournalLines"), mode)
    body: Body = {
        "ShowOnCashBasisReports": True,
        "HasAttachments": False,
        **wish,
        **wire_day(day),
        "LineAmountTypes": mode,
        "JournalLines": [line.body for line in lines],
    }
    if status == "POSTED":
        legs = [(line.account, line.net) for line in lines]
        tax = (organisation.system_account("GST"), sum(line.tax for line in lines))
        organisation.enter(text(wish, "ManualJournalID"), [*legs, tax])
    return organisation.keep(KIND, "ManualJournalID", body)


def _lines(organisation: Organisation, sent: list[Body], mode: str) -> list[_Line]:
    if len(sent) < 2:
        raise Invalid("A journal must have at least two lines.")
    messages = [problem for line in sent if (problem := _problem(organisation, line))]
    if messages:
        raise Invalid(*messages)
    lines = [_line(organisation, line, mode) for line in sent]
    amounts = [line.net + line.tax for line in lines]
    if sum(amounts):
        debits = amount_of(sum(amount for amount in amounts if amount > 0), organisation.currency)
        credits_ = amount_of(sum(amount for amount in amounts if amount < 0), organisation.currency)
        raise Invalid(f"The total debits ({debits}) must equal total credits ({credits_})")
    return lines


def _problem(organisation: Organisation, line: Body) -> str:
    account = organisation.account({"AccountID": line.get("AccountID"), "Code": line.get("AccountCode")})
    code = text(line, "AccountCode") or text(line, "AccountID")
    if account is None or account["Status"] != "ACTIVE":
        return f"Account code '{code}' is not a valid code for this document."
    if account["Type"] == "BANK" or "SystemAccount" in account:
        return f"Account code '{code}' cannot be used in a manual journal: it is a bank or system account."
    return tax_problem(organisation, account, text(line, "TaxType") or text(account, "TaxType"))


def _line(organisation: Organisation, line: Body, mode: str) -> _Line:
    account = organisation.account({"AccountID": line.get("AccountID"), "Code": line.get("AccountCode")}) or {}
    amount = minor_sent(line, "LineAmount", organisation.currency)
    tax_type = text(line, "TaxType") or text(account, "TaxType")
    tax = (
        minor_sent(line, "TaxAmount", organisation.currency)
        if "TaxAmount" in line
        else tax_on(organisation, tax_type, amount, mode)
    )
    body: Body = {
        **line,
        "LineAmount": amount_of(amount, organisation.currency),
        "AccountID": account["AccountID"],
        "AccountCode": account["Code"],
        "TaxType": tax_type,
        "TaxAmount": amount_of(tax, organisation.currency),
        "Tracking": tracked(organisation, children(line, "Tracking")),
        "IsBlank": False,
    }
    net = amount - tax if mode == "Inclusive" else amount
    return _Line(body=body, account=text(account, "AccountID"), net=net, tax=tax)
