"""The rows behind a document, as a file on its record in the books: work of its own, after the document is verified.

Repeating it is harmless: the books are looked into first, and a file of that name that is there stays."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice

from connector.domain.document import Document
from connector.domain.facts import Fact, period_name
from connector.domain.finding import Finding
from connector.domain.money import decimal_text
from connector.domain.spreadsheet import plain_cell
from connector.errors import ConnectorError, NeedsScope, Rejected
from connector.store.attachments import Attached, keep_attached, refused_files, waiting_for_rows
from connector.store.connection_findings import keep_connection_findings
from connector.store.database import Transaction
from connector.store.feeds import Connection, Feed, feed_by_id
from connector.store.ledger import document_of, read_document
from connector.store.outbox import Posting
from connector.sync.explain import facts_of, rows_behind
from connector.sync.house import House
from connector.targets.contract import OpenBooks, Receipt

PER_RUN = 200
MOST_ROWS = 20_000
REFUSED = "rows_refused"
NUMBERS = (4, 6)
COLUMNS = ("document", "line", "account", "side", "line amount", "record", "amount", "row")


def attach_rows(house: House, connection: Connection, opened: OpenBooks) -> int:
    """Puts the rows behind each verified document of feeds that want it onto its record; gives how many. What cannot
    be done now is left to the next run; what the books refuse is told, and not tried again."""
    with house.database.transaction() as tx:
        waiting = waiting_for_rows(tx, connection.id, PER_RUN)
        feeds = {feed_id: feed_by_id(tx, feed_id) for feed_id in {feed_id for feed_id, _ in waiting}}
    done = 0
    for posting, name, content in _files(house, waiting, feeds):
        try:
            receipt = Receipt(target_id=posting.target_id, version=posting.target_version)
            target_id = opened.attach(receipt, posting.target_kind, name, content)
        except (Rejected, NeedsScope) as error:
            _keep(house, connection, Attached(posting_id=posting.id, name=name, reason=str(error)))
        except ConnectorError:
            return done
        else:
            _keep(house, connection, Attached(posting_id=posting.id, name=name, target_id=target_id))
            done += 1
    return done


def _files(
    house: House, waiting: Sequence[tuple[int, Posting]], feeds: Mapping[int, Feed]
) -> Iterator[tuple[Posting, str, bytes]]:
    @cache
    def periods(feed_id: int) -> Mapping[str, Sequence[Fact]]:
        found: dict[str, list[Fact]] = defaultdict(list)
        with house.database.transaction() as tx:
            for fact in facts_of(tx, house.source(feeds[feed_id].source), feeds[feed_id]):
                found[period_name(fact)].append(fact)
        return found

    for feed_id, posting in waiting:
        known = periods(feed_id)
        with house.database.transaction() as tx:
            document = read_document(tx, document_of(tx, posting.document_id))
            content = _csv(tx, house, feeds[feed_id], document, known.get(document.period, ()))
        yield posting, f"{posting.mark}.csv", content


def _csv(tx: Transaction, house: House, feed: Feed, document: Document, facts: Sequence[Fact]) -> bytes:
    """Each line of the document with the records behind it, of the facts of its period; what is beyond the limit is
    said in the last row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = _rows(tx, house, feed, document, facts)
    for row in islice(rows, MOST_ROWS):
        writer.writerow([cell if n in NUMBERS else plain_cell(cell) for n, cell in enumerate(row)])
    if next(rows, None) is not None:
        writer.writerow([document.mark, f"and more: connector explain {document.mark} --rows {MOST_ROWS * 10}"])
    return out.getvalue().encode()


def _rows(
    tx: Transaction, house: House, feed: Feed, document: Document, facts: Sequence[Fact]
) -> Iterator[tuple[str, ...]]:
    source = house.source(feed.source)
    for n, line in enumerate(document.lines, start=1):
        side, amount = "Cr" if line.amount < 0 else "Dr", decimal_text(abs(line.amount), document.currency)
        begins = (document.mark, str(n), line.account, side, amount)
        if not line.shares:
            yield (*begins, "", "", "balances the lines above")
        for row in rows_behind(tx, source, feed, line, facts):
            given = decimal_text(row.amount, document.currency) if row.amount is not None else ""
            yield (*begins, row.record, given, row.text)


def _keep(house: House, connection: Connection, attached: Attached) -> None:
    with house.database.transaction(of=connection.id) as tx:
        keep_attached(tx, attached, house.now())
        findings = [
            Finding(
                code=REFUSED,
                subject=mark,
                severity="warning",
                message=f"The rows behind {mark} are not on its record: {reason}",
                fix=f"connector explain {mark} shows them here; connector feed set NAME --attach none stops asking.",
            )
            for mark, reason in refused_files(tx, connection.id)
        ]
        keep_connection_findings(tx, connection.id, REFUSED, findings, house.now())
