"""Saved answers of Lightspeed's API → facts, for a preview without a connection; pure but for reading the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from connector.domain.defaults import table
from connector.domain.facts import Fact
from connector.domain.sales import NoSale
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable
from connector.sources.lightspeed.pages import answered, day_report, received_as, report_day
from connector.sources.lightspeed.records import Shop as Place
from connector.sources.lightspeed.records import read
from connector.sources.lightspeed.shapes import KINDS, REPORTS, Json, decoded, listed, value_of
from connector.sources.lightspeed.translate.places import framed
from connector.sources.lightspeed.translate.record import translate
from connector.sources.lightspeed.translate.shops import read_shop
from connector.sources.saved import SavedRecord, content_of, facts_of, gathered, sound, stream_named, zone_problem

REFERENCE = ("account", "shops", "registers", "categories", "items", "payment_types", "tax_categories")
BALANCES = "CreditAccount"  # what accounts hold says nothing without the moment, which a saved answer does not tell
LINES = "sale_lines"  # lines listed alone; they count with their sales
_BY_KEY = {kind.key: stream for stream, kind in KINDS.items() if kind.key != BALANCES} | {"SaleLine": LINES}
_NAMES = (  # the first that the letters of a file's name contain: for bare records, which have no key to tell
    ("registercount", "register_counts"), ("registerwithdraw", "register_withdraws"), ("register", "registers"),
    ("processingfee", "processing_fees"), ("paymenttype", "payment_types"), ("taxcategor", "tax_categories"),
    ("categor", "categories"), ("shop", "shops"), ("account", "account"), ("sale", "sales"),
)  # fmt: skip
_BARE = {"saleID", "shopID", "registerID", "categoryID", "paymentTypeID", "taxCategoryID", "registerCountID",
         "registerWithdrawID", "salePaymentProcessingFeeID", "defaultCurrency"}  # fmt: skip
_NEVER = datetime.min.replace(tzinfo=UTC)


def saved(paths: Sequence[Path], told: Shop) -> Iterator[Fact | Unreadable]:
    """A fact for each record of the files and folders, ordered by stream and id, whatever order they are read in; an
    Unreadable for each file and record that cannot be read. Of records with equal ids the newest counts.

    `told` is what a person says of the shop; its zone stands in for shops that are not among the files. A stream
    without files is empty. Without the answer about the account, the currency is that of the country whose zone it
    is."""
    if wrong_zone := zone_problem(told.zone):
        yield wrong_zone
        return
    records, wrong = gathered(paths, _records)
    yield from wrong
    shop, wrong = _shop([record for record in records if record.stream in REFERENCE], told)
    yield from wrong
    money = [record for record in records if record.stream not in REFERENCE]
    yield from facts_of(money, lambda record: _fact(record, shop))


def _fact(record: SavedRecord, shop: Shop) -> Fact:
    if record.stream != LINES:
        return translate(record.stream, record.source_id, record.body, shop)
    line = read(record.body, _LineAlone)
    frame = framed(LINES, record.source_id, line.shopID, line.createTime, shop)
    return frame.fact(NoSale(record_id=record.source_id, reason="a line alone: it counts with its sale"))


class _LineAlone(msgspec.Struct, frozen=True):
    saleLineID: str
    shopID: str = ""
    createTime: datetime | None = None


def _shop(records: Sequence[SavedRecord], told: Shop) -> tuple[Shop, list[Unreadable]]:
    good, wrong = sound(records, lambda record: read_shop([(record.stream, record.body)], told.zone))
    zones = [told.zone, *(read(body, Place).time_zone for stream, body in good if stream == "shops")]
    return read_shop(good, told.zone, currency_by_zone(zones)).as_told(told), wrong


def currency_by_zone(zones: Iterable[str]) -> str:
    """The currency of the first zone whose country is in the table; empty where none is."""
    rows = table("connector.sources.lightspeed", "currencies.csv")
    found = (
        row["currency"]
        for zone in zones
        for row in rows
        if zone == row["zone"] or (row["zone"].endswith("/") and zone.startswith(row["zone"]))
    )
    return next(found, "")


def _records(file: Path) -> Iterator[SavedRecord | Unreadable]:
    for stream, record in _of_file(file):
        yield _record(file, stream, record)


def _record(file: Path, stream: str, record: Json) -> SavedRecord | Unreadable:
    try:
        if stream == LINES:
            return _line_alone(file, record)
        received = received_as(stream, record)
        rank = (_changed(record), received.body)
        return SavedRecord(stream=stream, source_id=received.source_id, body=received.body, file=file, rank=rank)
    except Broken as error:
        return Unreadable(f"{file}: a record of {stream} cannot be read: {error}")


def _line_alone(file: Path, record: Json) -> SavedRecord:
    names = {name: value for name in ("saleLineID", "shopID", "createTime") if (value := record.get(name))}
    body = msgspec.json.encode(names)
    return SavedRecord(stream=LINES, source_id=str(names.get("saleLineID") or ""), body=body, file=file, rank=(body,))


def _changed(record: Json) -> datetime:
    text = value_of(record, "updatetime") or value_of(record, "timeStamp")
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else _NEVER
    except ValueError as error:
        raise Broken(f"{text!r} is no moment") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of_file(file: Path) -> list[tuple[str, Json]]:
    """(stream, record) for each record of a file: one answer, a list of answers, or bare records. The rows of a report
    are put together by shop and day over the whole file, for a day may stand on two pages."""
    pages = decoded(content_of(file))
    records: list[tuple[str, Json]] = []
    rows: dict[tuple[str, str, str], list[Json]] = {}
    for page in pages if isinstance(pages, list) else [pages]:
        for stream, record in _of_page(file, page):
            if stream in REPORTS and "reportID" not in record:
                day = report_day(str(value_of(record, "date") or "")).isoformat()
                rows.setdefault((stream, str(value_of(record, "shopID") or ""), day), []).append(record)
            else:
                records.append((stream, record))
    grouped = [(s, day_report(s, shop, report_day(day), found)) for (s, shop, day), found in rows.items()]
    return records + grouped


def _of_page(file: Path, page: object) -> Iterator[tuple[str, Json]]:
    if not isinstance(page, dict):
        raise Unreadable("it holds no answer of Lightspeed's R-Series.")
    known = [key for key in page if key in _BY_KEY]
    # A sale's own parts (TaxCategory, Shop) are no records of theirs.
    if _BARE & page.keys():
        yield _stream_of(file, page), page
    elif known:
        for key in known:
            stream = _BY_KEY[key]
            for record in answered(stream, page) if stream != LINES else listed(page[key]):
                yield stream, record
    elif {"httpCode", "error"} & page.keys():
        raise Unreadable("it holds an error that Lightspeed answered, and no records.")
    elif "headers" in page:
        raise Unreadable("it holds the headers of an answer, and no records.")
    elif page.keys() - {"@attributes", BALANCES}:
        names = ", ".join(sorted(map(str, page)))[:200]
        raise Unreadable(f"none of its parts is a list of R-Series records (X-Series is a source of its own): {names}.")


def _stream_of(file: Path, record: Json) -> str:
    if "saleID" in record and "saleLineID" not in record:
        return "sales"
    if "defaultCurrency" in record:
        return "account"
    stream = stream_named(file, _NAMES)
    if not stream:
        raise Unreadable(
            "its records do not say what they are: name the file after its kind, such as sales.json or shops.json."
        )
    return stream
