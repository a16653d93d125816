"""`connector map`: the account map of a feed, with every version it had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json

if TYPE_CHECKING:
    from connector.domain.map_writing import MapChange

map_app = typer.Typer(help="The account map of a feed, and its versions.", no_args_is_help=True)

FeedName = Annotated[str, typer.Argument(help="The name of the feed.")]
Version = Annotated[int, typer.Option("--version", help="Which version (default: the one in force).")]
Author = Annotated[str, typer.Option("--as", help="Who decides it.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Day = Annotated[datetime | None, typer.Option("--valid-from", formats=["%Y-%m-%d"], help="The first day it is for.")]


@map_app.command("export")
def export(feed: FeedName, number: Version = 0) -> None:
    """Prints the map as YAML, always in the same spelling."""
    from connector.domain.map_writing import written_map
    from connector.store.account_maps import map_version
    from connector.store.feeds import feed as find

    with opened("read") as house, house.database.transaction() as tx:
        text = written_map(map_version(tx, find(tx, feed).id, number))
    typer.echo(text, nl=False)


@map_app.command("import")
def import_(
    feed: FeedName,
    file: Annotated[Path, typer.Argument(help="The account map, a YAML file.")],
    author: Author = "",
    reason: Reason = "",
    valid_from: Day = None,
) -> None:
    """Makes the file the map in force, as a new version if it decides anything otherwise."""
    from connector.cli.feed import map_text
    from connector.domain.map_check import check_map
    from connector.domain.map_file import read_map
    from connector.domain.map_writing import map_changes, written_map
    from connector.sources.registry import source
    from connector.store.account_maps import account_map, keep_map, note_decided
    from connector.store.feeds import feed as find

    with opened("decide") as house, house.database.transaction() as tx:
        found = find(tx, feed)
        wanted, before = read_map(map_text(file)), account_map(tx, found.id)
        check_map(wanted, source(found.source.provider).defaults)
        changes = map_changes(before, wanted)
        number = before.number
        if changes:
            day = valid_from.date() if valid_from else None
            number = keep_map(
                tx, found.id, written_map(wanted), author=author or house.sight.person, reason=reason, valid_from=day
            )
            note_decided(tx, found.id, number, house.now())
    _show_changes(changes)
    typer.echo(f"Version {number} of the map of {feed} is in force." if changes else f"{feed}: nothing differs.")


@map_app.command("diff")
def diff(
    feed: FeedName,
    older: Annotated[int, typer.Argument(help="The older version.")],
    newer: Annotated[int, typer.Argument(help="The newer one (default: the one in force).")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows what two versions decide otherwise."""
    from connector.domain.map_writing import map_changes
    from connector.store.account_maps import map_version
    from connector.store.feeds import feed as find

    with opened("read") as house, house.database.transaction() as tx:
        found = find(tx, feed).id
        changes = map_changes(map_version(tx, found, older), map_version(tx, found, newer))
    if as_json:
        print_json([{"place": each.place, "before": each.before, "after": each.after} for each in changes])
    else:
        _show_changes(changes)
        if not changes:
            typer.echo("They decide the same.")


@map_app.command("history")
def history(feed: FeedName, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Lists the versions, newest first: who decided them, when they begin, and why."""
    from connector.store.account_maps import map_versions
    from connector.store.feeds import feed as find

    with opened("read") as house, house.database.transaction() as tx:
        versions = map_versions(tx, find(tx, feed).id)
    if as_json:
        print_json(
            [
                {"version": each.number, "valid_from": each.valid_from, "author": each.author, "reason": each.reason}
                for each in versions
            ]
        )
        return
    for each in versions:
        begins = each.valid_from.isoformat() if each.valid_from else "always    "
        typer.echo(f"{each.number:>4}  {begins}  {each.author or '–':16}  {each.reason}".rstrip())
    if not versions:
        typer.echo(f"{feed} has no map yet: everything is as its source proposes.")


@map_app.command("revert")
def revert(
    feed: FeedName,
    number: Annotated[int, typer.Argument(help="The version to go back to.")],
    author: Author = "",
    reason: Reason = "",
) -> None:
    """Makes an older version the one in force again, as a new version: nothing is ever taken out of the history."""
    from connector.domain.map_writing import map_changes, written_map
    from connector.store.account_maps import account_map, keep_map, map_version, note_decided
    from connector.store.feeds import feed as find

    with opened("decide") as house, house.database.transaction() as tx:
        found = find(tx, feed).id
        before, wanted = account_map(tx, found), map_version(tx, found, number)
        changes, made = map_changes(before, wanted), before.number
        if changes:
            why = reason or f"back to version {number}"
            made = keep_map(tx, found, written_map(wanted), author=author or house.sight.person, reason=why)
            note_decided(tx, found, made, house.now())
    _show_changes(changes)
    typer.echo(f"Version {made} of the map of {feed} is in force." if changes else "It is in force already.")


def _show_changes(changes: Sequence[MapChange]) -> None:
    width = max((len(each.place) for each in changes), default=0)
    for each in changes:
        typer.echo(f"  {each.place:{width}}  {each.before or '(not decided)'}  →  {each.after or '(not decided)'}")
