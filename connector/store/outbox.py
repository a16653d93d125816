"""The outbox: postings claimed under a lease with a fence, and what came of them. The third hand-over.

Intent, payload, digest, key and mark lie here before the first byte goes out; a claim is committed before it is sent;
the receipt and the new state commit together, and only for whoever still holds the fence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, update
from sqlmodel import col, select

from connector.domain.drift import Difference, texts
from connector.store.database import Transaction
from connector.store.documents import keep_rate
from connector.store.tables import AttemptRow, DocumentRow, PeriodRow, PostingRow

LEASE = timedelta(minutes=10)
BIRTH = "birth"
IN_BOOKS = ("posted", "verified", "drifted")
GONE = ("superseded", "voided")  # states of postings whose record the books no longer hold, or that we let go
UNSENT = ("planned", "rejected")
ADOPTED = "adopted by "  # how the drift of a posting begins that a record of another hand stands for
DONE = ("posted", "verified", "superseded", "voided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One record on its way: all that a station needs to send it, look it up and confirm it."""

    id: int
    document_id: int
    connection_id: int
    part: str
    target_kind: str
    day: str
    payload: bytes
    digest: str
    key: str
    mark: str
    epoch: int
    state: str
    fence: int
    attempts: int
    last_sent_at: datetime | None
    negatives: int
    looked_at: datetime | None
    target_id: str
    target_version: str
    drift: str
    rate: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who takes how many postings when; `only` limits it to those keys, `but` leaves out what is of those feeds."""

    owner: str
    now: datetime
    limit: int
    only: frozenset[str] | None = None
    but: frozenset[int] = frozenset()


def claim(tx: Transaction, connection_id: int, wanted: Claim) -> list[Posting]:
    """Takes planned postings in order, under a lease; a part is taken only when the parts before it are in the books
    or taken with it. Committed before any byte is sent."""
    taken: list[Posting] = []
    blocked: set[int] = set()
    stopped = stopped_kinds(tx, connection_id)
    for row in _open_rows(tx, connection_id, wanted.but):
        waits = row.state != "planned" or (row.not_before is not None and row.not_before > wanted.now)
        barred = row.target_kind in stopped or (wanted.only is not None and row.key not in wanted.only)
        if waits or barred or row.document_id in blocked or len(taken) >= wanted.limit:
            blocked.add(row.document_id)
            continue
        _lease(tx, row, wanted.owner, wanted.now)
        taken.append(read_posting(row))
    return taken


def resend(tx: Transaction, posting: Posting, *, owner: str, now: datetime) -> Posting | None:
    """Takes one unknown posting again, with the same key, after a look-up found nothing; None where it was taken, or
    where a part of its document that comes before it is not in the books either: it has its turn after that."""
    row = tx.get_one(PostingRow, posting.id)
    before = select(PostingRow.id).where(
        PostingRow.document_id == row.document_id,
        col(PostingRow.n) < row.n,
        col(PostingRow.state).not_in((*DONE, "drifted")),
    )
    if row.state != "unknown" or row.fence != posting.fence or tx.exec(before).first() is not None:
        return None
    _lease(tx, row, owner, now)
    return read_posting(row)


def still_held(tx: Transaction, batch: Sequence[Posting]) -> list[Posting]:
    """Those that nobody has taken over since they were claimed."""
    ids = [posting.id for posting in batch]
    fences = dict(tx.exec(select(PostingRow.id, PostingRow.fence).where(col(PostingRow.id).in_(ids))).all())
    return [posting for posting in batch if fences.get(posting.id) == posting.fence]


def abandoned(tx: Transaction, connection_id: int, *, now: datetime, alone: bool, dead: Collection[str] = ()) -> int:
    """Postings whose sender is gone become unknown: their lease ran out, it is known to be `dead`, or nobody else is
    alive (`alone`)."""
    gone = (
        update(PostingRow)
        .where(col(PostingRow.connection_id) == connection_id, col(PostingRow.state) == "sending")
        .values(state="unknown", reason="The sender stopped before the answer was kept.", fence=PostingRow.fence + 1)
    )
    if not alone:
        gone = gone.where(or_(col(PostingRow.lease_until) < now, col(PostingRow.lease_owner).in_(dead)))
    return tx.exec(gone).rowcount


def unknown(tx: Transaction, connection_id: int) -> list[Posting]:
    """Postings that the books may or may not hold, in order."""
    rows = tx.exec(
        select(PostingRow)
        .where(PostingRow.connection_id == connection_id, PostingRow.state == "unknown")
        .order_by(col(PostingRow.document_id), col(PostingRow.n))
    )
    return [read_posting(row) for row in rows]


def unresolved(tx: Transaction, connection_id: int) -> str:
    """How many postings are on their way or not known, how many left our care, and how many parts of documents that
    were begun are still to be sent: corrections depend on all three."""
    wanted = select(PostingRow.state, func.count()).where(
        PostingRow.connection_id == connection_id,
        col(PostingRow.state).in_(("sending", "unknown", "superseded", "voided")),
    )
    begun = select(PostingRow.document_id).where(col(PostingRow.state).not_in(UNSENT))
    parts = select(func.count()).where(
        PostingRow.connection_id == connection_id,
        col(PostingRow.state).in_(UNSENT),
        col(PostingRow.document_id).in_(begun),
    )
    counts = [*sorted(tx.exec(wanted.group_by(col(PostingRow.state)))), ("parts", tx.exec(parts).one())]
    return " ".join(f"{what} {count}" for what, count in counts if count)


def waiting(tx: Transaction, connection_id: int) -> int:
    """How many postings are not in the books yet, and are not refused either."""
    wanted = select(func.count()).where(
        PostingRow.connection_id == connection_id, col(PostingRow.state).in_(("planned", "sending", "unknown"))
    )
    return int(tx.exec(wanted).one())


def plan_again(tx: Transaction, posting: Posting, key: str) -> None:
    """A refused posting is planned once more, under a new key: some books answer an old key with the old refusal."""
    row = tx.get_one(PostingRow, posting.id)
    row.state, row.key, row.epoch, row.fence = "planned", key, row.epoch + 1, row.fence + 1
    row.reason, row.not_before, row.target_id, row.drift, row.rate = "", None, None, "", ""
    tx.add(row)


def postpone(tx: Transaction, connection_id: int, until: datetime) -> None:
    """Nothing that is planned goes before that moment."""
    early = or_(col(PostingRow.not_before).is_(None), col(PostingRow.not_before) < until)
    planned = and_(col(PostingRow.connection_id) == connection_id, col(PostingRow.state) == "planned")
    tx.exec(update(PostingRow).where(planned, early).values(not_before=until))


def confirm(tx: Transaction, posting: Posting, *, target_id: str, version: str, trace_id: str, rate: str = "") -> bool:
    """The receipt and the state in one go, under the fence; False where another has taken over meanwhile. `rate` is
    the one that the books converted a foreign record at: it stands on a document that named none."""
    _outcome(tx, posting, "posted", trace_id)
    taken = {"target_id": target_id, "target_version": version, "receipt": trace_id, "rate": rate}
    is_ours = _move(tx, posting, state="posted", reason="", **taken)
    if is_ours and rate:
        keep_rate(tx, posting.document_id, rate)
    return is_ours


def verify(tx: Transaction, posting: Posting, differences: Sequence[Difference], *, at_birth: bool = False) -> bool:
    """What comparing with the books said: equal is verified; anything else is drifted, with the differences as the
    reason. `at_birth` says that the books' own answer to the write differed."""
    kinds = dict.fromkeys(difference.kind for difference in differences)
    drift = " ".join([BIRTH] * (at_birth and bool(kinds)) + list(kinds))
    state = "drifted" if differences else "verified"
    return _move(tx, posting, state=state, drift=drift, reason=" ".join(texts(differences)))


