"""Histories of a clearing account from a seed: takings, postings and payouts; and faults put into them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from connector.reconcile.clearing.values import Account, Deposit, Edit, OpenItem, Payout, Posting, Taking, Waiting

START = date(2026, 1, 1)
DAYS = 100
END = START + timedelta(days=DAYS)


def history(seed: int, events: int = 5000) -> Account:
    """A hundred days: every day posted, every card taking paid out three days later; every third payout is banked by
    the bookkeeper, the others by documents. Some payouts fail and are sent again."""
    draw = random.Random(seed)
    takings = [_taking(draw, number) for number in range(events)]
    payouts = _payouts(draw, takings)
    return Account(
        name="Square Balance",
        currency="USD",
        opening=(Posting(day=START, amount=51_730, of="opening", mark="OPEN", text="payout of December"),),
        postings=tuple(_postings(takings) + _payout_postings(payouts)),
        takings=tuple(takings),
        payouts=tuple(payouts),
        deposits=tuple(
            Deposit(payout=each.name, day=each.day + timedelta(days=1), amount=each.takes)
            for each in payouts
            if not each.is_booked
        ),
    )


def _taking(draw: random.Random, number: int) -> Taking:
    day = START + timedelta(days=draw.randrange(DAYS))
    amount = draw.randint(300, 40_000) if draw.random() < 0.9 else -draw.randint(300, 9_000)
    return Taking(name=f"T{number}", day=day, amount=amount, period=f"day|L1|{day}")


def _payouts(draw: random.Random, takings: Sequence[Taking]) -> list[Payout]:
    days: dict[date, dict[str, int]] = defaultdict(dict)
    for taking in takings:
        days[taking.day][taking.name] = taking.amount
    found: list[Payout] = []
    for number, (day, settles) in enumerate(sorted(days.items())):
        sent = day + timedelta(days=1)
        payout = Payout(
            name=f"po_{number}", sent=sent, day=sent + timedelta(days=2), settles=settles, is_booked=bool(number % 3)
        )
        if payout.is_booked and draw.random() < 0.1:
            back, fee = payout.takes, 0
            found.append(replace(payout, others=fee - back, has_failed=True))
            later = payout.day + timedelta(days=2)
            found.append(Payout(name=f"po_{number}b", sent=payout.day, day=later, others=back))
        else:
            found.append(payout)
    return found


def _postings(takings: Sequence[Taking]) -> list[Posting]:
    sums: dict[tuple[str, date], int] = defaultdict(int)
    for taking in takings:
        sums[taking.period, taking.day] += taking.amount
    return [
        Posting(day=day, amount=amount, of=period, mark=f"SQ-{day:%Y%m%d}", text=f"sales of {day}")
        for (period, day), amount in sorted(sums.items())
    ]


def _payout_postings(payouts: Sequence[Payout]) -> list[Posting]:
    return [
        Posting(day=each.day, amount=-each.takes, of=each.name, mark=f"PO-{each.name}", text=f"payout {each.name}")
        for each in payouts
        if each.is_booked and each.takes
    ]


def balance(account: Account, on: date) -> int:
    """The balance, summed plainly."""
    posted = sum(each.amount for each in (*account.opening, *account.postings) if each.day <= on)
    return posted - sum(each.amount for each in account.deposits if each.day <= on)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What was done to a history, and the item that must name it."""

    account: Account
    cause: str
    amount: int

    def is_named(self, items: Sequence[OpenItem]) -> bool:
        return any(item.cause == self.cause and item.amount == self.amount for item in items)


def faults(seed: int) -> list[Fault]:
    """Each of ten causes once, at places drawn from the seed."""
    draw, clean = random.Random(seed), history(seed, 600)
    made = (_unposted, _mismatch, _elsewhere, _late, _edited, _rounded, _exchanged, _unbanked_cash, _reserve, _dispute,
            _not_arrived)  # fmt: skip
    return [each(draw, clean) for each in made]


def _unposted(draw: random.Random, clean: Account) -> Fault:
    lost = draw.choice(clean.postings)
    kept = tuple(each for each in clean.postings if each is not lost)
    return Fault(account=replace(clean, postings=kept), cause="missing posting", amount=-lost.amount)


def _settled(draw: random.Random, clean: Account) -> tuple[Payout, str]:
    payout = draw.choice([each for each in clean.payouts if each.settles and each.is_booked and not each.has_failed])
    return payout, draw.choice(sorted(payout.settles))


