"""The audit of 100,000 products, 3,700 decisions and 400 accounts, beside a plain loop over the same files."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from connector.domain.account_map import AccountMap, Placement
from connector.domain.books import Account, Books
from connector.domain.finding import Finding
from connector.mapping.auditor import audit
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.values import Use
from connector.mapping.rules import Rules
from connector.sources.registry import source

PRODUCTS, DECISIONS, CATEGORIES, ACCOUNTS = 100_000, 3_700, 700, 400
ROUNDS = 5
GOAL_RATIO, GOAL_SECONDS = 2, 0.6

_TODAY, _FIRST, _LAST = date(2026, 11, 21), date(2026, 8, 1), date(2026, 11, 20)
_CLOSED, _WRONG, _GONE = range(0, 400, 57), range(3, 400, 61), range(7, 3_000, 977)
Told = tuple[str, str]  # what is wrong, and with what


def main() -> None:
    """Prints the figures; both ways run in turn, so that a busy machine slows them alike, and find the same.

    Both begin with the three files, products, decisions and accounts, and end with the list of what is wrong."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        plain, product = [], []
        for _ in range(ROUNDS):
            plain.append(_seconds(lambda: by_hand(folder)))
            product.append(_seconds(lambda: audited(folder)))
        theirs, ours = by_hand(folder), _told(audited(folder))
    if theirs != ours:
        raise SystemExit(f"the two ways differ: {sorted(theirs ^ ours)[:5]}")
    ratio = statistics.median(mine / other for mine, other in zip(product, plain, strict=True))
    print(f"{PRODUCTS:,} products, {DECISIONS:,} decisions, {ACCOUNTS} accounts, median of {ROUNDS} rounds")
    print(f"  plain loop with dicts  {statistics.median(plain):9.3f} s")
    print(f"  the audit              {statistics.median(product):9.3f} s    goal at most {GOAL_SECONDS}")
    print(f"  ratio                  {ratio:9.2f}      goal at most {GOAL_RATIO}")
    print(f"  {len(ours):,} findings, the same in both")


def by_hand(folder: Path) -> set[Told]:
    """What anybody would write: each product to its decision or its category's, each account looked at, gaps noted."""
    accounts = {row["name"]: row for row in _rows(folder / "accounts.csv")}
    codes = {row["code"]: row["account"] for row in _rows(folder / "decisions.csv")}
    amounts: dict[str, int] = {}
    movements: dict[str, int] = {}
    found: set[Told] = set()
    today = _TODAY.isoformat()
    for code, category, amount, count, first, _ in _lines(folder / "products.csv"):
        name = codes.get(code) or codes.get(category)
        if name is None:
            found.add(("unmapped", f"sale|{code}"))
            name = "Square Sales"
        account = accounts.get(name)
        if account is None:
            found.add(("missing", name))
        elif account["is_active"] != "yes":
            found.add(("archived", name))
        elif account["type"] not in ("income", "other_income"):
            found.add(("wrong type", name))
        amounts[name] = amounts.get(name, 0) + abs(int(amount))
        movements[name] = movements.get(name, 0) + int(count)
        if first > today:
            found.add(("new", code))
    return found


def audited(folder: Path) -> tuple[Finding, ...]:
    """The same through the auditor."""
    accounts = tuple(
        Account(
            account_id=row["id"],
            name=row["name"],
            number=row["number"],
            type="income" if row["type"] == "income" else "equity",
            kind=row["type"],
            is_active=row["is_active"] == "yes",
        )
        for row in _rows(folder / "accounts.csv")
    )
    codes = {("sale", row["code"]): Placement(account=row["account"]) for row in _rows(folder / "decisions.csv")}
    books = Books(name="Main Street", country="US", currency="USD", accounts=accounts)
    day = cache(date.fromisoformat)  # few days, and many products
    uses = [
        Use("sale", code, category, "USD", "", "", "", "", int(amount), int(count), day(first), day(last))
        for code, category, amount, count, first, last in _lines(folder / "products.csv")
    ]
    return audit(_values(uses, AccountMap(number=1, codes=codes), books))


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _told(findings: tuple[Finding, ...]) -> set[Told]:
    words = {"unmapped_code": "unmapped", "account_missing": "missing", "account_archived": "archived",
             "account_wrong_type": "wrong type"}  # fmt: skip
    return {(words[finding.code], finding.subject) for finding in findings}


def _values(uses: list[Use], account_map: AccountMap, books: Books) -> Audit:
    rules = Rules(
        defaults=source("square").defaults,
        account_map=account_map,
        organisation="Main Street",
        connection="bench",
        account="M1",
    )
    return Audit(feed="bench", today=_TODAY, rules=rules, books=books, uses=uses)


def write_files(folder: Path) -> None:
    """The same every time: 700 categories of which a few are not decided, 3,000 products decided by themselves."""
    accounts = [
        (n, f"Sales {n}", 4000 + n, "equity" if n in _WRONG else "income", "no" if n in _CLOSED else "yes")
        for n in range(ACCOUNTS - 1)
    ]
    accounts.append((ACCOUNTS, "Square Sales", 2000, "income", "yes"))
    decisions = [(f"Category {n}", f"Sales {n % (ACCOUNTS - 1)}") for n in range(CATEGORIES)]
    for n in range(DECISIONS - CATEGORIES):
        name = f"Nowhere {n}" if n in _GONE else f"Sales {n * 7 % (ACCOUNTS - 1)}"
        decisions.append((f"Product {n * 33}", name))
    products = [  # the last seven categories are decided nowhere
        (f"Product {n}", f"Category {n % (CATEGORIES + 7)}", 100 + n % 900, 3, _FIRST, _LAST) for n in range(PRODUCTS)
    ]
    _write(folder / "accounts.csv", ("id", "name", "number", "type", "is_active"), accounts)
    _write(folder / "decisions.csv", ("code", "account"), decisions)
    _write(folder / "products.csv", ("code", "category", "amount", "movements", "first", "last"), products)


def _write(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    main()
