"""`connector reconcile allocate`: payments to the items of invoices, from tables of text; no database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import plain_errors, print_json
from connector.cli.reconcile_files import lines_of, show_table, written

if TYPE_CHECKING:
    from connector.reconcile.allocate.links import Links, Rest
    from connector.reconcile.allocate.tables import Ledger

SHOWN = 20


def allocate(
    payments: Annotated[Path, typer.Option(help="CSV: payment, account, date, amount, currency.")],
    items: Annotated[Path, typer.Option(help="CSV: invoice, line, account, date, amount, currency.")],
    out: Annotated[Path, typer.Option(help="Where to write the links, a CSV.")],
    account: Annotated[str, typer.Option(help="One account only; all at first.")] = "",
    automatic: Annotated[bool, typer.Option("--automatic", help="Only what needs nobody's decision.")] = False,
    earlier: Annotated[Path | None, typer.Option(help="The links of an earlier run; they stay.")] = None,
    left: Annotated[Path | None, typer.Option(help="Where to write what stays open and why, a CSV.")] = None,
    currency: Annotated[str, typer.Option(help="For tables that have no column currency.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Links the oldest open payments to the oldest open items of invoices, and says what stays open and why.

    Columns, rules and examples: docs/reconcile-files.md. Nothing is posted."""
    with plain_errors():
        ledger, links, rest = _allocated(payments, items, account, automatic, earlier, currency)
        _write(out, left, ledger, links, rest)
    if as_json:
        print_json(_body(ledger, links, rest))
    else:
        _show(ledger, links, rest)
        typer.echo(f"The links are in {out}.")


def _allocated(
    payments: Path, items: Path, account: str, automatic: bool, earlier: Path | None, currency: str
) -> tuple[Ledger, Links, Sequence[Rest]]:
    from connector.errors import Unreadable
    from connector.reconcile.allocate.earlier import merged, take_off
    from connector.reconcile.allocate.links import by_rules, by_tool
    from connector.reconcile.allocate.tables import Source, of_account, read_ledger
    from connector.reconcile.columns import currency_of

    try:
        stands_in = currency_of(currency) if currency else ""
    except ValueError as error:
        raise Unreadable(f"--currency: {error}.") from None
    with lines_of(payments) as paid, lines_of(items) as owed:
        ledger = read_ledger(
            Source(file=payments.name, lines=paid, currency=stands_in),
            Source(file=items.name, lines=owed, currency=stands_in),
            with_rules=automatic,
        )
    before = None
    if earlier is not None:
        with lines_of(earlier) as linked:
            ledger, before = take_off(ledger, Source(file=earlier.name, lines=linked))
    if account:
        ledger = of_account(ledger, account)
    links, rest = (by_rules if automatic else by_tool)(ledger)
    return ledger, merged(ledger, before, links) if before else links, rest


def _write(out: Path, left: Path | None, ledger: Ledger, links: Links, rest: Sequence[Rest]) -> None:
    from connector.reconcile.allocate.written import write_links, write_rest

    with written(out) as file:
        write_links(ledger, links, file.write)
    if left is not None:
        with written(left) as file:
            write_rest(ledger, rest, file.write)


def _body(ledger: Ledger, links: Links, rest: Sequence[Rest]) -> dict[str, object]:
    from connector.reconcile.allocate.written import LEFT, rest_row

    return {
        "links": len(links.payers),
        "linked": _sums(ledger, links),
        "left": [dict(zip(LEFT, rest_row(ledger, each), strict=True)) for each in rest],
    }


def _sums(ledger: Ledger, links: Links) -> dict[str, str]:
    from connector.domain.money import decimal_text

    sums: dict[str, int] = {}
    for item, amount in zip(links.items, links.amounts, strict=True):
        currency = ledger.groups[ledger.items.groups[item]][1]
        sums[currency] = sums.get(currency, 0) + amount
    return {currency: decimal_text(amount, currency) for currency, amount in sorted(sums.items())}


def _show(ledger: Ledger, links: Links, rest: Sequence[Rest]) -> None:
    from connector.reconcile.allocate.written import LEFT, rest_row

    sums = ", ".join(f"{amount} {currency}" for currency, amount in _sums(ledger, links).items()) or "nothing"
    typer.echo(f"{len(links.payers)} links, {sums}. {len(rest)} stay open.")
    rows = [rest_row(ledger, each) for each in rest[:SHOWN]]
    show_table(LEFT, rows, right={"amount"}, say=typer.echo)
    if len(rest) > SHOWN:
        typer.echo(f"  … and {len(rest) - SHOWN} more (--left FILE writes them all)")
