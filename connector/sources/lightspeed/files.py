"""Saved answers of Lightspeed's API → facts, for a preview without a connection; pure but for reading the files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

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

FILE_BYTES = 200 * 1024 * 1024
REFERENCE = ("account", "shops", "registers", "categories", "payment_types", "tax_categories")
LINES = "sale_lines"  # lines listed alone; they count with their sales
_BY_KEY = {kind.key: stream for stream, kind in KINDS.items()} | {"SaleLine": LINES}
_NAMES = (  # the first that the letters of a file's name contain: for bare records, which have no key to tell
    ("registercount", "register_counts"), ("registerwithdraw", "register_withdraws"), ("register", "registers"),
    ("processingfee", "processing_fees"), ("paymenttype", "payment_types"), ("taxcategor", "tax_categories"),
    ("categor", "categories"), ("shop", "shops"), ("account", "account"), ("sale", "sales"),
)  # fmt: skip
_BARE = {"saleID", "shopID", "registerID", "categoryID", "paymentTypeID", "taxCategoryID", "registerCountID",
         "registerWithdrawID", "salePaymentProcessingFeeID", "defaultCurrency"}  # fmt: skip
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    stream: str
    source_id: str
    body: bytes
    changed: datetime
    file: Path

    @property
    def rank(self) -> tuple[datetime, bytes]:
        """Of two records of one id the higher one is the newer."""
        return self.changed, self.body


def saved(paths: Sequence[Path], zone: str) -> Iterator[Fact | Unreadable]:
    """A fact for each record of the files and folders, ordered by stream and id, whatever order they are read in; an
    Unreadable for each file and record that cannot be read. Of records with equal ids the newest counts.

    `zone` stands in for shops that are not among the files. A stream without files is empty. Without the answer about
    the account, the currency is that of the country whose zone it is."""
    try:
        ZoneInfo(zone or "UTC")
    except (KeyError, ValueError, OSError):
        yield Unreadable(f"There is no time zone {zone!r}: name one as in America/New_York.")
        return
    newest: dict[tuple[str, str], _Record] = {}
    for found in _records(paths):
        if isinstance(found, Unreadable):
            yield found
            continue
        known = newest.setdefault((found.stream, found.source_id), found)
        if found.rank > known.rank:
            newest[found.stream, found.source_id] = found
    yield from _facts([newest[key] for key in sorted(newest)], zone)


def _facts(records: Sequence[_Record], zone: str) -> Iterator[Fact | Unreadable]:
    shop, wrong = _shop([record for record in records if record.stream in REFERENCE], zone)
    yield from wrong
    unplaced: dict[tuple[Path, str], list[str]] = {}
    for record in records:
        if record.stream in REFERENCE:
            continue
        try:
            yield _fact(record, shop)
        except Broken as error:
            yield Unreadable(f"{record.file}: {record.stream} {record.source_id}: {error}")
        except Unreadable as error:
            unplaced.setdefault((record.file, str(error)), []).append(f"{record.stream} {record.source_id}")
    for (file, message), names in unplaced.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Unreadable(f"{file}: {names[0]}{more}: {message}")


def _fact(record: _Record, shop: Shop) -> Fact:
    if record.stream != LINES:
        return translate(record.stream, record.source_id, record.body, shop)
    line = read(record.body, _LineAlone)
    frame = framed(LINES, record.source_id, line.shopID, line.createTime, shop)
    return frame.fact(NoSale(record_id=record.source_id, reason="a line alone: it counts with its sale"))


class _LineAlone(msgspec.Struct, frozen=True):
    saleLineID: str
    shopID: str = ""
    createTime: datetime | None = None


def _shop(records: Sequence[_Record], zone: str) -> tuple[Shop, list[Unreadable]]:
    sound, wrong, zones = [], [], [zone]
    for record in records:
        try:
            read_shop([(record.stream, record.body)], zone)
        except Broken as error:
            wrong.append(Unreadable(f"{record.file}: {record.stream} {record.source_id}: {error}"))
            continue
        sound.append((record.stream, record.body))
        if record.stream == "shops":
            zones.append(read(record.body, Place).time_zone)
    return read_shop(sound, zone, currency_by_zone(zones)), wrong


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


def _records(paths: Sequence[Path]) -> Iterator[_Record | Unreadable]:
    for path in paths:
        for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
            try:
                records = _of_file(file)
            except (Broken, Unreadable) as error:
                yield Unreadable(f"{file}: {error}")
                continue
            for stream, record in records:
                yield _record(file, stream, record)


def _record(file: Path, stream: str, record: Json) -> _Record | Unreadable:
    try:
        if stream == LINES:
            names = {name: value for name in ("saleLineID", "shopID", "createTime") if (value := record.get(name))}
            return _Record(
                stream=stream,
                source_id=str(names.get("saleLineID") or ""),
                body=msgspec.json.encode(names),
                changed=_NEVER,
                file=file,
            )
        received = received_as(stream, record)
        return _Record(
            stream=stream, source_id=received.source_id, body=received.body, changed=_changed(record), file=file
        )
    except Broken as error:
        return Unreadable(f"{file}: a record of {stream} cannot be read: {error}")


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
    pages = decoded(_content(file))
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
    elif page.keys() - {"@attributes"}:
        names = ", ".join(sorted(map(str, page)))[:200]
        raise Unreadable(f"none of its parts is a list of R-Series records (X-Series is a source of its own): {names}.")


def _stream_of(file: Path, record: Json) -> str:
    if "saleID" in record and "saleLineID" not in record:
        return "sales"
    if "defaultCurrency" in record:
        return "account"
    letters = re.sub(r"[^a-z]", "", file.stem.lower())
    stream = next((stream for part, stream in _NAMES if part in letters), "")
    if not stream:
        raise Unreadable(
            "its records do not say what they are: name the file after its kind, such as sales.json or shops.json."
        )
    return stream


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > FILE_BYTES:
            raise Unreadable(f"it is larger than {FILE_BYTES // 1024 // 1024} MB.")
        content = file.read_bytes().removeprefix(b"\xef\xbb\xbf").strip()
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror}.") from error
    if not content:
        raise Unreadable("it is empty.")
    return content
