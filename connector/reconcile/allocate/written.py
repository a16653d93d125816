"""Links and what is left, written as tables of text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from connector.domain.money import decimal_text
from connector.reconcile.allocate.links import Links, Rest
from connector.reconcile.allocate.sides import Side
from connector.reconcile.allocate.tables import Ledger

LINKS = ("account", "currency", "payer", "payment", "payment_date", "invoice", "line", "invoice_date", "amount")
LEFT = ("account", "currency", "what", "name", "date", "amount", "reason")
_BLOCK = 50_000
_SPECIAL = re.compile(r'[",\r\n]')


def write_links(ledger: Ledger, links: Links, write: Callable[[str], object]) -> None:
    """One row a link; `payer` is payment or credit, a credit is named as invoice/line. Amounts are decimal text."""
    write(",".join(LINKS) + "\n")
    paying = list(_payers(ledger))
    settled = list(_settled(ledger.items))
    currencies = [ledger.groups[group][1] for group in ledger.items.groups]
    texts: dict[tuple[int, str], str] = {}
    for start in range(0, len(links.payers), _BLOCK):
        part = slice(start, start + _BLOCK)
        money = [
            (amount, currencies[item]) for amount, item in zip(links.amounts[part], links.items[part], strict=True)
        ]
        for each in set(money).difference(texts):
            texts[each] = decimal_text(*each)
        rows = zip(links.payers[part], links.items[part], money, strict=True)
        write("".join([f"{paying[payer]}{settled[item]}{texts[amount]}\n" for payer, item, amount in rows]))


def write_rest(ledger: Ledger, rest: Sequence[Rest], write: Callable[[str], object]) -> None:
    """One row for everything that stays open; `what` is payment, credit or item."""
    write(",".join(LEFT) + "\n")
    for start in range(0, len(rest), _BLOCK):
        rows = (rest_row(ledger, each) for each in rest[start : start + _BLOCK])
        write("".join([",".join(map(_cell, row)) + "\n" for row in rows]))


def rest_row(ledger: Ledger, each: Rest) -> tuple[str, ...]:
    """The texts of LEFT."""
    first = len(ledger.payments.names)
    if each.number < first:
        side, row, what, name = ledger.payments, each.number, "payment", ledger.payments.names[each.number]
    else:
        side, row, what = ledger.items, each.number - first, "credit" if each.amount < 0 else "item"
        name = f"{side.names[row]}/{side.lines[row]}"
    account, currency = ledger.groups[side.groups[row]]
    amount = decimal_text(each.amount, currency)
    return account, currency, what, name, _day(side.days[row]), amount, each.reason


def _payers(ledger: Ledger) -> Iterator[str]:
    groups = [f"{_cell(account)},{_cell(currency)}" for account, currency in ledger.groups]
    for side, what in ((ledger.payments, "payment"), (ledger.items, "credit")):
        days = _days(side)
        names = (
            _names(side)
            if what == "payment"
            else [_cell(f"{n}/{i}") for n, i in zip(side.names, side.lines, strict=True)]
        )
        for group, name, day in zip(side.groups, names, side.days, strict=True):
            yield f"{groups[group]},{what},{name},{days[day]},"


def _settled(side: Side) -> Iterator[str]:
    days = _days(side)
    for name, line, day in zip(_names(side), side.lines, side.days, strict=True):
        yield f"{name},{line},{days[day]},"


def _names(side: Side) -> Sequence[str]:
    return [_cell(name) for name in side.names] if _SPECIAL.search("".join(side.names)) else side.names


def _days(side: Side) -> dict[int, str]:
    return {day: _day(day) for day in set(side.days)}


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text
