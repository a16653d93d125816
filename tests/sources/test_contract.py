"""What every source must do, run for every folder that has a stand-in: cursors are honest, repeats are no work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select

from connector import faults
from connector.errors import NeedsReconnect
from connector.sandbox.faults import Faults
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.town import shop_module
from connector.settings import Settings
from connector.sources.contract import PullOrder
from connector.sources.registry import names, source
from connector.store.connection_findings import connection_findings
from connector.store.facts import facts
from connector.store.feeds import Connection, locations, set_location
from connector.store.tables import FactRow, RecordRow
from connector.sync.connect import Wanted, connect
from connector.sync.house import House
from connector.sync.pull import pull
from connector.transport.access import Access
from connector.transport.oauth import Grant
from tests.opened import house as open_house

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PULLED = [
    name for name in names() if source(name).pull is not None and find_spec(f"connector.sandbox.{name}") is not None
]
Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


class Counting:
    """Counts the calls of an application by path, token calls apart."""

    def __init__(self, app: App) -> None:
        self.app, self.calls = app, Counter[str]()
        self.heard: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and "oauth" not in scope["path"] and "/_sandbox" not in scope["path"]:
            self.calls[scope["path"]] += 1
            self.heard()
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A shop's stand-in with a month in it, and a connection to it."""

    name: str
    shelf: Shelf
    faults: Faults
    counting: Counting
    folder: Path
    base_url: str

    @contextmanager
    def house(self) -> Iterator[House]:
        with open_house(Settings(home=self.folder / "data", settle_seconds=0), lambda: NOW) as opened:
            yield opened

    def connected(self, house: House) -> Connection:
        module = shop_module(self.name)
        token = OAuthDesk(self.shelf, module.oauth_rules(self.shelf), lambda: NOW).issue_personal_token()
        account = getattr(module, "ACCOUNT", "")
        wanted = Wanted(organisation="Main Street", provider=self.name, base_url=self.base_url, account=account)
        made = connect(house, wanted, Grant(access_token=token))
        with house.database.transaction() as tx:
            for place in locations(tx, made.id):
                if not place.zone:
                    set_location(tx, made.id, place.source_id, zone=getattr(module, "ZONE_NAME", "America/New_York"))
        return made


@pytest.fixture(params=PULLED)
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    name = request.param
    module = shop_module(name)
    with ExitStack() as opened:
        shelf, cuts = opened.enter_context(Shelf(tmp_path / "shop")), Faults()
        fill_shop(name)(shelf)
        counting = Counting(getattr(module, f"{name}_app")(shelf, faults=cuts, clock=lambda: NOW))
        served = opened.enter_context(serve(counting))
        yield Stand(name=name, shelf=shelf, faults=cuts, counting=counting, folder=tmp_path, base_url=served.base_url)


def fill_shop(name: str) -> Callable[[Shelf], None]:
    from connector.sandbox.square_weekend import fill

    return getattr(shop_module(name), "fill", None) or fill


def counted(house: House) -> dict[str, int]:
    with house.database.transaction() as tx:
        return {
            "records": tx.exec(select(func.count(col(RecordRow.id)))).one(),
            "facts": tx.exec(select(func.count(col(FactRow.id)))).one(),
        }


MORE = {"amazon": 3}  # no stream tells of its marketplaces; and what it holds back is listed anew, in three pages here


