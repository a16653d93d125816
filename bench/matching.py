"""Bank lines to ledger entries on generated books: how many lines are right, how many wrong, and how long it takes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import perf_counter, process_time

from msgspec.structs import replace

from connector.reconcile.matching.ladder import match
from connector.reconcile.matching.rules import ChannelRule, Rules
from connector.reconcile.matching.values import BankLine, Entry, Matches

LINES = 10_000
SEEDS = (1, 2)
GOAL_RIGHT, GOAL_WRONG, GOAL_SECONDS = 97, 0.5, 4
_FIRST = date(2026, 1, 1)
_DAYS = 365
_CUSTOMERS = "Customers"
_PAYOUTS, _ONES, _PARTS = 55, 35, 4
_REFERENCED, _HELD, _RELEASED, _UNSTEADY = 0.21, 0.01, 0.4, 0.04
_SIZES = (2, 33)
_FEES, _REFUNDS = 0.03, 0.08
_NAMED, _PARTS_NAMED, _ROUND = 0.6, 0.75, 0.1
_SYLLABLES = ("ba", "del", "ko", "mar", "ni", "os", "pe", "ra", "sil", "tor", "ul", "wen")


@dataclass(slots=True)
class Books:
    """Generated lines and entries, and the truth: the entries of each line (none where it belongs to nothing here)."""

    lines: list[BankLine] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    truth: dict[str, frozenset[str]] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)

    def line(self, day: int, amount: int, text: str, entries: Mapping[str, Entry] | None = None) -> None:
        name = f"B{len(self.truth):05}"
        made = BankLine(line_id=name, day=_day(day), amount=amount, currency="USD", text=text)
        self.lines.append(made)
        self.truth[name] = frozenset(entries or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Lines by how they came out; `wrong` are certain or likely and not the truth."""

    right: int
    wrong: int
    wrong_certain: int
    lines: int
    kept_open: int
    strangers: int


def main() -> None:
    """Prints the figures for each seed."""
    for seed in SEEDS:
        books = generate(seed, LINES)
        start, cpu = perf_counter(), process_time()
        found = match(books.lines, books.entries, books.rules)
        seconds, cpu = perf_counter() - start, process_time() - cpu
        score = scored(books, found)
        print(f"{len(books.lines):,} bank lines to {len(books.entries):,} entries, seed {seed}")
        print(f"  right                  {100 * score.right / score.lines:9.2f} %  goal at least {GOAL_RIGHT}")
        print(f"  wrong                  {100 * score.wrong / score.lines:9.2f} %  goal at most {GOAL_WRONG}")
        print(f"  wrong and certain      {score.wrong_certain:9}    goal none")
        print(f"  strangers kept open    {score.kept_open:9} of {score.strangers}")
        print(f"  time                   {seconds:9.2f} s  ({cpu:.2f} s of it computing), goal at most {GOAL_SECONDS}")


def scored(books: Books, found: Matches) -> Score:
    """A line is right where the entries proposed for it are its own, or it has none and stays open."""
    given: dict[str, frozenset[str]] = {}
    certain: set[str] = set()
    for proposal in found.proposals:
        given |= dict.fromkeys(proposal.lines, frozenset(proposal.entries))
        certain |= set(proposal.lines) if proposal.confidence == "certain" else set()
    right = {name for name, own in books.truth.items() if given.get(name, frozenset()) == own}
    wrong = {name for name in given if name not in right}
    strangers = {name for name, own in books.truth.items() if not own}
    return Score(
        right=len(right),
        wrong=len(wrong),
        wrong_certain=len(wrong & certain),
        lines=len(books.truth),
        kept_open=len(strangers & right),
        strangers=len(strangers),
    )


