"""`connector reconcile statements`: reads bank files and shows what they say, and what of it could not be read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from connector.cli.statements_printed import ReadStatement
    from connector.domain.statement import Statement
    from connector.reconcile.statements.reading import Reading
    from connector.sync.bank import Imported

WARNED, UNREADABLE = 3, 2


class DateOrder(StrEnum):
    """Which of the numbers of a day comes first."""

    dmy = "dmy"
    mdy = "mdy"


class DecimalMark(StrEnum):
    """What stands before the cents."""

    point = "."
    comma = ","


def statements(
    paths: Annotated[list[Path], typer.Argument(help="OFX, QFX, QBO, CAMT, MT940, BAI2, CSV or XLSX files of a bank.")],
    account: Annotated[str, typer.Option(help="What to call the account, instead of the file's own number.")] = "",
    currency: Annotated[str, typer.Option(help="The currency, where the file names none.")] = "",
    profile: Annotated[str, typer.Option(help='A table\'s kind (bank, card) or columns: "date=1,amount=4".')] = "",
    dates: Annotated[DateOrder | None, typer.Option(help="Whether a table writes day or month first.")] = None,
    decimals: Annotated[
        DecimalMark | None, typer.Option(help="A table's decimal mark, where it cannot be told.")
    ] = None,
    into: Annotated[str, typer.Option(help="Keep the lines, with this connection of the books.")] = "",
    bank_account: Annotated[str, typer.Option(help="With --into: what the books call the bank account.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows the statements in bank files, or keeps their lines. Of files that overlap, a line counts once.

    Ends with 0 when all is read and adds up, 3 when there are warnings, 2 when a file cannot be read."""
    from connector.cli import statements_printed
    from connector.cli.opened import print_json
    from connector.reconcile.statements.reading import Reading

    reading = Reading(
        account=account,
        currency=_currency(currency),
        profile=profile,
        dates=dates.value if dates else "",
        decimals=decimals.value if decimals else "",
    )
    found, unread = _read_all(paths, reading)
    kept = _keep(found, into, bank_account) if into or bank_account else None
    if as_json:
        print_json(statements_printed.body(found, unread) | ({"kept": kept.counts} if kept else {}))
    else:
        typer.echo(statements_printed.table(found) if kept is None else statements_printed.kept(kept, found), nl=False)
    for sentence in unread:
        typer.echo(sentence, err=True)
    if unread:
        raise typer.Exit(UNREADABLE)
    if kept is not None:
        raise typer.Exit(WARNED if kept.edited or any(map(statements_printed.beside_the_name, found)) else 0)
    raise typer.Exit(WARNED if any(each.needs_a_look for each in found) else 0)


def _keep(found: list[ReadStatement], into: str, bank_account: str) -> Imported:
    """Keeps the lines of what was read; raises Unreadable where it is not said where."""
    from connector.cli.opened import opened
    from connector.errors import Unreadable
    from connector.store.feeds import connection
    from connector.sync.bank import import_lines

    with opened("run") as house:
        if not (into and bank_account):
            raise Unreadable("To keep bank lines, say both --into CONNECTION and --bank-account NAME.")
        with house.database.transaction() as tx:
            books = connection(tx, into)
        return import_lines(house, books, bank_account, [each.statement for each in found])


def _currency(written: str) -> str:
    if written and not (len(written) == 3 and written.isascii() and written.isalpha()):
        typer.echo(f"{written!r} is not a currency; use its three letters, such as USD.", err=True)
        raise typer.Exit(UNREADABLE)
    return written.upper()


def _read_all(paths: list[Path], reading: Reading) -> tuple[list[ReadStatement], list[str]]:
    """Each statement against the files before it, and a sentence for each file that cannot be read."""
    from connector.cli.statements_printed import ReadStatement
    from connector.errors import Unreadable
    from connector.reconcile.statements.identity import KeyedLine, compare_lines

    found: list[ReadStatement] = []
    unread: list[str] = []
    known: dict[str, list[KeyedLine]] = {}
    for path in paths:
        try:
            read = _read(path, reading)
        except Unreadable as error:
            unread.append(str(error))
            continue
        for statement in read:
            name = f"{statement.institution} {statement.account} {statement.currency}"
            of_account = known.setdefault(name if statement.account else str(path), [])
            compared = compare_lines(name, of_account, statement.lines)
            of_account += compared.new
            found.append(ReadStatement(file=path.name, statement=statement, compared=compared))
    return found, unread


def _read(path: Path, reading: Reading) -> tuple[Statement, ...]:
    from connector.errors import Unreadable
    from connector.reconcile.statements.door import FILE_BYTES, read_statements

    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from None
    return read_statements(path.name, data, reading)
