"""Journalize: facts → documents and their outbox items, committed together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import cast

from connector.domain.books import Books
from connector.domain.document import Document, Held, shares_of
from connector.domain.finding import Finding
from connector.domain.keys import canonical, digest, posting_key
from connector.errors import Broken, NeedsMapping, Rejected
from connector.faults import fault_point
from connector.mapping.documents import documents
from connector.mapping.outcome import Journalized
from connector.mapping.rules import FeedRole, Rules, Style
from connector.store import facts as stored
from connector.store.account_maps import account_map, books, keep_books
from connector.store.database import Transaction
from connector.store.feeds import Feed, locations, mark_journalized
from connector.store.findings import keep_findings
from connector.store.journal import keep_period, period_names
from connector.store.ledger import unconserved
from connector.store.plans import FeedPlace, PeriodPlan, PlannedDocument, PlannedPosting
from connector.sync.house import House
from connector.targets.contract import OpenBooks, Rendered

BOOKS_ARE_FRESH_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What journalizing did: periods written anew, and those whose source changed after posting."""

    periods: int = 0
    changed: int = 0
    documents: int = 0
    held: int = 0


def journalize(house: House, feed: Feed) -> Written:
    """Derives all documents of a feed. Where nothing is new since the last time, nothing is done."""
    opened = house.books(feed.target)
    chart, reading = read_books(house, feed, opened)
    with house.database.transaction() as tx:
        state = _state(tx, house, feed, reading)
        if state == feed.journalized:
            return Written()
        rules = rules_of(tx, house, feed, chart)
        made = documents(stored.facts(tx, feed.source.id), rules)
        plans = _plans(made, opened, chart, rules)
        place = FeedPlace(feed_id=feed.id, target_connection_id=feed.target.id, map_version=rules.account_map.number)
        written = _keep(tx, place, plans)
        keep_findings(tx, feed.id, _findings(made, plans), house.now())
        mark_journalized(tx, feed.id, state)
        lost = unconserved(tx, feed.id)
        if lost:
            raise Broken(
                f"{feed.name}: money of {', '.join(lost[:3])} is not in exactly one place; nothing was stored."
            )
    fault_point("intent.committed")
    return written


def read_books(house: House, feed: Feed, opened: OpenBooks, *, afresh: bool = False) -> tuple[Books, int]:
    """The books as read, at most once a day unless `afresh`, and the number of the reading."""
    with house.database.transaction() as tx:
        known = books(tx, feed.target.id)
    if known and not afresh and house.now() - known[1] < BOOKS_ARE_FRESH_FOR:
        return known[0], known[2]
    chart = opened.books()
    with house.database.transaction() as tx:
        keep_books(tx, feed.target.id, chart, house.now())
        kept = books(tx, feed.target.id)
    assert kept is not None  # just stored
    return kept[0], kept[2]


def rules_of(tx: Transaction, house: House, feed: Feed, chart: Books) -> Rules:
    """The rules of a feed: the source's proposals, the map in force, and what its target wants."""
    source, target = house.source(feed.source), house.target(feed.target)
    style: Style = "bank" if feed.style == "bank" else "clearing"
    return Rules(
        defaults=source.defaults,
        account_map=account_map(tx, feed.id),
        organisation=feed.organisation,
        connection=connection_name(feed),
        account=feed.source.external_id,
        country=chart.country,
        separate_refunds=target.separate_refunds,
        out_of_scope=target.out_of_scope,
        style=style,
        role=cast(FeedRole, feed.role),
        accrues_through=last_month_end(house.now()) if feed.policy == "accrue" else None,
        location_names={place.source_id: place.name for place in locations(tx, feed.source.id)},
    )


def last_month_end(now: datetime) -> date:
    """The last day of the month before."""
    return now.date().replace(day=1) - timedelta(days=1)


