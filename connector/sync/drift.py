"""Drift: what became of our documents in the books. Looked at once a day; nothing is overwritten by itself.

A document that the bookkeeper changed or deleted is shown with three ways on: *accept* (their version is the truth),
*restore* (what we sent is written once more, as a version of its own), *detach* (never touched again)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from connector.domain.drift import Difference, Standing, texts
from connector.domain.finding import Finding
from connector.errors import Rejected, Unreadable
from connector.store import changes, outbox
from connector.store.connection_findings import keep_connection_findings
from connector.store.database import Transaction, hold
from connector.store.feeds import Connection, connection_by_id, feed_by_id
from connector.store.ledger import document_of
from connector.store.outbox import Posting
from connector.sync.house import House
from connector.sync.post import plan_again, rendered
from connector.sync.proofs import prove_clearing
from connector.sync.unheard import tell_unheard
from connector.targets.contract import OpenBooks, Receipt

LOOK_EVERY = timedelta(days=1)
OVERLAP = timedelta(hours=1)  # what changes while a list is read may be in neither of two lists that only touch
FURTHEST = timedelta(days=29)  # QuickBooks remembers changes for 30
SWEEPS = (timedelta(days=1), timedelta(days=7))  # a mark that stands twice shows itself by then

DRIFTED, DOUBLED = "drifted", "doubled_mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look found: records of ours that were changed, those whose difference is new, marks that stand twice."""

    seen: int = 0
    drifted: int = 0
    doubled: int = 0


def look(house: House, connection: Connection, *, at_once: bool = False) -> Looked | None:
    """Looks at what changed in the books since the last look; None where it is not time yet, or nothing was posted."""
    with house.database.transaction() as tx:
        last = changes.last_look(tx, connection.id)
        sent = outbox.sent_days(tx, connection.id)
    now = house.now()
    if not sent or (last and not at_once and now - last < LOOK_EVERY):
        return None
    opened = house.books(connection)
    with house.database.transaction() as tx:
        mine = {(p.target_kind, p.target_id): p for p in outbox.in_books(tx, connection.id)}
        marks = outbox.marks(tx, connection.id)
    standings = _standings(opened, _since(now, last, sent), mine.values())
    drifted = [posting for each in standings if (posting := _drifted(house, opened, each, mine))]
    doubled = [each for each in standings if _is_double(each, marks)]
    with house.database.transaction(of=connection.id) as tx:
        keep_connection_findings(tx, connection.id, DRIFTED, _drift_findings(tx, connection), now)
        keep_connection_findings(tx, connection.id, DOUBLED, _doubles(tx, connection, doubled), now)
        tell_unheard(tx, connection, last, now)
        changes.keep_look(tx, connection.id, now)
    prove_clearing(house, connection, opened)
    ours = sum((each.kind, each.target_id) in mine for each in standings)
    return Looked(seen=ours, drifted=len(drifted), doubled=len(doubled))


def accept(house: House, mark: str, *, by: str, reason: str = "") -> Posting:
    """Their version becomes the truth; it is shown with the document, and only another change of theirs is told."""
    with house.database.transaction() as tx:
        posting = _one(tx, mark)
        outbox.accept(tx, posting, f"accepted by {by}{f': {reason}' if reason else ''}")
        _tell(tx, posting.connection_id, house.now())
    return posting


def detach(house: House, mark: str, *, by: str, reason: str = "") -> Posting:
    """The document is theirs from now on: its movements stand on the list of what is ignored, with the reason."""
    with house.database.transaction() as tx:
        posting = _one(tx, mark)
        why = f"Detached by {by}{f': {reason}' if reason else ''}; {posting.mark} is not touched again."
        changes.set_aside(tx, posting.document_id, state="ignored", code="detached", detail=why)
        outbox.retire(tx, posting.document_id, "superseded", why)
        _tell(tx, posting.connection_id, house.now())
    return posting


def restore(house: House, mark: str, *, by: str) -> Posting:
    """What we sent is called for again: a deleted document is made anew under its next version; one that was edited is
    written over, if the books still hold the version that was looked at."""
    with house.database.transaction() as tx:
        posting = _one(tx, mark)
        if "gone" in posting.drift.split():
            _make_again(tx, posting, by)
            _tell(tx, posting.connection_id, house.now())
            return posting
        connection = connection_by_id(tx, posting.connection_id)
    receipt = _written_over(house, house.books(connection), posting)
    with house.database.transaction(of=posting.connection_id) as tx:
        outbox.restored(tx, posting, version=receipt.version, differences=receipt.differences)
        _tell(tx, posting.connection_id, house.now())
    return posting


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """A record in the books under a mark of ours whose outcome is not known, and in what it differs from ours."""

    posting: Posting
    receipt: Receipt
    differences: tuple[Difference, ...]


def doubted(house: House, mark: str) -> list[Doubted]:
    """What the books hold under a mark whose outcome is not known; a plan, nothing is changed. Raises Unreadable
    where its outcome is known."""
    with house.database.transaction() as tx:
        posting = outbox.by_mark(tx, mark)
        if posting is None or posting.state != "unknown":
            raise Unreadable(f"{mark} is not waiting to be found out about; connector status lists what is.")
        connection = connection_by_id(tx, posting.connection_id)
    opened = house.books(connection)
    return [
        Doubted(posting=posting, receipt=each, differences=tuple(opened.read_back(rendered(posting), each)))
        for each in opened.find(rendered(posting))
    ]


