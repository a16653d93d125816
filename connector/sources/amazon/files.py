"""Settlement reports as files: bytes in, one fact out, in one pass and in little memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.domain.facts import Bucket, Fact, Problem
from connector.domain.money import Money
from connector.domain.payouts import Settlement
from connector.errors import Unreadable
from connector.sources.amazon.amounts import Amounts
from connector.sources.amazon.dates import as_moment, as_written, moment_or_date
from connector.sources.amazon.decoding import BOM, text_of
from connector.sources.amazon.marketplaces import Site, is_site, site_of
from connector.sources.amazon.records import Layout, Summary, layout_of
from connector.sources.amazon.rows import Rows
from connector.sources.amazon.tally import Tally
from connector.sources.amazon.unpacking import blocks_of_lines, is_xml, unpacked
from connector.sources.amazon.xml_rows import COLUMNS, XmlRows

STREAM = "settlements"

_LOOK_AHEAD = 100  # blocks read for the name of an Amazon site before the currency alone decides the zone
_NO_AMOUNT = b"+-0., \r"  # what an amount of nothing is made of


def read(stream: BinaryIO, zone: str) -> Fact:
    """One settlement report (flat file V2 or V1, or XML; plain, gzip or zip) as one fact, in the seller's sign.

    Months are cut in `zone`; empty means the zone of its marketplace. A report whose movements do not add up to its
    total comes back with the problem A1; one that cannot be understood raises Unreadable with a clear sentence."""
    return read_named(stream, zone, "The file")


def read_named(stream: BinaryIO, zone: str, name: str) -> Fact:
    """As `read`; the sentence of an Unreadable begins with the given name."""
    try:
        return _read(stream, zone)
    except Unreadable as error:
        raise Unreadable(f"{name} cannot be read: {error}.") from error


def rows(stream: BinaryIO, ordinals: frozenset[int]) -> Iterator[tuple[int, str]]:
    """The way back: (ordinal of a movement, its row as text) for the ordinals asked for, in their order."""
    report = _opened(stream)
    width = report.layout.width
    places = [part.amount_at for part in report.layout.parts]
    last, ordinal = max(ordinals, default=-1), 0
    for block in report.details:
        for start in range(0, len(block), width):
            for _ in range(sum(1 for at in places if block[start + at].strip(_NO_AMOUNT))):
                if ordinal in ordinals:
                    yield ordinal, text_of(b"\t".join(block[start : start + width]), report.summary.currency)
                ordinal += 1
        if ordinal > last:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    layout: Layout
    summary: Summary
    rows: Rows | XmlRows
    details: Iterator[list[bytes]]


def _read(stream: BinaryIO, zone: str) -> Fact:
    report = _opened(stream)
    summary, amounts = report.summary, Amounts(report.summary.currency)
    amounts.minor(summary.total)
    ahead, site = _site(report)
    zone = zone or site.zone
    tally = Tally(report.layout, summary, amounts, _zone(zone))
    tally.add_up(chain(ahead, report.details))
    buckets, vector = tally.totals()
    total = amounts.minor(summary.total)
    if total is None:
        raise Unreadable(
            f"its total {summary.total!r} can be read two ways, and no amount says which mark is the decimal one"
        )
    return Fact(
        stream=STREAM,
        source_id=summary.settlement_id,
        about=_settlement(summary, total, site.title, zone),
        location="",
        occurred_at=summary.ends_at,
        business_day=summary.deposits_on,
        currency=summary.currency,
        buckets=buckets,
        vector=vector,
        problems=tuple(_problems(report, tally, buckets, total)),
    )


def _opened(stream: BinaryIO) -> _Report:
    """Reads the header and the summary row; the details follow as they are asked for."""
    layout, found = _laid_out(unpacked(stream))
    details = iter(found)
    first = next(details, [])
    summary = _summary(layout, first[: layout.width])
    return _Report(layout=layout, summary=summary, rows=found, details=chain([first[layout.width :]], details))


def _laid_out(blocks: Iterator[bytes]) -> tuple[Layout, Rows | XmlRows]:
    """The columns of a report and its rows, be it a flat file or XML."""
    beginning = next(blocks, b"")
    if is_xml(beginning):
        return layout_of(COLUMNS), XmlRows(chain([beginning.removeprefix(BOM).lstrip()], blocks))
    lines = blocks_of_lines(chain([beginning], blocks))
    header, below = _header(lines)
    layout = layout_of(header)
    return layout, Rows(chain([below], lines), layout.width, layout.id_at)


def _header(blocks: Iterator[bytes]) -> tuple[list[str], bytes]:
    """The names of the columns, and what is left of the block below them."""
    for block in blocks:
        text = block.removeprefix(BOM).lstrip(b"\r\n")
        if text:
            line, _, below = text.partition(b"\n")
            return [cell.decode("ascii", "replace").strip().casefold() for cell in line.split(b"\t")], below
    raise Unreadable("it has no lines")


def _summary(layout: Layout, cells: list[bytes]) -> Summary:
    if not cells or not cells[layout.total_at].strip():
        raise Unreadable("it has no summary row with the settlement's total below the header")
    currency = text_of(cells[layout.currency_at], "")
    if not (currency.isascii() and currency.isalpha() and currency.isupper() and len(currency) == 3):
        raise Unreadable(f"its summary row names no currency but {currency!r}")
    start, end, deposit = (moment_or_date(text_of(cells[at], currency)) for at in layout.summary_at)
    return Summary(
        settlement_id=text_of(cells[layout.id_at], currency),
        starts_at=as_moment(start),
        ends_at=as_moment(end),
        deposits_on=as_written(deposit),
        total=text_of(cells[layout.total_at], currency),
        currency=currency,
    )


def _site(report: _Report) -> tuple[list[list[bytes]], Site]:
    """Reads ahead to the first row of an Amazon site; gives what was read and the site of the settlement."""
    ahead: list[list[bytes]] = []
    at, width, currency = report.layout.marketplace_at, report.layout.width, report.summary.currency
    for block in islice(report.details, _LOOK_AHEAD if at >= 0 else 0):
        ahead.append(block)
        names = [text_of(name, currency) for name in dict.fromkeys(block[at::width])]
        if any(map(is_site, names)):
            return ahead, site_of(names, currency)
    return ahead, site_of([], currency)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unreadable(f"its months cannot be cut in {name!r}, which is not a time zone") from error


def _settlement(summary: Summary, total: int, marketplace: str, zone: str) -> Settlement:
    return Settlement(
        settlement_id=summary.settlement_id,
        starts_at=summary.starts_at,
        ends_at=summary.ends_at,
        deposits_on=summary.deposits_on,
        total=total,
        marketplace=marketplace,
        zone=zone,
    )


def _problems(report: _Report, tally: Tally, buckets: tuple[Bucket, ...], total: int) -> Iterator[Problem]:
    currency = report.summary.currency
    difference = sum(bucket.amount for bucket in buckets) - total
    cut_after = report.rows.cut_after
    if cut_after and (difference or cut_after <= report.layout.stamp_at + 1):
        raise Unreadable("it is cut off: it ends within a row; download it again")
    if difference:
        shown = [str(Money(minor=minor, currency=currency)) for minor in (total + difference, total, difference)]
        message = f"The movements add up to {shown[0]}, the report's total is {shown[1]}: a difference of {shown[2]}"
        broken = f"; rows broken over several lines and joined: {report.rows.joined}" if report.rows.joined else ""
        yield Problem(code="A1", message=message + broken + ".", difference=difference)
    if tally.has_second_total:
        yield Problem(code="A2", message="The report has more than one row with a total; a settlement has one.")