def connection_name(feed: Feed) -> str:
    """The target's account as it enters keys and marks: the same whatever the connection is called here."""
    return f"{feed.target.provider}:{feed.target.external_id}"


def planned(document: Document, opened: OpenBooks, chart: Books, rules: Rules) -> PlannedDocument | Held:
    """A document with its payloads, keys and marks; held where an account is missing or a lock forbids its date."""
    try:
        rendered = opened.render(document, chart)
    except NeedsMapping as error:
        return _held(document, "unmapped_in_books", str(error))
    except Rejected as error:
        return _held(document, error.code or "refused", str(error))
    return PlannedDocument(document=document, postings=tuple(_posting(each, document, rules) for each in rendered))


def _plans(made: Journalized, opened: OpenBooks, chart: Books, rules: Rules) -> list[PeriodPlan]:
    parts: dict[str, tuple[list[PlannedDocument], list[Held]]] = defaultdict(lambda: ([], []))
    for document in made.documents:
        result = planned(document, opened, chart, rules)
        if isinstance(result, Held):
            parts[document.period][1].append(result)
        else:
            parts[document.period][0].append(result)
    for held in made.held:
        parts[held.period][1].append(held)
    ignored = defaultdict(list)
    for each in made.ignored:
        ignored[each.period].append(each)
    return [
        PeriodPlan(
            name=name,
            documents=tuple(parts[name][0]),
            held=tuple(parts[name][1]),
            ignored=tuple(ignored[name]),
        )
        for name in sorted({*parts, *ignored})
    ]


def _posting(rendered: Rendered, document: Document, rules: Rules) -> PlannedPosting:
    payload = canonical(rendered.payload)
    hashed = digest(payload)
    key = posting_key(
        organisation=rules.organisation,
        connection=rules.connection,
        key=f"{document.key}|{rendered.part}" if rendered.part else document.key,
        version=document.version,
        digest=hashed,
        epoch=0,
    )
    return PlannedPosting(
        part=rendered.part,
        target_kind=rendered.kind,
        day=rendered.day,
        payload=payload,
        digest=hashed,
        key=key,
        mark=rendered.mark,
    )


def _held(document: Document, code: str, reason: str) -> Held:
    return Held(
        key=document.key,
        code=code,
        reason=reason,
        currency=document.currency,
        shares=shares_of(document.lines),
        period=document.period,
    )


def _keep(tx: Transaction, place: FeedPlace, plans: Sequence[PeriodPlan]) -> Written:
    written = Written(documents=sum(len(plan.documents) for plan in plans), held=sum(len(plan.held) for plan in plans))
    gone = period_names(tx, place.feed_id) - {plan.name for plan in plans}
    emptied = [PeriodPlan(name=name, documents=(), held=(), ignored=()) for name in sorted(gone)]
    for plan in [*plans, *emptied]:
        outcome = keep_period(tx, place, plan)
        if outcome == "written":
            written = replace(written, periods=written.periods + 1)
        elif outcome == "changed":
            written = replace(written, changed=written.changed + 1)
    return written


def _findings(made: Journalized, plans: Iterable[PeriodPlan]) -> list[Finding]:
    refused = [
        Finding(
            code=held.code,
            subject=held.key,
            severity="blocking",
            message=held.reason,
            fix="It goes by itself when the books allow it.",
        )
        for plan in plans
        for held in plan.held
        if held.code in ("unmapped_in_books", "closed_period", "refused")
    ]
    return [*made.findings, *refused]


def _state(tx: Transaction, house: House, feed: Feed, reading: int) -> str:
    """Changes whenever a fact, the map, the books as read, or the feed's own settings do, and where it accrues, with
    the month."""
    newest = stored.newest_fact(tx, feed.source.id)
    accrues = last_month_end(house.now()) if feed.policy == "accrue" else ""
    return f"{newest}/{account_map(tx, feed.id).number}/{reading}/{feed.style}/{feed.role}/{accrues}"
