"""Of a period, what was not as it should be: findings with how they ended, changes in the books and at the source, what
waits, payments that nobody reconciled, and decisions of the account map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import msgspec

from connector.domain.account_map import AccountMap
from connector.domain.items import Payment
from connector.domain.map_file import read_map
from connector.domain.map_writing import map_changes
from connector.reconcile.report.gathered import Discrepancy, MapDecision, Unreconciled, Waiting
from connector.store.bank_tables import MatchGroupRow
from connector.store.feeds import Connection, Feed
from connector.store.matches import ITSELF
from connector.store.period_rows import (
    Dated,
    bank_rows,
    decided_matches,
    documents_dated,
    every_connection_finding,
    every_finding,
    is_within,
    last_days,
    lines_by_document,
    map_rows,
    shelved,
)
from connector.store.tables import AccountMapRow, ConnectionFindingRow, FindingCommentRow, FindingRow, LineRow, ShelfRow
from connector.sync.house import House
from connector.sync.items import unreconciled

Days = tuple[date, date]
OPEN, RESOLVED = "open", "resolved"
_FOUND_BY = {"journalize": "making the documents", "audit": "the auditor", "calendar": "the calendar of days"}
_BY_CODE = {"drifted": "reading the books again", "doubled_mark": "reading the books again",
            "clearing_unexplained": "the proof of clearing accounts"}  # fmt: skip
GONE = "the cause was gone when it was looked at again"


def discrepancies_of(house: House, found: Sequence[Feed], days: Days) -> Iterator[Discrepancy]:
    """Everything of the feeds and their connections that was found in the period, concerns it, or is open."""
    connections = {each.id: each for feed in found for each in (feed.source, feed.target)}
    with house.database.transaction() as tx:
        about = every_connection_finding(tx, connections)
        lines = {each.target.id: bank_rows(tx, each.target.id) for each in found}
    for feed in found:
        yield from _of_feed(house, feed, days)
    for row in about:
        if row.closed_at is None or is_within(row.first_seen, days) or is_within(row.closed_at, days):
            yield _of_connection(row, connections[row.connection_id])
    for number, rows in lines.items():
        for line in rows:
            if line.state == "ignored" and line.date and days[0] <= line.date <= days[1]:
                yield _set_aside(connections[number], (line.id or 0, line.text, line.currency), line.amount_minor or 0,
                                 (line.reason, line.ignored_by))  # fmt: skip


def waiting_of(house: House, feed: Feed, days: Days) -> list[Waiting]:
    """What of the period is on a shelf, and documents that are not in the books."""
    with house.database.transaction() as tx:
        shelves, known = shelved(tx, feed.id), last_days(tx, feed.source.id)
        away = [each for each in documents_dated(tx, feed.id, days) if not each.in_books]
        lines = lines_by_document(tx, [each.row.id or 0 for each in away])
    found = [(shelf, day) for name, shelf in shelves if (day := day_of(name, known)) and days[0] <= day <= days[1]]
    return [
        *(_shelf(feed, shelf, day) for shelf, day in found),
        *(_away(feed, each, lines.get(each.row.id or 0, ())) for each in away),
    ]


def decisions_of(house: House, feed: Feed, days: Days) -> list[MapDecision]:
    """What those versions of the map changed that were decided in the period, are valid from a day in it, or made
    documents of it."""
    with house.database.transaction() as tx:
        rows = map_rows(tx, feed.id)
        used = {each.row.map_version for each in documents_dated(tx, feed.id, days)}
    found: list[MapDecision] = []
    before = AccountMap()
    for row in rows:
        after = read_map(row.body, number=row.number)
        is_new = is_within(row.decided_at, days) or bool(row.valid_from and days[0] <= row.valid_from <= days[1])
        if is_new or row.number in used:
            found += _decisions(feed, row, before, after)
        before = after
    return found


def unreconciled_of(house: House, found: Sequence[Feed], last: date) -> Iterator[Unreconciled]:
    """The standing list of payments, of every source, as far as they were paid by the end of the period."""
    for connection in {feed.source.id: feed.source for feed in found}.values():
        for left in unreconciled(house, connection):
            if isinstance(left.of, Payment) and left.of.paid_on <= last:
                yield Unreconciled(
                    connection=connection.name,
                    account=left.of.account,
                    payment=left.of.payment_id,
                    paid_on=left.of.paid_on,
                    kind=left.of.kind,
                    recorded_by=left.of.recorded_by,
                    currency=left.of.currency,
                    amount=left.amount,
                    reason=left.reason,
                )


def day_of(period: str, known: Mapping[str, date]) -> date | None:
    """The day of a period by its name, of a payout or settlement that of its facts."""
    if period.startswith("day|"):
        return date.fromisoformat(period.rsplit("|", 2)[1])
    return known.get(period)


def _of_feed(house: House, feed: Feed, days: Days) -> Iterator[Discrepancy]:
    with house.database.transaction() as tx:
        findings, known = every_finding(tx, feed.id), last_days(tx, feed.source.id)
        documents = documents_dated(tx, feed.id, days)
        lines = lines_by_document(tx, [each.row.id or 0 for each in documents])
        decided = decided_matches(tx, feed.id)
    for row, said in findings:
        if row.closed_at is None or _concerns(row, known, days):
            yield _of_finding(house.now(), feed, row, said)
    for each in documents:
        yield from _of_document(feed, each, _debits(lines.get(each.row.id or 0, ())))
    for match in decided.values():
        if is_within(match.accepted_at, days) or is_within(match.undone_at, days):
            yield from _of_match(feed, match)


def _concerns(row: FindingRow, known: Mapping[str, date], days: Days) -> bool:
    if is_within(row.first_seen, days) or is_within(row.closed_at, days):
        return True
    blocked = (day_of(name, known) for name in _names(row.blocked))
    return any(day and days[0] <= day <= days[1] for day in blocked)


def _names(blocked: str) -> list[str]:
    return [str(name) for name in msgspec.json.decode(blocked, type=list[str])]


def _of_finding(now: datetime, feed: Feed, row: FindingRow, said: Sequence[FindingCommentRow]) -> Discrepancy:
    words = "; ".join(f"{each.author or 'connector'}: {each.text}" for each in said)
    muted = row.muted_until is not None and now < row.muted_until and row.closed_at is None
    resolution = f"set aside: {row.muted_because}" if muted else GONE if row.closed_at else row.fix
    people = dict.fromkeys(each.author for each in said if each.author)
    return Discrepancy(
        of=feed.name,
        found_on=row.first_seen,
        found_by=_FOUND_BY.get(row.station, row.station),
        what=row.code.replace("_", " "),
        about=row.subject,
        message=row.message,
        currency=row.currency,
        amount=row.amount_minor,
        state=RESOLVED if row.closed_at else "set aside" if muted else OPEN,
        resolved_on=row.closed_at,
        resolution="; ".join(filter(None, (resolution, words))),
        by=row.muted_by if muted else ", ".join(people),
    )


def _of_connection(row: ConnectionFindingRow, connection: Connection) -> Discrepancy:
    return Discrepancy(
        of=connection.name,
        found_on=row.first_seen,
        found_by=_BY_CODE.get(row.code, "looking at the connection"),
        what=row.code.replace("_", " "),
        about=row.subject,
        message=row.message,
        currency="",
        amount=0,
        state=RESOLVED if row.closed_at else OPEN,
        resolved_on=row.closed_at,
        resolution=GONE if row.closed_at else row.fix,
    )


def _of_document(feed: Feed, each: Dated, debits: int) -> Iterator[Discrepancy]:
    """A correction, and what somebody changed in the books."""
    row = each.row
    told = Discrepancy(
        of=feed.name,
        found_on=None,
        found_by="reading the source again",
        what="changed at the source",
        about=row.business_key,
        message=f"The source changed what was posted; {row.mark} holds the difference.",
        currency=row.currency,
        amount=debits,
        state=RESOLVED,
        resolution=f"corrected by {row.mark}" + (", dated after its own closed period" if row.prior_period else ""),
    )
    if row.version > 1:
        yield told
    if each.drift:
        is_accepted = each.drift.startswith("accepted")
        yield replace(
            told,
            found_by="reading the books again",
            what="changed in the books",
            about=row.mark,
            message=each.drift,
            state=RESOLVED if is_accepted else OPEN,
            resolution=each.drift if is_accepted else f"connector drift shows it; accept, restore or detach {row.mark}",
            by=each.drift.removeprefix("accepted by ").partition(":")[0] if is_accepted else "",
        )


def _of_match(feed: Feed, row: MatchGroupRow) -> Iterator[Discrepancy]:
    """A match with something left between its sides, or one that was taken back."""
    parts = [
        (row.residual_minor, f"written off to {row.write_off_account}"),
        (row.exchange_minor, "exchange difference"),
        (row.fee_minor if row.fee_model else 0, f"a fee, {row.fee_model}"),
    ]
    people = "by itself, it is certain" if row.accepted_by == ITSELF else row.accepted_by
    for amount, how in parts:
        if amount:
            yield _matched(feed, row, amount, (f"the bank shows another amount: {how}", how, people, row.accepted_at))
    if row.undone_by:
        told = f"match {row.id} was taken back: {row.reason or 'no reason given'}"
        yield _matched(feed, row, 0, (told, row.reason, row.undone_by, row.undone_at))


def _matched(feed: Feed, row: MatchGroupRow, amount: int, told: tuple[str, str, str, datetime | None]) -> Discrepancy:
    message, how, by, at = told
    return Discrepancy(
        of=feed.name,
        found_on=row.proposed_at,
        found_by="matching with the bank",
        what="difference at the bank" if amount else "match undone",
        about=f"match {row.id}",
        message=message,
        currency=row.currency,
        amount=abs(amount),
        state=RESOLVED,
        resolved_on=at,
        resolution=how,
        by=by,
    )


def _set_aside(connection: Connection, line: tuple[int, str, str], amount: int, why: tuple[str, str]) -> Discrepancy:
    number, text, currency = line
    return Discrepancy(
        of=connection.name,
        found_on=None,
        found_by="matching with the bank",
        what="bank line set aside",
        about=f"bank line {number}",
        message=text,
        currency=currency,
        amount=amount,
        state="set aside",
        resolution=why[0],
        by=why[1],
    )


def _shelf(feed: Feed, shelf: ShelfRow, day: date) -> Waiting:
    return Waiting(
        feed=feed.name,
        of=shelf.business_key,
        day=day,
        state=shelf.state,
        code=shelf.code.replace("_", " "),
        reason=shelf.detail,
        currency=shelf.currency,
        amount=shelf.amount_minor,
        difference=shelf.difference_minor,
    )


def _away(feed: Feed, each: Dated, lines: Iterable[LineRow]) -> Waiting:
    return Waiting(
        feed=feed.name,
        of=each.row.mark,
        day=each.row.date,
        state=each.state,
        code="document",
        reason=each.reason or "connector post sends it",
        currency=each.row.currency,
        amount=_debits(lines),
        difference=0,
    )


def _debits(lines: Iterable[LineRow]) -> int:
    return sum(line.amount_minor for line in lines if line.amount_minor > 0)


def _decisions(feed: Feed, row: AccountMapRow, before: AccountMap, after: AccountMap) -> Iterator[MapDecision]:
    for change in map_changes(before, after):
        yield MapDecision(
            feed=feed.name,
            number=row.number,
            author=row.author,
            reason=row.reason,
            decided_at=row.decided_at,
            valid_from=row.valid_from,
            place=change.place,
            before=change.before,
            after=change.after,
        )
