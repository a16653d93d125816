"""In which month a movement stands: the shapes of dates, the zones, and dates that are refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connector.errors import Unreadable
from tests.sources.amazon.reports import V2, Row, fact_of, months, report, row, settlement_of, summary, table

SHAPES = [
    "2026-04-30 23:30:00 UTC",
    "2026-04-30T23:30:00+00:00",
    "2026-04-30T23:30:00Z",
    "2026-04-30T16:30:00-07:00",
    "30.04.2026 23:30:00 UTC",
    "2026/05/01 08:30:00 JST",
]


def sale(posted: str) -> Row:
    return row("Order/ItemPrice/Principal", "10.00", posted_date_time=posted)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_moment_is_the_same_in_every_shape_that_amazon_writes(shape: str) -> None:
    content = report([sale(shape)], settlement_end_date=shape)
    fact = fact_of(content)
    assert fact.occurred_at == datetime(2026, 4, 30, 23, 30, tzinfo=UTC)
    assert months(fact) == {"2026-04": 1000}
    assert months(fact_of(content, "Europe/Berlin")) == {"2026-05": 1000}


def test_shapes_may_be_mixed_in_one_report() -> None:
    assert months(fact_of(report([sale(shape) for shape in SHAPES]))) == {"2026-04": 6000}


def test_months_are_cut_at_midnight_in_the_zone_that_is_asked_for() -> None:
    content = report([sale("2026-05-01 06:59:59 UTC"), sale("2026-05-01 07:00:00 UTC")])
    assert months(fact_of(content, "America/Los_Angeles")) == {"2026-04": 1000, "2026-05": 1000}
    assert months(fact_of(content, "UTC")) == {"2026-05": 2000}


def test_a_month_that_begins_within_the_hour_is_cut_to_the_minute() -> None:
    rows = [sale(f"2026-04-30 18:{minute}:00 UTC") for minute in ("29", "30", "05", "59")]
    assert months(fact_of(report(rows), "Asia/Kolkata")) == {"2026-04": 2000, "2026-05": 2000}


@pytest.mark.parametrize(
    ("marketplace", "currency", "zone", "title"),
    [
        ("Amazon.com", "USD", "America/Los_Angeles", "Amazon.com"),
        ("amazon.ca", "CAD", "America/Los_Angeles", "Amazon.ca"),
        ("Amazon.co.uk", "GBP", "Europe/London", "Amazon.co.uk"),
        ("Amazon.it", "EUR", "Europe/Rome", "Amazon.it"),
        ("Amazon.co.jp", "JPY", "Asia/Tokyo", "Amazon.co.jp"),
        ("Amazon.com.au", "AUD", "Australia/Sydney", "Amazon.com.au"),
        ("", "EUR", "Europe/Berlin", "Amazon.de"),
        ("Non-Amazon CA", "CAD", "America/Los_Angeles", "Amazon.ca"),
        ("Amazon.xy", "USD", "America/Los_Angeles", "Amazon.xy"),
        ("", "CHF", "UTC", "Amazon"),
    ],
)
def test_without_a_zone_the_marketplaces_own_is_taken(marketplace: str, currency: str, zone: str, title: str) -> None:
    fee = row("Order/ItemFees/Commission", "-10", marketplace_name=marketplace)
    about = settlement_of(fact_of(report([fee], total="-10", currency=currency), ""))
    assert (about.zone, about.marketplace) == (zone, title)


def test_the_site_is_found_below_rows_that_name_none() -> None:
    fee = row("other-transaction/other-transaction/Subscription Fee", "-39.00", marketplace_name="")
    about = settlement_of(
        fact_of(
            report(
                [*[fee] * 900, row("Order/ItemFees/Commission", "-1.00", marketplace_name="Amazon.ie")], currency="EUR"
            ),
            "",
        )
    )
    assert (about.zone, about.marketplace) == ("Europe/Dublin", "Amazon.ie")


def test_a_zone_that_does_not_exist_is_refused() -> None:
    for zone in ("Mars/Olympus", "../etc/passwd"):
        with pytest.raises(Unreadable, match="is not a time zone"):
            fact_of(report([sale(SHAPES[0])]), zone)


def test_the_deposit_date_is_the_one_written_whatever_the_zone() -> None:
    fact = fact_of(report([], total="0.00", deposit_date="2026-05-04 00:00:00 UTC"), "America/Los_Angeles")
    assert fact.business_day == date(2026, 5, 4)


def test_a_row_without_a_time_belongs_to_the_month_of_the_end() -> None:
    assert months(fact_of(report([sale("")]))) == {"2026-05": 1000}


def test_a_row_without_a_time_takes_its_date_if_that_is_clear() -> None:
    clear = {"posted-date": "2026-04-29"}
    unclear = {"posted-date": "09/04/26"}
    assert months(fact_of(report([{**sale(""), **clear}, {**sale(""), **unclear}]))) == {
        "2026-04": 1000,
        "2026-05": 1000,
    }


def test_the_date_alone_is_used_where_there_is_no_column_of_times() -> None:
    columns = [name for name in V2 if name != "posted-date-time"]
    rows = [summary("20.00"), *({**sale(""), "posted-date": day} for day in ("30.04.2026", "2026-05-01"))]
    assert months(fact_of(table(rows, columns), "America/Los_Angeles")) == {"2026-04": 1000, "2026-05": 1000}


def test_a_date_that_can_be_read_two_ways_is_refused_where_it_must_be_used() -> None:
    columns = [name for name in V2 if name != "posted-date-time"]
    with pytest.raises(Unreadable, match=r"'09/06/26' in it can be read two ways"):
        fact_of(table([summary("10.00"), {**sale(""), "posted-date": "09/06/26"}], columns))
    with pytest.raises(Unreadable, match=r"'04/05/2026' in it can be read two ways"):
        fact_of(report([], total="0.00", deposit_date="04/05/2026"))


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-31 10:00:00 UTC",
        "2026-04-30 25:00:00 UTC",
        "30 April 2026",
        "0001-01-01 00:00:00 UTC",
        "2026-04-30 10:00:00+99:00",
        "2026-04-30 10:00:00 PDT",
    ],
)
def test_a_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="date"):
        fact_of(report([sale(text)]))
