"""What of a feed waits for the bank: bank lines of its documents, payouts that no document banks, and takings on
clearing accounts that no payout empties, such as cash, or cards of a till whose acquirer pays by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from connector.domain.facts import BY_MATCH, Fact
from connector.domain.money import parse_minor, share_half_even
from connector.domain.payouts import Payout, Settlement
from connector.errors import Unreadable
from connector.mapping.lookup import Missing, slot_account
from connector.mapping.rules import Rules as MapRules
from connector.reconcile.matching.rules import FeeModel, Rules
from connector.reconcile.matching.values import Entry
from connector.store import facts as stored
from connector.store import matches
from connector.store.database import Transaction
from connector.store.feeds import Feed
from connector.store.match_rules import AcquirerBatch, acquirer_batches
from connector.store.posted_lines import PostedLine, posted_lines

OF_FACTS = "payout|"  # how an item is named that no document has a bank line for
TAKINGS = "takings|"
_WHOLE = 10_000  # hundredths of a percent


def entries_of(tx: Transaction, feed: Feed, channel: str, ruled: tuple[MapRules | None, Rules]) -> list[Entry]:
    """All that waits, in the order of time; `channel` is what the source is called, `ruled` what its map and the rules
    of matching say (no map before anything was journalized)."""
    taken = matches.taken_items(tx, feed.target.id)
    lines = [
        each
        for each in posted_lines(tx, feed.id, ("bank", "clearing"))
        if not (each.is_gone or each.period.startswith(BY_MATCH))
    ]
    banked = [each for each in lines if each.role == "bank"]
    booked = {each.period for each in banked}
    facts = [] if feed.role == "sales only" else stored.facts(tx, feed.source.id)
    found = [_of_line(each, channel) for each in banked if OF_FACTS + tail(each.period) not in taken]
    found += [each for fact in facts if (each := _of_fact(fact, booked, channel))]
    if ruled[0]:
        emptied = _emptied(lines, facts, feed, ruled[0])
        waiting = [each for each in lines if each.role == "clearing" and each.account not in emptied]
        found += _takings(waiting, ruled[1], acquirer_batches(tx, feed.id))
    return sorted((each for each in found if each.entry_id not in taken), key=lambda each: (each.day, each.entry_id))


def tail(period: str) -> str:
    """po_1 of payout|po_1."""
    return period.partition("|")[2]


def takings_of(item: str) -> tuple[str, str]:
    """Account and period of an item that is takings."""
    account, _, period = item.removeprefix(TAKINGS).partition("|")
    return account, period


def _of_line(line: PostedLine, channel: str) -> Entry:
    return Entry(
        entry_id=line.mark,
        day=line.day,
        amount=line.amount,
        currency=line.currency,
        channel=channel,
        reference=line.source_ref,
        batch=tail(line.period),
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


def _emptied(lines: Iterable[PostedLine], facts: Iterable[Fact], feed: Feed, rules: MapRules) -> set[str]:
    """Clearing accounts that payouts empty, here or in another feed."""
    found = {each.account for each in lines if each.period.startswith(("payout|", "settlement|"))}
    if feed.role == "sales only" or any(isinstance(fact.about, Payout) for fact in facts):
        card = slot_account("clearing.card", rules, {})
        found |= set() if isinstance(card, Missing) else {card.account or card.number}
    return found


@dataclass(slots=True)
class _Day:
    """Takings of one account and period, summed over the versions of their document."""

    day: date
    currency: str
    amount: int = 0
    count: int = 0


def _takings(lines: Iterable[PostedLine], rules: Rules, batches: Sequence[AcquirerBatch]) -> Iterator[Entry]:
    days: dict[tuple[str, str], _Day] = {}
    for line in lines:
        if line.period.startswith("day|"):
            key = (line.account, line.period)
            of = days.setdefault(key, _Day(day=line.day, currency=line.currency))
            of.amount, of.count = of.amount + line.amount, of.count + line.movements
    known = {(each.account, each.day, each.currency, each.gross): each for each in batches}
    for (account, period), of in days.items():
        if of.amount:
            batch = known.get((account, of.day, of.currency, of.amount))
            yield _of_takings(account, period, of, batch, rules.of_channel(account).fee)


def _of_takings(account: str, period: str, of: _Day, batch: AcquirerBatch | None, model: FeeModel | None) -> Entry:
    fee, told, band = 0, "", 0
    if batch:
        fee, told = batch.fee, f"told by {batch.origin}, batch {batch.reference}"
    elif model:
        fee, told = _modelled(model, of), f"by the model {model.name}"
        band = max(share_half_even(abs(of.amount) * model.band, 1, _WHOLE), 1)
    return Entry(
        entry_id=f"{TAKINGS}{account}|{period}",
        day=of.day,
        amount=of.amount,
        currency=of.currency,
        channel=account,
        reference=batch.reference if batch else "",
        fee=fee,
        fee_model=told,
        band=band,
    )


def _modelled(model: FeeModel, of: _Day) -> int:
    try:
        each = parse_minor(model.each, of.currency)
    except ValueError as error:
        raise Unreadable(f"The fee model {model.name} does not fit {of.currency}: {error}.") from None
    return share_half_even(of.amount * model.share, 1, _WHOLE) + of.count * each
