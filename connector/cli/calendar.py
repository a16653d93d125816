"""`connector calendar` and `connector backfill`: which days and payouts came, and the past read again."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json

if TYPE_CHECKING:
    from connector.store.feeds import Feed
    from connector.sync.backfill import Progress
    from connector.sync.calendar import Square
    from connector.sync.house import House

MISSING = 3
SIGNS = {"missing": "!", "closed": "·", "pulled": "○", "held": "h", "posted": "●", "matched": "✓", "locked": "■"}
LEGEND = "! missing  · closed  ○ pulled  h waits  ● posted  ✓ matched with the bank  ■ locked"

FeedName = Annotated[str, typer.Argument(help="The name of the feed.")]


def calendar(
    feed: FeedName,
    closed: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A missing day that was none.")] = None,
    because: Annotated[str, typer.Option(help="Why it was none: a holiday, a day off.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows for each place every day and payout: whether it came, is posted, matched, locked. Ends with 3 when one is
    missing that should be there."""
    from connector.store.feeds import feed as find
    from connector.sync.calendar import look_over

    with opened("note" if closed else "read") as house:
        with house.database.transaction() as tx:
            found = find(tx, feed)
        squares = look_over(house, found)
        if closed is not None:
            _mute(house, found, closed.date(), because)
        known = _known_reasons(house, found)
    missing = [each for each in squares if each.is_missing and _subject(each) not in known]
    if as_json:
        print_json([_body(each, known) for each in squares])
    else:
        _show(squares, missing, found)
    if missing:
        raise typer.Exit(MISSING)


def backfill(
    feed: FeedName,
    begin: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day to read.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Reads a source from a past day on. Stopped anywhere, the same command goes on where it was."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    from connector.store.feeds import feed as find
    from connector.sync.backfill import backfill as read

    console = Console(stderr=True)
    with opened("run") as house, Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        with house.database.transaction() as tx:
            found = find(tx, feed)
        task = bar.add_task("reading", total=None)

        def show(at: Progress) -> None:
            to = f", to {at.read_to}" if at.read_to else ""
            bar.update(task, total=at.parts, completed=at.part - 1, description=f"{at.name}: {at.records} new{to}")

        done = read(house, found, begin.date(), show)
    if as_json:
        print_json({"seen": done.seen, "new": done.new, "calls": done.pages})
    else:
        typer.echo(f"{feed}: {done.seen} records seen from {begin:%Y-%m-%d} on, {done.new} new or changed.")
        typer.echo("  Their days are journalized and posted with the feed's next run.")


def _mute(house: House, feed: Feed, day: date, because: str) -> None:
    """Every missing square of that day was none, for the reason given."""
    from connector.errors import Unreadable
    from connector.store.findings import kept_findings, mute_finding
    from connector.sync.calendar import FOR_GOOD, STATION_CODES

    with house.database.transaction() as tx:
        of_day = [
            kept.finding.finding_id
            for kept in kept_findings(tx, feed.id)
            if kept.finding.code in STATION_CODES and str(day) in kept.finding.message
        ]
        if not of_day:
            raise Unreadable(f"Nothing of {day} is missing; connector calendar {feed.name} shows what is.")
        for finding_id in of_day:
            mute_finding(tx, feed.id, finding_id, FOR_GOOD, because)


def _known_reasons(house: House, feed: Feed) -> dict[str, str]:
    from connector.store.findings import kept_findings

    with house.database.transaction() as tx:
        kept = kept_findings(tx, feed.id)
    return {each.finding.subject: each.muted_because for each in kept if each.is_muted(house.now())}


def _subject(square: Square) -> str:
    return f"{square.location}|{square.name}"


def _body(square: Square, known: dict[str, str]) -> dict[str, object]:
    return {
        "location": square.location,
        "place": square.place,
        "what": square.what,
        "day": square.day,
        "name": square.name,
        "state": square.state,
        "expected": square.expected,
        "pulled": square.pulled,
        "posted": square.standing.posted,
        "matched": square.standing.matched,
        "locked": square.locked,
        "because": known.get(_subject(square), ""),
    }


def _show(squares: list[Square], missing: list[Square], feed: Feed) -> None:
    if not squares:
        typer.echo(f"{feed.name}: nothing came yet; connector pull {feed.source.name} reads it.")
        return
    for place, what in dict.fromkeys((each.place, each.what) for each in squares):
        typer.echo(f"{place}, {what}s")
        of = [each for each in squares if (each.place, each.what) == (place, what)]
        for month in sorted({(each.day.year, each.day.month) for each in of}):
            typer.echo(f"  {month[0]}-{month[1]:02}  {_month(of, month)}")
    typer.echo(f"  {LEGEND}")
    for each in missing:
        typer.echo(f"missing  {each.place}  {each.what} of {each.day:%A} {each.day}")
    if missing:
        typer.echo(f"Read them: connector backfill {feed.name} --from {min(each.day for each in missing)}")
        typer.echo(f"A day without trade: connector calendar {feed.name} --closed DAY --because WHY")


def _month(squares: list[Square], month: tuple[int, int]) -> str:
    """One sign a day; of several payouts of a day the one that is least far."""
    order = list(SIGNS)
    by_day: dict[int, str] = {}
    for each in squares:
        if (each.day.year, each.day.month) == month:
            before = by_day.get(each.day.day)
            by_day[each.day.day] = min(filter(None, (before, each.state)), key=order.index)
    return "".join(SIGNS[by_day[day]] if day in by_day else " " for day in range(1, 32)).rstrip()
