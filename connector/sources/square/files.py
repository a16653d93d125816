"""Saved answers of Square's API → facts, for a preview without a connection; pure but for reading the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from connector.domain.facts import Fact
from connector.domain.places import Frame
from connector.domain.sales import NoSale
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable
from connector.sources.saved import SavedRecord, content_of, facts_of, gathered, sound, stream_named, zone_problem
from connector.sources.square.records import Answer, Head, listed, read
from connector.sources.square.till_records import GiftCardActivity, with_balance
from connector.sources.square.translate.gift_cards import balances_before
from connector.sources.square.translate.places import known_day
from connector.sources.square.translate.record import translate
from connector.sources.square.translate.shops import read_shop

_KEYS = {
    "orders": "orders", "order": "orders", "payments": "payments", "payment": "payments", "refunds": "refunds",
    "refund": "refunds", "payouts": "payouts", "payout": "payouts", "payout_entries": "payout_entries",
    "locations": "locations", "location": "locations", "objects": "catalog", "object": "catalog",
    "related_objects": "catalog", "cash_drawer_shifts": "cash_drawers", "cash_drawer_shift": "cash_drawers",
    "cash_drawer_shift_events": "cash_drawer_events", "disputes": "disputes", "dispute": "disputes",
    "gift_card_activities": "gift_card_activities", "gift_card_activity": "gift_card_activities",
}  # fmt: skip
_NAMES = (  # the first that the letters of a file's name contain; ListPaymentRefundsResponse holds refunds
    ("payoutentr", "payout_entries"), ("payout", "payouts"), ("giftcardactiv", "gift_card_activities"),
    ("drawershiftevent", "cash_drawer_events"), ("drawer", "cash_drawers"), ("dispute", "disputes"),
    ("refund", "refunds"), ("payment", "payments"), ("order", "orders"), ("location", "locations"),
    ("catalog", "catalog"),
)  # fmt: skip
_REFERENCE = ("locations", "catalog")
_NOT_READ = {"cash_drawer_events": "its cash drawer has the sums of its events"}
_NEVER = datetime.min.replace(tzinfo=UTC)


def saved(paths: Sequence[Path], told: Shop) -> Iterator[Fact | Unreadable]:
    """A fact for each record of the files and folders, ordered by stream and id, whatever order they are read in; an
    Unreadable for each file and record that cannot be read. Of records with equal ids the newest counts.

    `told` is what a person says of the shop; its zone stands in for locations whose own is not among the files. A
    stream without files is empty."""
    if wrong_zone := zone_problem(told.zone):
        yield wrong_zone
        return
    records, wrong = gathered(paths, _records)
    yield from wrong
    described = [record for record in records if record.stream in _REFERENCE]
    good, wrong = sound(described, lambda record: read_shop([(record.stream, record.body)], told.zone))
    yield from wrong
    shop = read_shop(good, told.zone).as_told(told)
    money = [record for record in records if record.stream not in _REFERENCE]
    yield from facts_of(_with_balances(money), lambda record: _fact(record, shop))


def _with_balances(records: Sequence[SavedRecord]) -> list[SavedRecord]:
    """The records; a gift card activity that clears a card says how much, as far as the others of the card tell it."""
    read_here = {record.source_id: _activity(record) for record in records if record.stream == "gift_card_activities"}
    activities = {key: activity for key, activity in read_here.items() if activity}
    before = balances_before(list(activities.values()))
    return [
        replace(record, body=with_balance(activities[record.source_id], before[record.source_id]))
        if record.source_id in before and record.stream == "gift_card_activities"
        else record
        for record in records
    ]


def _activity(record: SavedRecord) -> GiftCardActivity | None:
    try:
        return read(record.body, GiftCardActivity)
    except Broken:  # it is named where its fact is made
        return None


def _fact(record: SavedRecord, shop: Shop) -> Fact:
    reason = _NOT_READ.get(record.stream)
    if reason is None:
        return translate(record.stream, record.source_id, record.body, shop)
    return _not_read(record, reason, shop)


def _not_read(record: SavedRecord, reason: str, shop: Shop) -> Fact:
    """A record of a stream that we do not read is shown with its reason, so that it is not passed over in silence."""
    head = read(record.body, Head)
    moment = head.created_at or head.opened_at or head.updated_at
    if moment is None:
        raise Broken("it does not say when it happened")
    location = head.location_id or ""
    day = known_day(shop, location, moment)
    frame = Frame(
        stream=record.stream,
        source_id=head.id,
        location=location,
        occurred_at=moment,
        business_day=day,
        currency="",
    )
    return frame.fact(NoSale(record_id=head.id, reason=reason))


def _records(file: Path) -> Iterator[SavedRecord | Unreadable]:
    """The records of a file: one answer, a list of answers, or bare records."""
    content = content_of(file)
    if content[:1] not in (b"{", b"["):
        raise Unreadable("it is not JSON: save what Square answered, as it came.")
    pages = read(content, list[msgspec.Raw]) if content.startswith(b"[") else [msgspec.Raw(content)]
    for stream, body in [found for page in pages for found in _page(file, page)]:
        yield _record(file, stream, body)


def _record(file: Path, stream: str, body: msgspec.Raw) -> SavedRecord | Unreadable:
    try:
        head = read(body, Head)
    except Broken as error:
        return Unreadable(f"{file}: a record of {stream} cannot be read: {error}")
    # Of two equally new ones a whole cash drawer counts more than its summary.
    is_whole = b'"cash_paid_out_money"' in bytes(body)
    rank = (head.version or 0, head.updated_at or _NEVER, is_whole, bytes(body))
    return SavedRecord(stream=stream, source_id=head.id, body=bytes(body), file=file, rank=rank)


def _page(file: Path, page: msgspec.Raw) -> Iterator[tuple[str, msgspec.Raw]]:
    answer = read(page, Answer)
    if "id" in answer:
        yield _stream_of(file), page
        return
    known = [key for key in answer if key in _KEYS]
    if not known and answer.keys() - {"cursor", "errors"}:
        raise Unreadable(f"none of its parts is a list of Square records: {', '.join(sorted(answer))[:200]}.")
    if not known and listed(answer, "errors"):
        raise Unreadable("it holds an error that Square answered, and no records.")
    for key in known:
        for record in listed(answer, key):
            yield _KEYS[key], record


def _stream_of(file: Path) -> str:
    stream = stream_named(file, _NAMES)
    if not stream:
        raise Unreadable(
            "its records do not say what they are: name the file after its kind, such as orders.json or payouts.json."
        )
    return stream
