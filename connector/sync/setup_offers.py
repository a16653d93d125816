"""What advanced set-up offers: for each slot of a source, the accounts of the books that may take it."""

from __future__ import annotations

from dataclasses import dataclass

from connector.errors import Unreadable
from connector.mapping.express import offers, valid_types
from connector.mapping.lookup import Missing, slot_account
from connector.store.feeds import Feed
from connector.sync.house import House
from connector.sync.journalize import read_books, rules_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One slot: where it goes now (empty: nobody decided), the types of account it takes, and the accounts of them."""

    slot: str
    now: str
    types: tuple[str, ...]
    accounts: tuple[str, ...]


def offered(house: House, feed: Feed, slot: str = "") -> list[Offer]:
    """Every slot of the source, or the one named; raises Unreadable, naming those there are, where it has none such."""
    chart, _ = read_books(house, feed, house.books(feed.target), afresh=True)
    with house.database.transaction() as tx:
        rules = rules_of(tx, house, feed, chart)
    known = [*rules.defaults.accounts, *(() if "bank" in rules.defaults.accounts else ("bank",))]
    if slot and slot not in known:
        raise Unreadable(f"{rules.defaults.title} has no slot {slot!r}; it has {', '.join(sorted(known))}.")
    found = []
    for name in [slot] if slot else known:
        now = slot_account(name, rules, {})
        types = sorted(valid_types(name, rules.defaults) or ())
        found.append(
            Offer(
                slot=name,
                now="" if isinstance(now, Missing) else now.account or now.number,
                types=tuple(each.replace("_", " ") for each in types),
                accounts=tuple(account.name for account in offers(name, chart, rules.defaults)),
            )
        )
    return found
