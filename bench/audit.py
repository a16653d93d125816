"""The audit of 100,000 products, 3,700 decisions and 400 accounts, beside a plain loop over the same data."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import date
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
    """Prints the figures; both ways run in turn, so that a busy machine slows them alike, and find the same."""
    uses, account_map, books = _catalogue()
    plain, product = [], []
    for _ in range(ROUNDS):
        plain.append(_seconds(lambda: by_hand(uses, account_map, books)))
        product.append(_seconds(lambda: audit(_values(uses, account_map, books))))
    theirs, ours = by_hand(uses, account_map, books), _told(audit(_values(uses, account_map, books)))
    if theirs != ours:
        raise SystemExit(f"the two ways differ: {sorted(theirs ^ ours)[:5]}")
    ratio = statistics.median(mine / other for mine, other in zip(product, plain, strict=True))
    print(f"{PRODUCTS:,} products, {DECISIONS:,} decisions, {ACCOUNTS} accounts, median of {ROUNDS} rounds")
    print(f"  plain loop with dicts  {statistics.median(plain):9.3f} s")
    print(f"  the audit              {statistics.median(product):9.3f} s    goal at most {GOAL_SECONDS}")
    print(f"  ratio                  {ratio:9.2f}      goal at most {GOAL_RATIO}")
    print(f"  {len(ours):,} findings, the same in both")


def by_hand(uses: list[Use], account_map: AccountMap, books: Books) -> set[Told]:
    """What anybody would write: each product to its decision or its category's, each account looked at, gaps noted."""
    accounts = {account.name: account for account in books.accounts}
    codes = {code: to.account for (_, code), to in account_map.codes.items()}
    amounts: dict[str, int] = {}
    movements: dict[str, int] = {}
    found: set[Told] = set()
    for use in uses:
        name = codes.get(use.code) or codes.get(use.category)
        if name is None:
            found.add(("unmapped", f"sale|{use.code}"))
            name = "Square Sales"
        account = accounts.get(name)
        if account is None:
            found.add(("missing", name))
        elif not account.is_active:
            found.add(("archived", name))
        elif account.type not in ("income", "other_income"):
            found.add(("wrong type", name))
        amounts[name] = amounts.get(name, 0) + abs(use.amount)
        movements[name] = movements.get(name, 0) + use.movements
        if use.first > _TODAY:
            found.add(("new", use.code))
    return found


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


def _catalogue() -> tuple[list[Use], AccountMap, Books]:
    """The same every time: 700 categories of which a few are not decided, 3,000 products decided by themselves."""
    accounts = [
        Account(
            account_id=str(n),
            name=f"Sales {n}",
            number=str(4000 + n),
            type="equity" if n in _WRONG else "income",
            kind="Equity" if n in _WRONG else "Income",
            is_active=n not in _CLOSED,
        )
        for n in range(ACCOUNTS - 1)
    ]
    general = Account(account_id="general", name="Square Sales", number="SQ-2000", type="income", kind="Income")
    codes = {("sale", f"Category {n}"): Placement(account=f"Sales {n % (ACCOUNTS - 1)}") for n in range(CATEGORIES)}
    for n in range(DECISIONS - CATEGORIES):
        name = f"Nowhere {n}" if n in _GONE else f"Sales {n * 7 % (ACCOUNTS - 1)}"
        codes["sale", f"Product {n * 33}"] = Placement(account=name)
    books = Books(name="Main Street", country="US", currency="USD", accounts=(*accounts, general))
    return [_use(n) for n in range(PRODUCTS)], AccountMap(number=1, codes=codes), books


def _use(n: int) -> Use:
    category = f"Category {n % (CATEGORIES + 7)}"  # the last seven are decided nowhere
    return Use("sale", f"Product {n}", category, "USD", "", "", "", "", 100 + n % 900, 3, _FIRST, _LAST)


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    main()
