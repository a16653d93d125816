"""Journalize: facts → documents and their outbox items, committed together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import cast

from connector.domain.account_map import AccountMap
from connector.domain.books import Books
from connector.domain.document import Document, InBooks
from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.registration import registration
from connector.errors import Broken
from connector.faults import fault_point
from connector.mapping.documents import documents
from connector.mapping.openings import openings
from connector.mapping.outcome import Journalized
from connector.mapping.policies import Policy, broken_by_documents, read_policies
from connector.mapping.rules import FeedRole, Rules, Style
from connector.store import facts as stored
from connector.store.account_maps import books, dated_maps, keep_books, map_as_posted, map_version
from connector.store.database import Transaction
from connector.store.feeds import Feed, feeds, locations, mark_journalized
from connector.store.findings import keep_findings
from connector.store.journal import in_books, is_kept, keep_period, keys_in_books, period_names
from connector.store.ledger import held_count, shelves_of, unconserved
from connector.store.matches import exchanged
from connector.store.outbox import unresolved
from connector.store.plans import FeedPlace
from connector.store.policies import policies_digest, policies_text
from connector.store.probes import exchanges, newest_fact, other_sources, reading_number, set_waking, wakes
from connector.store.probes import map_number as map_version_number
from connector.store.products import products_apart
from connector.store.schedules import schedule_of
from connector.store.setup import answers, cutover, setup_state
from connector.sync.audited import neighbours, values_for, with_others
from connector.sync.gate import Gate, concerned, gate_of
from connector.sync.house import House
from connector.sync.in_time import in_time, limits_of
from connector.sync.planning import FIXES, NOTHING, Period, Planner, by_period, in_family
from connector.sync.products import tell_products_apart
from connector.targets.contract import OpenBooks

LATER = ("bank feed", "match")  # who books deposits when the bank shows them: the bookkeeper, or a match of ours
BOOKS_ARE_FRESH_FOR = timedelta(days=1)
FRESH_BEFORE_WRITING = timedelta(hours=1)  # an account may have been closed since this morning


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
        if standing(tx, house, feed, reading) == feed.journalized and not wakes(tx, feed.id, house.now()):
            return Written()
    chart, reading = read_books(house, feed, opened, fresh_for=FRESH_BEFORE_WRITING)
    with house.database.transaction(of=feed.target.id) as tx:
        tell_products_apart(tx, house, feed.source)
        state = standing(tx, house, feed, reading)
        written = write(tx, house, feed, chart)
        mark_journalized(tx, feed.id, state)
    fault_point("intent.committed")
    return written


def is_behind(tx: Transaction, house: House, feed: Feed) -> bool:
    """Whether anything is there that was not journalized, or that waited for its time; the books are not asked."""
    reading = reading_number(tx, feed.target.id)
    return standing(tx, house, feed, reading) != feed.journalized or wakes(tx, feed.id, house.now())


def is_decided_otherwise(tx: Transaction, feed: Feed) -> bool:
    """Whether the map or the policies changed since the feed was journalized: nothing that was planned before is sent
    until it passes them."""
    if not feed.journalized:
        return False
    then = feed.journalized.split("/")
    return (then[1], then[-1]) != (str(map_version_number(tx, feed.id)), policies_digest(tx, feed.organisation))


def catch_up(house: House, targets: Collection[int]) -> None:
    """Journalizes the feeds into these books about which something was decided since."""
    with house.database.transaction() as tx:
        late = [each for each in feeds(tx) if each.target.id in targets and is_decided_otherwise(tx, each)]
    for feed in late:
        journalize(house, feed)


def write(tx: Transaction, house: House, feed: Feed, chart: Books) -> Written:
    """Journalizes a feed within a transaction; raises Broken, and nothing is stored, where money would be lost."""
    tell_products_apart(tx, house, feed.source)
    rules = rules_of(tx, house, feed, chart)
    facts = stored.facts(tx, feed.source.id)
    made = documents(facts, rules) + openings(cutover(tx, feed.id), rules)
    fault_point("day.built")
    gate = _gate(tx, feed, chart, rules, facts, house.now().date())
    planner = Planner(opened=house.books(feed.target), chart=chart, rules=rules, feed=feed, gate=gate)
    written = _keep(tx, planner, _wanted(tx, house, feed, made, facts), facts)
    written = replace(written, documents=len(made.documents), held=held_count(tx, feed.id))
    barring = _barring(tx, feed, gate, made)
    found = [*made.findings, *_findings(tx, feed), *barring, *_on_cash_basis(feed, chart)]
    keep_findings(tx, feed.id, found, house.now())
    lost = unconserved(tx, feed.id)
    if lost:
        raise Broken(f"{feed.name}: money of {', '.join(lost[:3])} is not in exactly one place; nothing was stored.")
    return written


def planned_documents(house: House, feed: Feed, chart: Books) -> tuple[Document, ...]:
    """The documents that the facts and openings of a feed call for; nothing is stored."""
    with house.database.transaction() as tx:
        rules = rules_of(tx, house, feed, chart)
        made = documents(stored.facts(tx, feed.source.id), rules) + openings(cutover(tx, feed.id), rules)
    return made.documents


def _gate(tx: Transaction, feed: Feed, chart: Books, rules: Rules, facts: Sequence[Fact], today: date) -> Gate:
    """What the auditor says about the feed as it stands now, and the policies of its organisation."""
    values = values_for(tx, feed, chart, rules, facts, today)
    all_feeds = feeds(tx)
    if neighbours(feed, all_feeds):
        values = with_others(tx, values, feed, all_feeds)
    return gate_of(values, organisation_policies(tx, feed.organisation), chart)


def organisation_policies(tx: Transaction, organisation: str) -> tuple[Policy, ...]:
    """The policies that every plan of an organisation must pass."""
    text = policies_text(tx, organisation)
    return read_policies(text) if text else ()


def _barring(tx: Transaction, feed: Feed, gate: Gate, made: Journalized) -> list[Finding]:
    """The findings that keep a document back now, with the periods that wait for them."""
    there = keys_in_books(tx, feed.id)
    waiting = [document for document in made.documents if document.key not in there]
    periods = concerned(gate.findings, waiting)
    held = [replace(each, blocked=periods[each.finding_id]) for each in gate.findings if periods.get(each.finding_id)]
    blocking = [policy for policy in gate.policies if policy.severity == "blocking"]
    return [*held, *(broken_by_documents(blocking, waiting, gate.books) if gate.books else ())]


def read_books(
    house: House, feed: Feed, opened: OpenBooks, *, afresh: bool = False, fresh_for: timedelta = BOOKS_ARE_FRESH_FOR
) -> tuple[Books, int]:
    """The books as read, at most once a day (or `fresh_for`) unless `afresh`, and the number of the reading."""
    with house.database.transaction() as tx:
        known = books(tx, feed.target.id)
    if known and not afresh and house.now() - known[1] < fresh_for:
        return known[0], known[2]
    chart = opened.books()
    with house.database.transaction(of=feed.target.id) as tx:
        keep_books(tx, feed.target.id, chart, house.now())
        kept = books(tx, feed.target.id)
    assert kept is not None  # just stored
    return kept[0], kept[2]


def rules_of(tx: Transaction, house: House, feed: Feed, chart: Books) -> Rules:
    """The rules of a feed: the source's proposals, the map in force, and what its target wants."""
    source, target = house.source(feed.source), house.target(feed.target)
    style: Style = "bank" if feed.style == "bank" else "clearing"
    newest, earlier = dated_maps(tx, feed.id)
    places = locations(tx, feed.source.id)
    return Rules(
        defaults=source.defaults,
        account_map=_with_deposits(newest, exchanged(tx, feed.id)),
        earlier=earlier,
        accounts=chart if newest.coverage else None,
        organisation=feed.organisation,
        connection=connection_name(feed),
        account=feed.source.external_id,
        country=chart.country,
        separate_refunds=target.separate_refunds,
        out_of_scope=target.out_of_scope,
        style=style,
        role=cast(FeedRole, feed.role),
        deposits="bank feed" if feed.deposits in LATER else "connector",
        accrues_through=None if chart.basis == "cash" else _accrues_through(tx, house, feed),
        starts_on=feed.starts_on,
        registration=registration(answers(tx, feed.id)),
        categories=products_apart(tx, feed.source.id).categories,
        location_names={place.source_id: place.name for place in places},
        location_currencies={place.source_id: place.currency for place in places},
    )


