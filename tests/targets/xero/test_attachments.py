"""The rows behind a document, put on its record in the books."""

from __future__ import annotations

import pytest

from connector.domain.books import Books
from connector.errors import NeedsScope, Rejected
from tests.targets.xero import examples
from tests.targets.xero.conftest import Cafe, posted

ROWS = b"id,amount\r\npo_19,277.88\r\n"


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4], ids=["invoice", "note", "bank", "transfer", "journal"])
def test_the_rows_of_a_document_are_put_on_its_record_once(cafe: Cafe, books: Books, place: int) -> None:
    documents = [
        examples.cafe_day(), examples.cafe_refund(), examples.payout(), examples.payout(clearing="Savings"),
        examples.adjustment(),
    ]  # fmt: skip
    rendered = cafe.target.render(documents[place], books)[:1]
    (receipt,) = posted(cafe, rendered)
    kind, name = rendered[0].kind, "Square payout po_19.csv"
    first = cafe.target.attach(receipt, kind, name, ROWS)
    assert first
    assert cafe.target.attach(receipt, kind, name, ROWS) == first
    (call,) = [call for call in cafe.heard("PUT") if "/Attachments/" in call.path]
    assert (call.body, call.path.rpartition("/")[2]) == (ROWS, name)
    assert call.headers["content-type"] == "application/octet-stream"


def test_a_payment_holds_no_files(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_refund(), books)
    receipt = posted(cafe, rendered)[1]
    with pytest.raises(Rejected, match="no files on a payment"):
        cafe.target.attach(receipt, "payment", "rows.csv", ROWS)


def test_a_consent_older_than_this_wish_says_that_only_files_are_missing(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(examples.adjustment(), books)
    (receipt,) = posted(cafe, [rendered])
    cafe.faults.answer_with(403, b'{"Title":"Forbidden","Detail":"AuthorizationUnsuccessful"}')
    with pytest.raises(NeedsScope, match="connect it again"):
        cafe.target.attach(receipt, rendered.kind, "rows.csv", ROWS)


def test_an_eleventh_file_is_refused_by_the_books(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(examples.adjustment(), books)
    (receipt,) = posted(cafe, [rendered])
    for number in range(10):
        cafe.target.attach(receipt, rendered.kind, f"rows {number}.csv", ROWS)
    with pytest.raises(Rejected, match="10 attachments at most"):
        cafe.target.attach(receipt, rendered.kind, "rows 10.csv", ROWS)
