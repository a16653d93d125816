"""Set-up: the accounts of a feed proposed, opened and mapped on consent; the questions that decide whether its books
will be right; and activation, refused while anything of it is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from connector.domain.books import TYPE_WORDS, Books
from connector.domain.cutover import AGAINST, FRESH, METHODS, Cutover, OpeningItem
from connector.domain.document import Document
from connector.domain.map_writing import written_map
from connector.domain.registration import BASES, BASIS, FROM, REGISTERED_AS, SCHEME, SCHEMES
from connector.errors import Unreadable
from connector.mapping.checks.uses import uses_of
from connector.mapping.express import Proposal, chosen, listed, mapped, occurring, proposals
from connector.mapping.openings import not_paid_out, openings
from connector.store import facts as stored
from connector.store import setup as kept
from connector.store.account_maps import account_map, keep_map, note_decided
from connector.store.database import Transaction
from connector.store.feeds import FEED_CHOICES, Feed, set_choice
from connector.sync.accounts import open_items
from connector.sync.house import House
from connector.sync.journalize import read_books, rules_of

DEPOSITS, ROLE = "deposits", "role"
YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What set-up asks: the answer so far (empty: none), what would usually be right and why, and what may be said."""

    name: str
    asks: str
    answer: str
    proposal: str
    why: str
    allowed: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return not self.answer


def proposed(house: House, feed: Feed, *, everything: bool = False, bank: str = "") -> list[Proposal]:
    """What express set-up would do about each slot that occurs, with the bank account that the owner names; nothing is
    changed. The books are read afresh. Raises Unreadable where that account is not there, or is no bank account."""
    chart, _ = read_books(house, feed, house.books(feed.target), afresh=True)
    with house.database.transaction() as tx:
        rules = rules_of(tx, house, feed, chart)
        wanted = occurring(rules.defaults, uses_of(stored.facts(tx, feed.source.id), rules), everything=everything)
    found = proposals(wanted, chart, rules.account_map, rules.defaults)
    said = chosen("bank", bank, chart, rules.defaults) if bank else None
    return [said if said and each.slot == "bank" else each for each in found]


def accept(house: House, feed: Feed, decided: Sequence[Proposal], *, author: str) -> int:
    """Opens the accounts that are to be created, maps all that has an account, and wraps items where the books' forms
    need them; gives the number of the map in force. What waits for a decision stays as it is."""
    opened = house.books(feed.target)
    for each in decided:
        if each.action == "create":
            opened.open_account(each.wanted)
    chart, _ = read_books(house, feed, opened, afresh=True)
    taken = [each for each in decided if each.action != "decide"]
    number = _keep(house, feed, taken, author=author, reason="set-up")
    open_items(house, feed, opened, chart)
    return number


def choose(house: House, feed: Feed, choices: Iterable[tuple[str, str]], *, author: str) -> list[Proposal]:
    """Maps slots to accounts of the books that the owner names; raises Unreadable, and nothing is changed, where one is
    not there or may not take its slot."""
    opened = house.books(feed.target)
    chart, _ = read_books(house, feed, opened, afresh=True)
    defaults = house.source(feed.source).defaults
    decided = [chosen(slot, name, chart, defaults) for slot, name in choices]
    _keep(house, feed, decided, author=author, reason="chosen in set-up")
    open_items(house, feed, opened, chart)
    return decided


def _keep(house: House, feed: Feed, decided: Sequence[Proposal], *, author: str, reason: str) -> int:
    defaults = house.source(feed.source).defaults
    with house.database.transaction() as tx:
        text = written_map(mapped(account_map(tx, feed.id), decided, defaults))
        if not text:
            return 0
        return note_decided(tx, feed.id, keep_map(tx, feed.id, text, author=author, reason=reason), house.now())


def questions(tx: Transaction, house: House, feed: Feed, chart: Books) -> list[Question]:
    """What is asked of this feed, each with its answer so far."""
    said = kept.answers(tx, feed.id)
    found = [_deposits(house, feed, said.get(DEPOSITS, ""))]
    if chart.charges_tax_by_code():
        found += _tax_questions(said)
    found.append(
        Question(
            name=BASIS,
            asks="On which basis are your books and your tax reported?",
            answer=said.get(BASIS, ""),
            proposal=chart.basis or "accrual",
            why=f"{f'your books are on {chart.basis} basis; ' if chart.basis else ''}on cash basis nothing is accrued",
            allowed=BASES,
        )
    )
    found.append(_role(feed, said.get(ROLE, "")))
    return found


def _deposits(house: House, feed: Feed, answer: str) -> Question:
    source = house.source(feed.source)
    pays_out = source.file is not None or any(stream.name.startswith("payout") for stream in source.streams)
    told = f"{source.title} tells its payouts" if pays_out else f"{source.title} tells no payouts"
    return Question(
        name=DEPOSITS,
        asks="Who books the money that arrives at the bank?",
        answer=answer,
        proposal="connector" if pays_out else "bank feed",
        why=told,
        allowed=FEED_CHOICES["deposits"],
    )


def _tax_questions(said: dict[str, str]) -> list[Question]:
    registered = Question(
        name=REGISTERED_AS,
        asks="Are you registered for VAT or GST?",
        answer=said.get(REGISTERED_AS, ""),
        proposal="",
        why="only you know; without it everything is out of scope",
        allowed=YES_NO,
    )
    if registered.answer == "no":
        return [registered]
    why = "before that day everything is out of scope"
    since = Question(name=FROM, asks="From which day?", answer=said.get(FROM, ""), proposal="", why=why)
    scheme = Question(
        name=SCHEME,
        asks="By which scheme?",
        answer=said.get(SCHEME, ""),
        proposal="standard",
        why="it is the usual one",
        allowed=SCHEMES,
    )
    return [registered, since, scheme]


