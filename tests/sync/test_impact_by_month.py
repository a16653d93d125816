"""What is shown before a fix is what then happens, to the cent, by account and month: fixes of several kinds, one after
another, over takings of three months of which some change after they were posted, in the books of two countries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random

import pytest
import requests

from connector.domain.account_map import AccountMap, Placement
from connector.domain.facts import Fact
from connector.domain.finding import Proposal
from connector.mapping.impact import Net
from connector.sandbox.body import child, text
from connector.sandbox.town import House as StandIn
from connector.sandbox.town import Town
from connector.store.account_maps import keep_map
from connector.store.facts import keep_fact, keep_page, keep_records
from connector.store.feeds import Feed, NewConnection, feed_by_id, keep_connection
from connector.sync.connect import Wanted, connect, join
from connector.sync.fix import Preview, apply
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.plan import Plan, diff
from connector.sync.post import post
from connector.transport.oauth import Grant
from tests.quick import quick_house, quick_town
from tests.stories.chart import Chart, InQuickBooks, InXero
from tests.stories.worlds import FIRST, IN_GB, IN_US, Piece, World
from tests.sync.walking import NOW, REALM

Moved = Mapping[tuple[str, str], int]  # by account and month
COUNTRIES = {"quickbooks": "US", "xero": "GB"}
OTHER_INCOME = {"quickbooks": ("Services", "Sales of Product Income"), "xero": ("Other Revenue", "Sales")}
TAX_ACCOUNT = "VAT"
BEGINNING = (  # tenders in one account, a wrong code for a tax, and nobody said what service charges are
    "slots: {bank: Checking}\n"
    "codes: [{kind: tender, code: CASH, account: Square Balance}]\n"
    "taxes: {VAT 20%: RROUTPUT, none: ZERORATEDOUTPUT}\n"
)


def fixes(books: str) -> Sequence[AccountMap]:
    """A held kind decided, a tax code or an account changed, a tender split off, a category moved."""
    services, sales = OTHER_INCOME[books]
    is_taxed = COUNTRIES[books] == "GB"
    return (
        AccountMap(taxes={"VAT 20%": "OUTPUT2"}) if is_taxed else AccountMap(slots={"sales": Placement(account=sales)}),
        AccountMap(slots={"service_charge": Placement(account=services)}),
        AccountMap(codes={("tender", "CASH"): Placement(account="Square Cash Clearing")}),
        AccountMap(codes={("sale", "Food"): Placement(account=services)}),
    )


def takings(random: Random, days: Sequence[date], country: str) -> tuple[tuple[date, tuple[Piece, ...]], ...]:
    """A receipt of each day, the first of them with a service charge."""
    return tuple((day, _receipt(random, country, charged=n == 0)) for n, day in enumerate(days))


def _receipt(random: Random, country: str, *, charged: bool) -> tuple[Piece, ...]:
    tax = "VAT 20%" if country == "GB" else ""
    sold = [(code, 5 * random.randrange(100, 9000)) for code in ("Food", "Drinks")]
    pieces: list[Piece] = []
    for code, amount in sold:
        pieces += [("sale", code, amount, tax, ""), ("tax", tax or "Sales Tax", amount // 5, tax, f"sale|{code}")]
    if charged:
        pieces.append(("service_charge", "Room", 5 * random.randrange(100, 900)))
    due = sum(piece[2] for piece in pieces)
    cash = random.randrange(due)
    return (*pieces, ("tender", "CARD", due - cash), ("tender", "CASH", cash))


def take_in(opened: House, feed: Feed, facts: Sequence[Fact]) -> None:
    """What a pull would have stored."""
    with opened.database.transaction() as tx:
        for stream, group in groupby(sorted(facts, key=lambda each: each.stream), key=lambda each: each.stream):
            by_name = {each.source_id: each for each in group}
            bodies = [(name, repr(each).encode()) for name, each in by_name.items()]
            page = keep_page(tx, feed.source.id, stream, b"\n".join(body for _, body in bodies), opened.now())
            for new in keep_records(tx, feed.source.id, stream, page, bodies):
                keep_fact(tx, feed.source.id, new.record_id, by_name[new.source_id])


def joined(opened: House, at: Town, books: str) -> Feed:
    account = REALM if books == "quickbooks" else ""
    wanted = Wanted(organisation="Shop", provider=books, base_url=at.houses[books].base_url, account=account)
    target = connect(opened, wanted, Grant(access_token=at.personal_token(books)))
    with opened.database.transaction() as tx:
        till = NewConnection(organisation="Shop", name="till", side="source", provider="square", external_id="M1")
        source = keep_connection(tx, till)
    feed = join(opened, "shop", source, target, "clearing")
    with opened.database.transaction() as tx:
        keep_map(tx, feed.id, BEGINNING)
        return feed_by_id(tx, feed.id)


def moved_by_month(at: StandIn) -> Counter[tuple[str, str]]:
    """What the stand-in's own ledger holds by account and month: the legs of each of its documents."""
    names = {text(each, "Id"): text(each, "FullyQualifiedName") for each in at.shelf.all("Account")}
    names |= {text(each, "AccountID"): text(each, "Name") for each in at.shelf.all("Accounts")}
    sums: Counter[tuple[str, str]] = Counter()
    for each in requests.get(f"{at.base_url}/_sandbox/documents", timeout=10).json():
        kept = at.shelf.get("legs", f"{each['kind']} {each['id']}") or at.shelf.get("legs", each["id"])
        for account, minor in child(kept or {}, "legs").items():
            assert isinstance(minor, int)
            sums[names[account], each["date"][:7]] += minor
    return sums


