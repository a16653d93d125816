"""Pulling Square's streams: which window is asked for, what of it is new, and how far it was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

import msgspec

from connector.errors import Broken
from connector.sources.contract import Page, PullOrder
from connector.sources.square import client
from connector.sources.square.client import Api, Found
from connector.sources.square.pages import kept_page
from connector.sources.square.positions import BEGINNING, SWEPT, Position
from connector.sources.square.records import Head, Payout, read
from connector.sources.square.till_records import DrawerShift, GiftCardActivity, placed, with_balance
from connector.sources.square.translate.gift_cards import CLEARING, balances_before
from connector.transport.access import Access
from connector.transport.paging import newest

PAGES_A_PULL = 1_000  # of a stream whose position moves with each page; the next pull goes on


def pull(access: Access, order: PullOrder) -> Iterator[Page]:
    """The pages of a stream from a position to its true end; the position of each page may be kept once the page is.

    Raises NeedsReconnect where consent is gone or lacks the stream's scope, RetryLater where Square is busy or away."""
    streams: dict[str, Callable[[Api, PullOrder, Position], Iterator[Page]]] = {
        "locations": _locations,
        "catalog": _catalog,
        "orders": _orders,
        "payments": _payments,
        "refunds": _refunds,
        "payouts": _payouts,
        "payout_entries": _payout_entries,
        "cash_drawers": _cash_drawers,
        "gift_card_activities": _gift_card_activities,
        "disputes": _disputes,
    }
    if order.stream not in streams:
        raise Broken(f"Square has no stream {order.stream!r}")
    with client.calling(access) as api:
        yield from streams[order.stream](api, order, Position.of(order.position))


def _locations(api: Api, order: PullOrder, position: Position) -> Iterator[Page]:
    yield kept_page("locations", client.locations(api), "")


def _catalog(api: Api, order: PullOrder, position: Position) -> Iterator[Page]:
    """What changed; in no order, so the position moves with the last page."""
    after = position.since
    if after and position.swept and position.is_sweep(order.now):
        after = min(after, order.now - SWEPT)
    return _to_the_end("catalog", client.catalog(api, after), order, position)


def _orders(api: Api, order: PullOrder, position: Position) -> Iterator[Page]:
    return _by_change("orders", client.orders(api, _location(order), position.begin(order.now)), order, position)


def _payments(api: Api, order: PullOrder, position: Position) -> Iterator[Page]:
    return _by_change("payments", client.payments(api, _location(order), position.begin(order.now)), order, position)


def _refunds(api: Api, order: PullOrder, position: Position) -> Iterator[Page]:
    return _by_change("refunds", client.refunds(api, _location(order), position.begin(order.now)), order, position)


def _payouts(api: Api, order: PullOrder, position: Position) -> Iterator[Page]:
    """The trailing payouts again and again, for a payout that fails later is not listed as changed."""
    since = position.since
    for found in client.payouts(api, _location(order), position.trailing_begin):
        since = newest(since, (read(raw, Payout).created_at for raw in found.records), order.now)
        kept = Position(since=since) if found.is_last else position
        yield kept_page("payouts", found.records, kept.text)


def _payout_entries(api: Api, order: PullOrder, position: Position) -> Iterator[Page]:
    """The entries of the trailing BATCH payouts of a location, of each once for every state it has been in."""
    listed = _all(client.payouts(api, _location(order), position.trailing_begin))
    payouts = [read(raw, Payout) for raw in listed]
    states = {payout.id: f"{payout.status} {payout.version or 0}" for payout in payouts if payout.type == "BATCH"}
    waiting = [key for key, state in states.items() if position.seen.get(key) != state]
    seen = {key: position.seen[key] for key in states if key in position.seen}
    for key in waiting:
        for found in client.payout_entries(api, key):
            if found.is_last:
                seen = seen | {key: states[key]}
            is_end = found.is_last and key == waiting[-1]
            moments = (payout.created_at for payout in payouts)
            since = newest(position.since, moments, order.now) if is_end else position.since
            yield kept_page("payout_entries", found.records, Position(since=since, seen=seen).text)