def test_a_second_pull_with_no_change_asks_once_a_stream_and_writes_nothing(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        assert pull(house, connection).new > 0
        before = counted(house)
        stand.counting.calls.clear()
        again = pull(house, connection)
        assert again.new == 0
        assert counted(house) == before
        with house.database.transaction() as tx:
            places = len(locations(tx, connection.id))
        streams = sum(places if stream.per_location else 1 for stream in source(stand.name).streams)
        assert sum(stand.counting.calls.values()) <= streams + MORE.get(stand.name, 0), stand.counting.calls


class Died(BaseException):
    """The process is gone."""


def test_killed_at_any_page_the_next_pull_has_every_record_once(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
    deaths = 0
    while deaths < 200 and dies_at_page(stand, connection, deaths + 1):
        deaths += 1
    assert 2 < deaths < 200
    with stand.house() as house, house.database.transaction() as tx:
        found = [(fact.stream, fact.source_id) for fact in facts(tx, connection.id)]
        assert len(found) == len(set(found))
        assert sorted(found) == sorted(fresh(stand))


def dies_at_page(stand: Stand, connection: Connection, number: int) -> bool:
    """A pull that is killed when that page arrives; false where it came to its end before."""
    pages = count(1)

    def die(name: str) -> None:
        if name == "fetch.page_received" and next(pages) == number:
            raise Died

    faults.arm(die)
    try:
        with stand.house() as house:
            pull(house, connection)
    except Died:
        return True
    finally:
        faults.arm(None)
    return False


def fresh(stand: Stand) -> list[tuple[str, str]]:
    """What a pull without any accident finds."""
    folder = stand.folder / "fresh"
    with open_house(Settings(home=folder, settle_seconds=0), lambda: NOW) as house:
        connection = stand.connected(house)
        pull(house, connection)
        with house.database.transaction() as tx:
            return [(fact.stream, fact.source_id) for fact in facts(tx, connection.id)]


def test_a_late_change_in_a_traded_day_is_found_by_the_next_pull(stand: Stand) -> None:
    change = getattr(shop_module(stand.name), "change", None)
    if change is None:
        pytest.skip(f"the stand-in of {stand.name} makes no late change yet")
    with stand.house() as house:
        connection = stand.connected(house)
        pull(house, connection)
        change(stand.shelf)
        assert pull(house, connection).new > 0


def test_a_lost_answer_moves_no_cursor_past_what_was_kept(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        whole = fresh(stand)
        stand.faults.lose_answer(when="before", times=1)
        pull(house, connection)
        with house.database.transaction() as tx:
            assert sorted((f.stream, f.source_id) for f in facts(tx, connection.id)) == sorted(whole)


@pytest.mark.parametrize("name", PULLED)
def test_nothing_is_asked_while_the_source_wants_patience(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, passed = shop_module(name), [0.0]
    monkeypatch.setattr("connector.sources.loyverse.client.sleep", lambda seconds: _pass(passed, seconds))
    with Shelf(tmp_path / "shop") as shelf:
        fill_shop(name)(shelf)
        cuts, asked = Faults(), list[float]()
        app = Counting(getattr(module, f"{name}_app")(shelf, faults=cuts, clock=lambda: NOW))
        app.heard = lambda: asked.append(passed[0])
        cuts.answer_with(429, b"{}", {"Retry-After": "37"})
        with serve(app) as served:
            access = Access(
                base_url=served.base_url,
                external_id=getattr(module, "ACCOUNT", ""),
                token=lambda: token,
                now=lambda: NOW + timedelta(seconds=passed[0]),
                sleep=lambda seconds: _pass(passed, seconds),
            )
            token = OAuthDesk(shelf, module.oauth_rules(shelf), lambda: NOW).issue_personal_token()
            found, stream = source(name), source(name).streams[0].name
            assert found.pull is not None
            list(found.pull(access, PullOrder(stream=stream, location="", position="", now=NOW)))
    assert len(asked) > 1
    assert asked[1] - asked[0] >= 37


def _pass(passed: list[float], seconds: float) -> None:
    passed[0] += seconds


OPTIONAL = {
    "square": ("/v2/cash-drawers", "/v2/gift-cards", "/v2/disputes"),
    "lightspeed": ("/Reports/",),
    "loyverse": ("/shifts",),
    "amazon": ("/finances/",),
}


def test_an_optional_stream_without_its_scope_is_a_finding_and_stops_nothing_else(stand: Stand) -> None:
    optional = [stream for stream in source(stand.name).streams if stream.is_optional]
    if not optional:
        pytest.skip(f"{stand.name} has no stream that it could do without")
    assert all(stream.unseen.endswith(".") for stream in optional)
    with stand.house() as house:
        connection = stand.connected(house)
        for path in OPTIONAL[stand.name]:
            stand.faults.answer_with(403, b"{}", path_contains=path, times=100)
        assert pull(house, connection).new > 0
        with house.database.transaction() as tx:
            found = connection_findings(tx, connection.id)
        assert {each.subject for each in found} == {stream.name for stream in optional}
        unseen = {stream.name: stream.unseen for stream in optional}
        assert [each for each in found if unseen[each.subject] not in each.message] == []
        stand.faults.clear()
        pull(house, connection)
        with house.database.transaction() as tx:
            assert connection_findings(tx, connection.id) == []


def test_a_stream_that_the_books_need_stops_the_pull_where_its_scope_is_missing(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        stand.faults.answer_with(403, b"{}", times=10_000)
        with pytest.raises(NeedsReconnect):
            pull(house, connection)


def test_no_name_mail_phone_or_street_of_a_customer_is_kept(stand: Stand) -> None:
    module = shop_module(stand.name)
    canaries = getattr(module, "CANARIES", ())
    if not canaries:
        from connector.sandbox.square_weekend import CANARIES

        canaries = CANARIES if stand.name == "square" else ()
    if not canaries:
        pytest.skip(f"the stand-in of {stand.name} knows no customer")
    with stand.house() as house:
        pull(house, stand.connected(house))
        kept = everything(house)
    assert [canary for canary in canaries if canary.encode() in kept] == []


def everything(house: House) -> bytes:
    """All text and bytes of the database, pages unpacked."""
    from connector.store.pages import open_page
    from connector.store.tables import PageRow

    with house.database.transaction() as tx:
        parts = []
        for page in tx.exec(select(PageRow.id)).all():
            with open_page(tx, page or 0) as body:
                parts.append(body.read())
        parts += [row.buckets + row.about for row in tx.exec(select(FactRow))]
    return b"\n".join(parts)
