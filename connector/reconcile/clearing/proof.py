"""The door: a clearing account on a day → its balance as the sum of named open items, exact to the minor unit.

What the records say should be open is named taking by taking. Where the documents say something else, period by period
and payout by payout, the difference is an item of its own. So the items always sum to the balance, and what cannot be
named is seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from connector.domain.money import decimal_text
from connector.reconcile.clearing.openings import opening_takings
from connector.reconcile.clearing.values import (
    Account,
    Cause,
    Deposit,
    Edit,
    OpenItem,
    Payout,
    Posting,
    Proof,
    Taking,
)

ROUNDED = 2  # minor units; two roundings of the same money differ by no more


def prove(account: Account, on: date) -> Proof:
    """The proof of an account for the end of a day; later postings, takings and deposits do not count."""
    known = _known(account, on)
    items = [*_open_takings(known), *_settled(known), *_periods(known), *_payouts(known), *_others(known)]
    items = _paid_back(items)
    items += _in_the_books(known, sum(item.amount for item in items))
    return Proof(
        account=account.name,
        currency=account.currency,
        on=on,
        opening=sum(each.amount for each in known.opening),
        posted=sum(each.amount for each in known.postings),
        settled=sum(each.amount for each in known.deposits),
        in_books=account.in_books,
        items=tuple(sorted(items, key=lambda item: (item.cause != "unknown", item.day, item.text))),
    )


@dataclass(slots=True)
class _Known:
    """An account as it stood at the end of the day, by name."""

    account: Account
    on: date
    opening: list[Posting] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    deposits: list[Deposit] = field(default_factory=list)
    takings: dict[str, Taking] = field(default_factory=dict)
    payouts: dict[str, Payout] = field(default_factory=dict)
    payout_of: dict[str, Payout] = field(default_factory=dict)
    clears: dict[str, date] = field(default_factory=dict)
    posted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    reasons: dict[str, str] = field(default_factory=dict)

    def text(self, amount: int) -> str:
        return f"{decimal_text(amount, self.account.currency)} {self.account.currency}"

    def has_cleared(self, payout: Payout) -> bool:
        return payout.name in self.clears and self.clears[payout.name] <= self.on


def _known(account: Account, on: date) -> _Known:
    known = _Known(account=account, on=on)
    known.opening = [each for each in account.opening if each.day <= on]
    known.postings = [each for each in account.postings if each.day <= on]
    known.deposits = [each for each in account.deposits if each.day <= on]
    known.takings = {each.name: each for each in (*opening_takings(account.opening), *account.takings)}
    known.payouts = {each.name: each for each in account.payouts}
    for payout in sorted(account.payouts, key=lambda each: (not each.has_failed, each.sent, each.name)):
        known.payout_of.update(dict.fromkeys(payout.settles, payout))
        if payout.is_booked:
            known.clears[payout.name] = payout.day
    for deposit in account.deposits:
        before = known.clears.get(deposit.payout, deposit.day)
        known.clears[deposit.payout] = max(before, deposit.day)
    for posting in (*known.opening, *known.postings):
        known.posted[posting.of] += posting.amount
    known.reasons = {each.of: each.reason for each in account.waiting}
    return known


def _item(known: _Known, cause: Cause, text: str, amount: int, day: date) -> OpenItem:
    return OpenItem(cause=cause, text=text, amount=amount, day=day, age=(known.on - day).days)


def _open_takings(known: _Known) -> Iterator[OpenItem]:
    """Takings that no payout has taken out of the account yet."""
    for taking in known.takings.values():
        payout = known.payout_of.get(taking.name)
        if taking.day > known.on or not taking.amount or (payout and known.has_cleared(payout)):
            continue
        if payout and payout.sent <= known.on:
            due = f"{taking.name}, in {payout.said}, due {payout.day.isoformat()}"
            yield _item(known, "in transit", due, taking.amount, taking.day)
        else:
            yield _item(known, _waiting(taking), taking.name, taking.amount, taking.day)


def _waiting(taking: Taking) -> Cause:
    match taking.kind:
        case "cash":
            return "cash not banked"
        case "reserve":
            return "reserve"
        case "dispute":
            return "dispute"
        case "opening":
            return "in transit"
        case _:
            return "next batch"


def _settled(known: _Known) -> Iterator[OpenItem]:
    """Takings of which a payout has taken another amount than their record says."""
    for payout in known.payouts.values():
        if not known.has_cleared(payout):
            continue
        others = payout.others
        for name, taken in payout.settles.items():
            taking = known.takings.get(name)
            if known.payout_of[name] is not payout:  # a later payout pays it again
                others += taken
            elif taking and (left := (taking.amount if taking.day <= known.on else 0) - taken):
                yield _unlike(known, taking, payout, left)
            elif taking is None and taken:
                yield _unknown_taking(known, name, taken, payout)
        if others:
            text = f"{payout.said} failed, to be sent again" if payout.has_failed else _beside(payout)
            yield _item(known, "in transit" if payout.has_failed else "unknown", text, -others, payout.day)


def _beside(payout: Payout) -> str:
    return f"{payout.said} takes what no record stands for"


def _unlike(known: _Known, taking: Taking, payout: Payout, left: int) -> OpenItem:
    if taking.day > known.on:
        return _item(known, "in transit", f"{taking.name}, paid out before its day", left, payout.day)
    if abs(left) <= ROUNDED:
        return _item(known, "rounding", f"{taking.name} in {payout.said}", left, payout.day)
    taken, amount = known.text(taking.amount - left), known.text(taking.amount)
    text = f"{taking.name} is {amount}; {payout.said} paid {taken}"
    return _item(known, "tender mismatch", text, left, taking.day)


def _unknown_taking(known: _Known, name: str, taken: int, payout: Payout) -> OpenItem:
    if name in known.account.elsewhere:
        text = f"{name}, paid by {payout.said}, stands on {known.account.elsewhere[name]}"
        return _item(known, "tender mismatch", text, -taken, payout.day)
    text = f"{name}, paid by {payout.said}, is in no record here"
    return _item(known, "missing posting", text, -taken, payout.day)


def _periods(known: _Known) -> Iterator[OpenItem]:
    """Periods whose documents put another amount on the account than their records say."""
    takings: dict[str, list[Taking]] = defaultdict(list)
    for taking in known.takings.values():
        if taking.day <= known.on:
            takings[taking.period].append(taking)
    names = {posting.of for posting in (*known.account.opening, *known.account.postings)}
    for period, of in sorted(takings.items()):
        off = known.posted[period] - sum(taking.amount for taking in of)
        if off:
            yield _period(known, period, of, off, is_posted=period in names)


def _period(known: _Known, period: str, of: list[Taking], off: int, *, is_posted: bool) -> OpenItem:
    day, reason = max(taking.day for taking in of), known.reasons.get(period, "")
    said = period.replace("|", " ")
    if not is_posted:
        return _item(known, "missing posting", f"{said} is not in the books{_because(reason)}", off, day)
    if abs(off) <= ROUNDED:
        return _item(known, "rounding", said, off, day)
    late = [taking for taking in of if taking.amount == -off or taking.is_changed]
    if reason or late:
        told = f": {late[0].name}" if late else ""
        text = f"{said} changed after it was posted{told}{_because(reason)}"
        return _item(known, "late change", text, off, late[0].day if late else day)
    posted, due = known.text(known.posted[period]), known.text(known.posted[period] - off)
    return _item(known, "unknown", f"{said} was posted with {posted}; its records say {due}", off, day)


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _payouts(known: _Known) -> Iterator[OpenItem]:
    """Payouts that took another amount out of the account than their entries say."""
    banked: dict[str, list[Deposit]] = defaultdict(list)
    for deposit in known.deposits:
        banked[deposit.payout].append(deposit)
    names = {posting.of for posting in known.account.postings}
    for payout in known.payouts.values():
        cleared = known.has_cleared(payout)
        actual = known.posted[payout.name] - sum(each.amount for each in banked[payout.name])
        off = actual + (payout.takes if cleared else 0)
        if off:
            yield _payout(known, payout, off, (cleared, payout.name in names), banked[payout.name])


def _payout(known: _Known, payout: Payout, off: int, so_far: tuple[bool, bool], banked: list[Deposit]) -> OpenItem:
    has_cleared, is_posted = so_far
    reason = known.reasons.get(payout.name, "")
    name = payout.said
    if not has_cleared:
        return _item(known, "in transit", f"{name}, posted ahead of its deposit", off, payout.sent)
    if not is_posted and not banked:
        return _item(known, "missing posting", f"{name} is not in the books{_because(reason)}", off, payout.day)
    if abs(off) <= ROUNDED:
        return _item(known, "rounding", name, off, payout.day)
    if any(each.is_exchanged for each in banked):
        return _item(known, "exchange", f"{name} was exchanged on its way", off, banked[-1].day)
    if reason:
        return _item(known, "late change", f"{name} changed after it was posted ({reason})", off, payout.day)
    text = f"{name} took {known.text(payout.takes - off)}; its entries say {known.text(payout.takes)}"
    return _item(known, "unknown", text, off, payout.day)


def _others(known: _Known) -> Iterator[OpenItem]:
    """Postings that no record and no payout stands for."""
    told = {taking.period for taking in known.takings.values() if taking.day <= known.on} | set(known.payouts)
    days = {each.of: each for each in reversed(known.postings)}
    for name, amount in sorted(known.posted.items()):
        if amount and name not in told:
            text = f"{days[name].text or days[name].mark}: no record stands for it"
            yield _item(known, "unknown", text, amount, days[name].day)


def _paid_back(items: Iterable[OpenItem]) -> list[OpenItem]:
    """Without failed payouts that a later one sent again: what came back went out once more."""
    found = list(items)
    for back in [item for item in found if item.cause == "in transit" and "failed, to be sent again" in item.text]:
        again = [item for item in found if item.amount == -back.amount and item.day >= back.day and _is_beside(item)]
        if again:
            found.remove(back)
            found.remove(again[0])
    return found


def _is_beside(item: OpenItem) -> bool:
    return item.cause == "unknown" and item.text.endswith("takes what no record stands for")


def _in_the_books(known: _Known, by_documents: int) -> Iterator[OpenItem]:
    """What people did to our documents, and what else makes the books differ from them. Where the books' balance is not
    known, the items are of the balance by our documents: nothing of that then."""
    if known.account.in_books is None:
        return
    edits = [each for each in known.account.edits if each.day <= known.on]
    told = [each for each in edits if each.amount]
    for each in told:
        yield _edited(known, each, each.amount or 0)
    rest = known.account.in_books - by_documents - sum(each.amount or 0 for each in told)
    untold = [each for each in edits if each.amount is None]
    uncoded = _uncoded(known, rest)
    for deposit in uncoded:
        said = known.payouts[deposit.payout].said
        text = f"{said} is at the bank since {deposit.day.isoformat()}, but not taken out of the account in the books"
        yield _item(known, "missing posting", text, deposit.amount, deposit.day)
    if rest and not uncoded and len(untold) == 1:
        yield _edited(known, untold[0], rest)
    elif rest and not uncoded:
        among = f" ({', '.join(each.mark for each in untold)} were edited)" if untold else ""
        yield _item(known, "unknown", f"in the books beside our documents{among}", rest, known.on)


def _uncoded(known: _Known, rest: int) -> list[Deposit]:
    """The newest matched deposits, if they are just what the books have too much: nobody has coded them there yet."""
    found: list[Deposit] = []
    for deposit in sorted(known.deposits, key=lambda each: (each.day, each.payout), reverse=True):
        if rest and deposit.payout in known.payouts:
            found.append(deposit)
            if sum(each.amount for each in found) == rest:
                return found
    return []


def _edited(known: _Known, edit: Edit, amount: int) -> OpenItem:
    return _item(known, "edit in the books", f"{edit.mark}: {edit.text}", amount, edit.day)
