"""Files taken into the store: exports of many records, reports that come by two ways, and bytes that wait for a better
reader."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, select

from connector.domain.facts import Fact
from connector.domain.payouts import Settlement
from connector.domain.sales import Receipt
from connector.errors import Unreadable
from connector.sandbox import amazon
from connector.sandbox.amazon_chain import AMERICAN, CANADIAN, LOSABLE
from connector.sandbox.body import text
from connector.sandbox.town import Town, open_town
from connector.sources.amazon.records import Layout, layout_of
from connector.sources.dash.exports import COLUMNS
from connector.store import facts as stored
from connector.store.connection_findings import connection_findings
from connector.store.feeds import Connection, locations
from connector.store.pages import open_page
from connector.store.tables import PageRow, RecordRow
from connector.sync.connect import Wanted, connect
from connector.sync.house import House
from connector.sync.pull import Pulled, pull, pull_file
from connector.sync.reports import UNREAD
from connector.transport.oauth import Grant
from tests.sources.amazon.xml_reports import xml_of
from tests.sync.walking import NOW, house

PLANS = {plan.settlement_id: plan for plan in (*AMERICAN, *CANADIAN)}
EXPORT = """
product,f,Food,Food,1,100.00,0.00,100.00,
tax,hst,HST,,,13.00,100.00,,0.13
payment,cash,Cash,,1,113.00,,,
"""


def export(folder: Path, *days: tuple[str, int], amount: str = "100.00") -> Path:
    """An export of the same takings on each of the days, as (date, revision)."""
    lines = [",".join(COLUMNS)]
    for day, revision in days:
        rows = EXPORT.replace("100.00", amount).strip().splitlines()
        lines += [f"dash-daily-export/1,L1,{day},CAD,{revision},{row}" for row in rows]
    path = folder / "export.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def dash(opened: House) -> Connection:
    return connect(opened, Wanted(organisation="Main Street", provider="dash"), None)


def facts_of(opened: House, connection: Connection) -> list[Fact]:
    with opened.database.transaction() as tx:
        return stored.facts(tx, connection.id)


def versions(opened: House, connection: Connection, stream: str = "settlements") -> dict[str, int]:
    """The newest version of each record of a stream."""
    with opened.database.transaction() as tx:
        rows = tx.exec(select(RecordRow).where(RecordRow.connection_id == connection.id, RecordRow.stream == stream))
        return {row.source_id: row.version for row in rows.all() if row.is_current}


def archived(opened: House, connection: Connection) -> list[bytes]:
    """The bytes of all settlement reports that are kept, with a record or without."""
    bodies = []
    with opened.database.transaction() as tx:
        found = select(PageRow.id).where(PageRow.connection_id == connection.id, PageRow.stream == "settlements")
        for page in tx.exec(found.order_by(col(PageRow.id))).all():
            with open_page(tx, page or 0) as body:
                bodies.append(body.read())
    return bodies


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as found:
        yield found


def test_an_export_of_many_days_is_taken_in_and_again_is_no_work(opened: House, tmp_path: Path) -> None:
    till = dash(opened)
    path = export(tmp_path, ("2026-03-30", 1), ("2026-03-31", 1))
    assert pull_file(opened, till, path) == Pulled(pages=1, seen=2, new=2)
    assert pull_file(opened, till, path).new == 0
    facts = facts_of(opened, till)
    assert [fact.source_id for fact in facts] == ["L1/2026-03-30", "L1/2026-03-31"]
    assert all(isinstance(fact.about, Receipt) and not fact.problems for fact in facts)


def test_a_higher_revision_in_a_later_file_supersedes_and_a_lower_one_does_not(opened: House, tmp_path: Path) -> None:
    till = dash(opened)
    pull_file(opened, till, export(tmp_path, ("2026-03-30", 1)))
    pull_file(opened, till, export(tmp_path, ("2026-03-30", 2)))
    assert versions(opened, till, "daily_summaries") == {"L1/2026-03-30": 2}
    pull_file(opened, till, export(tmp_path, ("2026-03-30", 1)))
    assert versions(opened, till, "daily_summaries") == {"L1/2026-03-30": 2, "L1/2026-03-30#1": 1}
    assert [type(fact.about).__name__ for fact in facts_of(opened, till)] == ["Receipt", "NoSale"]


def test_saved_answers_bring_the_locations_with_their_names(opened: House, tmp_path: Path) -> None:
    till = dash(opened)
    path = tmp_path / "locations.json"
    path.write_text('{"data": [{"id": "L1", "name": "Main St", "timezone": "America/Toronto"}]}')
    assert pull_file(opened, till, path).new == 1
    with opened.database.transaction() as tx:
        assert [(place.name, place.zone) for place in locations(tx, till.id)] == [("Main St", "America/Toronto")]


def test_a_file_with_one_wrong_line_leaves_nothing_behind(opened: House, tmp_path: Path) -> None:
    till = dash(opened)
    path = export(tmp_path, ("2026-03-30", 1), ("2026-03-31", 1))
    path.write_text(path.read_text() + "dash-daily-export/1,L1,2026-04-01,CAD,1,mystery,f,,,,,,,\n")
    with pytest.raises(Unreadable, match=r"^export.csv cannot be read: line 8: the section 'mystery' is not known"):
        pull_file(opened, till, path)
    assert facts_of(opened, till) == []


def test_days_that_were_read_from_files_are_not_asked_for_at_a_server(opened: House) -> None:
    with pytest.raises(Unreadable, match="connector pull dash FILE"):
        pull(opened, dash(opened))


@contextmanager
def selling(folder: Path) -> Iterator[Town]:
    (folder / "sandbox").mkdir()
    with open_town(folder / "sandbox", clock=lambda: NOW, shops=("amazon",)) as town:
        amazon.fill(town.houses["amazon"].shelf)
        yield town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with selling(tmp_path) as found:
        yield found


def seller(opened: House, town: Town) -> Connection:
    wanted = Wanted(organisation="Main Street", provider="amazon", base_url=town.houses["amazon"].base_url)
    grant = Grant(access_token=town.personal_token("amazon"))
    return connect(opened, replace(wanted, account=amazon.ACCOUNT), grant)


def delivered(town: Town, settlement: str) -> bytes:
    """The bytes of a settlement's first report, as Amazon keeps them."""
    shelf = town.houses["amazon"].shelf
    for each in shelf.all("amazon-report"):
        if text(each, "settlement") == settlement:
            kept = shelf.get("amazon-document", text(each, "reportDocumentId"))
            assert kept is not None
            return base64.b64decode(text(kept, "content"))
    raise AssertionError(settlement)