def _cash_drawers(api: Api, order: PullOrder, position: Position) -> Iterator[Page]:
    """The trailing drawers, of each once for every state it has been in; a closed one whole, for a list sums it up."""
    location = _location(order)
    shifts = [read(raw, DrawerShift) for raw in _all(client.drawers(api, location, position.trailing_begin))]
    states = {shift.id: _drawer_state(shift) for shift in shifts}
    waiting = [shift for shift in shifts if position.seen.get(shift.id) != states[shift.id]]
    seen = {key: position.seen[key] for key in states if key in position.seen}
    for shift in waiting:
        seen = seen | {shift.id: states[shift.id]}
        whole = (
            [read(raw, DrawerShift) for raw in client.drawer(api, location, shift.id)] if shift.closed_at else [shift]
        )
        records = [msgspec.Raw(placed(each, location)) for each in whole]
        moments = (each.opened_at for each in shifts)
        since = newest(position.since, moments, order.now) if shift is waiting[-1] else position.since
        yield kept_page("cash_drawers", records, Position(since=since, seen=seen).text)


def _drawer_state(shift: DrawerShift) -> str:
    """What tells that a drawer is to be read again; takings alone do not, while it is open."""
    counted = shift.closed_cash_money.amount if shift.closed_cash_money else None
    return f"{shift.state} {shift.updated_at or shift.closed_at} {counted}" if shift.closed_at else f"{shift.state}"


def _gift_card_activities(api: Api, order: PullOrder, position: Position) -> Iterator[Page]:
    """By creation, oldest first. One that clears a card says how much through the card's activity before it."""
    pages = (
        Found([_with_balance_before(api, raw) for raw in found.records], found.is_last)
        for found in client.gift_card_activities(api, position.begin(order.now))
    )
    return _by_change("gift_card_activities", pages, order, position)


def _with_balance_before(api: Api, raw: msgspec.Raw) -> msgspec.Raw:
    activity = read(raw, GiftCardActivity)
    if activity.type not in CLEARING or not activity.gift_card_id:
        return raw
    of_card = [read(each, GiftCardActivity) for each in _all(_card_activities(api, activity.gift_card_id))]
    return msgspec.Raw(with_balance(activity, balances_before(of_card).get(activity.id)))


def _card_activities(api: Api, card: str) -> Iterator[Found]:
    return client.gift_card_activities(api, BEGINNING, card)


def _disputes(api: Api, order: PullOrder, position: Position) -> Iterator[Page]:
    """All of them once a day: they can be asked for neither by change nor by time, and are there to be read only."""
    if not position.is_sweep(order.now):
        return iter(())
    return _to_the_end("disputes", client.disputes(api), order, position)


def _by_change(stream: str, pages: Iterable[Found], order: PullOrder, position: Position) -> Iterator[Page]:
    """Pages in the order of their moments, oldest first: after each of them all that is older has been seen."""
    since = position.since
    for found in islice(pages, PAGES_A_PULL):
        since = newest(since, map(_moment, found.records), order.now)
        kept = position.done(since, order.now) if found.is_last else Position(since=since, swept=position.swept)
        yield kept_page(stream, found.records, kept.text)


def _to_the_end(stream: str, pages: Iterable[Found], order: PullOrder, position: Position) -> Iterator[Page]:
    """Pages in no order: all that is older has been seen after the last one only."""
    since = position.since
    for found in pages:
        since = newest(since, map(_moment, found.records), order.now)
        kept = position.done(since, order.now) if found.is_last else position
        yield kept_page(stream, found.records, kept.text)


def _moment(raw: msgspec.Raw) -> datetime | None:
    """The moment a list is in the order of: the change, else the creation; of a record that cannot be read none."""
    try:
        head = read(raw, Head)
    except Broken:
        return None
    return head.updated_at or head.created_at


def _all(pages: Iterable[Found]) -> list[msgspec.Raw]:
    return [raw for found in pages for raw in found.records]


def _location(order: PullOrder) -> str:
    if not order.location:
        raise Broken(f"Square's {order.stream} are pulled location by location, and none was named")
    return order.location