def _with_deposits(decided: AccountMap, matched: Mapping[str, int]) -> AccountMap:
    """The map with what the bank received for payouts in another currency, as matches tell; the map's word is last."""
    if decided.exchange is None or not matched:
        return decided
    deposits = {**matched, **decided.exchange.deposits}
    return replace(decided, exchange=replace(decided.exchange, deposits=deposits))


def _accrues_through(tx: Transaction, house: House, feed: Feed) -> date | None:
    """The last month end, where the feed accrues; books on cash basis never do."""
    on_cash = registration(answers(tx, feed.id)).basis == "cash"
    return last_month_end(house.now()) if feed.policy == "accrue" and not on_cash else None


def last_month_end(now: datetime) -> date:
    """The last day of the month before."""
    return now.date().replace(day=1) - timedelta(days=1)


def connection_name(feed: Feed) -> str:
    """The target's account as it enters keys and marks: the same whatever the connection is called here."""
    return f"{feed.target.provider}:{feed.target.external_id}"


def _wanted(
    tx: Transaction, house: House, feed: Feed, made: Journalized, facts: Sequence[Fact]
) -> Mapping[str, Period]:
    """What each period calls for by now; a feed without a schedule is journalized whenever and whatever it is asked."""
    wanted, schedule = by_period(made, feed), schedule_of(tx, feed.id)
    if schedule is None:
        return wanted
    quiet = house.source(feed.source).quiet
    found, wakes_at = in_time(wanted, limits_of(schedule, locations(tx, feed.source.id), facts, house.now(), quiet))
    set_waking(tx, feed.id, wakes_at)
    return found


