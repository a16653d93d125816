"""Line items: which account and tax they go to, and what they come to."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connector.sandbox.body import Body, children, number, text
from connector.sandbox.xero.amounts import amount_of, minor_of, minor_sent
from connector.sandbox.xero.organisation import Organisation
from connector.sandbox.xero.refusals import Invalid, Malformed
from connector.sandbox.xero.tracking import tracked

AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")
_APPLIES_TO = {
    "REVENUE": "CanApplyToRevenue",
    "EXPENSE": "CanApplyToExpenses",
    "ASSET": "CanApplyToAssets",
    "LIABILITY": "CanApplyToLiabilities",
    "EQUITY": "CanApplyToEquity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """A line as it will be answered, its account's id, and net and tax in minor units."""

    body: Body
    account: str
    net: int
    tax: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """Lines with their totals in minor units."""

    lines: list[PricedLine]
    subtotal: int
    tax: int
    currency: str

    @property
    def total(self) -> int:
        return self.subtotal + self.tax

    def fields(self) -> Body:
        """The lines and totals as they stand on the document."""
        return {
            "LineItems": [line.body for line in self.lines],
            "SubTotal": amount_of(self.subtotal, self.currency),
            "TotalTax": amount_of(self.tax, self.currency),
            "Total": amount_of(self.total, self.currency),
        }

    def legs(self, organisation: Organisation, sign: int) -> list[tuple[str, int]]:
        """What the lines do to their accounts and the tax account; `sign` is 1 for debits."""
        legs = [(line.account, sign * line.net) for line in self.lines]
        return [*legs, (organisation.system_account("GST"), sign * self.tax)]


def price_lines(organisation: Organisation, sent: Body, currency: str) -> Priced:
    """Check and price the LineItems of a document. Raises Invalid with every reason, Malformed for wrong types."""
    mode = text(sent, "LineAmountTypes") or "Exclusive"
    if mode not in AMOUNT_TYPES:
        raise Malformed(f"LineAmountTypes must be one of {', '.join(AMOUNT_TYPES)}, not {mode}")
    items = children(sent, "LineItems")
    if not items:
        raise Invalid("One or more line items must be specified")
    messages = [message for item in items for message in _problems(organisation, item)]
    if messages:
        raise Invalid(*messages)
    lines = [_priced(organisation, item, mode, currency) for item in items]
    subtotal, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    return Priced(lines=lines, subtotal=subtotal, tax=tax, currency=currency)


def tax_problem(organisation: Organisation, account: Body, tax_type: str) -> str:
    """Why the tax type cannot be used on a line of this account; empty when it can."""
    rate = organisation.shelf.get("TaxRates", tax_type)
    if rate is None or rate["Status"] != "ACTIVE":
        return f"The TaxType code '{tax_type}' does not exist or cannot be used for this type of transaction."
    if rate[_APPLIES_TO[text(account, "Class")]] is not True:
        return f"The TaxType code '{tax_type}' cannot be used with account code '{text(account, 'Code')}'."
    return ""


def tax_on(organisation: Organisation, tax_type: str, amount: int, mode: str) -> int:
    """The tax in minor units that a line of `amount` carries, rounded half up for this line alone."""
    if mode == "NoTax":
        return 0
    rate = number(organisation.shelf.get("TaxRates", tax_type) or {}, "EffectiveRate") or Decimal(0)
    base = Decimal(100) + rate if mode == "Inclusive" else Decimal(100)
    return int((Decimal(amount) * rate / base).quantize(Decimal(1), ROUND_HALF_UP))


def _problems(organisation: Organisation, item: Body) -> list[str]:
    problems = [] if text(item, "Description") else ["Description must be specified on each line item."]
    account = organisation.account({"AccountID": item.get("AccountID"), "Code": item.get("AccountCode")})
    code = text(item, "AccountCode") or text(item, "AccountID")
    if account is None or account["Status"] != "ACTIVE" or not _may_stand_on_a_line(account):
        return [*problems, f"Account code '{code}' is not a valid code for this document."]
    problem = tax_problem(organisation, account, text(item, "TaxType") or text(account, "TaxType"))
    return [*problems, problem] if problem else problems


def _may_stand_on_a_line(account: Body) -> bool:
    return account["Type"] != "BANK" and account.get("SystemAccount") in (None, "GST", "ROUNDING")


def _priced(organisation: Organisation, item: Body, mode: str, currency: str) -> PricedLine:
    account = organisation.account({"AccountID": item.get("AccountID"), "Code": item.get("AccountCode")}) or {}
    quantity = number({"Quantity": 1, **item}, "Quantity")
    unit = number(item, "UnitAmount") if "UnitAmount" in item else number(item, "LineAmount")
    if quantity is None or unit is None:
        raise Malformed("Quantity and UnitAmount must be numbers")
    amount = minor_of(quantity * unit, currency)
    if "LineAmount" in item and minor_sent(item, "LineAmount", currency) != amount:
        expected = amount_of(amount, currency)
        raise Invalid(f"The line total {item['LineAmount']} does not match the expected line total {expected}")
    tax_type = text(item, "TaxType") or text(account, "TaxType")
    tax = (
        minor_sent(item, "TaxAmount", currency) if "TaxAmount" in item else tax_on(organisation, tax_type, amount, mode)
    )
    body: Body = {
        **item,
        "LineItemID": organisation.new_id("LineItems"),
        "AccountID": account["AccountID"],
        "AccountCode": account.get("Code", ""),
        "Quantity": quantity,
        "UnitAmount": unit,
        "LineAmount": amount_of(amount, currency),
        "TaxType": tax_type,
        "TaxAmount": amount_of(tax, currency),
        "Tracking": tracked(organisation, children(item, "Tracking")),
    }
    net = amount - tax if mode == "Inclusive" else amount
    return PricedLine(body=body, account=text(account, "AccountID"), net=net, tax=tax)
