"""Files as pages of a pull: the records that a server would have given, and which revision counts."""

from __future__ import annotations

import io
import json

import pytest

from connector.errors import Unreadable
from connector.sources.contract import FilePage
from connector.sources.dash.files import file_pages
from connector.sources.dash.positions import Position
from connector.sources.dash.source import SOURCE
from tests.sources.dash.building import Json, payment, plain, product, summary


def taken(*records: Json, known: str = "") -> list[FilePage]:
    content = json.dumps({"data": list(records)}).encode()
    return list(file_pages(io.BytesIO(content), lambda stream, location: known))


def names(pages: list[FilePage]) -> list[str]:
    return [record.source_id for page in pages for record in page.page.records]


def test_a_file_gives_its_locations_first_and_then_the_days_of_each_in_order_of_time() -> None:
    elsewhere = plain(location={"id": "L2"})
    pages = taken(plain(business_date="2026-03-31"), {"id": "L1", "name": "Main St"}, elsewhere, plain())
    assert [(page.stream, page.location) for page in pages] == [
        ("locations", ""), ("daily_summaries", "L1"), ("daily_summaries", "L2"),
    ]  # fmt: skip
    assert names(pages) == ["L1", "L1/2026-03-30", "L1/2026-03-31", "L2/2026-03-30"]


def test_a_page_of_a_file_gives_its_records_again() -> None:
    for page in taken(plain(), {"id": "L1", "delivery_providers": ["Swift Bites"]}):
        assert SOURCE.unpack and SOURCE.unpack(page.stream, page.page.body) == page.page.records


def test_of_two_revisions_in_a_file_the_lower_says_that_it_is_superseded() -> None:
    pages = taken(plain(revision=2), plain())
    assert names(pages) == ["L1/2026-03-30#1", "L1/2026-03-30"]
    assert Position.of(pages[0].page.position).revisions == {"L1/2026-03-30": 2}


def test_a_revision_lower_than_one_that_was_taken_in_before_changes_nothing() -> None:
    known = Position(revisions={"L1/2026-03-30": 3}).text
    assert names(taken(plain(revision=2), known=known)) == ["L1/2026-03-30#2"]
    assert names(taken(plain(revision=4), known=known)) == ["L1/2026-03-30"]


def test_a_day_told_twice_alike_counts_once_and_a_closed_day_before_an_open_one() -> None:
    assert names(taken(plain(), plain(), plain(closed=False))) == ["L1/2026-03-30"]
    (page,) = taken(plain(closed=False), plain())
    assert b'"closed":true' in page.page.body


@pytest.mark.parametrize(
    ("records", "sentence"),
    [
        ([plain(), summary([product("Food", "5.00")], [], [payment("cash", "5.00")])], "with different amounts"),
        ([plain(), summary([product("Food", "ten")])], "a record cannot be read"),
        ([summary([product("Food", "100.005")])], "The file cannot be read"),
    ],
)
def test_a_file_with_a_record_that_cannot_be_taken_in_is_refused_whole(records: list[Json], sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence) as refused:
        taken(*records)
    assert str(refused.value).startswith("The file")


def test_an_empty_file_and_a_strange_one_are_told() -> None:
    for content in (b"", b"<html></html>", b"{}"):
        with pytest.raises(Unreadable, match="The file cannot be read: it "):
            list(file_pages(io.BytesIO(content), lambda stream, location: ""))
