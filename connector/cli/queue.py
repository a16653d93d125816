"""`connector queue`: what is open over all organisations that one may see, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import As, opened, print_json
from connector.domain.wording import many

if TYPE_CHECKING:
    from connector.domain.queue import Item
    from connector.store.database import Transaction
    from connector.sync.house import House

queue_app = typer.Typer(help="What needs a decision, over all organisations.", invoke_without_command=True)

Ids = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="Findings, by their ids or the first letters.")
]
OfFeed = Annotated[str, typer.Option("--feed", help="Only this feed.")]
OfCause = Annotated[str, typer.Option("--cause", help="Everything of this cause, such as new_tender.")]
OfOrganisation = Annotated[str, typer.Option("--organisation", help="Only this organisation.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Apply it without asking.")]
SHORTEST = 4  # letters of an id that are enough, where they name one


@queue_app.callback()
def list_(
    ctx: typer.Context,
    organisation: OfOrganisation = "",
    feed: OfFeed = "",
    cause: OfCause = "",
    mine: Annotated[bool, typer.Option("--mine", help="Only what is assigned to me.")] = False,
    muted: Annotated[bool, typer.Option("--muted", help="What is muted, instead of what is not.")] = False,
    as_json: Json = False,
    person: As = "",
) -> None:
    """Lists what is open, grouped by cause: the gravest first, then the most money, then the oldest."""
    if ctx.invoked_subcommand is not None:
        return
    from connector.cli.queue_printed import queue_body, written_queue
    from connector.domain.queue import causes
    from connector.store.queue import queue_items

    with opened("read", person=person) as house:
        moment = house.now()
        with house.database.transaction() as tx:
            items = queue_items(tx)
    shown = [
        item
        for item in items
        if item.is_muted(moment) == muted
        and organisation in ("", item.organisation)
        and feed in ("", item.feed)
        and cause in ("", item.finding.code)
        and (not mine or item.assignee == house.sight.person)
    ]
    found = causes(shown)
    if as_json:
        print_json({"causes": queue_body(found, moment)})
    else:
        typer.echo(written_queue(found, moment, hidden=0 if muted else _muted(items, moment)), nl=False)


@queue_app.command("show")
def show(ids: Ids = None, feed: OfFeed = "", cause: OfCause = "", person: As = "") -> None:
    """Shows findings in full, with everything that was said and done about them."""
    from connector.cli.queue_printed import written_item
    from connector.store.queue import comments

    with opened("read", person=person) as house, house.database.transaction() as tx:
        for item in _chosen(tx, ids or [], feed, cause):
            typer.echo(written_item(item, comments(tx, item), house.now()), nl=False)


@queue_app.command("assign")
def assign(
    ids: Ids = None,
    to: Annotated[str, typer.Option("--to", help="Who looks after it ('' for nobody).")] = "",
    feed: OfFeed = "",
    cause: OfCause = "",
    person: As = "",
) -> None:
    """Says who looks after findings."""
    from connector.store.queue import assign as keep

    with opened("note", person=person) as house, house.database.transaction() as tx:
        items = _chosen(tx, ids or [], feed, cause)
        keep(tx, items, to, _author(house), house.now())
    typer.echo(f"{_count(items)} assigned to {to or 'nobody'}.")


@queue_app.command("comment")
def comment(
    ids: Ids = None,
    text: Annotated[str, typer.Option("--text", help="What there is to say.")] = "",
    feed: OfFeed = "",
    cause: OfCause = "",
    person: As = "",
) -> None:
    """Says something about findings, for whoever looks at them next."""
    from connector.store.queue import comment as keep

    with opened("note", person=person) as house, house.database.transaction() as tx:
        items = _chosen(tx, ids or [], feed, cause)
        keep(tx, items, text, _author(house), house.now())
    typer.echo(f"Said about {_count(items)}.")


@queue_app.command("mute")
def mute(
    ids: Ids = None,
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The day it comes back.")
    ] = None,
    because: Annotated[str, typer.Option("--because", help="Why.")] = "",
    feed: OfFeed = "",
    cause: OfCause = "",
    person: As = "",
) -> None:
    """Hides findings until a day; what they hold stays held."""
    from connector.errors import Unreadable
    from connector.store.queue import mute as keep

    with opened("note", person=person) as house, house.database.transaction() as tx:
        if until is None:
            raise Unreadable("A finding is muted until a day: say --until 2026-12-31.")
        items = _chosen(tx, ids or [], feed, cause)
        keep(tx, items, until.replace(tzinfo=UTC), because, _author(house), house.now())
    typer.echo(f"{_count(items)} muted until {until:%Y-%m-%d}.")


@queue_app.command("unmute")
def unmute(ids: Ids = None, feed: OfFeed = "", cause: OfCause = "", person: As = "") -> None:
    """Shows findings again that were muted."""
    from connector.store.queue import unmute as keep

    with opened("note", person=person) as house, house.database.transaction() as tx:
        items = _chosen(tx, ids or [], feed, cause)
        keep(tx, items, _author(house), house.now())
    typer.echo(f"{_count(items)} no longer muted.")


@queue_app.command("fix")
def fix(
    ids: Ids = None,
    feed: OfFeed = "",
    cause: OfCause = "",
    yes: Yes = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the impact and stop.")] = False,
    person: As = "",
) -> None:
    """Applies the proposed fixes of findings: shows first what would change, feed by feed, and asks.

    Documents in the books stay as they are. What waited goes with the next connector post."""
    from connector.cli.queue_printed import written_preview
    from connector.store.feeds import feed_by_id
    from connector.sync.fix import apply, preview

    with opened("read" if dry_run else "decide", person=person) as house:
        with house.database.transaction() as tx:
            items = _chosen(tx, ids or [], feed, cause)
            feeds = {item.feed_id: feed_by_id(tx, item.feed_id) for item in items if not item.is_of_connection}
        for item in items:
            if item.finding.proposal is None:
                typer.echo(f"{item.finding.finding_id}  {item.finding.subject}: by hand. {item.finding.fix}")
        for feed_id, found in feeds.items():
            some = [item for item in items if item.feed_id == feed_id and item.finding.proposal]
            proposals = [item.finding.proposal for item in some if item.finding.proposal]
            if not proposals:
                continue
            typer.echo(written_preview(preview(house, found, proposals)), nl=False)
            if dry_run or not (yes or typer.confirm("Apply it?")):
                continue
            reason = f"fix of {', '.join(item.finding.finding_id for item in some)}"
            apply(house, found, proposals, author=_author(house), reason=reason)
            typer.echo(f"{found.name}: {_count(some)} fixed; connector post {found.name} writes what waited.")


def _chosen(tx: Transaction, ids: Sequence[str], feed: str, cause: str) -> list[Item]:
    """The findings meant; raises Unreadable where an id names none, or several causes."""
    from connector.errors import Unreadable
    from connector.store.queue import queue_items

    if not ids and not cause:
        raise Unreadable("Say which findings: their ids, or --cause CODE for all of one cause.")
    items = [item for item in queue_items(tx) if feed in ("", item.feed) and cause in ("", item.finding.code)]
    for each in ids:
        meant = {item.finding.finding_id for item in items if item.finding.finding_id.startswith(each)}
        if len(each) < SHORTEST or not meant:
            raise Unreadable(f"There is no open finding {each!r}; connector queue lists them with their ids.")
        if len(meant) > 1:
            raise Unreadable(f"{each!r} begins several ids; write more of it.")
    chosen = [item for item in items if not ids or item.finding.finding_id.startswith(tuple(ids))]
    if not chosen:
        raise Unreadable("Nothing of that is open.")
    return chosen


def _author(house: House) -> str:
    return house.sight.person or "the owner"


def _count(items: Sequence[Item]) -> str:
    return many(len(items), "finding")


def _muted(items: Sequence[Item], moment: datetime) -> int:
    return sum(item.is_muted(moment) for item in items)
