"""A page as it is kept, and its records again: only what shapes.py names, spelled anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

import msgspec

from connector.errors import Broken
from connector.sources.contract import SPOILT, Bodies, Page, Received
from connector.sources.lightspeed.plain import RawPage, read_plain
from connector.sources.lightspeed.records import read
from connector.sources.lightspeed.shapes import KINDS, REPORTS, Json, decoded, kept, listed, value_of
from connector.sources.spoilt import spoilt


def kept_page(stream: str, records: Sequence[Json], position: str) -> Page:
    """The page of these records as received; of one that cannot be read, what names and places it."""
    bodies = b",".join([_received(stream, record).body for record in records])
    body = b'{"%s":[%s]}' % (KINDS[stream].key.encode(), bodies)
    return Page(body=body, records=unpack(stream, body), position=position)


def unpack(stream: str, body: bytes) -> tuple[Received, ...]:
    """The records of a kept page, in their order and to the byte."""
    if stream == "sales":
        with suppress(Broken):  # one of them is not plain: each is read by itself
            return _plain(body)
    return tuple(_received(stream, record) for record in answered(stream, decoded(body)))


def _received(stream: str, record: Json) -> Received:
    """As `received_as`; what was kept of a record that cannot be read stays as it is."""
    id_field = KINDS[stream].id_field
    if SPOILT in record:
        return Received(stream=stream, source_id=str(record[id_field]), spelled=msgspec.json.encode(record))
    try:
        return received_as(stream, record)
    except Broken as error:
        told = {each: text for each, text in record.items() if isinstance(text, str)}
        named = {**told, id_field: str(value_of(record, id_field) or "")}
        return spoilt(stream, msgspec.Raw(msgspec.json.encode(named)), (id_field,), error)


def _plain(body: bytes) -> tuple[Received, ...]:
    bodies = Bodies(body, lambda page: read(page, RawPage).sales)
    return bodies.received("sales", [(sale.sale_id, sale) for sale in read_plain(body)])


def received_as(stream: str, record: Json) -> Received:
    """One record as it is kept, under its id; raises Broken where it has none."""
    kind = KINDS[stream]
    body = kept(kind, record)
    source_id = str(body.get(kind.id_field) or stream)
    return Received(stream=stream, source_id=source_id, spelled=msgspec.json.encode(body))


def answered(stream: str, answer: object) -> list[Json]:
    """The records of an answer: one, many, or none. An answer about one account stands for itself."""
    if not isinstance(answer, dict):
        raise Broken(f"Lightspeed's answer about {stream} is no object")
    key = KINDS[stream].key
    if stream == "account" and key not in answer:
        return [answer]
    return listed(answer.get(key))


def balances(stream: str, accounts: Iterable[Json], now: datetime) -> tuple[list[Json], str]:
    """The balances other than nothing of a list of credit accounts as one record, and a digest of them. A list of gift
    cards may hold other accounts too, and the other way round: each counts in its own."""
    found: dict[str, str] = {}
    for account in accounts:
        is_card = str(value_of(account, "giftCard") or "").casefold() == "true"
        name, held = str(value_of(account, "creditAccountID") or ""), str(value_of(account, "balance") or "0")
        if name and is_card == (stream == "gift_cards") and held.strip("-0.") != "":
            found[name] = held
    rows: list[Json] = [{"creditAccountID": name, "balance": held} for name, held in sorted(found.items())]
    record: Json = {"balancesID": stream, "lookedAt": now.isoformat(timespec="seconds"), "rows": rows}
    return [record], hashlib.sha256(msgspec.json.encode(rows)).hexdigest()[:16]


def day_reports(
    stream: str, rows: Iterable[Json], shops: Mapping[str, date], days: tuple[date, date]
) -> tuple[list[Json], dict[str, date]]:
    """The rows of a report put together by shop and day, and the shops with the first day of each that is known.

    There is one record for every shop and day from its first one on, those without rows too, for a day that lost its
    last sale has none. Rows of other days than those asked for are left out."""
    found: dict[tuple[str, date], list[Json]] = {}
    for row in rows:
        shop, day = str(value_of(row, "shopID") or ""), report_day(str(value_of(row, "date") or ""))
        if days[0] <= day <= days[1]:
            found.setdefault((shop, day), []).append(row)
    begin = dict(shops)
    for shop, day in found:
        begin[shop] = min(day, begin.get(shop, day))
    wanted = [(shop, day) for shop in sorted(begin) for day in _each_day(max(days[0], begin[shop]), days[1])]
    return [day_report(stream, shop, day, found.get((shop, day), [])) for shop, day in wanted], begin


def day_report(stream: str, shop: str, day: date, rows: Sequence[Json]) -> Json:
    """One report of one shop and day as a record of its own, its rows in an order of their own."""
    ordered = sorted(rows, key=lambda row: msgspec.json.encode(row, order="deterministic"))
    return {"reportID": f"{REPORTS[stream]} {shop} {day}", "shopID": shop, "day": day.isoformat(), "rows": ordered}


def report_day(text: str) -> date:
    """A report's date, 01/26/2021 or 2021-01-26; raises Broken."""
    try:
        if "/" in text:
            return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise Broken(f"{text!r} is no date of a Lightspeed report") from error


def _each_day(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