def not_found(tx: Transaction, posting: Posting, now: datetime) -> bool:
    """One look-up found nothing; it stays unknown until another has found nothing either."""
    return _move(tx, posting, negatives=posting.negatives + 1, looked_at=now)


def stopped_kinds(tx: Transaction, connection_id: int) -> set[str]:
    """Kinds of records that these books changed while taking them: no more of them is sent until that is settled."""
    rows = tx.exec(
        select(PostingRow.target_kind).where(
            PostingRow.connection_id == connection_id,
            PostingRow.state == "drifted",
            col(PostingRow.drift).startswith(BIRTH),
        )
    )
    return set(rows)


def settle_as(tx: Transaction, posting: Posting, state: str, reason: str, not_before: datetime | None = None) -> bool:
    """Any other end of an attempt: unknown, rejected, or planned again after a while."""
    _outcome(tx, posting, f"{state}: {reason}", "")
    return _move(tx, posting, state=state, reason=reason, not_before=not_before)


def not_sent(tx: Transaction, posting: Posting) -> None:
    """Takes back the attempt that a claim counted, under its fence: nothing went out."""
    tried = (col(AttemptRow.posting_id) == posting.id, col(AttemptRow.n) == posting.attempts)
    before = select(func.max(AttemptRow.sent_at)).where(tried[0], col(AttemptRow.n) < posting.attempts)
    taken_back = (
        update(PostingRow)
        .where(col(PostingRow.id) == posting.id, col(PostingRow.fence) == posting.fence)
        .values(attempts=posting.attempts - 1, last_sent_at=before.scalar_subquery())
    )
    if tx.exec(taken_back).rowcount:
        tx.exec(delete(AttemptRow).where(*tried))


