"""The links of an earlier run stay: what they settled is no longer open, and they are written again with the new."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace

from connector.reconcile.allocate.links import Links
from connector.reconcile.allocate.sides import Side, in_order
from connector.reconcile.allocate.tables import Ledger, Source
from connector.reconcile.columns import Block, Column, amounts_of, currency_of, read_blocks

_NAMES = ("account", "currency", "payer", "payment", "invoice", "line", "amount")
_COLUMNS = [Column(name=name) for name in _NAMES]
Key = tuple[str, str, str, int]


def take_off(ledger: Ledger, earlier: Source) -> tuple[Ledger, Links]:
    """The ledger with what is still open, and the earlier links by its numbers.

    Raises Unreadable for a link of a payment or item that the ledger lacks, or of more than it has open."""
    first = len(ledger.payments.names)
    payments, items = _places(ledger, ledger.payments), _places(ledger, ledger.items)
    open_ = [*ledger.payments.amounts, *ledger.items.amounts]
    payers, settled, amounts = list[int](), list[int](), list[int]()
    for block in read_blocks(earlier.lines, _COLUMNS, earlier.file):
        for row, (payer, payment, invoice, amount) in enumerate(_rows(block)):
            paying = items.get(payment, -1 - first) + first if payer == "credit" else payments.get(payment, -1)
            item = items.get(invoice, -1)
            if paying < 0 or item < 0:
                name, lacking = ("payment", payment) if paying < 0 else ("invoice", invoice)
                raise block.wrong(row, name, f"{lacking[2]} is not in the files of this run")
            sign = -1 if paying >= first else 1
            if not 0 < amount <= min(sign * open_[paying], open_[first + item]):
                raise block.wrong(row, "amount", "the payment or the item has not that much open")
            open_[paying] -= sign * amount
            open_[first + item] -= amount
            payers.append(paying)
            settled.append(item)
            amounts.append(amount)
    return _with(ledger, open_), Links(payers=payers, items=settled, amounts=amounts)


def merged(ledger: Ledger, earlier: Links, new: Links) -> Links:
    """Both, in the order of settling; two links of one pair become one."""
    sums: dict[tuple[int, int], int] = {}
    for links in (earlier, new):
        for payer, item, amount in zip(links.payers, links.items, links.amounts, strict=True):
            sums[payer, item] = sums.get((payer, item), 0) + amount
    payment_keys, item_keys = _order(ledger.payments), _order(ledger.items)
    first = len(payment_keys)

    def place(pair: tuple[int, int]) -> tuple[int, bool, tuple[int, str, int], tuple[int, str, int]]:
        payer, item = pair
        key = payment_keys[payer] if payer < first else item_keys[payer - first]
        return ledger.items.groups[item], payer < first, key, item_keys[item]

    pairs = sorted(sums, key=place)
    return Links(
        payers=[pair[0] for pair in pairs],
        items=[pair[1] for pair in pairs],
        amounts=[sums[pair] for pair in pairs],
    )


def _order(side: Side) -> list[tuple[int, str, int]]:
    return list(zip(side.days, in_order(side.names), side.lines, strict=True))


def _places(ledger: Ledger, side: Side) -> dict[Key, int]:
    rows = zip(side.groups, side.names, side.lines, strict=True)
    return {(*ledger.groups[group], name, line): row for row, (group, name, line) in enumerate(rows)}


def _rows(block: Block) -> Iterator[tuple[str, Key, Key, int]]:
    """(payer, the payment's or credit line's key, the item's key, amount) of each row."""
    columns = block.columns
    currencies = block.read("currency", currency_of, {})
    amounts = amounts_of(block, "amount", currencies, {})
    names = (columns[name] for name in ("account", "payer", "payment", "invoice", "line"))
    for row, (account, payer, payment, invoice, line) in enumerate(zip(*names, strict=True)):
        if payer not in ("payment", "credit"):
            raise block.wrong(row, "payer", f"{payer!r} is neither payment nor credit")
        own = (account, currencies[row])
        yield payer, (*own, *_paying(payer, payment)), (*own, invoice, _line(line)), amounts[row]


def _paying(payer: str, name: str) -> tuple[str, int]:
    """A payment has no line; a credit is named as invoice/line."""
    if payer == "payment":
        return name, 0
    invoice, _, line = name.rpartition("/")
    return invoice, _line(line)


def _line(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _with(ledger: Ledger, open_: Sequence[int]) -> Ledger:
    first = len(ledger.payments.names)
    payments = replace(ledger.payments, amounts=array("q", open_[:first]))
    return replace(ledger, payments=payments, items=replace(ledger.items, amounts=array("q", open_[first:])))
