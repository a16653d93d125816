"""`connector runs`: what each run did, in plain words, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json

if TYPE_CHECKING:
    from connector.store.runs import Run, Stage
    from connector.sync.house import House

runs_app = typer.Typer(help="What ran, what came of it, and what to do.", invoke_without_command=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
WORDS = {"running": "running", "good": "good", "held": "needs you", "later": "goes on by itself", "failed": "failed"}


@runs_app.callback()
def list_(
    context: typer.Context,
    feed: Annotated[str, typer.Option(help="Only those of this feed.")] = "",
    trouble: Annotated[bool, typer.Option("--trouble", help="Only those that need you or failed.")] = False,
    before: Annotated[int, typer.Option(help="Only those with lower numbers: the next page.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = 20,
    as_json: Json = False,
) -> None:
    """Lists the newest runs first."""
    if context.invoked_subcommand:
        return
    from connector.store.feeds import feed as find
    from connector.store.runs import runs

    with opened("read") as house, house.database.transaction() as tx:
        feed_id = find(tx, feed).id if feed else None
        found = runs(tx, feed_id, states=("held", "failed") if trouble else (), before=before, limit=limit)
    if as_json:
        print_json([_body(each) for each in found])
        return
    if not found:
        typer.echo("Nothing ran yet.")
    for each in found:
        typer.echo(f"{each.id:>6}  {_moment(each.started_at)}  {WORDS[each.state]:<17}  {each.summary or each.job_id}")
        if each.next_step:
            typer.echo(f"{'':>8}{each.next_step}")
    if len(found) == limit:
        typer.echo(f"Older ones: connector runs --before {found[-1].id}")


@runs_app.command("show")
def show(run: Annotated[int, typer.Argument(help="The number of the run.")], as_json: Json = False) -> None:
    """Shows one run, station by station."""
    from connector.store.runs import run_of

    with opened("read") as house, house.database.transaction() as tx:
        found = run_of(tx, run)
    if as_json:
        print_json(_body(found))
        return
    attempt = f", attempt {found.attempt}" if found.attempt > 1 else ""
    typer.echo(f"Run {found.id}  {found.job_id}  {WORDS[found.state]}{attempt}, started by {found.cause}")
    ended = _moment(found.ended_at) if found.ended_at else "…"
    typer.echo(f"  {_moment(found.started_at)} to {ended}  {found.summary}")
    for stage in found.stages:
        typer.echo(f"  {stage.station:<12}{WORDS[stage.state]:<19}{_did(stage)}")
        for line in filter(None, (stage.error, stage.next_step)):
            typer.echo(f"{'':14}{line}")
    if found.next_step:
        typer.echo(f"  Next: {found.next_step}")


@runs_app.command("retry")
def retry(runs: Annotated[list[int], typer.Argument(help="The numbers of the runs.")]) -> None:
    """Does the feeds of some runs once more, now; what the books refused is tried again too."""
    from connector.store.runs import run_of
    from connector.sync.scheduling import again

    with opened("run") as house:
        with house.database.transaction() as tx:
            wanted = [run_of(tx, each) for each in runs]
        started = again(house, wanted)
        waiting = _waiting(house, wanted, {feed.id for feed in started})
    for feed in started:
        typer.echo(f"{feed.name} runs again as soon as connector serve, or a worker, looks.")
    for name in waiting:
        typer.echo(f"{name} is paused or has no schedule: connector schedule resume {name}, or schedule set.", err=True)
    if waiting:
        raise typer.Exit(2)


def _waiting(house: House, runs: list[Run], started: set[int]) -> list[str]:
    from connector.store.feeds import feed_by_id

    with house.database.transaction() as tx:
        ids = sorted({run.feed_id for run in runs if run.feed_id} - started)
        return [feed_by_id(tx, feed_id).name for feed_id in ids]


def _did(stage: Stage) -> str:
    parts = (
        (stage.calls, "calls"),
        (stage.records_seen, "records seen"),
        (stage.records_new, "new"),
        (stage.documents, "documents"),
        (stage.posted, "posted"),
        (stage.held, "held"),
    )
    return ", ".join(f"{count} {word}" for count, word in parts if count) or "nothing to do"


def _body(run: Run) -> dict[str, object]:
    return asdict(run)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
