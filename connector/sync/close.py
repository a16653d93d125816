"""Closing a period: the checklist answered from the store, the sign-off with its pack, what changed since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date

from connector.errors import Unreadable
from connector.reconcile.close.changes import Change, changes
from connector.reconcile.close.checklist import Item, Looked, blocking, checklist
from connector.reconcile.pack.values import REPORT
from connector.reconcile.pack.verified import verified
from connector.reconcile.report.values import Report
from connector.store.account_maps import books
from connector.store.feeds import Feed
from connector.store.findings import kept_findings
from connector.store.period_rows import journalized_periods
from connector.store.sign_offs import SignOff, sign_offs
from connector.store.sign_offs import sign_off as keep
from connector.sync.calendar import Square, calendar
from connector.sync.house import House
from connector.sync.pack import make_pack, members_of
from connector.sync.period_report import feeds_of, period_report

Days = tuple[date, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a period stands: its checklist, the last sign-off where there is one, and what changed since that."""

    items: tuple[Item, ...]
    signed: SignOff | None = None
    since: tuple[Change, ...] = ()


def closing(house: House, organisation: str, days: Days) -> Closing:
    """The checklist of a period, and what became of it after its sign-off; nothing is changed."""
    looked = _looked(house, organisation, days)
    items = checklist(looked)
    with house.database.transaction() as tx:
        signed = sign_offs(tx, organisation, days)
    if not signed:
        return Closing(items=items)
    return Closing(items=items, signed=signed[-1], since=_changed_since(house, signed[-1], looked.report))


def _changed_since(house: House, signed: SignOff, report: Report) -> tuple[Change, ...]:
    """What of the period is no longer as it was signed off; raises Unreadable where the pack that was kept does not
    hold any more."""
    done = verified(signed.pack)
    if done.problems:
        raise Unreadable(f"The pack that was signed off was changed in the database: {done.problems[0]}")
    return changes(done.members, members_of(house, report))


def sign(house: House, organisation: str, days: Days, *, by: str, despite: str = "") -> SignOff:
    """Signs a period off: its pack is made and kept with the name. Raises Unreadable where the person may not, and
    where something blocks it that no reason is given for."""
    if not by.strip():
        raise Unreadable("Say who signs, with --as and the name of a person.")
    house.sight.need("decide", organisation)
    looked = _looked(house, organisation, days)
    stands = blocking(checklist(looked))
    if stands and not despite.strip():
        told = "; ".join(f"{item.title}: {item.told}" for item in stands)
        raise Unreadable(f"{organisation} cannot be signed off yet. {told}. With --despite and a reason it can.")
    pack = make_pack(house, looked.report)
    made = SignOff(
        id=0,
        first=days[0],
        last=days[1],
        signed_by=by,
        signed_at=house.now(),
        despite=despite.strip() if stands else "",
        pack_sha256=hashlib.sha256(pack).hexdigest(),
        report_sha256=hashlib.sha256(verified(pack).members[REPORT]).hexdigest(),
        pack=pack,
    )
    with house.database.transaction() as tx:
        return keep(tx, organisation, made)


def _looked(house: House, organisation: str, days: Days) -> Looked:
    feeds = feeds_of(house, organisation)
    squares = [(feed, square) for feed in feeds for square in _squares(house, feed, days)]
    findings = [each for feed in feeds for each in _findings(house, feed)]
    with house.database.transaction() as tx:
        known = {feed.id: journalized_periods(tx, feed.id) for feed in feeds}
    return Looked(
        organisation=organisation,
        report=period_report(house, organisation, days),
        is_over=house.now().date() > days[1],
        missing=[f"{square.place}, {square.what} of {square.day}" for _, square in squares if square.is_missing],
        not_posted=[told for feed, square in squares if (told := _not_posted(feed, square, known[feed.id]))],
        blocking=[told for severity, told in findings if severity == "blocking"],
        warnings=[told for severity, told in findings if severity == "warning"],
        not_locked=list(_not_locked(house, feeds, days[1])),
    )


def _not_posted(feed: Feed, square: Square, known: Set[str]) -> str:
    """A day or payout that came and is in no books, in words; empty for one that is, or that calls for nothing."""
    name = f"day|{square.location}|{square.day}|" if square.what == "day" else square.name
    is_known = any(each.startswith(name) for each in known)
    if square.state != "pulled" or (is_known and not square.standing.amount):
        return ""
    return f"{feed.name}, {square.what} of {square.day}"


def _squares(house: House, feed: Feed, days: Days) -> list[Square]:
    """The days and payouts of the period, without those of which somebody said that there were none."""
    with house.database.transaction() as tx:
        muted = {each.finding.subject for each in kept_findings(tx, feed.id) if each.is_muted(house.now())}
    not_its_own = {"sales only": "payout", "payouts only": "day"}.get(feed.role, "")
    return [
        square
        for square in calendar(house, feed)
        if days[0] <= square.day <= days[1]
        and square.what != not_its_own
        and f"{square.location}|{square.name}" not in muted
    ]


def _findings(house: House, feed: Feed) -> Iterator[tuple[str, str]]:
    with house.database.transaction() as tx:
        kept = kept_findings(tx, feed.id)
    for each in kept:
        if not each.is_muted(house.now()):
            yield each.finding.severity, f"{feed.name}: {each.finding.message}"


def _not_locked(house: House, feeds: list[Feed], last: date) -> Iterator[str]:
    for target in {feed.target.id: feed.target for feed in feeds}.values():
        with house.database.transaction() as tx:
            known = books(tx, target.id)
        until = known[0].locked_until if known else None
        if until is None or until < last:
            yield f"{target.name} is locked until {until}" if until else f"{target.name} has no closing date"
