"""What a till summed up by itself, against the receipts taken at it meanwhile: tender by tender, to the cent.

Values in, problems and findings out. Where receipts tell their register, a till is compared with its own; else with
all of the place, together with every other till that was open at the same time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.domain.facts import UNKNOWN, Fact, Problem
from connector.domain.finding import Finding, Severity
from connector.domain.money import decimal_text
from connector.domain.sales import NoSale, Receipt, Refund, RegisterClosure, Tender, TillCount
from connector.mapping.checks.identities import Name

FIX = "Nothing is held. Look for a receipt that did not arrive, or one that was changed after the till was counted."


@dataclass(frozen=True, slots=True, kw_only=True)
class TillChecks:
    """Problems by the name of the fact whose day they hold, and what is only to be known."""

    problems: Mapping[Name, tuple[Problem, ...]]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Place:
    """A place in one currency: its tills, and in the order of time what was taken there and what was voided."""

    tills: list[tuple[Fact, TillCount]] = field(default_factory=list)
    taken: list[Fact] = field(default_factory=list)
    voided: list[Fact] = field(default_factory=list)
    registers: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Tills that are compared together, from the first opening (None where it is not told) to the last closing."""

    tills: tuple[tuple[Fact, TillCount], ...]
    opened_at: datetime | None
    closed_at: datetime
    register: str

    @property
    def fact(self) -> Fact:
        return self.tills[-1][0]


def till_checks(facts: Iterable[Fact]) -> TillChecks:
    """Compares every till that was closed and brings totals. A difference holds the days it touches where the source's
    identity holds, else it warns; where the two cannot be compared, a finding says so."""
    facts = tuple(facts)
    problems: dict[Name, tuple[Problem, ...]] = {}
    findings: list[Finding] = []
    if not any(_counts(fact) for fact in facts):
        return TillChecks(problems=problems, findings=())
    for _, place in sorted(_places(facts).items()):
        for span in _spans(place) if place.tills else ():
            receipts = _within(span, place.taken)
            off = _differences(span, receipts)
            doubt = _doubt(span, place, receipts) or _renamed(off)
            if doubt and (off or span.opened_at is None):
                findings.append(_finding("till_not_compared", "info", f"{_told(span, off)} {doubt}", span))
            elif off and span.tills[0][1].holds:
                problem = Problem(code="till_total", message=_told(span, off), difference=sum(off.values()))
                for name in _touched(span, receipts):
                    problems[name] = (*problems.get(name, ()), problem)
            elif off:
                findings.append(_finding("till_total", "warning", _told(span, off), span))
    return TillChecks(problems=problems, findings=tuple(findings))


def _counts(fact: Fact) -> bool:
    return isinstance(fact.about, RegisterClosure | NoSale) and fact.about.till is not None


def _places(facts: Iterable[Fact]) -> Mapping[tuple[str, str], _Place]:
    places: dict[tuple[str, str], _Place] = defaultdict(_Place)
    for fact in sorted(facts, key=lambda fact: (fact.occurred_at, fact.stream, fact.source_id)):
        place = places[fact.location, fact.currency]
        match fact.about:
            case RegisterClosure(till=TillCount() as till) | NoSale(till=TillCount() as till):
                place.tills.append((fact, till))
            case Receipt(register=register):
                place.taken.append(fact)
                place.registers |= {register} - {""}
            case Tender() | Refund():
                place.taken.append(fact)
            case NoSale():
                place.voided.append(fact)
            case _:
                pass
    return places


def _spans(place: _Place) -> Iterator[_Span]:
    """Each till by itself where receipts tell their register; else those that were open together."""
    if place.registers:
        closed: dict[str, datetime] = {}
        for fact, till in place.tills:
            opened = till.opened_at or closed.get(till.register)
            closed[till.register] = till.closed_at
            yield _Span(tills=((fact, till),), opened_at=opened, closed_at=till.closed_at, register=till.register)
        return
    together: list[_Span] = []
    for fact, till in sorted(place.tills, key=lambda each: (each[1].opened_at or each[1].closed_at, each[0].source_id)):
        alone = _Span(tills=((fact, till),), opened_at=till.opened_at, closed_at=till.closed_at, register="")
        if together and till.opened_at and till.opened_at < together[-1].closed_at:
            together[-1] = _joined(together[-1], alone)
        else:
            together.append(alone)
    yield from together