def _role(feed: Feed, answer: str) -> Question:
    return Question(
        name=ROLE,
        asks="What of the source does this feed post?",
        answer=answer,
        proposal=feed.role,
        why="say otherwise where another feed sees the same card sales",
        allowed=("sales and payouts", "sales only", "payouts only"),
    )


def answer(house: House, feed: Feed, said: dict[str, str], *, author: str) -> None:
    """Keeps answers, and lets the feed follow them; raises Unreadable, and nothing is kept, for one that cannot be."""
    chart, _ = read_books(house, feed, house.books(feed.target))
    with house.database.transaction() as tx:
        known = {each.name: each for each in questions(tx, house, feed, chart)}
        if chart.charges_tax_by_code() and said.get(REGISTERED_AS) == "yes":
            known |= {each.name: each for each in _tax_questions({})}
        for name, value in said.items():
            _check(name, value, known)
        kept.keep_answers(tx, feed.id, said, author=author, now=house.now())
        if DEPOSITS in said:
            set_choice(tx, feed.id, DEPOSITS, said[DEPOSITS])
        if ROLE in said:
            kept.set_role(tx, feed.id, said[ROLE])


def _check(name: str, value: str, known: dict[str, Question]) -> None:
    question = known.get(name)
    if question is None:
        raise Unreadable(f"{name!r} is not asked of this feed; asked are: {', '.join(known)}.")
    if question.allowed and value not in question.allowed:
        raise Unreadable(f"{name} is {' or '.join(repr(each) for each in question.allowed)}, not {value!r}.")
    if name == FROM:
        day(value)


def decide_cutover(house: House, feed: Feed, decided: Cutover, *, author: str) -> Cutover:
    """Keeps what is said of the cut-over beside what was said before, and moves the feed's first day; gives it whole.
    Raises Unreadable, and nothing is kept, where the method or the account is not known."""
    chart, _ = read_books(house, feed, house.books(feed.target))
    if decided.previous and decided.previous not in METHODS:
        raise Unreadable(f"The previous method is {' or '.join(METHODS)}, not {decided.previous!r}.")
    said = {kept.PREVIOUS: decided.previous, kept.AGAINST: decided.against}
    said[kept.LAST_DAY] = decided.last_day.isoformat() if decided.last_day else ""
    said[kept.COMPLETE] = "yes" if decided.is_complete or decided.items else ""
    with house.database.transaction() as tx:
        _check_against(decided, kept.cutover(tx, feed.id), chart)
        told = {name: value for name, value in said.items() if value}
        kept.keep_answers(tx, feed.id, told, author=author, now=house.now())
        kept.keep_items(tx, feed.id, decided.items)
        whole = kept.cutover(tx, feed.id)
        kept.set_start(tx, feed.id, whole.starts_on)
    return whole


def _check_against(decided: Cutover, before: Cutover, chart: Books) -> None:
    """The account on the other side must be there, and be what the method before used."""
    if not (decided.against or decided.previous):
        return
    name, method = decided.against or before.against, decided.previous or before.previous
    allowed = AGAINST.get(method)
    there = sorted(
        each.name for each in chart.accounts
        if each.is_active and not each.is_system and (allowed is None or each.type in allowed)
    )  # fmt: skip
    have = f"The books have: {', '.join(there[:5])}." if there else "The books have none yet."
    account = chart.account(name, name) if name else None
    if name and account is None:
        raise Unreadable(f"The books have no account {name!r} for the other side of what was open. {have}")
    if account and account.is_system:
        raise Unreadable(f"{account.name} belongs to the books themselves; no line of ours may stand on it. {have}")
    if account and allowed and account.type not in allowed:
        words = listed(TYPE_WORDS[each] for each in sorted(allowed))
        raise Unreadable(
            f"{account.name} is of type {TYPE_WORDS[account.type]}; after {method!r} the other side is {words}. {have}"
        )


def found_open(house: House, feed: Feed, starts_on: date) -> list[OpeningItem]:
    """What the records themselves say was not paid out before the first day."""
    with house.database.transaction() as tx:
        return not_paid_out(stored.facts(tx, feed.source.id), starts_on)


def begin_afresh(house: House, feed: Feed, *, author: str, last_day: date | None = None) -> None:
    """Decides that nothing was booked before (until `last_day`, where one is named), and lets the feed post."""
    decide_cutover(house, feed, Cutover(previous=FRESH, last_day=last_day), author=author)
    with house.database.transaction() as tx:
        kept.set_feed_state(tx, feed.id, "active")


def day(text: str) -> date:
    """A day as typed; raises Unreadable."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{text!r} is not a day; write it as 2026-03-31.") from None


def asked(house: House, feed: Feed) -> list[Question]:
    """The questions of a feed with their answers; the books as last read."""
    chart, _ = read_books(house, feed, house.books(feed.target))
    with house.database.transaction() as tx:
        return questions(tx, house, feed, chart)


def cutover_of(house: House, feed: Feed) -> Cutover:
    with house.database.transaction() as tx:
        return kept.cutover(tx, feed.id)


def planned_openings(house: House, feed: Feed) -> tuple[Document, ...]:
    """The opening documents that the cut-over calls for."""
    chart, _ = read_books(house, feed, house.books(feed.target))
    with house.database.transaction() as tx:
        return openings(kept.cutover(tx, feed.id), rules_of(tx, house, feed, chart)).documents
