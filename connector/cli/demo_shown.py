"""What the demo shows: each document with its ids in the books, and each clearing balance with what it consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import typer

from connector.cli.printed import document_body
from connector.cli.reconcile_clearing import folded, row
from connector.domain.money import decimal_text, grouped_text
from connector.domain.notation import written
from connector.store.feeds import locations
from connector.store.ledger import documents_of, read_document
from connector.store.postings import postings_of
from connector.sync.clearing import ClearingBalance, clearing_balances
from connector.sync.status import FeedStatus, status

if TYPE_CHECKING:
    from connector.store.feeds import Feed
    from connector.sync.house import House
    from connector.sync.post import Posted

WIDTH = 14
WIDEST = 72  # of what a line is about; what is longer is cut, and says so


def show_all(house: House, feeds: Sequence[Feed], told: Sequence[str]) -> None:
    """Everything, for a person."""
    for sentence in told:
        typer.echo(sentence)
    for feed in feeds:
        typer.secho(
            f"\n═══ {feed.source.title or feed.source.name} → {feed.target.title} ({feed.target.provider})\n", bold=True
        )
        _show_documents(house, feed)
        _show_clearing(house, feed)
    for each in status(house):
        _show_waiting(each, _places(house, each.feed))
    typer.echo("")


def as_data(house: House, feeds: Sequence[Feed], done: Mapping[str, Posted]) -> dict[str, object]:
    """The same, for another program."""
    return {
        "posted": {name: each.counts for name, each in done.items()},
        "feeds": [
            {
                "name": feed.name,
                "documents": _documents(house, feed),
                "clearing": [_clearing(balance) for balance in clearing_balances(house, feed)],
            }
            for feed in feeds
        ],
    }


def _documents(house: House, feed: Feed) -> list[dict[str, object]]:
    with house.database.transaction() as tx:
        return [
            document_body(read_document(tx, row))
            | {
                "postings": [
                    {"kind": p.target_kind, "id": p.target_id, "mark": p.mark, "state": p.state}
                    for p in postings_of(tx, row.id or 0)
                ]
            }
            for row in documents_of(tx, feed.id)
        ]


def _clearing(balance: ClearingBalance) -> dict[str, object]:
    money = balance.currency
    return {
        "account": balance.account,
        "currency": money,
        "by_documents": decimal_text(balance.by_documents, money),
        "in_books": None if balance.in_books is None else decimal_text(balance.in_books, money),
        "lines": [
            {"date": line.day.isoformat(), "mark": line.mark, "amount": decimal_text(line.amount, money)}
            for line in balance.lines
        ],
        "open_items": [
            {"date": item.day.isoformat(), "item": item.text, "amount": decimal_text(item.amount, money)}
            for item in balance.open_items
        ],
    }


def _show_documents(house: House, feed: Feed) -> None:
    with house.database.transaction() as tx:
        for row in documents_of(tx, feed.id):
            typer.echo(written(read_document(tx, row)), nl=False)
            for posting in postings_of(tx, row.id or 0):
                what = f"{feed.target.provider} {posting.target_kind} {posting.target_id or '–'}"
                typer.secho(f"      {what}  {posting.state}", dim=True)
            typer.echo("")


def _show_clearing(house: House, feed: Feed) -> None:
    typer.secho("Clearing balances", bold=True)
    for balance in clearing_balances(house, feed):
        _show_balance(balance)


def _show_balance(balance: ClearingBalance) -> None:
    money = balance.currency
    in_books = "not told for this currency" if balance.in_books is None else grouped_text(balance.in_books, money)
    typer.echo(
        f"  {balance.account:<32}{grouped_text(balance.by_documents, money):>{WIDTH}} {money}   in the books {in_books}"
    )
    _show_rows([(line.day, line.narration, line.amount) for line in balance.lines], money)
    if balance.by_documents and balance.open_items:
        typer.echo("    consists of")
        for of in folded(balance.open_items):
            typer.echo(f"    {row(of, money)}")
    typer.echo("")


def _show_rows(rows: Sequence[tuple[date, str, int]], money: str) -> None:
    wide = min(WIDEST, max((len(text) for _, text, _ in rows), default=0))
    for day, text, amount in rows:
        shown = text if len(text) <= wide else f"{text[: wide - 1]}…"
        typer.echo(f"      {day}  {shown:<{wide}}{grouped_text(amount, money):>{WIDTH}}")


def _places(house: House, feed: Feed) -> dict[str, str]:
    with house.database.transaction() as tx:
        return {place.source_id: place.name for place in locations(tx, feed.source.id)}


def _named(key: str, places: Mapping[str, str]) -> str:
    """A period as people say it: its day, its place's name and its kind. Source and account stand in the heading."""
    place, kind, period = [*key.split("|")[2:], "", "", ""][:3]
    return " · ".join(part for part in (period, places.get(place, place), kind) if part) or key


def _show_waiting(each: FeedStatus, places: Mapping[str, str]) -> None:
    """What waits, each reason once with the periods that wait for it."""
    periods: dict[str, list[str]] = {}
    for waiting in each.waiting:
        if waiting.state != "ignored":
            periods.setdefault(waiting.reason, []).append(_named(waiting.key, places))
    if not periods:
        return
    typer.secho(
        f"Waiting in {each.feed.source.title} → {each.feed.target.title} ({each.feed.target.provider})", bold=True
    )
    for reason, names in periods.items():
        typer.echo(f"  HELD  {', '.join(names)}\n        {reason}")
    typer.echo("")
