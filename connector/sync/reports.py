"""Reports: records that are whole files. The same money is taken in once, however it comes; bytes that nobody could
read stay in the archive, and each pull tries them again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from connector.domain.facts import Fact, period_name, sums_by_kind
from connector.domain.finding import Finding
from connector.errors import Unreadable
from connector.sources.contract import FileReader
from connector.store import facts as stored
from connector.store.connection_findings import keep_connection_findings
from connector.store.database import Transaction
from connector.store.feeds import Connection
from connector.store.pages import CHUNK, open_page, pages_without_record
from connector.sync.house import House

UNREAD = "report_unread"
"""The code of the findings about reports that are kept and could not be taken in."""


def keep_report(tx: Transaction, connection: Connection, page_id: int, fact: Fact, digest: str) -> int:
    """The record of a report and its fact; gives how many records are new. `digest` is the SHA-256 of its bytes."""
    body = (fact.source_id, digest.encode())
    new = stored.keep_records(tx, connection.id, fact.stream, page_id, [body])
    for made in new:
        stored.keep_fact(tx, connection.id, made.record_id, fact)
    return len(new)


def is_known(tx: Transaction, connection: Connection, fact: Fact, name: str) -> bool:
    """Whether the same money was taken in before, from other bytes. One that failed its own identity is replaced;
    one that is sound is never overwritten by different numbers: raises Unreadable."""
    for known in stored.facts(tx, connection.id, period_name(fact)):
        if known.source_id != fact.source_id or known.problems:
            continue
        if sums_by_kind(known) == sums_by_kind(fact):
            return True
        raise Unreadable(
            f"{name} holds {fact.source_id} again, with other amounts than the file that was taken in before; "
            "nothing was changed. Find out which of the two is right."
        )
    return False


def read_archive(house: House, connection: Connection) -> int:
    """Reads the reports again that are kept without a record, by the reader of today; gives how many records are new.

    One that still cannot be read, or that contradicts one taken in before, is a finding of the connection; raises
    Unreadable with the sentences of all of them."""
    source, new, unread = house.source(connection), 0, []
    if source.file is None:
        return 0
    with house.database.transaction() as tx:
        waiting = pages_without_record(tx, connection.id, source.file.stream)
    for page_id, digest in waiting:
        try:
            with house.database.transaction(of=connection.id) as tx:
                new += _read_again(tx, source.file, connection, page_id, digest)
        except Unreadable as error:
            unread.append(_unread(connection, digest, error))
    with house.database.transaction(of=connection.id) as tx:
        keep_connection_findings(tx, connection.id, UNREAD, unread, house.now())
    if unread:
        raise Unreadable(" ".join(finding.message for finding in unread))
    return new


def _unread(connection: Connection, digest: str, error: Unreadable) -> Finding:
    return Finding(
        code=UNREAD,
        subject=f"{connection.name} {digest[:12]}",
        severity="warning",
        message=str(error).replace("The file ", f"The report kept as {digest[:12]} ", 1),
        fix="Its bytes are kept and read again at each pull; another file of the same settlement can be pulled too.",
    )


def digest_of(read: Callable[[int], bytes]) -> str:
    """The SHA-256 of what a stream gives, read piece by piece."""
    hashed = hashlib.sha256()
    while piece := read(CHUNK):
        hashed.update(piece)
    return hashed.hexdigest()


def _read_again(tx: Transaction, reader: FileReader, connection: Connection, page_id: int, digest: str) -> int:
    with open_page(tx, page_id) as body:
        fact = reader.read(body, "")
    known = is_known(tx, connection, fact, f"The report kept as {digest[:12]}")
    return 0 if known else keep_report(tx, connection, page_id, fact, digest)