def adopt(house: House, mark: str, target_id: str = "", *, by: str) -> Doubted:
    """Takes a record under that mark as ours, though somebody has changed it before we knew of it; it has drifted then,
    and is accepted, restored or detached like any other. `target_id` says which, where the books hold several."""
    found = [each for each in doubted(house, mark) if target_id in ("", each.receipt.target_id)]
    if len(found) != 1:
        held = f"{len(found)} records" if found else "no such record"
        raise Unreadable(f"The books hold {held} marked {mark}; connector drift adopt {mark} shows what they hold.")
    (taken,) = found
    with house.database.transaction(of=taken.posting.connection_id) as tx:
        posting, receipt = taken.posting, taken.receipt
        answer = {"version": receipt.version, "trace_id": f"adopted by {by}", "rate": receipt.rate}
        kept = outbox.confirm(tx, posting, target_id=receipt.target_id, **answer)
        if not kept or not outbox.verify(tx, posting, taken.differences):
            raise Unreadable(f"{mark} was found out about meanwhile.")
        _tell(tx, posting.connection_id, house.now())
    return taken


def _written_over(house: House, opened: OpenBooks, posting: Posting) -> Receipt:
    """Where the books refuse it, somebody has changed the record since it was looked at: that is told first."""
    seen = Receipt(target_id=posting.target_id, version=posting.target_version)
    try:
        return opened.replace(rendered(posting), seen)
    except Rejected:
        found = opened.read_back(rendered(posting), seen)
        with house.database.transaction(of=posting.connection_id) as tx:
            outbox.drifted(tx, posting, posting.target_version, found)
            _tell(tx, posting.connection_id, house.now())
        raise


def _make_again(tx: Transaction, posting: Posting, by: str) -> None:
    """A payment alone is sent again; where the document itself is gone, all of it is made anew."""
    if posting.part:
        plan_again(tx, feed_by_id(tx, document_of(tx, posting.document_id).feed_id), posting)
        return
    changes.free(tx, posting.document_id)
    outbox.retire(tx, posting.document_id, "voided", f"Gone from the books; made anew, as {by} decided.")


def _since(now: datetime, last: datetime | None, sent: Sequence[datetime]) -> datetime:
    """Where a look begins: after the last one, or at the day of what was posted one and seven days ago, to sweep it."""
    first = (last or min(sent)) - OVERLAP
    for back in SWEEPS:
        day = (now - back).date()
        if any(moment.date() == day for moment in sent):
            first = min(first, datetime.combine(day, time(), UTC))
    return max(first, now - FURTHEST)


def _standings(opened: OpenBooks, since: datetime, mine: Iterable[Posting]) -> list[Standing]:
    """The changes in the books; where they are too many to be listed, every record of ours is read instead."""
    try:
        return opened.changed(since)
    except Rejected as error:
        if error.code != "changes_unlisted":
            raise
        return [Standing(kind=each.target_kind, target_id=each.target_id, version="", mark=each.mark) for each in mine]


def _drifted(
    house: House, opened: OpenBooks, standing: Standing, mine: dict[tuple[str, str], Posting]
) -> Posting | None:
    """The posting of a changed record, if it says something else now than when it was last looked at."""
    posting = mine.get((standing.kind, standing.target_id))
    if posting is None or (standing.version == posting.target_version and not standing.is_gone):
        return None
    version = standing.version or posting.target_version
    found = opened.read_back(rendered(posting), Receipt(target_id=posting.target_id, version=version))
    with house.database.transaction(of=posting.connection_id) as tx:
        if outbox.is_known(posting, found):
            outbox.same_as_known(tx, posting, version)
            return None
        outbox.drifted(tx, posting, version, found)
    return posting if texts(found) else None


def _is_double(standing: Standing, marks: dict[str, set[str]]) -> bool:
    known = marks.get(standing.mark, set())
    return bool(known) and standing.target_id not in known and not standing.is_gone


def _tell(tx: Transaction, connection_id: int, now: datetime) -> None:
    connection = connection_by_id(tx, connection_id)
    keep_connection_findings(tx, connection_id, DRIFTED, _drift_findings(tx, connection), now)


def _drift_findings(tx: Transaction, connection: Connection) -> list[Finding]:
    return [
        Finding(
            code=DRIFTED,
            subject=posting.mark,
            severity="warning",
            message=f"{posting.mark} is not as it was posted into {connection.title or connection.name}: "
            f"{posting.reason}",
            fix=f"connector drift accept, restore or detach {posting.mark}",
        )
        for posting in outbox.in_books(tx, connection.id)
        if posting.state == "drifted"
    ]


def _doubles(tx: Transaction, connection: Connection, doubled: Sequence[Standing]) -> list[Finding]:
    """Marks that stand twice stay told until the books hold one of them."""
    return [
        Finding(
            code=DOUBLED,
            subject=each.mark,
            severity="blocking",
            message=f"{connection.title or connection.name} holds a second document marked {each.mark}, number "
            f"{each.target_id}.",
            fix="Look at both, and void the one that you do not want; it is never done by itself.",
        )
        for each in {standing.mark: standing for standing in doubled}.values()
    ]


def _one(tx: Transaction, mark: str) -> Posting:
    found = outbox.by_mark(tx, mark)
    if found is not None:
        hold(tx, found.connection_id)
        found = outbox.by_mark(tx, mark)
    if found is None:
        raise Unreadable(f"No document with the mark {mark!r} was posted; connector status lists what drifted.")
    if found.state != "drifted":
        raise Unreadable(f"{mark} stands in the books as it was posted: there is nothing to decide.")
    return found
