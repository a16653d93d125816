"""`connector feed`: join a source and a target, and give the feed its account map."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.opened import opened, print_json
from connector.cli.preview import StyleName


class RoleName(StrEnum):
    """What of a source a feed posts, where two feeds see the same card sales."""

    both = "sales and payouts"
    sales = "sales only"
    payouts = "payouts only"


feed_app = typer.Typer(help="Feeds: one source flowing into one target.", no_args_is_help=True)


@feed_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What to call the feed.")],
    source: Annotated[str, typer.Option("--from", help="The name of the source connection.")],
    target: Annotated[str, typer.Option("--to", help="The name of the target connection.")],
    style: Annotated[StyleName | None, typer.Option(help="Where settlement parts wait (clearing at first).")] = None,
    role: Annotated[RoleName | None, typer.Option(help="What of the source it posts (both at first).")] = None,
    accrue: Annotated[bool | None, typer.Option(help="Accrue at month end what a marketplace holds back.")] = None,
    map_file: Annotated[Path | None, typer.Option("--map", help="The account map, a YAML file.")] = None,
    fresh_start: Annotated[
        bool, typer.Option("--fresh-start", help="Nothing was booked before what is pulled: it may post at once.")
    ] = False,
    create_accounts: Annotated[bool, typer.Option(help="Create the proposed accounts that are missing.")] = False,
) -> None:
    """Makes a feed, or changes its style, role, accruals or map. A new one posts once it is set up and active."""
    from connector.domain.map_check import check_map
    from connector.domain.map_file import read_map
    from connector.sources.registry import source as find_source
    from connector.store.account_maps import keep_map, note_decided
    from connector.store.feeds import connection, feeds, set_policy
    from connector.store.setup import set_feed_state
    from connector.sync.accounts import open_accounts
    from connector.sync.connect import join
    from connector.sync.setup import begin_afresh

    with opened("decide") as house:
        with house.database.transaction() as tx:
            is_new = name not in {each.name for each in feeds(tx)}
            ends = connection(tx, source), connection(tx, target)
        decided = "" if map_file is None else map_text(map_file)
        check_map(read_map(decided), find_source(ends[0].provider).defaults)
        feed = join(house, name, *ends, style.value if style else "", role=role.value if role else "")
        if fresh_start:
            begin_afresh(house, feed, author="command line")
        elif is_new:
            with house.database.transaction() as tx:
                set_feed_state(tx, feed.id, "set up")
        if accrue is not None:
            with house.database.transaction() as tx:
                set_policy(tx, feed.id, "accrue" if accrue else "hold")
        if map_file is not None:
            with house.database.transaction() as tx:
                note_decided(tx, feed.id, keep_map(tx, feed.id, decided, author="command line"), house.now())
        created = open_accounts(house, feed) if create_accounts else []
    typer.echo(f"Feed {feed.name}: {feed.source.title} → {feed.target.title}, style {feed.style}.")
    for account in created:
        typer.echo(f"  created {account.number}  {account.name}")
    if is_new and not fresh_start:
        typer.echo(
            f"It posts once it is set up: connector setup express {feed.name}, then connector setup show {feed.name}"
        )


@feed_app.command("set")
def set_(
    name: Annotated[str, typer.Argument(help="The name of the feed.")],
    amends: Annotated[str, typer.Option(help="When the source changes after posting: adjust or hold.")] = "",
    late: Annotated[str, typer.Option(help="A correction of a locked day: 'first open day' or hold.")] = "",
    deposits: Annotated[
        str, typer.Option(help="Who books the money at the bank: connector, match or 'bank feed'.")
    ] = "",
    certain: Annotated[str, typer.Option(help="Matches that are certain: apply or wait.")] = "",
    document_kind: Annotated[str, typer.Option(help="What sales become: journal, invoice or receipt.")] = "",
    payout_kind: Annotated[str, typer.Option(help="What payouts become: journal, transfer, deposit or bill.")] = "",
    attach: Annotated[str, typer.Option(help="Put the rows behind each document on its record: rows or none.")] = "",
    tax_filed_until: Annotated[str, typer.Option(help="Tax returns are filed until this day (or 'none').")] = "",
) -> None:
    """Changes the owner's choices for a feed; shows them all."""
    from connector.store.feeds import feed, set_choice, set_tax_filed

    said = {"amends": amends, "late": late, "deposits": deposits}
    said |= {"document_kind": document_kind, "payout_kind": payout_kind, "certain": certain, "attach": attach}
    changes = any((*said.values(), tax_filed_until))
    with opened("decide" if changes else "read") as house, house.database.transaction() as tx:
        found = feed(tx, name)
        for choice, value in said.items():
            if value:
                set_choice(tx, found.id, choice, value)
        if tax_filed_until:
            set_tax_filed(tx, found.organisation, _day(tax_filed_until))
        found = feed(tx, name)
    filed = found.tax_filed_until.isoformat() if found.tax_filed_until else "not said"
    typer.echo(f"Feed {found.name}: changes after posting {found.amends}, corrections of locked days {found.late}, ")
    usual = "what is usual in those books"
    typer.echo(f"  sales become {found.document_kind or usual}, payouts {found.payout_kind or usual},")
    waits = "applied by themselves" if found.certain == "apply" else "waiting for a person"
    typer.echo(f"  deposits by {found.deposits or 'the default of the source'}, certain matches {waits},")
    typer.echo(f"  tax filed until {filed}, files on records: {found.attach}.")


def _day(text: str) -> date | None:
    from connector.errors import Unreadable

    if text == "none":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{text!r} is not a day; write it as 2026-03-31.") from None


@feed_app.command("accounts")
def accounts(
    name: Annotated[str, typer.Argument(help="The name of the feed.")],
    create: Annotated[bool, typer.Option("--create", help="Create them in the books.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows the proposed accounts that the documents need and the books lack; creates them with --create."""
    from connector.store.feeds import feed
    from connector.sync.accounts import missing_accounts, open_accounts

    with opened("decide" if create else "read") as house:
        with house.database.transaction() as tx:
            found = feed(tx, name)
        wanted = open_accounts(house, found) if create else missing_accounts(house, found)
    rows = [{"number": account.number, "name": account.name, "type": account.type} for account in wanted]
    if as_json:
        print_json(rows)
        return
    typer.echo(("Created" if create else "Missing") + f" in {found.target.title}: {len(rows)}")
    for row in rows:
        typer.echo(f"  {row['number']:<9} {row['name']}  ({row['type'].replace('_', ' ')})")


@feed_app.command("list")
def list_feeds(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Shows all feeds."""
    from connector.store.feeds import feeds

    with opened("read") as house, house.database.transaction() as tx:
        found = feeds(tx)
    rows = [
        {"name": f.name, "source": f.source.name, "target": f.target.name, "style": f.style, "state": f.state}
        for f in found
    ]
    if as_json:
        print_json(rows)
    for row in rows if not as_json else []:
        typer.echo(f"{row['name']}: {row['source']} → {row['target']}, style {row['style']}, {row['state']}")


def map_text(path: Path) -> str:
    """The text of a map file; raises Unreadable."""
    from connector.errors import Unreadable

    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise Unreadable(f"The account map {path.name} cannot be read: {reason}.") from None
