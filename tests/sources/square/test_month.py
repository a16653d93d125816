"""A month of three locations pulled over real HTTP: its records tie, a second pull is cheap, a late change is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from connector.domain.facts import UNKNOWN, Fact
from connector.domain.sales import Charge, NoSale, RegisterClosure, Sale
from connector.domain.shop import Shop
from connector.mapping.checks.identities import deposits, payout_problems, sale_problems
from connector.mapping.periods import cut
from connector.mapping.restated import restated
from connector.sandbox.faults import Faults
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.square import oauth_rules, square_app
from connector.sandbox.square_month import LONDON, NEW_YORK, TOKYO, change, fill_month
from connector.sandbox.square_weekend import CANARIES, MERCHANT_ID
from connector.sources.contract import Page, PullOrder, Received
from connector.sources.square.source import SOURCE
from connector.transport.access import Access

LOCATIONS = (NEW_YORK, LONDON, TOKYO)
Place = tuple[str, str]  # stream, location


@dataclass
class Month:
    """A running stand-in with the month on its shelf, and what was asked of it."""

    shelf: Shelf
    access: Access
    asked: list[str]
    now: datetime = datetime(2026, 4, 10, 12, tzinfo=UTC)
    positions: dict[Place, str] = field(default_factory=dict)
    calls: dict[Place, int] = field(default_factory=dict)

    def pull(self) -> list[Received]:
        """Everything that is new, stream by stream, from the positions of the last time."""
        return [record for place in _places() for page in self._pages(place) for record in page.records]

    def _pages(self, place: Place) -> list[Page]:
        assert SOURCE.pull
        before = len(self.asked)
        order = PullOrder(
            stream=place[0], location=place[1], position=self.positions.get(place, ""), now=self.now
        )  # fmt: skip
        pages = list(SOURCE.pull(self.access, order))
        if pages:
            self.positions[place] = pages[-1].position
        self.calls[place] = len(self.asked) - before
        return pages


def _places() -> list[Place]:
    return [
        (stream.name, location)
        for stream in SOURCE.streams
        for location in (LOCATIONS if stream.per_location else ("",))
    ]


@pytest.fixture
def month(tmp_path: Path) -> Iterator[Month]:
    with Shelf(tmp_path / "square.db") as shelf:
        fill_month(shelf)
        asked: list[str] = []

        def clock() -> datetime:
            return datetime(2026, 4, 10, 12, tzinfo=UTC)

        app = square_app(shelf, faults=Faults(), clock=clock)
        token = OAuthDesk(shelf, oauth_rules(shelf), clock).issue_personal_token()
        with serve(_counted(app, asked)) as served:
            access = Access(
                base_url=served.base_url, external_id=MERCHANT_ID, token=lambda: token, now=clock
            )  # fmt: skip
            yield Month(shelf=shelf, access=access, asked=asked)


def _counted(app: Starlette, asked: list[str]) -> Starlette:
    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked.append(scope["path"])
        await app(scope, receive, send)

    counted = Starlette()
    counted.mount("/", counting)
    return counted


def _facts(received: list[Received], shop: Shop | None = None) -> list[Fact]:
    assert SOURCE.shop
    assert SOURCE.translate
    shop = shop or SOURCE.shop(received, "")
    money = [record for record in received if record.stream not in ("locations", "catalog")]
    return [SOURCE.translate(record, shop) for record in money]


def test_every_record_of_the_month_ties_and_names_no_customer(month: Month) -> None:
    facts = _facts(month.pull())
    assert {(fact.stream, fact.source_id): fact.problems for fact in facts if fact.problems} == {}
    assert sale_problems(facts) == {}
    assert [payout_problems(payout) for payout in cut(facts).payouts if payout_problems(payout)] == []
    assert not [canary for canary in CANARIES if canary in repr(facts)]
    unknown = {bucket.key.code for fact in facts for bucket in fact.buckets if bucket.key.kind == UNKNOWN}
    assert unknown == {"EXTERNAL:CARRIER_PIGEON", "SPARKLE_CREDIT"}


def test_a_day_is_sold_and_tendered_alike_but_for_its_deposits(month: Month) -> None:
    facts = _facts(month.pull())
    taken = deposits(facts)
    for day in cut(facts).days:
        off = 0
        for bucket in day.buckets:
            rule = SOURCE.defaults.rule(bucket.key.kind, bucket.key.code)
            if bucket.key.kind == UNKNOWN or (rule and not rule.counter):
                off += -bucket.amount if rule and rule.side == "credit" else bucket.amount
        assert off + taken.get((day.location, day.day, day.currency), 0) == 0, (day.location, day.day)


def test_deposits_wait_until_the_sale_is_complete_and_an_offline_sale_needs_none(month: Month) -> None:
    taken = deposits(restated(_facts(month.pull()), SOURCE.defaults))
    assert {(day, amount) for (_, day, _), amount in taken.items()} == {
        (date(2026, 3, 17), -8000),
        (date(2026, 3, 21), 8000),
        (date(2026, 3, 30), -3000),
    }


def test_drawers_and_gift_cards_come_to_what_was_counted_and_given(month: Month) -> None:
    facts = _facts(month.pull())
    sums: Counter[tuple[str, str]] = Counter()
    for fact in facts:
        if isinstance(fact.about, RegisterClosure | Charge):
            for bucket in fact.buckets:
                sums[fact.location, f"{bucket.key.kind} {bucket.key.code}"] += bucket.amount
    assert sums == {
        (NEW_YORK, "over_short Cash drawer"): -130,
        (NEW_YORK, "paid_in Cash drawer"): 5000,
        (NEW_YORK, "paid_out Cash drawer"): -1250,
        (LONDON, "over_short Cash drawer"): -130,
        (LONDON, "paid_in Cash drawer"): 5000,
        (LONDON, "paid_out Cash drawer"): -1250,
        (NEW_YORK, "gift_card_goodwill ADJUST_INCREMENT:COMPLIMENTARY"): -1000,
        (NEW_YORK, "gift_card_change ADJUST_DECREMENT:SUPPORT_ISSUE"): 500,
        (NEW_YORK, "gift_card_transfer TRANSFER_BALANCE_FROM"): 800,
        (NEW_YORK, "gift_card_transfer TRANSFER_BALANCE_TO"): -800,
        (NEW_YORK, "gift_card_cleared CLEAR_BALANCE:REUSE_GIFTCARD"): 800,
        (NEW_YORK, "gift_card_change IMPORT"): -1500,
    }


def test_a_second_pull_makes_one_call_a_location_and_stream_at_most_and_brings_nothing_new(month: Month) -> None:
    known = {(record.stream, record.source_id): record.body for record in month.pull()}
    again = month.pull()
    assert {(r.stream, r.source_id): r.body for r in again}.items() <= known.items()
    assert {place: calls for place, calls in month.calls.items() if calls > 1} == {}
    assert sum(month.calls.values()) == 21  # 6 streams of 3 locations, and 3 of none; disputes wait for tomorrow


def test_the_first_pull_of_another_day_reads_seven_days_again(month: Month) -> None:
    month.now = datetime(2026, 4, 3, 20, tzinfo=UTC)
    month.pull()
    before = month.positions["orders", NEW_YORK]
    month.now += timedelta(hours=1)
    assert len(month.pull()) < 200
    swept = month._pages(("orders", NEW_YORK))
    month.now += timedelta(hours=12)
    wide = month._pages(("orders", NEW_YORK))
    assert sum(len(page.records) for page in wide) > sum(len(page.records) for page in swept)
    assert month.positions["orders", NEW_YORK] != before


def test_a_late_change_of_a_traded_day_is_found(month: Month) -> None:
    first = {(record.stream, record.source_id): record.body for record in month.pull()}
    assert SOURCE.shop
    shop = SOURCE.shop([Received(stream=key[0], source_id=key[1], spelled=body) for key, body in first.items()], "")
    changed = change(month.shelf)
    newer = [r for r in month.pull() if first.get((r.stream, r.source_id)) != r.body]
    facts = _facts(newer, shop)
    assert {(fact.stream, type(fact.about)) for fact in facts} == {("orders", NoSale), ("payments", NoSale)}
    assert changed in {fact.source_id for fact in facts}
    order = next(body for (stream, name), body in first.items() if (stream, name) == ("orders", changed))
    was = _facts([Received(stream="orders", source_id=changed, spelled=order)], shop)
    assert isinstance(was[0].about, Sale)


def test_a_cleared_gift_card_says_how_much_although_square_does_not(month: Month) -> None:
    cleared = [record for record in month.pull() if b'"CLEAR_BALANCE"' in record.body]
    assert [b'"balance_before_money":{"amount":800' in record.body for record in cleared] == [True]