def _joined(first: _Span, second: _Span) -> _Span:
    closed = max(first.closed_at, second.closed_at)
    return _Span(tills=first.tills + second.tills, opened_at=first.opened_at, closed_at=closed, register="")


def _within(span: _Span, taken: Sequence[Fact]) -> list[Fact]:
    """What was taken in a span at its register, or at all of them where it has none."""
    return [fact for fact in _in_time(span, taken) if not span.register or _register(fact) == span.register]


def _in_time(span: _Span, facts: Sequence[Fact]) -> Sequence[Fact]:
    """The facts of a span, both ends included."""
    if span.opened_at is None:
        return ()
    start = bisect_left(facts, span.opened_at, key=lambda fact: fact.occurred_at)
    return facts[start : bisect_right(facts, span.closed_at, key=lambda fact: fact.occurred_at)]


def _register(fact: Fact) -> str:
    return fact.about.register if isinstance(fact.about, Receipt) else ""


def _differences(span: _Span, receipts: Iterable[Fact]) -> dict[str, int]:
    """By the code of the tender, our sum less the tills'. Of several readings of a total the nearest one counts."""
    told: Counter[tuple[str, str]] = Counter()
    for _, till in span.tills:
        for kinds, code, amount in till.totals:
            told[kinds, code] += amount
    named = {code for _, code in told}
    ours: Counter[tuple[str, str]] = Counter()
    for fact in receipts:
        for bucket in fact.buckets:
            ours[bucket.key.kind, bucket.key.code if bucket.key.code in named else "*"] += bucket.amount
    off: Counter[str] = Counter()
    for (kinds, code), amount in told.items():
        readings = (sum(ours[kind, code] for kind in reading.split("+")) for reading in kinds.split(" or "))
        off[code] += min((reading - amount for reading in readings), key=abs)
    return {code: amount for code, amount in sorted(off.items()) if amount}


def _doubt(span: _Span, place: _Place, receipts: Sequence[Fact]) -> str:
    """Why the two cannot be compared to the cent; empty where they can."""
    if span.opened_at is None:
        return "When it was opened is not known, so they are not compared."
    if not place.taken or place.taken[0].occurred_at > span.opened_at:
        return "The receipts here begin after it was opened, so they are not compared."
    streams = {fact.stream for fact in place.taken}
    if any(fact.stream in streams for fact in _in_time(span, place.voided)):
        return "A receipt of that time was voided, perhaps after the till was counted, so they are not compared."
    if any(fact.problems or any(bucket.key.kind == UNKNOWN for bucket in fact.buckets) for fact in receipts):
        return "A receipt in it waits itself, so they are not compared."
    return ""


def _renamed(off: Mapping[str, int]) -> str:
    """A way to pay counts under the name it has; one that was renamed is missing here and too much there."""
    if "*" not in off or sum(off.values()) != 0:
        return ""
    return "In sum they agree: a way to pay may have another name by now, so they are not compared one by one."


def _touched(span: _Span, receipts: Iterable[Fact]) -> list[Name]:
    """One fact of each day that a span touches: that of the closing, and the first receipt of every other."""
    days = {fact.business_day: (fact.stream, fact.source_id) for fact in reversed(list(receipts))}
    return list((days | {span.fact.business_day: (span.fact.stream, span.fact.source_id)}).values())


def _told(span: _Span, off: Mapping[str, int]) -> str:
    currency = span.fact.currency
    names = ", ".join(f"{till.report} {fact.source_id}" for fact, till in span.tills)
    opened = f"{span.opened_at:%Y-%m-%d %H:%M} to " if span.opened_at else "until "
    time = f"{opened}{span.closed_at:%Y-%m-%d %H:%M} UTC"
    by = ", ".join(
        f"{'all others' if code == '*' else code} by {decimal_text(amount, currency)} {currency}"
        for code, amount in off.items()
    )
    return f"Our receipts and {names} ({time}) differ: {by}." if by else f"{names} ({time})."


def _finding(code: str, severity: Severity, message: str, span: _Span) -> Finding:
    subject = f"{span.fact.stream}/{span.fact.source_id}"
    return Finding(code=code, subject=subject, severity=severity, message=message, fix=FIX)
