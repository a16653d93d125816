"""Erase: an organisation leaves. Its consents end, its journals are handed over, and nothing of it stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connector.domain.notation import journal
from connector.errors import ConnectorError, Unreadable
from connector.store.database import Transaction
from connector.store.erasure import erase_organisation, scrub
from connector.store.feeds import Connection, connections, feeds, organisation_id
from connector.store.ledger import documents_of, read_document
from connector.sync.connect import disconnect
from connector.sync.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What went: rows by table, and the consents that the providers did not confirm as ended, a sentence each."""

    rows: Mapping[str, int]
    not_revoked: tuple[str, ...] = ()


def erase(house: House, organisation: str, keep: Path | None) -> Erased:
    """Ends the organisation's consents, writes its journals to `keep` where one is given, and deletes all its rows.

    Raises Unreadable, with nothing changed, where there is no such organisation, or `keep` exists already or cannot be
    written. A provider that cannot be reached is told of and hinders nothing: without the tokens nobody can use its
    consent from here."""
    with house.database.transaction() as tx:
        number = organisation_id(tx, organisation)
        mine = [each for each in connections(tx) if each.organisation == organisation]
        if keep is not None:
            _write(keep, _journals(tx, organisation))
    not_revoked = tuple(said for said in (_ended(house, each) for each in mine) if said)
    with house.database.transaction() as tx:
        rows = erase_organisation(tx, number)
    scrub(house.database)
    return Erased(rows=rows, not_revoked=not_revoked)


def _journals(tx: Transaction, organisation: str) -> str:
    parts = []
    for feed in (each for each in feeds(tx) if each.organisation == organisation):
        documents = [read_document(tx, row) for row in documents_of(tx, feed.id)]
        parts.append(f"; {feed.name}: {feed.source.title} → {feed.target.title}\n\n{journal(documents)}")
    return "\n".join(parts)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Unreadable(f"{path} exists already: it is not overwritten. Nothing was erased.") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be written: {error.strerror}. Nothing was erased.") from None


def _ended(house: House, connection: Connection) -> str:
    try:
        disconnect(house, connection)
    except ConnectorError as error:
        return f"{connection.name}: {error} End it at the provider by hand."
    return ""
