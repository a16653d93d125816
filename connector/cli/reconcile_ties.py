"""`connector reconcile ties` and `taxes`: gift cards, house accounts, deposits and taxes of a stretch, tied to the
source; and the worksheet of a tax return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json
from connector.cli.reconcile_files import show_table

if TYPE_CHECKING:
    from datetime import date

    from connector.reconcile.worksheet import TaxRow
    from connector.sync.ties import Tie

NOT_TIED = 3
_SAID = {"gift_card": "gift cards", "store_credit": "store credit", "house_account": "house accounts",
         "customer_deposit": "customers' deposits", "tax": "tax"}  # fmt: skip
_AMOUNTS = ("opening", "increased", "decreased", "closing", "by_source", "restated", "missing")


def ties(
    feed: Annotated[str, typer.Argument(help="The name of the feed.")],
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-03-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day, such as 2026-03-31.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Rolls gift cards, store credit, house accounts and customers' deposits forward, and shows tax by place and rate,
    each beside what the source says. Amounts are debit positive.

    Ends with 0 when all is tied, 3 when something of the source is not in the books."""
    from connector.store.feeds import feed as find
    from connector.sync.ties import ties as tie

    with opened("read") as house:
        days = days_of(first, last)
        with house.database.transaction() as tx:
            found = find(tx, feed)
        made = tie(house, found, *days)
    rows = [_body(each) for each in made]
    if as_json:
        print_json(rows)
    else:
        names = ("what", "name", "currency", *_AMOUNTS, "accounts")
        cells = [tuple(str(row[name]) for name in names) for row in rows]
        show_table(names, cells, right=set(_AMOUNTS), say=typer.echo)
        if not rows:
            typer.echo("Nothing of that kind was sold, redeemed or taxed.")
    raise typer.Exit(NOT_TIED if any(each.missing for each in made) else 0)


def taxes(
    feed: Annotated[str, typer.Argument(help="The name of the feed.")],
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-03-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day, such as 2026-03-31.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """The worksheet of a tax return: for each place and tax what was sold, exempt and taxed, the tax, what of it a
    marketplace pays over, and the same in the books. Sales and what is owed are positive.

    Ends with 0 when the books hold all of it, 3 when something is missing there."""
    from connector.store.feeds import feed as find
    from connector.sync.taxes import tax_worksheet

    with opened("read") as house:
        days = days_of(first, last)
        with house.database.transaction() as tx:
            found = find(tx, feed)
        made = tax_worksheet(house, found, *days)
    rows = [_tax(each) for each in made]
    if as_json:
        print_json(rows)
    else:
        cells = [tuple(str(row[name]) for name in _WORKSHEET) for row in rows]
        right = set(_WORKSHEET) - {"place", "tax", "accounts"}
        show_table([name.replace("_", " ") for name in _WORKSHEET], cells,
                   right={name.replace("_", " ") for name in right}, say=typer.echo)  # fmt: skip
        typer.echo(_tied(made))
    raise typer.Exit(0 if all(each.is_tied for each in made) else NOT_TIED)


_WORKSHEET = ("place", "tax", "currency", "gross", "exempt", "taxable", "rate", "charged", "remitted", "owed", "booked",
              "missing", "accounts")  # fmt: skip


def _tax(each: TaxRow) -> dict[str, object]:
    from connector.domain.money import decimal_text

    amounts = {
        "gross": each.gross,
        "exempt": each.exempt,
        "taxable": each.taxable,
        "charged": each.tax,
        "remitted": each.remitted,
        "owed": each.owed,
        "booked": each.booked_tax,
        "booked_taxable": each.booked_taxable,
        "missing": each.owed - each.booked_tax,
    }
    told = {name: decimal_text(amount, each.currency) for name, amount in amounts.items()}
    of = {"place": each.place, "tax": each.name or "no tax", "currency": each.currency, "rate": each.rate}
    return {**of, **told, "accounts": ", ".join(each.accounts)}


def _tied(rows: Sequence[TaxRow]) -> str:
    if not rows:
        return "Nothing was sold or taxed."
    off = [each for each in rows if not each.is_tied]
    if not off:
        return "All of it is in the books."
    return f"{len(off)} of {len(rows)} rows are not in the books as a whole; connector status lists what waits."


def days_of(first: str, last: str) -> tuple[date, date]:
    """Two days as typed; raises Unreadable."""
    from datetime import date

    from connector.errors import Unreadable

    try:
        return date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise Unreadable(f"{first!r} to {last!r} are no days; write them as 2026-03-31.") from None


def _body(each: Tie) -> dict[str, object]:
    from connector.domain.money import decimal_text

    amounts = {name: decimal_text(getattr(each, name), each.currency) for name in _AMOUNTS}
    of = {"what": _SAID[each.role], "name": each.name, "currency": each.currency}
    return {**of, **amounts, "accounts": ", ".join(each.accounts)}
