"""Bank lines kept, tied to what the books say was deposited, and what people decide about that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from connector.domain.facts import Fact
from connector.domain.money import parse_minor, split
from connector.domain.payouts import Payout, Settlement
from connector.domain.statement import Statement
from connector.errors import Unreadable
from connector.reconcile.matching.ladder import match as find_matches
from connector.reconcile.matching.rules import ChannelRule, Rules
from connector.reconcile.matching.values import BankLine, Entry, Proposal, Waiting
from connector.reconcile.statements.identity import KeyedLine, RepeatedLine, compare_lines
from connector.store import bank, matches
from connector.store import facts as stored
from connector.store.database import Transaction
from connector.store.feeds import Connection, Feed
from connector.store.matches import Link, Match, NewMatch
from connector.store.posted_lines import PostedLine, posted_lines
from connector.sync.house import House

ITSELF = "connector"  # who accepted what is certain
OF_FACTS = "payout|"  # how an item is named that no document has a bank line for


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
    `new` and `accepted_now` count what this run did."""

    matches: tuple[Match, ...]
    waiting: tuple[Waiting, ...]
    lines: tuple[bank.KeptLine, ...]
    entries: tuple[Entry, ...]
    open_entries: tuple[str, ...]
    new: int
    accepted_now: int


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
    asked, but never what a person has undone. Nothing new means that nothing changes."""
    with house.database.transaction(of=feed.target.id) as tx:
        lines = [each for each in bank.open_lines(tx, feed.target.id) if each.line.is_complete]
        entries = _entries(tx, house, feed)
        title = house.source(feed.source).defaults.title
        found = find_matches([_bank_line(each) for each in lines], entries, _ruled(rules or Rules(), title))
        possible = [each for one in found.waiting for each in one.possible]
        board = _Board(lines={str(each.id): each for each in lines}, entries={each.entry_id: each for each in entries})
        wanted = {made.digest: made for each in (*found.proposals, *possible) if (made := _new_match(each, board))}
        new = _keep(tx, house, feed, wanted)
        accepted = _apply_certain(tx, house, feed) if apply_certain else 0
        return Deposits(
            matches=tuple(matches.matches(tx, feed.id)),
            waiting=tuple(found.waiting),
            lines=tuple(bank.known_lines_of(tx, feed.target.id)),
            entries=tuple(entries),
            open_entries=tuple(found.open_entries),
            new=new,
            accepted_now=accepted,
        )


def accept(house: House, match_id: int, *, by: str) -> Match:
    """A person's yes; raises Unreadable where it cannot be."""
    with house.database.transaction() as tx:
        return matches.accept(tx, match_id, by=by, now=house.now())


def undo(house: House, match_id: int, *, by: str, reason: str = "") -> Match:
    """Opens both sides again; the match stays in the history, and is never made again by itself."""
    with house.database.transaction() as tx:
        return matches.undo(tx, match_id, by=by, reason=reason, now=house.now())


def ignore(house: House, line_id: int, *, by: str, reason: str) -> bank.KeptLine:
    """Sets a bank line aside: it has nothing to do with any feed."""
    if not reason.strip():
        raise Unreadable("Say why the line is ignored, with --reason.")
    with house.database.transaction() as tx:
        return bank.ignore_line(tx, line_id, by=by, reason=reason)


def _entries(tx: Transaction, house: House, feed: Feed) -> list[Entry]:
    """What waits for the bank: the bank lines of documents in the books, and payouts that no document banks."""
    taken = matches.taken_items(tx, feed.target.id)
    channel = house.source(feed.source).defaults.title
    lines = [each for each in posted_lines(tx, feed.id, ("bank",)) if not each.is_gone]
    booked = {each.period for each in lines}
    facts = [] if feed.role == "sales only" else stored.facts(tx, feed.source.id)
    entries = [_of_line(each, channel) for each in lines if OF_FACTS + _tail(each.period) not in taken]
    entries += [each for fact in facts if (each := _of_fact(fact, booked, channel))]
    return sorted((each for each in entries if each.entry_id not in taken), key=lambda each: (each.day, each.entry_id))


def _of_line(line: PostedLine, channel: str) -> Entry:
    return Entry(
        entry_id=line.mark,
        day=line.day,
        amount=line.amount,
        currency=line.currency,
        channel=channel,
        reference=line.source_ref,
        batch=_tail(line.period),
        text=line.narration,
    )


