"""`connector pack`: the signed pack of a period made, proved without a database, and shown again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, plain_errors, print_json
from connector.cli.reconcile_report import First, Last, Month, Organisation

if TYPE_CHECKING:
    from connector.reconcile.pack.verified import Verified

CHANGED = 3

pack_app = typer.Typer(help="Signed packs: a period with everything that proves it.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The pack.")]


@pack_app.command("make")
def make(
    organisation: Organisation,
    write: Annotated[Path, typer.Option(help="The file to write, such as march.pack.zip.")],
    first: First = "",
    last: Last = "",
    month: Month = "",
) -> None:
    """Writes the report of a period with the hashes of records, documents and maps behind it, signed."""
    from connector.cli.periods import days_of
    from connector.reconcile.pack.written import fingerprint
    from connector.sync.pack import known_key, make_pack
    from connector.sync.period_report import period_report

    with plain_errors():
        days = days_of(first, last, month)
    with opened("decide") as house:
        made = make_pack(house, period_report(house, organisation, days))
        key = fingerprint(known_key(house, organisation))
        write.write_bytes(made)
    typer.echo(f"{write}: {len(made):,} bytes, signed by the key {key}")
    typer.echo(f"Whoever has the file proves it with: connector pack verify {write}")


@pack_app.command("verify")
def verify(
    file: File,
    key: Annotated[str, typer.Option(help="The fingerprint that the key must have; without it, compare it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Proves a pack, without a database: every cell is as it was signed, and every figure follows from its rows.

    Ends with 0 when it holds, 3 when something was changed, naming the member and the cell."""
    with plain_errors():
        done = _verified(file)
    problems = list(done.problems)
    if key and _bare(key) != _bare(done.fingerprint):
        problems.append(f"manifest.json: public_key: its fingerprint is {done.fingerprint}, not {key}")
    about = done.manifest
    if as_json:
        print_json({
            "organisation": about.organisation, "first": about.first, "last": about.last, "made_at": about.made_at,
            "fingerprint": done.fingerprint, "is_good": not problems, "problems": problems,
        })  # fmt: skip
    else:
        typer.echo(f"{about.organisation}, {about.first} to {about.last}, as it stood at {about.made_at}")
        for each in problems:
            typer.secho(f"CHANGED  {each}", fg="red")
        typer.echo(f"key {done.fingerprint}" + ("" if key else ": compare it with what connector pack key shows"))
        if not problems:
            typer.echo("Every cell is as it was signed, and every figure follows from its rows.")
    if problems:
        raise typer.Exit(CHANGED)


@pack_app.command("show")
def show(
    file: File,
    write: Annotated[list[Path] | None, typer.Option(help="A file to write: .html, .pdf, .xlsx or .json.")] = None,
) -> None:
    """Shows the report that a pack holds; with --write it is written again, the same bytes each time.

    Refused, with status 3, where the pack was changed."""
    from connector.cli.reconcile_report import rendered
    from connector.cli.reconcile_report import show as show_report
    from connector.reconcile.pack.verified import report_of

    with plain_errors():
        done = _verified(file)
        for each in done.problems:
            typer.secho(f"CHANGED  {each}", fg="red", err=True)
        if done.problems:
            raise typer.Exit(CHANGED)
        made = report_of(done.members)
        show_report(made, [])
        for path in write or []:
            path.write_bytes(rendered(made, path))


@pack_app.command("key")
def key(organisation: Organisation) -> None:
    """Shows the fingerprint of the key that signs an organisation's packs; tell it to whoever gets them."""
    from connector.errors import Unreadable
    from connector.reconcile.pack.written import fingerprint
    from connector.sync.pack import known_key

    with opened("read") as house:
        public = known_key(house, organisation)
        if not public:
            raise Unreadable(f"No pack of {organisation} was made yet; the first one makes the key.")
    typer.echo(fingerprint(public))


def _verified(file: Path) -> Verified:
    from connector.errors import Unreadable
    from connector.reconcile.pack.values import LARGEST
    from connector.reconcile.pack.verified import verified

    try:
        if file.stat().st_size > LARGEST:
            raise Unreadable(f"{file} is larger than a pack may be ({LARGEST:,} bytes).")
        body = file.read_bytes()
    except OSError as error:
        raise Unreadable(f"{file} cannot be read: {error.strerror}.") from None
    return verified(body)


def _bare(fingerprint: str) -> str:
    return "".join(fingerprint.split()).lower()
