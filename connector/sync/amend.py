"""Amend: what the source says now against what stands in the books → only the difference, as a document. Pure.

Posted documents are never edited by themselves: the difference is one more document of the same family, so there is no
moment in which the books hold two of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from connector.domain.document import Document, Held, Ignored, InBooks, Line, Role, Share, Tracking
from connector.domain.facts import BucketKey

CHANGED = "changed_after_posting"
UNRESOLVED = "outcome_not_known"

Remark = Callable[[Document, int], str]
"""The mark of a document's next version."""

_Key = tuple[Role, str, str, str, Tracking]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a period calls for now. `as_before` are its documents under the map that the posted ones were made with."""

    documents: tuple[Document, ...]
    held: tuple[Held, ...]
    ignored: tuple[Ignored, ...]
    as_before: dict[str, Document]


def rest(wanted: Wanted, in_books: Sequence[InBooks], remark: Remark, *, holds: bool) -> Wanted:
    """What remains to be done for a period: documents that are new, differences of those in the books, what waits.

    Its shares and those in the books together are the shares of `wanted`. `holds` says that a difference waits for the
    bookkeeper rather than being posted."""
    there = {each.key: each for each in in_books}
    made = Wanted(
        documents=tuple(document for document in wanted.documents if document.key not in there),
        held=wanted.held,
        ignored=wanted.ignored,
        as_before={},
    )
    for each in in_books:
        made = _with(made, _change(wanted, each, remark, holds=holds))
    return made


def amendment(wanted: Document | None, there: InBooks, remark: Remark) -> Document | None:
    """The next version of a document: what is wanted less what is posted, dated as the first was. None where no
    account changes. With nothing wanted it takes back all."""
    lines = tuple(_difference(wanted, there.documents))
    if not any(line.amount or line.tax for line in lines):
        return None
    first, version = there.documents[0], there.last_version + 1
    what = "taken back" if wanted is None else "the source changed it"
    return replace(
        first,
        mark=remark(first, version),
        version=version,
        narration=f"{first.narration} · correction {version - 1}, {what}",
        lines=lines,
        prior_period=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Locks:
    """The dates that guard the books: their own lock, and until when tax returns are filed. `moves` says that a
    correction of a guarded day goes to the first day after, flagged; else it waits."""

    books: date | None = None
    tax_filed: date | None = None
    moves: bool = True


def opened(document: Document, locks: Locks) -> Document | Held:
    """A document as the books' dates allow it: as it is; or, for a correction that may move, on the first open day and
    flagged; or held with the rule and the date that keep it out. The date of a first version never moves."""
    has_tax = any(line.tax or line.role == "tax" for line in document.lines if line.amount)
    guards = [
        (locks.books, "closed_period", "the books are closed until", "open the period there"),
        (locks.tax_filed if has_tax else None, "tax_filed", "tax is filed until", "amend the return"),
    ]
    shut = [(until, code, what, fix) for until, code, what, fix in guards if until and document.date <= until]
    if not shut:
        return document
    until, code, what, fix = max(shut)
    if locks.moves and document.version > 1:
        note = f"{document.narration} · prior period, belongs to {document.date.isoformat()}"
        return replace(document, date=until + timedelta(days=1), narration=note, prior_period=True)
    return Held(
        key=document.key,
        code=code,
        reason=f"{document.mark} is dated {document.date}, and {what} {until}: {fix}, or decide on a later date.",
        currency=document.currency,
        shares=tuple(share for line in document.lines for share in line.shares),
        period=document.period,
        amount=document.debits,
    )


def less(plus: Iterable[Share], minus: Iterable[Share]) -> tuple[Share, ...]:
    """Shares of the first that the second do not hold, negative where they hold more."""
    amounts: Counter[BucketKey] = Counter()
    counts: Counter[BucketKey] = Counter()
    for sign, shares in ((1, plus), (-1, minus)):
        for share in shares:
            amounts[share.bucket] += sign * share.amount
            counts[share.bucket] += sign * share.count
    return tuple(
        Share(bucket=key, amount=amounts[key], count=counts[key])
        for key in sorted(amounts)
        if amounts[key] or counts[key]
    )


def _change(wanted: Wanted, there: InBooks, remark: Remark, *, holds: bool) -> Wanted:
    now = next((document for document in wanted.documents if document.key == there.key), None)
    posted = _shares(there.documents)
    off = less(_shares([now] if now else []), (*posted, *there.set_aside))
    if there.set_aside_as:
        return _aside(there, off)
    if now is None and wanted.held and there.documents:
        return _held(there, CHANGED, wanted.held[0].reason, off)
    if not there.documents:
        return _anew(now, there, remark)
    before = wanted.as_before.get(there.key, now)
    if not there.is_settled:
        return _held(there, UNRESOLVED, "Whether the books hold all of it is being found out first.", off)
    if now is not None and (before is None or less(_shares([before]), _shares([now]))):
        return _held(there, CHANGED, "The map it was posted with has no place for what changed: map it.", off)
    document = amendment(before, there, remark)
    if document is None:
        return _unmoved(there, off)
    if holds:
        return _held(there, CHANGED, "The source changed it after posting; this feed leaves that to you.", off)
    return Wanted(documents=(document,), held=(), ignored=(), as_before={})


def _anew(now: Document | None, there: InBooks, remark: Remark) -> Wanted:
    """A document that the books no longer hold, called for once more: its next version, whole."""
    if now is None:
        return _nothing()
    version = there.last_version + 1
    document = replace(now, version=version, mark=remark(now, version), narration=f"{now.narration} · restored")
    return Wanted(documents=(document,), held=(), ignored=(), as_before={})


def _held(there: InBooks, code: str, reason: str, off: tuple[Share, ...]) -> Wanted:
    if not off:
        return _nothing()
    first = there.documents[0]
    said = f"{first.mark} is in the books, and the source says something else now. {reason}"
    held = Held(key=there.key, code=code, reason=said, currency=first.currency, shares=off, period=first.period)
    return Wanted(documents=(), held=(held,), ignored=(), as_before={})


def _unmoved(there: InBooks, off: tuple[Share, ...]) -> Wanted:
    """A change that moves no account: its movements are kept in sight, nothing is posted."""
    if not off:
        return _nothing()
    first = there.documents[0]
    reason = f"The source changed {first.mark} in ways that move no account."
    ignored = Ignored(key=there.key, reason=reason, currency=first.currency, shares=off, period=first.period)
    return Wanted(documents=(), held=(), ignored=(ignored,), as_before={})


def _aside(there: InBooks, off: tuple[Share, ...]) -> Wanted:
    """What changes under a document that was detached or undone goes where that decision put it."""
    if not off:
        return _nothing()
    currency = off[0].bucket.currency
    ignored = Ignored(key=there.key, reason=there.set_aside_as, currency=currency, shares=off, period=there.period)
    return Wanted(documents=(), held=(), ignored=(ignored,), as_before={})


def _nothing() -> Wanted:
    return Wanted(documents=(), held=(), ignored=(), as_before={})


def _with(one: Wanted, other: Wanted) -> Wanted:
    return Wanted(
        documents=one.documents + other.documents,
        held=one.held + other.held,
        ignored=one.ignored + other.ignored,
        as_before={},
    )


def _shares(documents: Iterable[Document]) -> tuple[Share, ...]:
    return tuple(share for document in documents for line in document.lines for share in line.shares)


@dataclass(slots=True)
class _Side:
    amount: int = 0
    tax: int = 0


@dataclass(slots=True)
class _Sum:
    text: str
    wanted: _Side = field(default_factory=_Side)
    posted: _Side = field(default_factory=_Side)
    plus: list[Share] = field(default_factory=list)
    minus: list[Share] = field(default_factory=list)


def _difference(wanted: Document | None, posted: Sequence[Document]) -> Iterator[Line]:
    sums: dict[_Key, _Sum] = {}
    for line in wanted.lines if wanted else ():
        entry = _entry(sums, line)
        _add(entry.wanted, line)
        entry.plus += line.shares
    for line in (line for document in posted for line in document.lines):
        entry = _entry(sums, line)
        _add(entry.posted, line)
        entry.minus += line.shares
    for key, entry in sums.items():
        yield from _lines(key, entry)


def _entry(sums: dict[_Key, _Sum], line: Line) -> _Sum:
    return sums.setdefault((line.role, line.account, line.number, line.tax_code, line.tracking), _Sum(text=line.text))


def _add(side: _Side, line: Line) -> None:
    side.amount += line.amount
    side.tax += line.tax


def _lines(key: _Key, entry: _Sum) -> Iterator[Line]:
    """One line of the difference; two where the tax of it is not contained in its amount: the new, and the old back."""
    amount, tax = entry.wanted.amount - entry.posted.amount, entry.wanted.tax - entry.posted.tax
    shares = less(entry.plus, entry.minus)
    if abs(tax) <= abs(amount) and tax * amount >= 0:
        if amount or shares:
            yield _line(key, entry.text, (amount, tax), shares)
        return
    yield _line(key, entry.text, (entry.wanted.amount, entry.wanted.tax), shares)
    yield _line(key, entry.text, (-entry.posted.amount, -entry.posted.tax), ())


def _line(key: _Key, text: str, of: tuple[int, int], shares: tuple[Share, ...]) -> Line:
    role, account, number, tax_code, tracking = key
    amount, tax = of
    return Line(
        role=role,
        account=account,
        number=number,
        amount=amount,
        tax=tax,
        tax_code=tax_code,
        tracking=tracking,
        text=text,
        shares=shares,
    )
