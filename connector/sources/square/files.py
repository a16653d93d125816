"""Saved answers of Square's API → facts, for a preview without a connection; pure but for reading the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from connector.domain.facts import Fact
from connector.domain.sales import NoSale
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable
from connector.sources.square.records import Answer, Head, listed, read
from connector.sources.square.till_records import GiftCardActivity, with_balance
from connector.sources.square.translate.gift_cards import balances_before
from connector.sources.square.translate.places import Frame, known_day
from connector.sources.square.translate.record import translate
from connector.sources.square.translate.shops import read_shop

FILE_BYTES = 200 * 1024 * 1024
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    stream: str
    head: Head
    body: bytes
    file: Path

    @property
    def rank(self) -> tuple[int, datetime, bool, bytes]:
        """Of two records of one id the higher one is the newer; of two equally new ones a whole cash drawer counts
        more than its summary."""
        is_whole = b'"cash_paid_out_money"' in self.body
        return self.head.version or 0, self.head.updated_at or _NEVER, is_whole, self.body


def saved(paths: Sequence[Path], zone: str) -> Iterator[Fact | Unreadable]:
    """A fact for each record of the files and folders, ordered by stream and id, whatever order they are read in; an
    Unreadable for each file and record that cannot be read. Of records with equal ids the newest counts.

    `zone` stands in for locations whose own zone is not among the files. A stream without files is empty."""
    if wrong := _zone_problem(zone):
        yield wrong
        return
    newest: dict[tuple[str, str], _Record] = {}
    for found in _records(paths):
        if isinstance(found, Unreadable):
            yield found
            continue
        known = newest.setdefault((found.stream, found.head.id), found)
        if found.rank > known.rank:
            newest[found.stream, found.head.id] = found
    yield from _facts(_with_balances([newest[key] for key in sorted(newest)]), zone)


def _with_balances(records: Sequence[_Record]) -> list[_Record]:
    """The records; a gift card activity that clears a card says how much, as far as the others of the card tell it."""
    read_here = {record.head.id: _activity(record) for record in records if record.stream == "gift_card_activities"}
    activities = {key: activity for key, activity in read_here.items() if activity}
    before = balances_before(list(activities.values()))
    return [
        replace(record, body=with_balance(activities[record.head.id], before[record.head.id]))
        if record.head.id in before and record.stream == "gift_card_activities"
        else record
        for record in records
    ]


def _activity(record: _Record) -> GiftCardActivity | None:
    try:
        return read(record.body, GiftCardActivity)
    except Broken:  # it is named where its fact is made
        return None


def _facts(records: Sequence[_Record], zone: str) -> Iterator[Fact | Unreadable]:
    shop, wrong = _shop([record for record in records if record.stream in _REFERENCE], zone)
    yield from wrong
    unplaced: dict[tuple[Path, str], list[str]] = {}
    for record in records:
        if record.stream in _REFERENCE:
            continue
        try:
            yield _fact(record, shop)
        except Broken as error:
            yield _unreadable(record, error)
        except Unreadable as error:
            unplaced.setdefault((record.file, str(error)), []).append(f"{record.stream} {record.head.id}")
    for (file, message), names in unplaced.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Unreadable(f"{file}: {names[0]}{more}: {message}")


def _fact(record: _Record, shop: Shop) -> Fact:
    reason = _NOT_READ.get(record.stream)
    if reason is None:
        return translate(record.stream, record.head.id, record.body, shop)
    return _not_read(record, reason, shop)


def _not_read(record: _Record, reason: str, shop: Shop) -> Fact:
    """A record of a stream that we do not read is shown with its reason, so that it is not passed over in silence."""
    head = record.head
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


def _shop(records: Sequence[_Record], zone: str) -> tuple[Shop, list[Unreadable]]:
    sound, wrong = [], []
    for record in records:
        try:
            read_shop([(record.stream, record.body)], zone)
            sound.append((record.stream, record.body))
        except Broken as error:
            wrong.append(_unreadable(record, error))
    return read_shop(sound, zone), wrong


def _records(paths: Sequence[Path]) -> Iterator[_Record | Unreadable]:
    for path in paths:
        for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
            try:
                answers = _answers(file)
            except (Broken, Unreadable) as error:
                yield Unreadable(f"{file}: {error}")
                continue
            for stream, body in answers:
                yield _record(file, stream, body)


def _record(file: Path, stream: str, body: msgspec.Raw) -> _Record | Unreadable:
    try:
        return _Record(stream=stream, head=read(body, Head), body=bytes(body), file=file)
    except Broken as error:
        return Unreadable(f"{file}: a record of {stream} cannot be read: {error}")


def _answers(file: Path) -> list[tuple[str, msgspec.Raw]]:
    """(stream, record) for each record of a file: one answer, a list of answers, or bare records."""
    content = _content(file)
    pages = read(content, list[msgspec.Raw]) if content.startswith(b"[") else [msgspec.Raw(content)]
    return [found for page in pages for found in _page(file, page)]


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
    letters = re.sub(r"[^a-z]", "", file.stem.lower())
    stream = next((stream for part, stream in _NAMES if part in letters), "")
    if not stream:
        raise Unreadable(
            "its records do not say what they are: name the file after its kind, such as orders.json or payouts.json."
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


def _zone_problem(zone: str) -> Unreadable | None:
    try:
        ZoneInfo(zone or "UTC")
    except (KeyError, ValueError, OSError):
        return Unreadable(f"There is no time zone {zone!r}: name one as in America/New_York.")
    return None


def _unreadable(record: _Record, error: Broken) -> Unreadable:
    return Unreadable(f"{record.file}: {record.stream} {record.head.id}: {error}")