def as_the_books_tell(*nets: Net) -> Moved:
    """Without the currency; tax stands on the books' own account for it, whatever its code."""
    sums: Counter[tuple[str, str]] = Counter()
    for (account, month, _), amount in ((key, amount) for net in nets for key, amount in net.items()):
        sums[TAX_ACCOUNT if account.startswith("tax ") else account, month] += amount
    return {key: amount for key, amount in sums.items() if amount}


def decided_and_run(opened: House, feed: Feed, change: AccountMap, stand_in: StandIn) -> tuple[Plan, Preview, Moved]:
    """What was planned before a fix, what the fix said beforehand, and what the next run did in the books."""
    before, planned = moved_by_month(stand_in), diff(opened, feed)
    shown = apply(opened, feed, [Proposal(change=change, opens=True)], author="Anna", reason="so")
    assert moved_by_month(stand_in) == before  # a fix decides; posting is the next run's
    journalize(opened, feed)
    assert post(opened, feed.target).rejected == 0
    after = moved_by_month(stand_in)
    after.subtract(before)
    return planned, shown, {key: amount for key, amount in after.items() if amount}


@pytest.mark.parametrize(("books", "seed"), [("quickbooks", 1), ("xero", 2)])
def test_what_is_shown_before_a_fix_then_happens_to_the_cent_by_account_and_month(
    books: str, seed: int, tmp_path: Path
) -> None:
    random, country = Random(seed), COUNTRIES[books]
    world = World(books=IN_US if country == "US" else IN_GB)
    clock = [datetime(2026, 11, 21, 1, tzinfo=NOW.tzinfo)]
    with quick_town(lambda: clock[0], country=country) as at, quick_house(tmp_path, lambda: clock[0], at) as opened:
        stand_in = at.houses[books]
        keeper = InQuickBooks(stand_in, lambda: clock[0]) if country == "US" else InXero(stand_in, lambda: clock[0])
        Chart(keeper=keeper).become(world.books)
        feed = joined(opened, at, books)
        more: tuple[tuple[date, tuple[Piece, ...]], ...] = ()
        seen, months, kinds = 0, set[str](), set[str]()
        for change in fixes(books):
            clock[0] += timedelta(hours=2)
            days = [FIRST + timedelta(days=random.randrange(1, 58)) for _ in range(3)]
            more = (
                *more[:-1],
                *takings(random, [more[-1][0]] if more else [], country),
                *takings(random, days, country),
            )
            take_in(opened, feed, World(books=world.books, more=more).facts)
            planned, shown, happened = decided_and_run(opened, feed, change, stand_in)
            assert happened == as_the_books_tell(planned.accounts, shown.impact.net)
            seen, months = seen + bool(shown.impact.net), months | {month for _, month in happened}
            kinds |= {each.action for each in planned.changes}
        assert seen == 4 and len(months) == 3 and "correct" in kinds
        assert diff(opened, feed).waits == ()
