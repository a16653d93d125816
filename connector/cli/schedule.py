"""`connector schedule`: when feeds run by themselves."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json

if TYPE_CHECKING:
    from connector.store.database import Transaction
    from connector.store.schedules import Schedule
    from connector.sync.house import House


class KindName(StrEnum):
    """What makes a feed run."""

    daily = "daily"
    hourly = "hourly"
    closure = "closure"
    settlement = "settlement"
    cron = "cron"


schedule_app = typer.Typer(help="When feeds run by themselves.", no_args_is_help=True)

FeedName = Annotated[str, typer.Argument(help="The name of the feed.")]
FeedOrAll = Annotated[str, typer.Argument(help="The name of the feed.")]
Organisation = Annotated[str, typer.Option("--organisation", help="All feeds of an organisation instead.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@schedule_app.command("show")
def show(feed: Annotated[str, typer.Argument(help="The name of the feed (default: all).")] = "",
         as_json: Json = False) -> None:  # fmt: skip
    """Shows when each feed runs, when it runs next, and when it last ended well."""
    with opened("read") as house:
        found = _shown(house, feed)
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo("No feed runs by itself yet: connector schedule set FEED.")
    for each in found:
        typer.echo(f"{each['feed']}: {each['runs']}")
        typer.echo(f"  next {each['next']}, last good {each['last_good'] or 'never'}")


@schedule_app.command("set")
def set_(
    feed: FeedName,
    kind: Annotated[KindName | None, typer.Option(help="What makes it run (daily at first).")] = None,
    hour: Annotated[int | None, typer.Option(help="The local hour of a daily run (default: when it is quiet).")] = None,
    cron: Annotated[str | None, typer.Option(help="Five cron fields, as in '0 6 * * mon-fri'.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone (default: the shop's).")] = None,
    start: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day of the feed.")] = None,
) -> None:
    """Lets a feed run by itself, or changes when: daily for yesterday, unless something else is said."""
    from connector.store.feeds import feed as find
    from connector.sync.scheduling import Wish, set_plan

    starts_on: date | None = start.date() if start else None
    with opened("run") as house:
        with house.database.transaction() as tx:
            found = find(tx, feed)
        wish = Wish(kind=kind.value if kind else None, hour=hour, cron=cron, zone=zone, starts_on=starts_on)
        kept = set_plan(house, found, wish)
    _say(feed, kept)


@schedule_app.command("pause")
def pause(
    feed: FeedOrAll = "",
    organisation: Organisation = "",
    because: Annotated[str, typer.Option(help="Why; shown beside it.")] = "",
) -> None:
    """Holds a feed, or all feeds of an organisation, until it is resumed; nothing is lost meanwhile."""
    from connector.store.schedules import pause_feed, pause_organisation

    _one_of(feed, organisation)
    with opened("run") as house, house.database.transaction() as tx:
        if organisation:
            count = pause_organisation(tx, organisation, house.now(), because)
            typer.echo(f"{organisation}: {count} feeds wait until connector schedule resume --organisation.")
            return
        pause_feed(tx, _feed_id(tx, feed), house.now(), because)
    typer.echo(f"{feed} waits until connector schedule resume {feed}.")


@schedule_app.command("resume")
def resume(feed: FeedOrAll = "", organisation: Organisation = "") -> None:
    """Runs again: once for all that was missed, then as planned."""
    from connector.store.schedules import resume_feed, resume_organisation

    _one_of(feed, organisation)
    with opened("run") as house, house.database.transaction() as tx:
        if organisation:
            typer.echo(f"{organisation}: {resume_organisation(tx, organisation, house.now())} feeds run again.")
            return
        is_free = resume_feed(tx, _feed_id(tx, feed), house.now())
    typer.echo(f"{feed} runs again." if is_free else f"{feed} runs again once its organisation is resumed too.")


def _one_of(feed: str, organisation: str) -> None:
    from connector.cli.opened import plain_errors
    from connector.errors import Unreadable

    with plain_errors():
        if bool(feed) == bool(organisation):
            raise Unreadable("Name a feed, or an organisation with --organisation.")


def _feed_id(tx: Transaction, name: str) -> int:
    from connector.store.feeds import feed as find

    return find(tx, name).id


def _shown(house: House, name: str) -> list[dict[str, object]]:
    from connector.store.feeds import feed as find
    from connector.store.feeds import feed_by_id
    from connector.store.schedules import paused_organisations, schedules
    from connector.sync.scheduling import in_words

    with house.database.transaction() as tx:
        wanted = find(tx, name).id if name else None
        found = [(feed_by_id(tx, each.feed_id), each) for each in schedules(tx)]
        paused = paused_organisations(tx)
    return [
        {
            "feed": feed.name,
            "organisation": feed.organisation,
            "runs": in_words(schedule),
            "kind": schedule.kind,
            "zone": schedule.zone,
            "starts_on": schedule.starts_on,
            "next": _next(schedule, paused.get(feed.organisation)),
            "last_good": schedule.last_good_at and f"{schedule.last_good_at:%Y-%m-%d %H:%M} UTC",
        }
        for feed, schedule in found
        if wanted in (None, schedule.feed_id)
    ]


def _next(schedule: Schedule, organisation_paused: str | None) -> str:
    if schedule.paused_at is not None:
        return "paused" + (f" ({schedule.paused_because})" if schedule.paused_because else "")
    if organisation_paused is not None:
        return "its organisation is paused" + (f" ({organisation_paused})" if organisation_paused else "")
    return f"{schedule.next_run_at:%Y-%m-%d %H:%M} UTC" if schedule.next_run_at else "never"


def _say(feed: str, kept: Schedule) -> None:
    from connector.sync.scheduling import in_words

    typer.echo(f"{feed} runs {in_words(kept)}.")
    typer.echo(f"  next {_next(kept, None if kept.next_run_at else '')}")
