"""Bank lines kept, and tied to what the books say was deposited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connector.domain.books import Books
from connector.domain.statement import Statement
from connector.errors import Unreadable
from connector.reconcile.matching.ladder import match as find_matches
from connector.reconcile.matching.rules import Rules
from connector.reconcile.matching.values import Entry, Waiting
from connector.reconcile.statements.identity import KeyedLine, RepeatedLine, compare_lines
from connector.store import bank, matches
from connector.store.database import Transaction
from connector.store.feeds import Connection, Feed
from connector.store.matches import ITSELF, Match, NewMatch
from connector.sync.bank_entries import entries_of
from connector.sync.bank_rules import ruled
from connector.sync.house import House
from connector.sync.match_books import book, chart_of
from connector.sync.proposed import bank_line, board_of, new_match


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of files: lines that are new, that were known, that the bank edited (kept as they were) and that it
    only announced."""

    new: int = 0
    seen: int = 0
    edited: tuple[RepeatedLine, ...] = ()
    announced: int = 0

    @property
    def counts(self) -> dict[str, int]:
        return {"new": self.new, "seen": self.seen, "edited": len(self.edited), "announced": self.announced}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposits:
    """Bank lines against deposits: what is proposed, what is accepted, and what on either side waits for the other.
    `new` and `accepted_now` count what this run did; `not_booked` says why something certain still waits."""

    matches: tuple[Match, ...]
    waiting: tuple[Waiting, ...]
    lines: tuple[bank.KeptLine, ...]
    entries: tuple[Entry, ...]
    open_entries: tuple[str, ...]
    new: int
    accepted_now: int
    not_booked: tuple[str, ...] = ()


def import_lines(house: House, connection: Connection, account: str, statements: Iterable[Statement]) -> Imported:
    """Keeps the lines of statements of one bank account of some books; what is known adds nothing.

    Raises Unreadable where the statements are of several accounts, or the connection is none of books."""
    if connection.side != "target":
        raise Unreadable(f"{connection.name} is a source; bank lines are kept with the books they belong to.")
    read = list(statements)
    numbers = sorted({f"{each.institution} {each.account} {each.currency}".strip() for each in read if each.account})
    if len(numbers) > 1:
        raise Unreadable(f"The files hold {len(numbers)} accounts ({', '.join(numbers)}): give each its own name.")
    done = Imported()
    for statement in read:
        with house.database.transaction(of=connection.id) as tx:
            done = _kept(tx, house, (connection.id, account), statement, done)
    return done


def _kept(tx: Transaction, house: House, of: tuple[int, str], statement: Statement, done: Imported) -> Imported:
    known = [KeyedLine(key=each.key, line=each.line) for each in bank.known_lines(tx, *of)]
    found = compare_lines(of[1], known, statement.lines)
    bank.keep_lines(tx, *of, [(each.key, each.line) for each in found.new], house.now())
    edited = tuple(each for each in found.edited if bank.flag_edited(tx, *of, each.key, each.after))
    return Imported(
        new=done.new + len(found.new),
        seen=done.seen + len(found.seen) + len(found.edited) - len(edited),
        edited=(*done.edited, *edited),
        announced=done.announced + len(found.announced),
    )


def deposits(house: House, feed: Feed, rules: Rules | None = None, *, apply_certain: bool = False) -> Deposits:
    """Ties open bank lines of the feed's books to its deposits. Proposals are kept; what is certain is accepted where
    asked or where the feed allows it, but never what a person has undone. Nothing new means that nothing changes."""
    chart = chart_of(house, feed)
    with house.database.transaction(of=feed.target.id) as tx:
        found = _proposed(tx, house, feed, (chart, rules or Rules()))
    done, why = _apply_certain(house, feed, chart) if apply_certain or feed.certain == "apply" else (0, ())
    with house.database.transaction() as tx:
        return Deposits(
            matches=tuple(matches.matches(tx, feed.id)),
            waiting=found.waiting,
            lines=tuple(bank.known_lines_of(tx, feed.target.id)),
            entries=found.entries,
            open_entries=found.open_entries,
            new=found.new,
            accepted_now=done,
            not_booked=why,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    waiting: tuple[Waiting, ...]
    entries: tuple[Entry, ...]
    open_entries: tuple[str, ...]
    new: int


def _proposed(tx: Transaction, house: House, feed: Feed, given: tuple[Books | None, Rules]) -> _Found:
    lines = [each for each in bank.open_lines(tx, feed.target.id) if each.line.is_complete]
    title = house.source(feed.source).defaults.title
    decided = ruled(tx, house, feed, given)
    entries = entries_of(tx, feed, title, decided)
    found = find_matches([bank_line(each) for each in lines], entries, decided[1])
    board = board_of(lines, entries)
    possible = [each for one in found.waiting for each in one.possible]
    wanted = {made.digest: made for each in (*found.proposals, *possible) if (made := new_match(each, board))}
    return _Found(
        waiting=tuple(found.waiting),
        entries=tuple(entries),
        open_entries=tuple(found.open_entries),
        new=_keep(tx, house, feed, wanted),
    )


def _keep(tx: Transaction, house: House, feed: Feed, wanted: dict[str, NewMatch]) -> int:
    """Keeps what is proposed now, forgets what no longer is, and leaves alone what stands; gives how many are new."""
    for old in matches.matches(tx, feed.id, "proposed"):
        if wanted.get(old.made.digest) == old.made:
            del wanted[old.made.digest]
        else:
            matches.withdraw(tx, old.id)
    for new in wanted.values():
        matches.propose(tx, feed.id, new, house.now())
    return len(wanted)


def _apply_certain(house: House, feed: Feed, chart: Books | None) -> tuple[int, tuple[str, ...]]:
    """Accepts and books what is certain, each by itself: what cannot be booked yet waits, with the reason."""
    with house.database.transaction() as tx:
        undone = {each.made.digest for each in matches.matches(tx, feed.id, "undone")}
        sure = [each for each in matches.matches(tx, feed.id, "proposed") if each.made.confidence == "certain"]
    done, why = 0, []
    for each in (match for match in sure if match.made.digest not in undone):
        try:
            with house.database.transaction(of=feed.target.id) as tx:
                book(tx, house, feed, matches.accept(tx, each.id, by=ITSELF, now=house.now()), chart)
            done += 1
        except Unreadable as error:
            why.append(f"Match {each.id}: {error}")
    return done, tuple(why)