def _of_fact(fact: Fact, booked: set[str], channel: str) -> Entry | None:
    match fact.about:
        case Payout(has_failed=False, kept_by_processor=False) as payout if payout.amount:
            name, day, amount, reference = payout.payout_id, payout.arrives_on, payout.amount, payout.reference
        case Settlement() as settlement if settlement.total > 0:
            name, day, amount, reference = settlement.settlement_id, settlement.deposits_on, settlement.total, ""
        case _:
            return None
    if {f"payout|{name}", f"settlement|{name}"} & booked:
        return None
    return Entry(
        entry_id=OF_FACTS + name,
        day=day,
        amount=amount,
        currency=fact.currency,
        channel=channel,
        reference=reference or name,
        batch=name,
    )


def _tail(period: str) -> str:
    """po_1 of payout|po_1."""
    return period.partition("|")[2]


def _bank_line(kept: bank.KeptLine) -> BankLine:
    return BankLine(
        line_id=str(kept.id),
        day=bank.day_of(kept),
        amount=kept.line.amount or 0,
        currency=kept.line.currency,
        text=f"{kept.line.counterparty} {kept.line.text}".strip(),
        reference=kept.line.reference,
    )


def _ruled(rules: Rules, channel: str) -> Rules:
    """A feed's deposits are payouts, one to a line, and its lines are known by the source's name, unless a rule says
    otherwise."""
    if any(rule.name == channel for rule in rules.channels):
        return rules
    return replace(rules, channels=(*rules.channels, ChannelRule(name=channel, descriptors=(channel,), grain="one")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Board:
    lines: dict[str, bank.KeptLine]
    entries: dict[str, Entry]


def _new_match(proposal: Proposal, board: _Board) -> NewMatch | None:
    """The proposal with its amounts; None for one without lines or entries."""
    lines = [board.lines[name] for name in proposal.lines]
    entries = [board.entries[name] for name in proposal.entries]
    if not lines or not entries:
        return None
    currency, banked = lines[0].line.currency, sum(each.line.amount or 0 for each in lines)
    exchange = _exchange(proposal, currency)
    settled = [each.amount for each in entries]
    if entries[0].currency != currency:
        signs = 1 if banked > 0 else -1
        settled = [signs * part for part in split(abs(banked - exchange), [abs(each.amount) for each in entries])]
    links = [_line_link(each) for each in lines]
    links += [_item_link(each, part) for each, part in zip(entries, settled, strict=True)]
    return NewMatch(
        confidence=proposal.confidence,
        rung=proposal.rung,
        evidence=tuple((each.fact, each.value, each.detail) for each in proposal.evidence),
        currency=currency,
        residual=banked - sum(settled) - exchange,
        exchange=exchange,
        digest=_digest(proposal),
        links=tuple(links),
    )


def _exchange(proposal: Proposal, currency: str) -> int:
    """The exchange difference that the evidence tells, such as "2.39 CAD"."""
    told = [each.value for each in proposal.evidence if each.fact == "exchange_difference"]
    return parse_minor(told[0].partition(" ")[0], currency) if told else 0


def _line_link(kept: bank.KeptLine) -> Link:
    amount = kept.line.amount or 0
    return Link(line=kept.id, currency=kept.line.currency, amount=amount, whole=amount, settled=amount)


def _item_link(entry: Entry, settled: int) -> Link:
    return Link(item=entry.entry_id, currency=entry.currency, amount=entry.amount, whole=entry.amount, settled=settled)


def _digest(proposal: Proposal) -> str:
    names = "\n".join((*sorted(proposal.lines), "", *sorted(proposal.entries)))
    return hashlib.sha256(names.encode()).hexdigest()[:32]


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


def _apply_certain(tx: Transaction, house: House, feed: Feed) -> int:
    undone = {each.made.digest for each in matches.matches(tx, feed.id, "undone")}
    sure = [each for each in matches.matches(tx, feed.id, "proposed") if each.made.confidence == "certain"]
    chosen: Sequence[Match] = [each for each in sure if each.made.digest not in undone]
    for each in chosen:
        matches.accept(tx, each.id, by=ITSELF, now=house.now())
    return len(chosen)
