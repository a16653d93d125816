"""Saved answers of the X-Series API → facts, for a preview without a connection; pure but for reading the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from connector.domain.facts import Fact
from connector.domain.shop import Location, Shop
from connector.errors import Broken, Unreadable
from connector.sources.lightspeed_x.pages import kept
from connector.sources.lightspeed_x.records import Answer, Head, listed, read
from connector.sources.lightspeed_x.translate.record import translate
from connector.sources.lightspeed_x.translate.shops import read_shop
from connector.sources.saved import SavedRecord, content_of, facts_of, gathered, stream_named, zone_problem

_SIGNS = (  # the first key that a record has tells its stream
    ("line_items", "sales"), ("register_closure_id", "sessions"), ("time_zone", "outlets"),
    ("type_id", "payment_types"), ("rates", "taxes"), ("register_open_time", "registers"), ("is_open", "registers"),
    ("price_excluding_tax", "products"), ("sku", "products"),
)  # fmt: skip
_NAMES = (  # the first that the letters of a file's name contain
    ("paymentssummary", "sessions"), ("session", "sessions"), ("paymenttype", "payment_types"), ("sale", "sales"),
    ("outlet", "outlets"), ("register", "registers"), ("tax", "taxes"), ("product", "products"),
)  # fmt: skip
_REFERENCE = frozenset({"outlets", "registers", "payment_types", "taxes", "products"})


def saved(paths: Sequence[Path], told: Shop) -> Iterator[Fact | Location | Unreadable]:
    """The outlets of the files and folders, and a fact for each sale and session, ordered by stream and id, whatever
    order they are read in; an Unreadable for each file and record that cannot be read. Of records with equal ids the
    newest counts.

    `told` is what a person says of the shop; its zone stands in for outlets whose own is not among the files. A stream
    without files is empty."""
    if wrong_zone := zone_problem(told.zone, "Pacific/Auckland"):
        yield wrong_zone
        return
    records, wrong = gathered(paths, _records)
    yield from wrong
    described = [(each.stream, each.body) for each in records if each.stream in _REFERENCE]
    shop = read_shop(described, told.zone).as_told(told)
    yield from shop.locations.values()
    money = [each for each in records if each.stream not in _REFERENCE]
    yield from facts_of(money, lambda record: translate(record.stream, record.source_id, record.body, shop))


def _records(file: Path) -> Iterator[SavedRecord | Unreadable]:
    """The records of a file: one answer, a list of answers, one record or a list of records."""
    content = content_of(file)
    pages = read(content, list[msgspec.Raw]) if content.startswith(b"[") else [msgspec.Raw(content)]
    for body in [record for page in pages for record in _of_page(page)]:
        yield _record(file, body)


def _record(file: Path, body: msgspec.Raw) -> SavedRecord | Unreadable:
    try:
        stream, head = _stream(file, body), read(body, Head)
        rank = (head.number, head.updated_at or "", bytes(body))
        return SavedRecord(stream=stream, source_id=head.source_id, rank=rank, body=kept(stream, body), file=file)
    except (Broken, Unreadable) as error:
        return Unreadable(f"{file}: a record cannot be read: {error}")


def _of_page(page: msgspec.Raw) -> list[msgspec.Raw]:
    keys = read(page, dict[str, msgspec.Raw])
    if "data" in keys:
        return listed(read(page, Answer))
    if "id" in keys or "register_closure_id" in keys:
        return [page]
    raise Unreadable(f"it is no answer of the X-Series API: it holds {', '.join(sorted(keys))[:200] or 'nothing'}.")


def _stream(file: Path, body: msgspec.Raw) -> str:
    keys = read(body, dict[str, msgspec.Raw])
    by_keys = next((stream for sign, stream in _SIGNS if sign in keys), "")
    stream = by_keys or stream_named(file, _NAMES)
    if not stream:
        raise Unreadable("it does not say what it is: name the file after its kind, such as sales.json or taxes.json.")
    return stream