def generate(seed: int, lines: int) -> Books:
    """Books of a year, the same for a seed. Of the lines 35 of 100 are paid invoices, 55 payouts of 2 to 40 entries in
    time with refunds and fees and some entries held back (and released later, or not), 4 parts of invoices, 6 belong to
    nothing in the ledger. A fifth of the payouts carries its id on both sides."""
    chance, books = random.Random(seed), Books()
    payouts = lines * _PAYOUTS // 100
    # At most one payout a day of each channel.
    channels = -(-payouts // (_DAYS - 10))
    for number in range(channels):
        _channel(chance, books, number, payouts // channels + (number < payouts % channels))
    _customers(chance, books, lines * _ONES // 100, lines * _PARTS // 100)
    for _ in range(lines - len(books.lines)):
        _stranger(chance, books, channels)
    books.lines.sort(key=lambda each: each.day)
    books.entries.sort(key=lambda each: (each.day, each.entry_id))
    rules = [ChannelRule(name=_name(number), descriptors=(f"{_name(number)} payout",)) for number in range(channels)]
    customers = ChannelRule(name=_CUSTOMERS, descriptors=("transfer",), earliest=0, latest=30, grain="one")
    books.rules = Rules(channels=[*rules, customers])
    return books


def _channel(chance: random.Random, books: Books, number: int, payouts: int) -> None:
    """Payouts of one channel, one after another over the year, with a steady lag."""
    name, lag = _name(number), chance.choice((1, 1, 2, 2, 3))
    held: list[tuple[int, Entry]] = []
    for payout in range(payouts):
        day = payout * _DAYS // payouts
        batch = f"PO{number:02}{payout:05}" if chance.random() < _REFERENCED else ""
        own = {each.entry_id: replace(each, batch=batch) for when, each in held if when == payout}
        size = chance.randint(*_SIZES)
        for ordinal in range(size):
            # A payout is cut in the middle of a day.
            on = day - 1 if ordinal * 5 < size * 2 else day
            entry = _taking(chance, f"{name[:2].upper()}{number:02}-{payout:04}-{ordinal:02}", name, on)
            if ordinal and chance.random() < _HELD:
                when = payout + chance.randint(1, 4) if chance.random() < _RELEASED else payouts
                held.append((when, entry))
            else:
                own[entry.entry_id] = replace(entry, batch=batch)
        books.entries += own.values()
        late = 1 if chance.random() < _UNSTEADY else 0
        text = f"{name.upper()} PAYOUT {batch}".strip()
        books.line(day + lag + late, sum(each.amount for each in own.values()), text, own)
    books.entries += [each for when, each in held if when >= payouts]


def _taking(chance: random.Random, name: str, channel: str, day: int) -> Entry:
    """A sale less its fee; one in twenty a refund, some a fee of the processor."""
    kind = chance.random()
    amount = min(60_000, round(chance.lognormvariate(7.9, 0.9)) + 50)
    if kind < _FEES:
        amount = -round(chance.lognormvariate(5, 0.7)) - 1
    elif kind < _REFUNDS:
        amount = -amount // 2
    return Entry(entry_id=name, day=_day(day), amount=amount, currency="USD", channel=channel)


def _customers(chance: random.Random, books: Books, ones: int, parts: int) -> None:
    """Invoices paid by transfer after up to four weeks, whole or in parts; and some that nobody pays."""
    for number in range(ones + parts // 2 + ones // 20):
        day, name = chance.randrange(_DAYS - 30), f"INV-{number:05}"
        customer = _surname(chance)
        amount = _invoiced(chance)
        entry = Entry(
            entry_id=name,
            day=_day(day),
            amount=amount,
            currency="USD",
            channel=_CUSTOMERS,
            reference=name,
            text=customer,
        )
        books.entries.append(entry)
        shown = customer.upper() if chance.random() < _NAMED else f"{chance.randrange(10**7):07}"
        if number < ones:
            books.line(day + chance.randint(0, 28), amount, f"TRANSFER {shown}", {name: entry})
        elif number < ones + parts // 2:
            first = amount * chance.choice((25, 30, 50, 60)) // 100
            text = f"TRANSFER {shown} {name}" if chance.random() < _PARTS_NAMED else f"TRANSFER {shown}"
            paid = day + chance.randint(0, 14)
            books.line(paid, first, text, {name: entry})
            books.line(paid + chance.randint(1, 14), amount - first, text, {name: entry})


def _stranger(chance: random.Random, books: Books, channels: int) -> None:
    """A line of something else; some look like a payout or like a customer's transfer."""
    kind, day = chance.random(), chance.randrange(_DAYS)
    if kind < 0.3:
        books.line(day, round(chance.lognormvariate(10.5, 0.5)), f"{_name(chance.randrange(channels)).upper()} PAYOUT")
    elif kind < 0.6:
        books.line(day, _invoiced(chance), f"TRANSFER {_surname(chance).upper()}")
    else:
        books.line(day, -_invoiced(chance), f"CARD PURCHASE {_surname(chance).upper()}")


def _invoiced(chance: random.Random) -> int:
    """From 20.00 to some thousands; one in ten a round sum."""
    amount = 2_000 + round(chance.lognormvariate(10, 1))
    return amount // 1_000 * 1_000 if chance.random() < _ROUND else amount


def _name(number: int) -> str:
    return f"Pay{_SYLLABLES[number % len(_SYLLABLES)]}{_SYLLABLES[number // len(_SYLLABLES)]}"


def _surname(chance: random.Random) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(3)).capitalize()


def _day(number: int) -> date:
    return _FIRST + timedelta(days=number)


if __name__ == "__main__":
    main()
