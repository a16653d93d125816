"""Clearing accounts rolled over the period, each closing balance as the sum of its items; and what is no clearing."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.money import grouped_text
from connector.reconcile.report.gathered import Balance, Gathered, Tied
from connector.reconcile.report.sums import Draft, columns, numbered, statement, table
from connector.reconcile.report.values import Row, Section, Statement

_ROLLED = ("opening", "posted", "settled", "closing")
_TIED = ("opening", "increased", "decreased", "closing", "by_source", "restated", "missing")
WORDS = {"gift_card": "gift cards", "store_credit": "store credit", "house_account": "house accounts",
         "customer_deposit": "customers' deposits", "tax": "tax"}  # fmt: skip


def add_balances(draft: Draft, gathered: Gathered) -> None:
    """For each clearing account: opening + posted − settled = closing, the closing by cause, and every item."""
    balances = numbered("C", map(_balance, gathered.balances))
    items: list[Row] = []
    for balance, of in zip(balances, gathered.balances, strict=True):
        items += _items(balance.id, of)
    draft.tables += [
        table(
            "clearing",
            ("Clearing accounts", "Debit positive. Settled is what matched bank lines took out where the bookkeeper "
             "codes the deposit."),
            columns("feed", "account", *_ROLLED, "unexplained", "in_books=In the books",
                    amounts=(*_ROLLED, "unexplained")),
            balances,
        ),
        table(
            "items",
            ("Open items of the clearing accounts", "What each closing balance is made of; age in days at the end of "
             "the period."),
            columns("feed", "account", "cause", "text", "day=Since", "age", "amount"),
            items,
        ),
        table(
            "ties",
            ("Gift cards, customers' accounts and tax, tied to the source", "Debit positive. Missing is what the "
             "source's records say and the books do not hold."),
            columns("feed", "what", "name", *_TIED, amounts=_TIED),
            numbered("T", map(_tied, gathered.ties)),
        ),
    ]  # fmt: skip
    statements = [
        _statement(draft, balance, [item for item in items if item.id.startswith(f"{balance.id}.")])
        for balance in balances
    ]
    tied = draft.tables[-1].rows
    draft.sections.append(
        Section(
            id="clearing",
            title="Clearing balances",
            note="What stands on each clearing account at the end of the period, named item by item.",
            statements=tuple(statements),
            tables=("clearing", "items"),
        )
    )
    draft.sections.append(
        Section(
            id="ties",
            title="Gift cards, customers' accounts and tax",
            note="Tied to the source: what its records say stands in the books, or is missing there.",
            statements=tuple(
                _tax(draft, key, [row for row in tied if (row.cells["feed"], row.currency) == key and _is_tax(row)])
                for key in dict.fromkeys((str(row.cells["feed"]), row.currency) for row in tied if _is_tax(row))
            ),
            tables=("ties",),
        )
    )


def _is_tax(row: Row) -> bool:
    return row.cells["what"] == WORDS["tax"]


def _tax(draft: Draft, key: tuple[str, str], rows: Sequence[Row]) -> Statement:
    """What is owed is a credit: tax charged counts positive here."""
    feed, currency = key
    base = f"tax/{feed}/{currency}"
    names = [
        draft.of_rows(f"{base}/{column}", title, rows, of=f"-ties.{column}", currency=currency)
        for column, title in (
            ("by_source", "Tax by the source's records"),
            ("restated", "Tax that documents restate"),
            ("increased", "Charged in the books"),
            ("decreased", "Given back in the books"),
        )
    ]
    missing = draft.of_rows(f"{base}/missing", "Not in the books", rows, of="-ties.missing", currency=currency)
    parts = [names[0], names[1], f"-{names[2]}", f"-{names[3]}", f"-{missing}"]
    off = draft.of_parts(f"{base}/off", "Difference", parts, currency)
    return statement(
        base, f"Tax, {feed}", currency, [*((name, "part") for name in names), (missing, "total"), (off, "check")]
    )


def _statement(draft: Draft, balance: Row, items: Sequence[Row]) -> Statement:
    currency, account = balance.currency, str(balance.cells["account"])
    base = f"clearing/{balance.cells['feed']}/{account}/{currency}"
    of = [balance]
    opening = draft.of_rows(f"{base}/opening", "Opening", of, of="clearing.opening", currency=currency)
    posted = draft.of_rows(f"{base}/posted", "Posted by documents", of, of="clearing.posted", currency=currency)
    settled = draft.of_rows(f"{base}/settled", "Settled at the bank", of, of="-clearing.settled", currency=currency)
    closing = draft.of_parts(f"{base}/closing", "Closing", [opening, posted, settled], currency)
    causes = [
        draft.of_rows(f"{base}/{cause}", f"of which {cause}", some, of="items.amount", currency=currency)
        for cause in dict.fromkeys(str(item.cells["cause"]) for item in items)
        for some in [[item for item in items if item.cells["cause"] == cause]]
    ]
    off = draft.of_parts(f"{base}/off", "Difference", [closing, *(f"-{cause}" for cause in causes)], currency)
    return statement(
        base,
        f"{account}, {balance.cells['feed']}",
        currency,
        [(opening, "part"), (posted, "part"), (settled, "part"), (closing, "total"),
         *((cause, "part") for cause in causes), (off, "check")],
    )  # fmt: skip


def _balance(each: Balance) -> dict[str, str | int]:
    in_books = ""
    if each.in_books is not None and each.proved_at is not None:
        in_books = f"{grouped_text(each.in_books, each.currency)} {each.currency} on {each.proved_at:%Y-%m-%d}"
    amounts = {name: int(getattr(each, name)) for name in (*_ROLLED, "unexplained")}
    return {"feed": each.feed, "account": each.account, "currency": each.currency, **amounts, "in_books": in_books}


def _items(of: str, balance: Balance) -> list[Row]:
    return [
        Row(
            id=f"{of}.{number}",
            cells={
                "feed": balance.feed,
                "account": balance.account,
                "cause": item.cause,
                "text": item.text,
                "day": item.day.isoformat(),
                "age": str(item.age),
                "currency": balance.currency,
                "amount": item.amount,
            },
        )
        for number, item in enumerate(sorted(balance.items, key=lambda item: (item.cause, item.day)), start=1)
    ]


def _tied(each: Tied) -> dict[str, str | int]:
    amounts = {
        "opening": each.opening,
        "increased": each.increased,
        "decreased": each.decreased,
        "closing": each.opening + each.increased + each.decreased,
        "by_source": each.by_source,
        "restated": each.restated,
        "missing": each.missing,
    }
    return {"feed": each.feed, "what": WORDS[each.what], "name": each.name, "currency": each.currency, **amounts}
