"""Which lines of a file are already known: overlapping files add nothing twice, and true equals stay as many as they
are."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from connector.domain.statement import StatementLine

_Content = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedLine:
    """A line under its key, which is unique within all imports of its account."""

    key: str
    line: StatementLine


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedLine:
    """A line of the file that is a known one: `before` as it is known, `after` as the file has it now."""

    key: str
    before: StatementLine
    after: StatementLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a statement brings: every line of it is in exactly one of the four, in the file's order.

    `edited` lines bear the id of a known line and read otherwise: a person decides which counts. `announced` lines
    are not booked yet; they come again when they are, and are not to be kept."""

    new: tuple[KeyedLine, ...] = ()
    seen: tuple[RepeatedLine, ...] = ()
    edited: tuple[RepeatedLine, ...] = ()
    announced: tuple[StatementLine, ...] = ()


def keyed_lines(account: str, lines: Sequence[StatementLine]) -> tuple[KeyedLine, ...]:
    """The booked lines of a first import under their keys."""
    return compare_lines(account, (), lines).new


def compare_lines(account: str, known: Iterable[KeyedLine], lines: Sequence[StatementLine]) -> Import:
    """The lines of one statement against everything known of its account, the longest-known first.

    A line is known by the bank's own id and its content; by content alone where the bank gives no id, or gives one
    id to several lines. Content is day, amount, currency and text, and equals are counted, not merged. A known id
    with other content is an edit if day or amount or text is still the same, else the bank has used the id again.
    Without ids a file must hold whole days: of a day in two halves, equal lines cannot be told apart."""
    booked = [line for line in lines if line.is_booked]
    work = _Work(known=list(known), lines=booked)
    work.theirs = [_content(each.line) for each in work.known]
    work.mine = [_content(line) for line in booked]
    ids = [[each.line.bank_id for each in work.known], [line.bank_id for line in booked]]
    reused = _repeated(ids[0]) | _repeated(ids[1])
    work.usable = {*ids[0], *ids[1]} - reused - {""}
    usable = [[each in work.usable for each in side] for side in ids]
    _claim(work, list(zip(ids[0], work.theirs, strict=True)), list(zip(ids[1], work.mine, strict=True)))
    _claim(work, work.theirs, _only(work.mine, usable[1], False))
    _claim(work, _only(work.theirs, usable[0], False), _only(work.mine, usable[1], True))
    _claim(work, _only(ids[0], usable[0], True), _only(ids[1], usable[1], True), is_edit=True)
    return _sorted(account, work, tuple(line for line in lines if not line.is_booked))


@dataclass(slots=True)
class _Work:
    """`theirs` and `mine` are the contents of the known lines and of the file's; `claims` says which known line each
    line of the file is."""

    known: list[KeyedLine]
    lines: list[StatementLine]
    theirs: list[_Content] = field(default_factory=list)
    mine: list[_Content] = field(default_factory=list)
    usable: set[str] = field(default_factory=set)
    claims: dict[int, int] = field(default_factory=dict)


def _content(line: StatementLine) -> _Content:
    """What a line says, without what banks change from file to file: spaces, marks and the size of letters."""
    words = "".join(filter(str.isalnum, line.text.casefold()))
    day = line.date.isoformat() if line.date else line.raw
    return day, line.raw if line.amount is None else str(line.amount), line.currency, words


def _repeated(ids: Sequence[str]) -> set[str]:
    """The ids that more than one line bears, equal or not: they name none of them."""
    return {each for each, count in Counter(ids).items() if count > 1}


def _only(keys: Sequence[Hashable], flags: Sequence[bool], wanted: bool) -> list[Hashable | None]:
    """The keys whose flag is the wanted one; None, which is paired with nothing, for the others."""
    return [key if flag is wanted else None for key, flag in zip(keys, flags, strict=True)]


def _claim(
    work: _Work, theirs: Sequence[Hashable | None], mine: Sequence[Hashable | None], is_edit: bool = False
) -> None:
    """Pairs what is not paired yet: equal keys, each known line once, in order. An edit must be akin."""
    taken = set(work.claims.values())
    free: dict[Hashable, list[int]] = defaultdict(list)
    for at in range(len(theirs) - 1, -1, -1):
        if theirs[at] is not None and at not in taken:
            free[theirs[at]].append(at)
    for number, key in enumerate(mine):
        waiting = free.get(key)
        if waiting and number not in work.claims and (not is_edit or _is_akin(work, waiting[-1], number)):
            work.claims[number] = waiting.pop()


def _is_akin(work: _Work, at: int, number: int) -> bool:
    """The same day, amount or text."""
    return any(work.theirs[at][part] == work.mine[number][part] for part in (0, 1, 3))


def _sorted(account: str, work: _Work, announced: tuple[StatementLine, ...]) -> Import:
    names = _Names(account=account, usable=work.usable, taken={each.key for each in work.known})
    new: list[KeyedLine] = []
    seen: list[RepeatedLine] = []
    edited: list[RepeatedLine] = []
    for number, line in enumerate(work.lines):
        if number not in work.claims:
            new.append(KeyedLine(key=names.next(line.bank_id, work.mine[number]), line=line))
            continue
        at = work.claims[number]
        before = work.known[at]
        repeated = RepeatedLine(key=before.key, before=before.line, after=line)
        (seen if work.theirs[at] == work.mine[number] else edited).append(repeated)
    return Import(new=tuple(new), seen=tuple(seen), edited=tuple(edited), announced=announced)


@dataclass(slots=True)
class _Names:
    """Keys: the account, the bank's id or else the content, and which of equals it is."""

    account: str
    usable: set[str]
    taken: set[str]
    counts: Counter[str] = field(default_factory=Counter)

    def next(self, bank_id: str, content: _Content) -> str:
        base = ("id", bank_id) if bank_id in self.usable else ("content", *content)
        digest = hashlib.sha256("\x1f".join((self.account, *base)).encode()).hexdigest()[:32]
        self.counts[digest] += 1
        while f"{digest}-{self.counts[digest]}" in self.taken:
            self.counts[digest] += 1
        return f"{digest}-{self.counts[digest]}"
