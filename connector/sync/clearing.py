"""Clearing accounts of a feed: each balance on a day as the sum of named open items, beside the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from connector.domain.books import Books
from connector.domain.facts import Fact
from connector.domain.payouts import Settlement
from connector.mapping.checks.chains import ReserveRow, reserves
from connector.reconcile.clearing.proof import prove
from connector.reconcile.clearing.values import OpenItem, Proof
from connector.store import facts as stored
from connector.store.account_maps import books
from connector.store.database import Transaction
from connector.store.feeds import Feed
from connector.store.ledger import AccountLine, account_lines
from connector.store.matches import banked, matches
from connector.store.posted_lines import changed_records, homes, posted_lines, waiting_periods
from connector.sync.clearing_known import Known, by_title, clearing_accounts
from connector.sync.house import House
from connector.sync.journalize import rules_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingBalance:
    """An account's balance by our documents, in the books (None where they do not say), and what it is made of. The
    items sum to the books' balance where it is known."""

    account: str
    currency: str
    by_documents: int
    in_books: int | None
    lines: tuple[AccountLine, ...]
    open_items: tuple[OpenItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """The proofs of a feed's clearing accounts, and the reserves of its marketplaces, settlement by settlement."""

    proofs: tuple[Proof, ...]
    reserves: tuple[ReserveRow, ...] = ()


def proved(house: House, feed: Feed, on: date | None = None) -> Proved:
    """The proof of every clearing and carry account that documents of the feed touched, by name.

    Without a day all that is posted counts, and the books are asked for their balances; they tell no past ones."""
    return _proved(house, feed, on, {} if on else _balances(house, feed))


def proved_beside(house: House, feed: Feed, in_books: Mapping[str, int]) -> Proved:
    """The same beside balances that were read already, by account; an account that is not among them is proved from
    the documents alone."""
    return _proved(house, feed, None, in_books)


def clearing_balances(house: House, feed: Feed) -> list[ClearingBalance]:
    """Each clearing, carry and gift card account that documents of the feed touched, with what its balance is."""
    in_books = _balances(house, feed)
    items = {proof.account: proof.items for proof in _proved(house, feed, None, in_books).proofs}
    with house.database.transaction() as tx:
        lines = account_lines(tx, feed.id, ("clearing", "carry", "gift_card"))
        chart = books(tx, feed.target.id)
    return [
        ClearingBalance(
            account=title,
            currency=of[0].currency,
            by_documents=sum(line.amount for line in of),
            in_books=comparable(in_books, title, of[0].currency, chart[0] if chart else None),
            lines=tuple(of),
            open_items=items.get(title, ()),
        )
        for title, of in by_title(lines).items()
    ]


def _proved(house: House, feed: Feed, on: date | None, in_books: Mapping[str, int]) -> Proved:
    with house.database.transaction() as tx:
        known = _known(tx, house, feed)
    if known is None:
        return Proved(proofs=())
    newest = max((line.day for line in known.lines), default=house.now().date())
    day = on or max(newest, house.now().date())
    proofs = (
        prove(replace(each, in_books=comparable(in_books, each.name, each.currency, known.books)), day)
        for each in clearing_accounts(known)
    )
    return Proved(proofs=tuple(proofs), reserves=reserves(fact for fact in known.facts if _ends_by(fact, day)))


def _known(tx: Transaction, house: House, feed: Feed) -> Known | None:
    """What the store holds; None where nothing was ever journalized, for the books were not read yet."""
    chart = books(tx, feed.target.id)
    if chart is None:
        return None
    return Known(
        lines=posted_lines(tx, feed.id, ("clearing", "carry")),
        facts=stored.facts(tx, feed.source.id),
        homes=homes(tx, feed.id),
        waiting=waiting_periods(tx, feed.id),
        banked=banked(tx, feed.id),
        changed=frozenset(changed_records(tx, feed.source.id)),
        booked=frozenset(line.period for line in posted_lines(tx, feed.id, ("bank",))),
        rules=rules_of(tx, house, feed, chart[0]),
        books=chart[0],
        matched=[each for each in matches(tx, feed.id) if each.period],
        is_coded=feed.deposits == "bank feed",
    )


def _balances(house: House, feed: Feed) -> Mapping[str, int]:
    """The books' balances by account; none where the target has no books."""
    return {} if house.target(feed.target).open is None else house.books(feed.target).balances()


def comparable(in_books: Mapping[str, int], title: str, currency: str, chart: Books | None) -> int | None:
    """The books' balance of an account; None where they keep it in another currency than our documents on it have."""
    account = chart.account(title) if chart else None
    kept = (account.currency if account else "") or (chart.currency if chart else currency)
    return in_books.get(title) if kept == currency else None


def _ends_by(fact: Fact, day: date) -> bool:
    return isinstance(fact.about, Settlement) and fact.about.ends_at.date() <= day
