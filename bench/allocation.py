"""Payments to the items of invoices: against reading and sorting the same tables, and one busy customer."""

from __future__ import annotations

import random
import statistics
from array import array
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from time import perf_counter

from connector.domain.money import decimal_text
from connector.reconcile.allocate.settle import settle, settle_by_loop
from connector.reconcile.allocate.sides import Settled, Side
from connector.reconcile.allocate.sums import queues
from connector.reconcile.allocate.tables import Ledger, Source, read_ledger

ROWS = 1_000_000
CUSTOMERS = 20_000
ROUNDS = 3
GOAL_RATIO = 1.5
ONE_CUSTOMER, GOAL_SECONDS = 4_000, 0.25
_FIRST = date(2026, 1, 1)
_CREDIT_OF = 50


def main() -> None:
    """Prints the figures; the floor and the whole run in turn, so that a busy machine slows them alike."""
    payments, items = payment_lines(ROWS), item_lines(ROWS)
    floors, wholes, links = [], [], 0
    for _ in range(ROUNDS):
        floors.append(_seconds(lambda: _read_and_sort(payments, items)))
        start = perf_counter()
        links = len(_settled(payments, items).payers)
        wholes.append(perf_counter() - start)
    floor, whole = statistics.median(floors), statistics.median(wholes)
    print(f"{ROWS:,} payments to {ROWS:,} items of {CUSTOMERS:,} customers: {links:,} links, median of {ROUNDS} rounds")
    print(f"  read and sort          {floor:9.2f} s")
    print(f"  read, sort and link    {whole:9.2f} s")
    print(f"  ratio                  {whole / floor:9.2f}    goal at most {GOAL_RATIO}")
    busy = _side(ONE_CUSTOMER, 1), _side(ONE_CUSTOMER, 2)
    seconds = statistics.median(_seconds(lambda: settle_by_loop(*busy)) for _ in range(ROUNDS))
    print(f"  {ONE_CUSTOMER:,} × {ONE_CUSTOMER:,} of one customer {seconds:.3f} s    goal at most {GOAL_SECONDS}")


def _settled(payments: Sequence[str], items: Sequence[str]) -> Settled:
    ledger = _read(payments, items)
    return settle(ledger.payments, ledger.items)


def _read_and_sort(payments: Sequence[str], items: Sequence[str]) -> object:
    ledger = _read(payments, items)
    return queues(ledger.payments, ledger.items)


def _read(payments: Sequence[str], items: Sequence[str]) -> Ledger:
    return read_ledger(Source(file="payments.csv", lines=payments), Source(file="items.csv", lines=items))


def payment_lines(rows: int) -> list[str]:
    """A table of payments over a year, the same every time."""
    chance = random.Random(1)
    return ["payment,account,date,amount,currency\n"] + [
        f"P{row:07},C{chance.randrange(CUSTOMERS):05},{_day(chance)},{_amount(chance)},USD\n" for row in range(rows)
    ]


def item_lines(rows: int) -> list[str]:
    """A table of invoices of three lines each; every so many lines a credit."""
    chance, lines = random.Random(2), ["invoice,line,account,date,amount,currency\n"]
    for row in range(rows):
        if row % 3 == 0:
            head = f"I{row // 3:07}", f"C{chance.randrange(CUSTOMERS):05},{_day(chance)}"
        sign = "-" if row % _CREDIT_OF == 0 else ""
        lines.append(f"{head[0]},{row % 3 + 1},{head[1]},{sign}{_amount(chance)},USD\n")
    return lines


def _day(chance: random.Random) -> str:
    return (_FIRST + timedelta(days=chance.randrange(365))).isoformat()


def _amount(chance: random.Random) -> str:
    return decimal_text(chance.randint(500, 20_000), "USD")


def _side(rows: int, seed: int) -> Side:
    """So many rows of one customer."""
    chance = random.Random(seed)
    return Side(
        groups=array("q", bytes(8 * rows)),
        days=array("q", [_FIRST.toordinal() + chance.randrange(365) for _ in range(rows)]),
        names=[f"N{row:05}" for row in range(rows)],
        lines=array("q", bytes(8 * rows)),
        amounts=array("q", [chance.randint(500, 20_000) for _ in range(rows)]),
    )


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    main()
