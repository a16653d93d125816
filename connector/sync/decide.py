"""What people decide about bank lines: yes, another candidate, a split, an account, aside, and taken back. Each
decision books what it calls for in the same transaction, or is not made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.domain.money import decimal_text
from connector.errors import Unreadable
from connector.reconcile.matching.exchange import exchanged
from connector.reconcile.matching.rules import Rules
from connector.reconcile.matching.rules_file import read_rules
from connector.reconcile.matching.values import Entry, Evidence, Proposal
from connector.store import bank, match_rules, matches
from connector.store.database import Transaction
from connector.store.feeds import Feed, feed, feed_by_id, feeds
from connector.store.match_rules import AcquirerBatch, KeptRule
from connector.store.matches import Match
from connector.sync.bank_entries import entries_of
from connector.sync.bank_rules import CONTRADICTED, contradicted, ruled
from connector.sync.house import House
from connector.sync.match_books import book, chart_of
from connector.sync.proposed import Coded, made_of

BY_HAND = 0
"""The rung of what a person put together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Bank lines and what a person says they are: items by name, parts of them coded to accounts (in the sign of the
    lines), and where a rest goes: nowhere, to the fees (`rest` is "fee"), or to an account named in `rest`."""

    lines: tuple[int, ...]
    items: tuple[str, ...] = ()
    coded: tuple[Coded, ...] = ()
    rest: str = ""
    rest_tax: str = ""


def accept(house: House, match_id: int, *, by: str) -> Match:
    """A person's yes to a proposal; raises Unreadable where it cannot be, or what it calls for cannot be booked."""
    of = _feed_of(house, match_id)
    chart = chart_of(house, of)
    with house.database.transaction(of=of.target.id) as tx:
        done = matches.accept(tx, match_id, by=_person(by), now=house.now())
        book(tx, house, of, done, chart)
        _withdraw_rivals(tx, done)
        return matches.match_of(tx, match_id)


def undo(house: House, match_id: int, *, by: str, reason: str = "") -> Match:
    """Opens both sides again and takes back what the match booked; it stays in the history, and is never made again by
    itself. What is in the books is taken back by a document of its own, on the first open day if its own is locked."""
    of = _feed_of(house, match_id)
    chart = chart_of(house, of)
    with house.database.transaction(of=of.target.id) as tx:
        done = matches.undo(tx, match_id, by=_person(by), reason=reason, now=house.now())
        if done.period:
            book(tx, house, of, done, chart)
        return done


def choose(house: House, into: Feed, choice: Choice, *, by: str) -> Match:
    """A match that a person puts together, accepted and booked: another candidate, several, a split over items and
    accounts, or an account alone. Raises Unreadable where the sides differ by more than a rule lets be written off."""
    chart = chart_of(house, into)
    with house.database.transaction(of=into.target.id) as tx:
        lines = _lines(tx, into, choice.lines)
        rules = ruled(tx, house, into, (chart, Rules()))
        known = entries_of(tx, into, house.source(into.source).defaults.title, rules)
        entries = [_entry(known, name) for name in choice.items]
        made = made_of(_reasoned(choice, (lines, entries), rules[1], by), (lines, entries, _coded(choice, lines)), by)
        match_id = matches.propose(tx, into.id, made, house.now())
        done = matches.accept(tx, match_id, by=_person(by), now=house.now())
        book(tx, house, into, done, chart)
        _withdraw_rivals(tx, done)
        return matches.match_of(tx, match_id)


def ignore(house: House, line_id: int, *, by: str, reason: str) -> bank.KeptLine:
    """Sets a bank line aside: it has nothing to do with any feed."""
    if not reason.strip():
        raise Unreadable("Say why the line is ignored, with --reason.")
    with house.database.transaction() as tx:
        return bank.ignore_line(tx, line_id, by=_person(by), reason=reason)


def unignore(house: House, line_id: int, *, by: str, reason: str = "") -> bank.KeptLine:
    """Opens a line again that was set aside."""
    with house.database.transaction() as tx:
        return bank.unignore_line(tx, line_id, by=_person(by), reason=reason)


def make_rule(house: House, of: Feed, body: dict[str, object], *, by: str) -> KeptRule:
    """Keeps a rule of the owner, in the sections of a rules file; raises Unreadable where it cannot be read."""
    read_rules(body)
    with house.database.transaction() as tx:
        number = match_rules.keep_rule(tx, of.id, body, by=_person(by), now=house.now())
        return next(each for each in match_rules.match_rules(tx, of.id) if each.id == number)


def retire_rule(house: House, rule_id: int, *, by: str) -> KeptRule:
    with house.database.transaction() as tx:
        return match_rules.retire_rule(tx, rule_id, by=_person(by), now=house.now())


def keep_batches(house: House, of: Feed, batches: Sequence[AcquirerBatch]) -> tuple[int, int]:
    """Keeps what an acquirer's table tells; gives how many batches are new, and how many were known."""
    with house.database.transaction() as tx:
        return match_rules.keep_batches(tx, of.id, batches, house.now())


def contradicted_rules(house: House, of: Feed) -> list[str]:
    """Channels whose approved rule people have taken back so often that it only suggests."""
    with house.database.transaction() as tx:
        found = contradicted(matches.matches(tx, of.id, "undone"))
    return sorted(name for name, times in found.items() if times >= CONTRADICTED)


