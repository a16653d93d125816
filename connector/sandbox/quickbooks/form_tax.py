"""The tax of forms outside of the United States: a code on every line, and the tax by rate as told or worked out."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from connector.sandbox.body import Body, child, children, number, text
from connector.sandbox.quickbooks.company import Company, amount_of, minor_amount
from connector.sandbox.quickbooks.form_lines import FormLine
from connector.sandbox.quickbooks.refusals import Refused, Wrong, bad_reference, missing, not_a_number, rule
from connector.sandbox.quickbooks.written import ref_of

_AMERICAN = frozenset({"", "NON"})


def tax_of(company: Company, sent: Body, lines: Sequence[FormLine]) -> tuple[int, Body]:
    """The tax of a form in minor units, and its TxnTaxDetail as kept. Raises Refused."""
    if company.country == "US":
        _check_american(lines)
        return 0, {}
    mode = text(sent, "GlobalTaxCalculation")
    if mode not in ("TaxExcluded", "NotApplicable"):
        raise Refused(missing("GlobalTaxCalculation"))
    told = children(child(sent, "TxnTaxDetail"), "TaxLine")
    if mode == "NotApplicable":
        if told or any(line.code for line in lines):
            raise Refused(_wrong("6170", "no tax detail goes with GlobalTaxCalculation NotApplicable"))
        return 0, {}
    _check_codes(company, lines)
    tax_lines = told or _worked_out(company, lines)
    total = sum(_told(company, line, lines) for line in tax_lines)
    detail = child(sent, "TxnTaxDetail")
    if told and number(detail, "TotalTax") not in (None, amount_of(total)):
        raise Refused(_wrong("6470", f"TotalTax is not the sum of the tax lines, {amount_of(total)}"))
    return total, {"TotalTax": amount_of(total), "TaxLine": tax_lines}


def _check_american(lines: Sequence[FormLine]) -> None:
    """Sales tax that the service works out by itself is not offered here: only lines without it are taken."""
    if any(line.code not in _AMERICAN for line in lines):
        raise Refused(_wrong("6160", "a line of this company can carry the code NON only"))


def _check_codes(company: Company, lines: Sequence[FormLine]) -> None:
    for line in lines:
        if not line.code:
            raise Refused(rule("Make sure all your transactions have a GST/HST or VAT rate before you save."))
        if line.side not in ("Sales", "Purchase"):
            raise Refused(
                Wrong(code="2270", message="Missing value", detail="TaxApplicableOn must be Sales or Purchase")
            )
        code = company.shelf.get("TaxCode", line.code)
        if code is None:
            raise Refused(bad_reference("TaxCode", line.code, "Line.TaxCodeRef"))
        if code["Active"] is False:
            raise Refused(_wrong("6230", f"The tax code {code['Name']} is not active"))


def _told(company: Company, tax_line: Body, lines: Sequence[FormLine]) -> int:
    rate = ref_of(child(tax_line, "TaxLineDetail"), "TaxRateRef")
    known = {id_ for line in lines for id_, _ in _rates(company, line.code, line.side)}
    if rate not in known:
        raise Refused(_wrong("6470", f"The tax rate {rate} belongs to no code on the lines"))
    amount = minor_amount(tax_line, "Amount")
    if isinstance(amount, Wrong):
        raise Refused(not_a_number("TaxLine.Amount"))
    return amount


def _worked_out(company: Company, lines: Sequence[FormLine]) -> list[Body]:
    nets: dict[tuple[str, Decimal], int] = {}
    for line in lines:
        for rate in _rates(company, line.code, line.side):
            nets[rate] = nets.get(rate, 0) + line.amount
    return [_tax_line(id_, percent, net) for (id_, percent), net in nets.items()]


def _tax_line(rate: str, percent: Decimal, net: int) -> Body:
    tax = int((net * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))
    detail: Body = {"TaxRateRef": {"value": rate}, "PercentBased": True, "TaxPercent": percent}
    return {
        "Amount": amount_of(tax),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {**detail, "NetAmountTaxable": amount_of(net)},
    }


def _rates(company: Company, code: str, side: str) -> list[tuple[str, Decimal]]:
    listed = child(company.shelf.get("TaxCode", code) or {}, f"{side}TaxRateList")
    ids = [ref_of(detail, "TaxRateRef") for detail in children(listed, "TaxRateDetail")]
    return [(id_, number(company.shelf.get("TaxRate", id_) or {}, "RateValue") or Decimal(0)) for id_ in ids]


def _wrong(code: str, detail: str) -> Wrong:
    return Wrong(code=code, message="Invalid tax", detail=detail, element="TxnTaxDetail")
