"""Lines and tax of the forms of QuickBooks: sales forms, whose lines name items, and bills and deposits."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.books import Books, TaxRate
from connector.domain.document import Document, Line
from connector.errors import NeedsMapping
from connector.targets.quickbooks.translate.chart import (
    Placed,
    applies_to,
    class_of,
    described,
    out_of_scope,
    place_of,
    placed,
    ref,
    tax_code,
)
from connector.targets.quickbooks.translate.names import item, rates, tax_by_rate

NOT_TAXED = "NON"  # books of the United States: kept from QuickBooks' own sales tax, for the tax is a line of ours


def sales_form(lines: Sequence[Line], sign: int, document: Document, books: Books) -> dict[str, object]:
    """Location, lines and tax of a sales form; `sign` -1 makes our credits positive, 1 our debits."""
    found = placed(lines, document, books)
    return {
        **place_of(lines, document, books),
        "Line": [_item_line(each, sign, document, books) for each in found],
        **_tax(found, sign, "Sales", document, books),
    }


def expense_form(lines: Sequence[Line], document: Document, books: Books) -> dict[str, object]:
    """Location, lines and tax of a bill; debits are positive."""
    found = placed(lines, document, books)
    return {
        **place_of(lines, document, books),
        "Line": [_account_line("AccountBasedExpenseLineDetail", each, 1, document, books) for each in found],
        **_tax(found, 1, "Purchase", document, books),
    }


def deposit_form(lines: Sequence[Line], document: Document, books: Books) -> dict[str, object]:
    """Location, lines and tax of a deposit; credits are positive, what is kept from it negative."""
    found = placed(lines, document, books)
    return {
        **place_of(lines, document, books),
        "Line": [_account_line("DepositLineDetail", each, -1, document, books) for each in found],
        **_tax(found, -1, "", document, books),
    }


def _item_line(each: Placed, sign: int, document: Document, books: Books) -> dict[str, object]:
    line, account = each
    if account.type == "bank":
        raise NeedsMapping(
            f"{document.mark}: {account.name!r} is a bank account, which cannot stand on a line of a sales form "
            f"({line.role}): map it to a current asset, or post this feed by journal."
        )
    amount = sign * _net(line, books)
    body: dict[str, object] = {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": {
            "ItemRef": item(account, document, books),
            "Qty": 1,
            "UnitPrice": amount,
            **class_of(line, document, books),
            "TaxCodeRef": {"value": _code(each, document, books).code if _by_code(books) else NOT_TAXED},
        },
    }
    return described(line, body)


def _account_line(detail: str, each: Placed, sign: int, document: Document, books: Books) -> dict[str, object]:
    line, account = each
    named: dict[str, object] = {"AccountRef": ref(account), **class_of(line, document, books)}
    if _by_code(books):
        named["TaxCodeRef"] = {"value": _code(each, document, books).code}
    if _by_code(books) and detail == "DepositLineDetail":
        named["TaxApplicableOn"] = applies_to(line)
    body: dict[str, object] = {"DetailType": detail, "Amount": sign * _net(line, books), detail: named}
    return described(line, body)


def _tax(found: Sequence[Placed], sign: int, side: str, document: Document, books: Books) -> dict[str, object]:
    """The tax of a form said to the cent, by rate; nothing in books that have it on a line of its own.

    `side` is Sales or Purchase, or empty where each line says it."""
    if not _by_code(books):
        return {}
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for each in found:
        line, key = each[0], (_code(each, document, books).code, side or applies_to(each[0]))
        net, tax = sums.get(key, (0, 0))
        sums[key] = (net + sign * (line.amount - line.tax), tax + sign * line.tax)
    lines = [line for key, (net, tax) in sums.items() for line in _tax_lines(key, net, tax, document, books)]
    body: dict[str, object] = {"GlobalTaxCalculation": "TaxExcluded"}
    if lines:
        body["TxnTaxDetail"] = {"TotalTax": sum(tax for _, tax in sums.values()), "TaxLine": lines}
    return body


def _tax_lines(key: tuple[str, str], net: int, tax: int, document: Document, books: Books) -> list[dict[str, object]]:
    found = rates(*key, books)
    if not found and tax:
        raise NeedsMapping(
            f"{document.mark}: the tax code {key[0]} has no rate for {key[1].lower()}s in the books: map to another, "
            "or read the books again."
        )
    return [
        {
            "DetailType": "TaxLineDetail",
            "Amount": part,
            "TaxLineDetail": {
                "TaxRateRef": {"value": id_},
                "PercentBased": True,
                "TaxPercent": percent,
                "NetAmountTaxable": net,
            },
        }
        for (id_, percent), part in zip(found, tax_by_rate(tax, found) if found else [], strict=True)
    ]


def _code(each: Placed, document: Document, books: Books) -> TaxRate:
    return tax_code(*each, document, books) or out_of_scope(document, books)


def _net(line: Line, books: Books) -> int:
    return line.amount - line.tax if _by_code(books) else line.amount


def _by_code(books: Books) -> bool:
    return books.charges_tax_by_code()