def _keep(tx: Transaction, planner: Planner, wanted: Mapping[str, Period], facts: Sequence[Fact]) -> Written:
    feed, before = planner.feed, _Before(tx, planner, facts)
    map_number = planner.rules.account_map.number
    place = FeedPlace(feed_id=feed.id, target_connection_id=feed.target.id, map_version=map_number)
    written = Written()
    for name in sorted({*wanted, *period_names(tx, feed.id)}):
        period = wanted.get(name, NOTHING)
        there = in_books(tx, feed.id, name)
        spelled = planner.digest(period, there)
        if is_kept(tx, feed.id, name, spelled):
            continue
        plan = planner.plan(name, period, there, before.documents(there))
        outcome = keep_period(tx, place, plan, spelled)
        written = replace(
            written,
            periods=written.periods + (outcome == "written"),
            changed=written.changed + (outcome == "changed"),
        )
    return written


class _Before:
    """Documents under the maps that posted ones were made with, made once a map and only where they are asked for.

    A decision taken since changes nothing that is posted; only where a period holds something that the older map had no
    home for, the newest one's decisions fill it in."""

    def __init__(self, tx: Transaction, planner: Planner, facts: Sequence[Fact]) -> None:
        self._tx, self._planner, self._facts = tx, planner, facts
        self._made: dict[int, dict[str, Document]] = {}

    def documents(self, there: Sequence[InBooks]) -> dict[str, Document]:
        """The documents of those business keys, each under the map of its first version."""
        newest = self._planner.rules.account_map.number
        found: dict[str, Document] = {}
        for each in there:
            now = self._planner.rules.on(each.documents[0].date).account_map.number if each.documents else newest
            if each.map_version in (0, now):
                continue
            document = self._under(each.map_version).get(each.key) or self._filled(each.map_version).get(each.key)
            if document:
                found[each.key] = document
        return found

    def _under(self, number: int) -> dict[str, Document]:
        if number not in self._made:
            self._made[number] = self._documents(map_version(self._tx, self._planner.feed.id, number))
        return self._made[number]

    def _filled(self, number: int) -> dict[str, Document]:
        if -number not in self._made:
            self._made[-number] = self._documents(map_as_posted(self._tx, self._planner.feed.id, number))
        return self._made[-number]

    def _documents(self, older: AccountMap) -> dict[str, Document]:
        rules = replace(self._planner.rules, account_map=older, earlier=())
        made = documents(self._facts, rules) + openings(cutover(self._tx, self._planner.feed.id), rules)
        chosen = (in_family(document, self._planner.feed) for document in made.documents)
        return {document.key: document for document in chosen}


def _findings(tx: Transaction, feed: Feed) -> list[Finding]:
    """What the books, their dates or what stands in them keep waiting; mapping names the rest itself."""
    return [
        Finding(
            code=shelf.code,
            subject=shelf.business_key,
            severity="blocking",
            message=shelf.detail,
            fix=FIXES[shelf.code],
        )
        for shelf, _ in shelves_of(tx, feed.id)
        if shelf.code in FIXES
    ]


def _on_cash_basis(feed: Feed, chart: Books) -> list[Finding]:
    """Books on cash basis have no accruals, whatever the feed chose; that is said."""
    if feed.policy != "accrue" or chart.basis != "cash":
        return []
    message = f"{chart.name} keeps its books on cash basis: {feed.name} accrues nothing at month end."
    fix = "Nothing is to be done; it accrues again when the books say so, or connector feed add --no-accrue."
    return [Finding(code="cash_basis", subject=feed.name, severity="info", message=message, fix=fix)]


def standing(tx: Transaction, house: House, feed: Feed, reading: int) -> str:
    """Changes whenever a fact, the map, the books as read, or the feed's own settings do, and where it accrues, with
    the month."""
    newest = newest_fact(tx, feed.source.id)
    accrues = last_month_end(house.now()) if feed.policy == "accrue" else ""
    waiting = unresolved(tx, feed.target.id)
    dates = f"{feed.amends}/{feed.late}/{feed.deposits}/{feed.tax_filed_until or ''}"
    dates += f"/{feed.document_kind}/{feed.payout_kind}"
    dates += f"/{exchanges(tx, feed.id)}"
    map_number = map_version_number(tx, feed.id)
    others = "/".join(str(newest_fact(tx, each)) for each in other_sources(tx, feed.target.id, feed.source.id))
    dates += f"/{feed.starts_on or ''}/{setup_state(tx, feed.id)}"
    rules = policies_digest(tx, feed.organisation)
    waiting = f"{waiting}/{others}/{rules}"
    return f"{newest}/{map_number}/{reading}/{feed.style}/{feed.role}/{accrues}/{dates}/{waiting}"
