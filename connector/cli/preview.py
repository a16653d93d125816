"""`connector preview`: reads files, posts nothing, shows every document and everything that is in none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from connector.domain.account_map import AccountMap
    from connector.domain.facts import Fact
    from connector.domain.shop import Shop
    from connector.mapping.outcome import Journalized
    from connector.mapping.rules import Rules

HELD, UNREADABLE = 3, 2


class TargetName(StrEnum):
    """Whose documents to show."""

    quickbooks = "quickbooks"
    xero = "xero"
    paper = "paper"


class StyleName(StrEnum):
    """Where the parts of a settlement wait."""

    clearing = "clearing"
    bank = "bank"


class FormatName(StrEnum):
    """How to print."""

    journal = "journal"
    json = "json"
    csv = "csv"


def preview(
    paths: Annotated[list[Path], typer.Argument(help="Settlement files, or files and folders of saved API answers.")],
    source: Annotated[str, typer.Option(help="amazon, square, lightspeed, lightspeed_x, loyverse or dash.")],
    target: Annotated[TargetName, typer.Option(help="Whose documents to show.")] = TargetName.paper,
    map_file: Annotated[Path | None, typer.Option("--map", help="The account map, a YAML file.")] = None,
    zone: Annotated[str, typer.Option(help="IANA zone, such as America/New_York.")] = "",
    shop: Annotated[Path | None, typer.Option(help="What you say of the shop's places, a YAML file.")] = None,
    style: Annotated[StyleName, typer.Option(help="Where settlement parts wait.")] = StyleName.clearing,
    format_: Annotated[FormatName, typer.Option("--format", help="How to print.")] = FormatName.journal,
    write: Annotated[Path | None, typer.Option(help="A folder for the journal and tables to import.")] = None,
) -> None:
    """Reads files and shows the documents they call for. Nothing is posted and nothing is kept.

    Ends with 0 when everything is in a document, 3 when something is held, 2 when a file cannot be read."""
    from connector.errors import ConnectorError

    try:
        read = _read(source, paths, _told(shop, zone))
        rules = replace(
            _rules(source, target.value, style.value, _account_map(map_file)), location_names=read.place_names
        )
        facts = read.facts
        made = _journalized(facts, rules)
    except ConnectorError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(UNREADABLE) from None
    for sentence in read.unread:
        typer.echo(sentence, err=True)
    _print(format_, facts, made)
    if write is not None:
        _write(made, write)
    raise typer.Exit(UNREADABLE if read.unread else HELD if made.held else 0)


@dataclass(slots=True)
class _Read:
    """What the files hold: facts, names of places, and a sentence for each file that cannot be read."""

    facts: list[Fact] = field(default_factory=list)
    place_names: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def _read(source: str, paths: Sequence[Path], told: Shop) -> _Read:
    from connector.domain.facts import Fact
    from connector.domain.shop import Location
    from connector.errors import Unreadable
    from connector.sources.registry import source as find

    reader = find(source).saved
    if reader is None:
        raise Unreadable(f"{source} has no files to preview.")
    read = _Read(place_names={name: place.name for name, place in told.locations.items()})
    for found in reader(paths, told):
        match found:
            case Fact():
                read.facts.append(found)
            case Location():
                read.place_names[found.source_id] = found.name
            case _:
                read.unread.append(str(found))
    return read


def _told(path: Path | None, zone: str) -> Shop:
    """What the person says of the shop; the option goes before the file."""
    from connector.domain.shop import Shop

    check_zone(zone)
    if path is None:
        return Shop(zone=zone)
    from connector.domain.shop_file import read_shop_file

    told = read_shop_file(_text(path, "The file of the shop"))
    return replace(told, zone=zone or told.zone)


def check_zone(zone: str) -> None:
    """Raises Unreadable where a zone is named that does not exist; empty is none."""
    from connector.domain.shop import is_zone
    from connector.errors import Unreadable

    if zone and not is_zone(zone):
        raise Unreadable(f"{zone!r} is not a time zone; use a name such as America/New_York.")


def _account_map(path: Path | None) -> AccountMap:
    from connector.domain.account_map import AccountMap

    if path is None:
        return AccountMap()
    from connector.domain.map_file import read_map

    return read_map(_text(path, "The account map"))


def _text(path: Path, what: str) -> str:
    """What a file holds as text; raises Unreadable, in a sentence that begins with `what`."""
    from connector.errors import Unreadable

    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise Unreadable(f"{what} {path.name} cannot be read: {reason}.") from None


def _rules(source: str, target: str, style: str, account_map: AccountMap) -> Rules:
    from connector.domain.account_map import AccountMap
    from connector.mapping.rules import Rules
    from connector.sources.registry import source as find

    if account_map != AccountMap():
        from connector.domain.map_check import check_map

        check_map(account_map, find(source).defaults)
    is_xero = target == "xero"
    return Rules(
        defaults=find(source).defaults,
        account_map=account_map,
        organisation="preview",
        connection=target,
        account="file",
        separate_refunds=is_xero,
        out_of_scope="NONE" if is_xero else "",
        style="bank" if style == "bank" else "clearing",
    )


def _journalized(facts: Sequence[Fact], rules: Rules) -> Journalized:
    from connector.mapping.documents import documents

    return documents(facts, rules)


def _write(made: Journalized, folder: Path) -> None:
    from connector.targets.paper.journal import write

    try:
        written = write(made.documents, folder)
    except OSError as error:
        typer.echo(f"{folder} cannot be written: {error.strerror}.", err=True)
        raise typer.Exit(UNREADABLE) from None
    typer.echo(f"Written: {', '.join(path.name for path in written.files)} in {folder}", err=True)
    for left in written.left_out:
        typer.echo(f"Not in the {left.books} table: {left.mark}: {left.reason}", err=True)


def _print(format_: FormatName, facts: Sequence[Fact], made: Journalized) -> None:
    from connector.cli import printed

    if format_ is FormatName.json:
        sys.stdout.write(printed.as_json(facts, made))
    elif format_ is FormatName.csv:
        sys.stdout.write(printed.as_csv(made))
    else:
        sys.stdout.write(printed.as_journal(facts, made))