def posted(tx: Transaction, connection_id: int) -> list[Posting]:
    """Postings that are in the books but were not read back yet."""
    rows = tx.exec(select(PostingRow).where(PostingRow.connection_id == connection_id, PostingRow.state == "posted"))
    return [read_posting(row) for row in rows]


def in_books(tx: Transaction, connection_id: int) -> list[Posting]:
    """Postings that the books hold, drifted ones too."""
    rows = tx.exec(
        select(PostingRow)
        .where(PostingRow.connection_id == connection_id, col(PostingRow.state).in_(IN_BOOKS))
        .order_by(col(PostingRow.id))
    )
    return [read_posting(row) for row in rows]


def sent_days(tx: Transaction, connection_id: int) -> list[datetime]:
    """When what is in the books was sent, each moment once, oldest first."""
    rows = tx.exec(
        select(PostingRow.last_sent_at)
        .where(PostingRow.connection_id == connection_id, col(PostingRow.state).in_(IN_BOOKS))
        .distinct()
        .order_by(col(PostingRow.last_sent_at))
    )
    return [moment for moment in rows if moment]


def has_sent(tx: Transaction, connection_id: int, since: datetime, kinds: Collection[str] = ()) -> bool:
    """Whether anything (or a record of these kinds) was sent into these books since a moment."""
    wanted = select(PostingRow.id).where(
        PostingRow.connection_id == connection_id, col(PostingRow.last_sent_at) >= since
    )
    if kinds:
        wanted = wanted.where(col(PostingRow.target_kind).in_(kinds))
    return tx.exec(wanted.limit(1)).first() is not None


def marks(tx: Transaction, connection_id: int) -> dict[str, set[str]]:
    """Every mark that was given, with the ids under which the books hold it."""
    found: dict[str, set[str]] = {}
    wanted = select(PostingRow.mark, PostingRow.target_id).where(PostingRow.connection_id == connection_id)
    for mark, target_id in tx.exec(wanted):
        found.setdefault(mark, set()).update([target_id] if target_id else [])
    return found


def by_mark(tx: Transaction, mark: str) -> Posting | None:
    """The newest posting of that mark."""
    row = tx.exec(select(PostingRow).where(PostingRow.mark == mark).order_by(col(PostingRow.id).desc())).first()
    return read_posting(row) if row else None


def of_period(tx: Transaction, feed_id: int, name: str) -> list[Posting]:
    """The postings of all versions of a period, in order."""
    rows = tx.exec(
        select(PostingRow)
        .join(DocumentRow, col(DocumentRow.id) == col(PostingRow.document_id))
        .join(PeriodRow, col(PeriodRow.id) == col(DocumentRow.period_id))
        .where(PeriodRow.feed_id == feed_id, PeriodRow.name == name)
        .order_by(col(PostingRow.document_id), col(PostingRow.n))
    )
    return [read_posting(row) for row in rows]


def is_known(posting: Posting, differences: Sequence[Difference]) -> bool:
    """Whether these differences are those already told or accepted; none at all are no news either."""
    return posting.reason == " ".join(texts(differences)) if differences else posting.state == "verified"