def feed_of_line(house: House, line_id: int, name: str = "") -> Feed:
    """The feed that is named, else the only one into the books that a bank line is kept with; raises Unreadable."""
    with house.database.transaction() as tx:
        if name:
            return feed(tx, name)
        target = bank.connection_of(tx, line_id)
        found = [each for each in feeds(tx) if each.target.id == target]
    if len(found) != 1:
        names = ", ".join(each.name for each in found) or "none"
        raise Unreadable(f"Say which feed the bank line belongs to, with --feed; into its books there are: {names}.")
    return found[0]


def _person(by: str) -> str:
    name = by.strip()
    if not name or name == matches.ITSELF:
        raise Unreadable("Say who decides, with --as and a name.")
    return name


def _feed_of(house: House, match_id: int) -> Feed:
    with house.database.transaction() as tx:
        return feed_by_id(tx, matches.match_of(tx, match_id).feed_id)


def _lines(tx: Transaction, of: Feed, numbers: Sequence[int]) -> list[bank.KeptLine]:
    found = [bank.line_of(tx, number) for number in numbers]
    for line in found:
        if bank.connection_of(tx, line.id) != of.target.id:
            raise Unreadable(f"Bank line {line.id} is not kept with {of.target.name}, where {of.name} goes.")
        if not line.line.is_complete:
            raise Unreadable(f"Bank line {line.id} lacks its day or amount.")
    if not found or len({line.line.currency for line in found}) > 1 or len(set(numbers)) < len(found):
        raise Unreadable("Name bank lines of one currency, each once.")
    return found


def _entry(known: Sequence[Entry], name: str) -> Entry:
    found = [each for each in known if name in (each.entry_id, each.reference, each.batch)]
    if len(found) != 1:
        told = "is not open" if not found else f"names {len(found)} open deposits"
        raise Unreadable(f"{name} {told}; connector reconcile deposits lists what waits.")
    return found[0]


def _coded(choice: Choice, lines: Sequence[bank.KeptLine]) -> tuple[Coded, ...]:
    """What is coded; an account alone takes the whole."""
    if choice.rest and choice.rest != "fee" and not choice.items and not choice.coded:
        whole = sum(line.line.amount or 0 for line in lines)
        return (Coded(account=choice.rest, tax_code=choice.rest_tax, amount=whole),)
    return choice.coded


def _reasoned(
    choice: Choice, sides: tuple[Sequence[bank.KeptLine], Sequence[Entry]], rules: Rules, by: str
) -> Proposal:
    """The choice with its reasons, and where a rest goes."""
    lines, entries = sides
    currency = lines[0].line.currency
    evidence = [Evidence(fact="picked", value=by)]
    if any(entry.currency != currency for entry in entries):
        evidence += _exchanged(lines, entries, rules)
        rest = 0
    else:
        coded = sum(each.amount for each in _coded(choice, lines))
        rest = sum(line.line.amount or 0 for line in lines) - coded - sum(entry.amount for entry in entries)
    residual, account, tax = _rest(choice, rest, entries, currency, rules)
    if rest and not residual:
        model = next((entry.fee_model for entry in entries if entry.fee), f"as {by} says")
        evidence.append(Evidence(fact="fee", value=f"{decimal_text(-rest, currency)} {currency}", detail=model))
    return Proposal(
        lines=tuple(str(line.id) for line in lines),
        entries=tuple(entry.entry_id for entry in entries),
        rung=BY_HAND,
        confidence="certain",
        evidence=tuple(evidence),
        residual=residual,
        account=account,
        tax_code=tax,
    )


def _rest(choice: Choice, rest: int, entries: Sequence[Entry], currency: str, rules: Rules) -> tuple[int, str, str]:
    """What of a rest is written off, and where; a fee is none of it. Raises Unreadable where nobody says where it
    goes."""
    fee = sum(entry.fee for entry in entries)
    if rest == 0 or rest == -fee or abs(rest + fee) <= sum(entry.band for entry in entries):
        return 0, "", ""
    if choice.rest == "fee" and rest < 0 < sum(entry.amount for entry in entries):
        return 0, "", ""
    if choice.rest and choice.rest != "fee":
        return rest, choice.rest, choice.rest_tax
    due = sum(entry.amount for entry in entries)
    channels = {entry.channel for entry in entries}
    for rule in rules.write_offs:
        if rule.currency == currency and (not rule.channel or {rule.channel} == channels) and rule.allows(rest, due):
            return rest, rule.account, rule.tax_code
    raise Unreadable(
        f"The bank lines are {decimal_text(rest, currency)} {currency} off what was named: name what is missing, or "
        "say where the rest goes, with --rest-to fee or --rest-to and an account."
    )


def _exchanged(lines: Sequence[bank.KeptLine], entries: Sequence[Entry], rules: Rules) -> list[Evidence]:
    currency, foreign = lines[0].line.currency, {entry.currency for entry in entries}
    if len(foreign) > 1:
        raise Unreadable("Name deposits of one currency at a time.")
    paid, (due_in,) = sum(line.line.amount or 0 for line in lines), foreign
    due = sum(entry.amount for entry in entries)
    return exchanged((paid, currency), (due, due_in), rules.rates.get((due_in, currency)), rules.band)


def _withdraw_rivals(tx: Transaction, done: Match) -> None:
    """Other proposals for the same lines or items are none any more."""
    items = {item for item in done.items if not item.startswith(matches.CODED)}
    for other in matches.matches(tx, done.feed_id, "proposed"):
        if set(other.lines) & set(done.lines) or set(other.items) & items:
            matches.withdraw(tx, other.id)
