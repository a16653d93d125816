"""The rows behind a document lie beside it in the books, once, for whoever opens it there."""

from __future__ import annotations

import base64
import csv
import io
from pathlib import Path

import pytest

from connector.errors import Unreadable
from connector.sandbox.town import Town
from connector.store.attachments import file_of
from connector.store.connection_findings import connection_findings
from connector.store.feeds import connection, feed, set_choice
from connector.store.ledger import documents_of, find_document
from connector.store.postings import postings_of
from connector.sync.explain import as_received, homes
from connector.sync.house import House
from connector.sync.post import post
from tests.sync.walking import connected, house, town, walked

TARGETS = ("quickbooks", "xero")


def files(here: Town, target: str) -> dict[str, str]:
    """The files that the stand-in holds on documents, by name."""
    if target == "xero":
        kept = here.xero.shelf.all("Attachments")
        return {str(each["FileName"]): base64.b64decode(str(each["Content"])).decode() for each in kept}
    ties, contents = here.quickbooks.shelf.all("Attachable"), here.quickbooks.shelf.all("file")
    return {str(tie["FileName"]): str(kept["content"]) for tie, kept in zip(ties, contents, strict=True)}


def ready(house: House, here: Town, target: str) -> None:
    connected(house, here, target)
    with house.database.transaction() as tx:
        set_choice(tx, feed(tx, f"square-{target}").id, "attach", "rows")
    walked(house)


def again(house: House, target: str) -> None:
    with house.database.transaction() as tx:
        books = connection(tx, target)
    post(house, books)


@pytest.mark.parametrize("target", TARGETS)
def test_the_rows_behind_each_document_of_a_feed_that_wants_them_lie_on_its_record_once(
    target: str, tmp_path: Path
) -> None:
    with town(tmp_path) as here, house(tmp_path) as opened:
        ready(opened, here, target)
        kept = files(here, target)
        with opened.database.transaction() as tx:
            marks = {row.mark for row in documents_of(tx, feed(tx, f"square-{target}").id)}
        assert {name.removesuffix(".csv") for name in kept} == marks, "of Square all, of Amazon none"
        again(opened, target)
        assert files(here, target) == kept
        with opened.database.transaction() as tx:
            mark = min(marks)
            first = postings_of(tx, find_document(tx, mark).id or 0)[0]
            told = file_of(tx, first.id)
        assert told is not None and (told.name, told.reason) == (f"{mark}.csv", "") and told.target_id
        rows = list(csv.DictReader(io.StringIO(kept[f"{mark}.csv"])))
        assert {row["document"] for row in rows} == {mark}
        record = next(row["record"] for row in rows if row["record"])
        assert any(mark in home.place for home in homes(opened, record)), "the way back from the file to the document"
        assert record.partition("/")[2].split("_")[-1] in as_received(opened, record).decode()
        with pytest.raises(Unreadable, match="There is no record"):
            as_received(opened, "payments/nobody")


@pytest.mark.parametrize("target", TARGETS)
def test_a_file_whose_answer_was_lost_is_found_by_the_next_run(target: str, tmp_path: Path) -> None:
    with town(tmp_path) as here, house(tmp_path) as opened:
        books = here.xero if target == "xero" else here.quickbooks
        path, method = ("/Attachments/", "PUT") if target == "xero" else ("/upload", "POST")
        books.faults.lose_answer(when="after", path_contains=path, method=method)
        ready(opened, here, target)
        assert len(files(here, target)) == 1, "what cannot be done now waits"
        again(opened, target)
        kept = here.xero.shelf.all("Attachments") if target == "xero" else here.quickbooks.shelf.all("Attachable")
        assert len(kept) == len(files(here, target)) > 1


def test_a_file_that_the_books_refuse_is_told_and_the_document_stays_posted(tmp_path: Path) -> None:
    with town(tmp_path) as here, house(tmp_path) as opened:
        body = b'{"Fault": {"Error": [{"code": "2050", "Message": "File too large"}], "type": "ValidationFault"}}'
        here.quickbooks.faults.answer_with(400, body, {}, path_contains="upload")
        ready(opened, here, "quickbooks")
        with opened.database.transaction() as tx:
            told = connection_findings(tx, connection(tx, "quickbooks").id)
        assert [(each.code, each.severity) for each in told] == [("rows_refused", "warning")]
        assert "File too large" in told[0].message
