"""`connector pull`, `journalize` and `post`: the bookkeeper's verbs, one command each."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import FAILED, opened, print_json

if TYPE_CHECKING:
    from rich.progress import Progress

    from connector.store.feeds import Connection, Feed
    from connector.sync.house import House
    from connector.sync.pull import Pulled

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def pull(
    connection: Annotated[str, typer.Argument(help="The name of the source connection.")],
    files: Annotated[list[Path] | None, typer.Argument(help="Files to take in, for sources that are files.")] = None,
    zone: Annotated[str, typer.Option(help="IANA zone that decides the month (default: the marketplace's).")] = "",
    as_json: Json = False,
) -> None:
    """Reads what is new at a source: records as received, their facts, and the moved cursor."""
    from connector.store.feeds import connection as find

    with opened("run") as house:
        with house.database.transaction() as tx:
            source = find(tx, connection)
        done, unread = _pull_files(house, source, files, zone) if files else (_pull_all(house, source), [])
    for sentence in unread:
        typer.echo(sentence, err=True)
    if as_json:
        print_json(asdict(done))
    else:
        typer.echo(f"{source.title or source.name}: {done.seen} records seen, {done.new} new or changed.")
    if unread:
        raise typer.Exit(2)


def journalize(
    feed: Annotated[str, typer.Argument(help="The name of the feed (default: all).")] = "", as_json: Json = False
) -> None:
    """Derives the documents that the facts call for, with everything that will be sent for them."""
    from connector.sync.journalize import journalize as derive

    with opened("run") as house:
        results = {each.name: derive(house, each) for each in _feeds(house, feed)}
    if as_json:
        print_json({name: asdict(done) for name, done in results.items()})
        return
    for name, done in results.items():
        changed = f", {done.changed} changed after posting" if done.changed else ""
        typer.echo(f"{name}: {done.periods} periods written, {done.documents} documents, {done.held} held{changed}.")


def post(
    feed: Annotated[str, typer.Argument(help="The name of the feed (default: all).")] = "",
    again: Annotated[bool, typer.Option(help="Also what the books refused before, the cause being gone.")] = False,
    plan: Annotated[Path | None, typer.Option(help="Send exactly what this plan of connector diff holds.")] = None,
    as_json: Json = False,
) -> None:
    """Writes what is planned into the books, exactly once; looks once a day at what became of what was posted."""
    from connector.errors import Rejected
    from connector.sync.drift import look
    from connector.sync.journalize import catch_up
    from connector.sync.post import post as send
    from connector.sync.post import post_again

    results, stopped = {}, False
    with opened("run") as house, _progress() as progress:
        only = _planned(house, feed, plan) if plan else None
        catch_up(house, {each.target.id for each in _feeds(house, feed)})
        if again:
            for each in _feeds(house, feed):
                post_again(house, each)
        bar = progress.add_task("posting", total=None)
        for target in {each.target.name: each.target for each in _feeds(house, feed)}.values():
            try:
                results[target.name] = send(house, target, lambda count: progress.advance(bar, count), only)
                look(house, target)
            except Rejected as error:  # one company's trouble stops no other's
                typer.echo(str(error), err=True)
                stopped = True
    if as_json:
        print_json({name: done.counts for name, done in results.items()})
    for name, done in results.items() if not as_json else ():
        parts = [f"{count} {word}" for word, count in done.counts.items() if count or word == "posted"]
        later = f" It goes on from {done.wait_until:%Y-%m-%d %H:%M} UTC." if done.wait_until else ""
        typer.echo(f"{name}: {', '.join(parts)}.{later}")
    for name in sorted({feed for done in results.values() for feed in done.not_active}):
        typer.echo(
            f"{name} is not active yet, and nothing of it was sent: connector setup show {name} says why.", err=True
        )
    if stopped or any(done.rejected for done in results.values()):
        raise typer.Exit(FAILED)


def _planned(house: House, feed: str, plan: Path) -> frozenset[str]:
    from connector.errors import Unreadable
    from connector.sync.plan import applicable, read_plan

    try:
        text = plan.read_bytes()
    except OSError as error:
        raise Unreadable(f"The plan {plan} cannot be read: {error.strerror}.") from None
    read = read_plan(text)
    (found,) = _feeds(house, feed or read.feed)
    return applicable(house, found, read)


def _pull_files(house: House, source: Connection, files: list[Path], zone: str) -> tuple[Pulled, list[str]]:
    from connector.errors import Unreadable
    from connector.sync.pull import Pulled, pull_file

    done, unread = Pulled(), []
    with _progress() as progress:
        for path in progress.track(files, description="reading"):
            try:
                done += pull_file(house, source, path, zone)
            except Unreadable as error:
                unread.append(str(error))
    return done, unread


def _pull_all(house: House, source: Connection) -> Pulled:
    from connector.sync.pull import pull as read

    with _progress() as progress:
        bar = progress.add_task("pulling", total=None)
        return read(house, source, lambda stream: progress.update(bar, description=f"pulling {stream}"))


def _feeds(house: House, name: str) -> list[Feed]:
    from connector.store.feeds import feed, feeds

    with house.database.transaction() as tx:
        return [feed(tx, name)] if name else feeds(tx)


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