def replaced(town: Town, settlement: str, content: bytes) -> None:
    shelf = town.houses["amazon"].shelf
    for each in shelf.all("amazon-report"):
        if text(each, "settlement") == settlement:
            kept = {"content": base64.b64encode(content).decode(), "packed": False}
            shelf.put("amazon-document", text(each, "reportDocumentId"), kept)


@pytest.mark.parametrize("way", ["the same bytes", "unpacked", "as XML"])
@pytest.mark.parametrize("first", ["upload", "pull"])
def test_a_settlement_that_comes_by_upload_and_by_pull_is_one_record_of_one_version(
    opened: House, town: Town, tmp_path: Path, way: str, first: str
) -> None:
    ours, path = seller(opened, town), tmp_path / "report.dat"
    packed = delivered(town, LOSABLE)
    flat = gzip.decompress(packed)
    path.write_bytes({"the same bytes": packed, "unpacked": flat, "as XML": xml_of(flat)}[way])
    if first == "upload":
        assert pull_file(opened, ours, path).new == 1
        pull(opened, ours)
    else:
        pull(opened, ours)
        assert pull_file(opened, ours, path).new == 0
    assert versions(opened, ours) == dict.fromkeys(PLANS, 1)
    settled = [fact for fact in facts_of(opened, ours) if isinstance(fact.about, Settlement)]
    assert len(settled) == len(PLANS)


def unread(opened: House, connection: Connection) -> list[str]:
    """What the open findings about reports say."""
    with opened.database.transaction() as tx:
        return [found.message for found in connection_findings(tx, connection.id) if found.code == UNREAD]


def test_bytes_that_cannot_be_read_are_archived_told_at_each_pull_and_read_by_a_better_reader(
    opened: House, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = seller(opened, town)
    renamed = gzip.decompress(delivered(town, LOSABLE)).replace(b"total-amount", b"grand-total", 1)
    replaced(town, LOSABLE, renamed)
    for _ in range(2):
        with pytest.raises(Unreadable, match=r"^The report kept as \w{12} cannot be read: it lacks the column total"):
            pull(opened, ours)
        assert len(unread(opened, ours)) == 1
    assert renamed in archived(opened, ours)
    assert versions(opened, ours) == dict.fromkeys(PLANS.keys() - {LOSABLE}, 1)
    monkeypatch.setattr("connector.sources.amazon.files.layout_of", better_layout_of)
    assert pull(opened, ours).new == 1
    assert versions(opened, ours) == dict.fromkeys(PLANS, 1)
    assert unread(opened, ours) == []


def better_layout_of(header: Sequence[str]) -> Layout:
    """A reader that knows the column by its other name too."""
    return layout_of([name.replace("grand-total", "total-amount") for name in header])


def test_row_29_a_settlement_that_contradicts_an_uploaded_one_stops_no_other_and_is_told(
    opened: House, town: Town, tmp_path: Path
) -> None:
    ours, path = seller(opened, town), tmp_path / "report.txt"
    path.write_bytes(replace(PLANS[LOSABLE], total=1_00).content)
    assert pull_file(opened, ours, path).new == 1
    for _ in range(2):
        with pytest.raises(Unreadable, match=f"holds {LOSABLE} again, with other amounts"):
            pull(opened, ours)
    assert len(unread(opened, ours)) == 1
    assert versions(opened, ours) == dict.fromkeys(PLANS, 1)
    assert delivered(town, LOSABLE) in archived(opened, ours)
    (fact,) = [fact for fact in facts_of(opened, ours) if fact.source_id == LOSABLE]
    assert isinstance(fact.about, Settlement) and fact.about.total == 1_00
