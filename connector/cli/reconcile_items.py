"""`connector reconcile items`: payments linked to items of invoices, kept in the database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json
from connector.cli.reconcile_files import lines_of, show_table

if TYPE_CHECKING:
    from connector.reconcile.allocate.values import Left
    from connector.store.feeds import Connection
    from connector.sync.house import House
    from connector.sync.items import Reconciled

SHOWN = 40

items_app = typer.Typer(help="Payments and the items of invoices they pay.", no_args_is_help=True)
Of = Annotated[str, typer.Argument(help="The name of the connection that the invoices come from.")]
By = Annotated[
    str, typer.Option("--as", help="Who does it; the tool, link and undo are for owners, admins and accountants.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@items_app.command("import")
def import_(
    connection: Of,
    payments: Annotated[Path, typer.Option(help="CSV: payment, account, date, amount, currency, kind.")],
    items: Annotated[Path, typer.Option(help="CSV: invoice, line, account, date, amount, currency.")],
    currency: Annotated[str, typer.Option(help="For tables that have no column currency.")] = "",
    as_json: AsJson = False,
) -> None:
    """Keeps invoices and payments from two tables, and links what needs nobody's decision. Columns:
    docs/reconcile-files.md."""
    from connector.reconcile.allocate.links import items_of, payments_of
    from connector.reconcile.allocate.tables import Source, read_ledger
    from connector.sync.items import take_in

    with opened("run") as house:
        found, stands_in = _connection(house, connection), _currency(currency)
        with lines_of(payments) as paid, lines_of(items) as owed:
            ledger = read_ledger(
                Source(file=payments.name, lines=paid, currency=stands_in),
                Source(file=items.name, lines=owed, currency=stands_in),
                with_rules=True,
            )
        done = take_in(house, found, (items_of(ledger), payments_of(ledger)), items.name)
    _show_done(done, as_json=as_json)


@items_app.command("pull")
def pull(connection: Of, as_json: AsJson = False) -> None:
    """Keeps what the source sold on account and what was paid for it, as pulled, and links what needs nobody."""
    from connector.sync.items import take_records

    with opened("run") as house:
        done = take_records(house, _connection(house, connection))
    _show_done(done, as_json=as_json)


@items_app.command("pay")
def pay(
    connection: Of,
    account: Annotated[str, typer.Argument(help="The customer's account.")],
    payment: Annotated[str, typer.Argument(help="The number of the payment.")],
    amount: Annotated[str, typer.Argument(help="Such as 120.00.")],
    on: Annotated[str, typer.Option(help="The day it was paid, such as 2026-03-31.")],
    currency: Annotated[str, typer.Option(help="Such as CAD.")],
    reconcile: Annotated[bool, typer.Option("--reconcile/--no-reconcile", help="Link it now, or only list it.")],
    by: By,
) -> None:
    """Records a payment as an administrator, who says each time whether it is reconciled."""
    from datetime import date

    from connector.domain.items import Payment
    from connector.domain.money import parse_minor
    from connector.errors import Unreadable
    from connector.sync.items import record_payment

    with opened("run") as house:
        code = _currency(currency)
        try:
            day, minor = date.fromisoformat(on), parse_minor(amount, code)
        except ValueError as error:
            raise Unreadable(f"{error}.") from None
        made = Payment(account=account, currency=code, payment_id=payment, paid_on=day, open=minor,
                       kind="administrator", reconcile=reconcile, recorded_by=by)  # fmt: skip
        done = record_payment(house, _connection(house, connection), made)
    if not reconcile:
        told = "it stands on the list of unreconciled payments and is missing from the reports until it is reconciled"
        typer.secho(f"Payment {payment} is recorded without reconciling: {told}.", fg="yellow")
    else:
        typer.echo(f"Payment {payment} is recorded, with {done.links} links.")


@items_app.command("list")
def list_(connection: Of, as_json: AsJson = False) -> None:
    """Shows the payments that are not reconciled, and what else stays open, each with its reason."""
    from connector.sync.items import unreconciled

    with opened("read") as house:
        left = unreconciled(house, _connection(house, connection))
    if as_json:
        print_json([_left(each) for each in left])
    else:
        typer.echo(f"{len(left)} stay open.")
        _show_left(left)


@items_app.command("reconcile")
def reconcile_(
    connection: Of,
    by: By,
    account: Annotated[str, typer.Option(help="One account only; all at first.")] = "",
    as_json: AsJson = False,
) -> None:
    """The tool: the oldest open payment to the oldest open item, of one account or all. Needs the right to decide."""
    from connector.sync.items import run_tool

    with opened("decide") as house:
        done = run_tool(house, _connection(house, connection), account or None, by=by)
    _show_done(done, as_json=as_json)


@items_app.command("link")
def link(
    connection: Of,
    payment: Annotated[str, typer.Argument(help="The number of the payment.")],
    item: Annotated[str, typer.Argument(help="The item, as invoice/line.")],
    amount: Annotated[str, typer.Argument(help="So much of it, such as 40.00.")],
    currency: Annotated[str, typer.Option(help="Such as CAD.")],
    by: By,
) -> None:
    """Links an amount of a payment to an item by hand. Needs the right to decide."""
    from connector.domain.money import parse_minor
    from connector.errors import Unreadable
    from connector.sync.items import link_by_hand

    with opened("decide") as house:
        try:
            minor = parse_minor(amount, _currency(currency))
        except ValueError as error:
            raise Unreadable(f"{error}.") from None
        link_by_hand(house, _connection(house, connection), (payment, item), minor, by=by)
    typer.echo(f"{amount} of payment {payment} pays {item}.")


@items_app.command("links")
def links(
    connection: Of,
    undone: Annotated[bool, typer.Option("--all", help="Those that were taken back too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Shows which payment pays which item, how that came and who said so."""
    from connector.domain.money import decimal_text
    from connector.sync.items import links as all_links

    with opened("read") as house:
        found = all_links(house, _connection(house, connection), undone=undone)
    rows = [
        {"id": str(each.id), "account": each.account, "payer": each.payer, "item": each.item,
         "amount": decimal_text(each.amount, each.currency), "currency": each.currency, "how": each.how,
         "by": each.made_by, "undone_by": each.undone_by, "reason": each.reason}
        for each in found
    ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    names = tuple(rows[0]) if rows else ()
    show_table(names, [tuple(row.values()) for row in rows], right={"id", "amount"}, say=typer.echo)
    if not rows:
        typer.echo("Nothing is linked yet.")


@items_app.command("undo")
def undo(
    connection: Of,
    link: Annotated[int, typer.Argument(help="The number of the link.")],
    by: By,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Takes a link back; both sides are open again, and it stays in the history. Needs the right to
    decide."""
    from connector.sync.items import undo as take_back

    with opened("decide") as house:
        take_back(house, _connection(house, connection), link, by=by, reason=reason)
    typer.echo(f"Link {link} is undone.")


def _connection(house: House, name: str) -> Connection:
    from connector.store.feeds import connection

    with house.database.transaction() as tx:
        return connection(tx, name)


def _currency(text: str) -> str:
    from connector.errors import Unreadable
    from connector.reconcile.columns import currency_of

    try:
        return currency_of(text) if text else ""
    except ValueError as error:
        raise Unreadable(f"--currency: {error}.") from None


def _show_done(done: Reconciled, *, as_json: bool) -> None:
    if as_json:
        taken = done.taken
        counts = {"new": taken.new, "changed": taken.changed, "unlinked": taken.unlinked, "links": done.links}
        print_json(counts | {"left": [_left(each) for each in done.left]})
        return
    if done.taken.new or done.taken.changed:
        typer.echo(
            f"{done.taken.new} new rows, {done.taken.changed} changed, {done.taken.unlinked} links undone for it."
        )
    typer.echo(f"{done.links} links made. {len(done.left)} stay open.")
    _show_left(done.left)


def _left(each: Left) -> dict[str, str]:
    from connector.domain.items import Item
    from connector.domain.money import decimal_text

    of = each.of
    what = ("credit" if each.amount < 0 else "item") if isinstance(of, Item) else "payment"
    return {
        "account": of.account,
        "currency": of.currency,
        "what": what,
        "name": of.name if isinstance(of, Item) else of.payment_id,
        "date": (of.invoiced_on if isinstance(of, Item) else of.paid_on).isoformat(),
        "amount": decimal_text(each.amount, of.currency),
        "reason": each.reason,
    }


def _show_left(left: Sequence[Left]) -> None:
    rows = [_left(each) for each in left[:SHOWN]]
    names = tuple(rows[0]) if rows else ()
    show_table(names, [tuple(row.values()) for row in rows], right={"amount"}, say=typer.echo)
    if len(left) > SHOWN:
        typer.echo(f"  … and {len(left) - SHOWN} more (--json has them all)")