def same_as_known(tx: Transaction, posting: Posting, version: str) -> None:
    """The books hold a newer version that says nothing new."""
    row = tx.get_one(PostingRow, posting.id)
    row.target_version = version
    tx.add(row)


def drifted(tx: Transaction, posting: Posting, version: str, differences: Sequence[Difference]) -> None:
    """The books hold it otherwise than it was sent; as it was sent again, where there are no differences left."""
    row = tx.get_one(PostingRow, posting.id)
    row.state = "drifted" if differences else "verified"
    row.drift = " ".join(dict.fromkeys(difference.kind for difference in differences))
    row.reason, row.target_version = " ".join(texts(differences)), version
    tx.add(row)


def restored(tx: Transaction, posting: Posting, *, version: str, differences: Sequence[Difference]) -> None:
    """Written over: it is as it was sent, unless the books changed it at once."""
    drifted(tx, posting, version, differences)


def accept(tx: Transaction, posting: Posting, drift: str) -> None:
    """The differences stay as the reason, so that only another change is told."""
    row = tx.get_one(PostingRow, posting.id)
    row.state, row.drift = "verified", drift
    tx.add(row)


def adopted(tx: Transaction, posting: Posting, target_id: str, how: str) -> None:
    """A record of another hand stands for ours; what it says is not compared with what we would have sent."""
    row = tx.get_one(PostingRow, posting.id)
    row.state, row.target_id, row.drift, row.reason = "verified", target_id, how, ""
    tx.add(row)


def retire(tx: Transaction, document_id: int, state: str, reason: str) -> None:
    """All records of a document leave our care: superseded or voided."""
    for row in tx.exec(select(PostingRow).where(PostingRow.document_id == document_id)):
        row.state, row.reason, row.fence = state, reason, row.fence + 1
        tx.add(row)
    tx.flush()


def _open_rows(tx: Transaction, connection_id: int, but: frozenset[int]) -> list[PostingRow]:
    rows = tx.exec(
        select(PostingRow)
        .where(PostingRow.connection_id == connection_id, col(PostingRow.state).not_in((*DONE, "drifted")))
        .join(DocumentRow, col(DocumentRow.id) == col(PostingRow.document_id))
        .where(col(DocumentRow.feed_id).not_in(but))
        .order_by(col(DocumentRow.date), col(PostingRow.document_id), col(PostingRow.n))
    )
    return list(rows)


def _lease(tx: Transaction, row: PostingRow, owner: str, now: datetime) -> None:
    row.state, row.lease_owner, row.lease_until = "sending", owner, now + LEASE
    row.fence, row.attempts, row.last_sent_at = row.fence + 1, row.attempts + 1, now
    row.negatives, row.looked_at = 0, None
    tx.add(row)
    tx.add(AttemptRow(posting_id=row.id or 0, n=row.attempts, sent_at=now))
    tx.flush()


def _outcome(tx: Transaction, posting: Posting, outcome: str, trace_id: str) -> None:
    row = tx.get(AttemptRow, (posting.id, posting.attempts))
    if row is not None:
        row.outcome, row.trace_id = outcome, trace_id
        tx.add(row)


def _move(tx: Transaction, posting: Posting, **values: object) -> bool:
    mine = (
        update(PostingRow)
        .where(col(PostingRow.id) == posting.id, col(PostingRow.fence) == posting.fence)
        .values(lease_owner="", lease_until=None, **values)
    )
    return tx.exec(mine).rowcount == 1


def read_posting(row: PostingRow) -> Posting:
    return Posting(
        id=row.id or 0,
        document_id=row.document_id,
        connection_id=row.connection_id,
        part=row.part,
        target_kind=row.target_kind,
        day=row.day,
        payload=row.payload,
        digest=row.digest,
        key=row.key,
        mark=row.mark,
        epoch=row.epoch,
        state=row.state,
        fence=row.fence,
        attempts=row.attempts,
        last_sent_at=row.last_sent_at,
        negatives=row.negatives,
        looked_at=row.looked_at,
        drift=row.drift,
        target_id=row.target_id or "",
        target_version=row.target_version,
        rate=row.rate,
        reason=row.reason,
    )