def _paying(clean: Account, payout: Payout, name: str, more: int) -> Account:
    """The payout and its posting take more of one taking."""
    changed = replace(payout, settles={**payout.settles, name: payout.settles[name] + more})
    postings = (replace(e, amount=e.amount - more) if e.of == payout.name else e for e in clean.postings)
    payouts = (changed if each is payout else each for each in clean.payouts)
    return replace(clean, postings=tuple(postings), payouts=tuple(payouts))


def _mismatch(draw: random.Random, clean: Account) -> Fault:
    payout, name = _settled(draw, clean)
    more = draw.randint(50, 900)
    return Fault(account=_paying(clean, payout, name, more), cause="tender mismatch", amount=-more)


def _rounded(draw: random.Random, clean: Account) -> Fault:
    payout, name = _settled(draw, clean)
    return Fault(account=_paying(clean, payout, name, 1), cause="rounding", amount=-1)


def _elsewhere(draw: random.Random, clean: Account) -> Fault:
    """A card payment that the till's map put on the account for cheques."""
    payout, name = _settled(draw, clean)
    taking = next(each for each in clean.takings if each.name == name)
    postings = (replace(e, amount=e.amount - taking.amount) if e.of == taking.period else e for e in clean.postings)
    changed = replace(
        clean,
        postings=tuple(postings),
        takings=tuple(each for each in clean.takings if each is not taking),
        elsewhere={name: "Cheque Clearing"},
    )
    return Fault(account=changed, cause="tender mismatch", amount=-payout.settles[name])


def _late(draw: random.Random, clean: Account) -> Fault:
    """A refund that the source dates back into a day that is posted."""
    day = draw.choice(clean.takings).day
    refund = Taking(name="R-late", day=day, amount=-draw.randint(10_000, 90_000), period=f"day|L1|{day}")
    waiting = Waiting(of=refund.period, reason="waits for the owner")
    changed = replace(clean, takings=(*clean.takings, refund), waiting=(waiting,) if draw.random() < 0.5 else ())
    return Fault(account=changed, cause="late change", amount=-refund.amount)


def _edited(draw: random.Random, clean: Account) -> Fault:
    posting = draw.choice(clean.postings)
    by = draw.choice([posting.amount, 1000, -2500])
    told = by if draw.random() < 0.5 else None
    edit = Edit(mark=posting.mark, day=posting.day, amount=None if told is None else -by, text="edited")
    changed = replace(clean, edits=(edit,), in_books=balance(clean, END) - by)
    return Fault(account=changed, cause="edit in the books", amount=-by)


def _exchanged(draw: random.Random, clean: Account) -> Fault:
    deposit, gain = draw.choice(clean.deposits), draw.randint(20, 400)
    exchanged = replace(deposit, amount=deposit.amount + gain, is_exchanged=True)
    deposits = tuple(exchanged if each is deposit else each for each in clean.deposits)
    return Fault(account=replace(clean, deposits=deposits), cause="exchange", amount=-gain)


def _more(draw: random.Random, clean: Account, taking: Taking) -> Account:
    posting = Posting(day=taking.day, amount=taking.amount, of=taking.period, mark="SQ-MORE")
    return replace(clean, takings=(*clean.takings, taking), postings=(*clean.postings, posting))


def _unbanked_cash(draw: random.Random, clean: Account) -> Fault:
    day = START + timedelta(days=draw.randrange(DAYS))
    cash = Taking(name="cash", day=day, amount=draw.randint(1_000, 9_000), period=f"day|L1|{day}", kind="cash")
    return Fault(account=_more(draw, clean, cash), cause="cash not banked", amount=cash.amount)


def _reserve(draw: random.Random, clean: Account) -> Fault:
    day = START + timedelta(days=draw.randrange(DAYS))
    held = Taking(name="reserve", day=day, amount=draw.randint(1_000, 9_000), period=f"reserve|{day}", kind="reserve")
    return Fault(account=_more(draw, clean, held), cause="reserve", amount=held.amount)


def _dispute(draw: random.Random, clean: Account) -> Fault:
    day = START + timedelta(days=draw.randrange(DAYS))
    lost = Taking(name="dispute", day=day, amount=draw.randint(1_000, 9_000), period=f"day|L1|{day}", kind="dispute")
    return Fault(account=_more(draw, clean, lost), cause="dispute", amount=lost.amount)


def _not_arrived(draw: random.Random, clean: Account) -> Fault:
    """A payout whose deposit never came; its smallest taking stands for the rest."""
    deposit = draw.choice(clean.deposits)
    payout = next(each for each in clean.payouts if each.name == deposit.payout)
    kept = tuple(each for each in clean.deposits if each is not deposit)
    return Fault(account=replace(clean, deposits=kept), cause="in transit", amount=min(payout.settles.values()))
