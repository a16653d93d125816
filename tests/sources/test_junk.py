"""An amount that is none holds the day of its own record, whatever stands there; all others go on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
import pytest

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.contract import Page
from connector.sources.dash import pages as dash_pages
from connector.sources.dash.records import read_summary
from connector.sources.lightspeed import pages as lightspeed_pages
from connector.sources.lightspeed_x import pages as lightspeed_x_pages
from connector.sources.loyverse import pages as loyverse_pages
from connector.sources.registry import source
from connector.sources.square import pages as square_pages
from tests.sources.dash import building as dash
from tests.sources.lightspeed import building as lightspeed
from tests.sources.lightspeed_x import building as lightspeed_x
from tests.sources.loyverse import building as loyverse
from tests.sources.square import building as square

Json = dict[str, object]
Steps = tuple[str | int, ...]
JUNK: list[object] = ["ten", "NaN", True, {"a": 1}, [1], 10**40]
_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """A source with a sound record of it; its id stands under `key`."""

    name: str
    stream: str
    key: str
    record: Json
    shop: Shop
    page: Callable[[list[Json]], Page]


def _raws(bodies: list[Json]) -> list[msgspec.Raw]:
    return [msgspec.Raw(json.dumps(body).encode()) for body in bodies]


def _dash(bodies: list[Json]) -> Page:
    return dash_pages.kept_summaries([read_summary(raw) for raw in _raws(bodies)], "")


TILLS = [
    Till(
        name="square",
        stream="orders",
        key="id",
        record=square.order(square.line("Mug", 500, tax=40, discount=50), tax=square.SALES_TAX, tip=100),
        shop=square.SHOP,
        page=lambda bodies: square_pages.kept_page("orders", _raws(bodies), ""),
    ),
    Till(
        name="square",
        stream="payments",
        key="id",
        record=square.payment(1000, tip_money=square.money(0)),
        shop=square.SHOP,
        page=lambda bodies: square_pages.kept_page("payments", _raws(bodies), ""),
    ),
    Till(
        name="loyverse",
        stream="receipts",
        key="receipt_number",
        record=loyverse.receipt(loyverse.with_tax(loyverse.line("Mug", 525, off=25), loyverse.ON_TOP, 40), tip=1.5),
        shop=loyverse.SHOP,
        page=lambda bodies: loyverse_pages.kept_page("receipts", _raws(bodies), ""),
    ),
    Till(
        name="loyverse",
        stream="shifts",
        key="id",
        record=loyverse.shift(),
        shop=loyverse.SHOP,
        page=lambda bodies: loyverse_pages.kept_page("shifts", _raws(bodies), ""),
    ),
    Till(
        name="lightspeed",
        stream="sales",
        key="saleID",
        record=lightspeed.sale(lightspeed.line("18")),
        shop=lightspeed.SHOP,
        page=lambda bodies: lightspeed_pages.kept_page("sales", bodies, ""),
    ),
    Till(
        name="lightspeed_x",
        stream="sales",
        key="id",
        record=lightspeed_x.sale(
            lightspeed_x.line("MUG", 10, 1.5), price=10, tax=1.5, pays=[lightspeed_x.pay(11.5)]
        ),
        shop=lightspeed_x.SHOP,
        page=lambda bodies: lightspeed_x_pages.kept_page("sales", _raws(bodies), ""),
    ),
    Till(
        name="dash",
        stream="daily_summaries",
        key="business_date",
        record=dash.plain(tips="0.00"),
        shop=Shop(),
        page=_dash,
    ),
]  # fmt: skip


@pytest.mark.parametrize("till", TILLS, ids=[f"{till.name}-{till.stream}" for till in TILLS])
def test_what_is_no_amount_holds_its_own_record_and_no_other(till: Till) -> None:
    other = till.record | {till.key: "2026-04-02" if till.name == "dash" else "OTHER"}
    sound, beside = _facts(till, [till.record, other])
    assert sound.problems == beside.problems == ()
    places = list(_amounts(till.record))
    assert len(places) > 2
    for steps in places:
        for junk in JUNK:
            bent, kept = _facts(till, [_with(till.record, steps, junk), other])
            assert kept == beside, (steps, junk)
            assert bent.business_day == sound.business_day, (steps, junk)
            assert bent.problems or bent == sound, (steps, junk)  # a discount told twice may be told wrong once


def _facts(till: Till, bodies: list[Json]) -> list[Fact]:
    found = source(till.name)
    assert found.unpack and found.translate
    return [found.translate(record, till.shop) for record in found.unpack(till.stream, till.page(bodies).body)]


def _amounts(value: object, steps: Steps = ()) -> Iterator[Steps]:
    """Where an amount stands that is read: numbers, and text that is a number but not an id."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in UNREAD and not name.endswith(("ID", "_id", "id")):
                yield from _amounts(each, (*steps, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _amounts(each, (*steps, number))
    elif isinstance(value, int | float | str) and not isinstance(value, bool) and _NUMBER.match(str(value)):
        yield steps


UNREAD = {"percentage", "revision", "rate", "version", "quantity", "_version", "receipt_number"}


def _with(record: Json, steps: Steps, junk: object) -> Json:
    bent: Json = json.loads(json.dumps(record))
    at: object = bent
    for step in steps[:-1]:
        assert isinstance(at, dict | list)
        at = at[step]  # type: ignore[index]
    assert isinstance(at, dict | list)
    at[steps[-1]] = junk  # type: ignore[index]
    return bent
