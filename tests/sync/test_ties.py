"""Gift cards, house accounts, deposits and taxes of a stretch, in the books beside what the source says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.store.feeds import feed
from connector.sync.house import House
from connector.sync.taxes import tax_worksheet
from connector.sync.ties import Tie, ties
from tests.cli.running import run
from tests.sync.walking import connected, house, town, walked

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A weekend of Square, posted into QuickBooks."""
    folder = tmp_path_factory.mktemp("ties")
    with town(folder) as here, house(folder) as ready:
        connected(ready, here, "quickbooks")
        walked(ready)
    yield folder


def tied(ready: House, first: date = FIRST, last: date = LAST) -> list[Tie]:
    with ready.database.transaction() as tx:
        found = feed(tx, "square-quickbooks")
    return ties(ready, found, first, last)


def test_tax_by_place_and_code_is_what_stands_on_its_accounts(folder: Path) -> None:
    with house(folder) as ready:
        taxes = [each for each in tied(ready) if each.role == "tax"]
    assert [(each.by_source, each.restated, each.missing, each.closing) for each in taxes] == [(-3770, 22, 0, -3748)]
    assert all(each.name.startswith("LMAINST0000001 ") and each.accounts for each in taxes)


def test_what_was_before_the_stretch_is_its_opening(folder: Path) -> None:
    with house(folder) as ready:
        whole, later = tied(ready), tied(ready, date(2026, 3, 15))
    for before, after in zip(whole, later, strict=True):
        assert (before.name, before.closing, after.missing) == (after.name, after.closing, 0)
    assert any(each.opening for each in later)


def test_gift_cards_roll_forward_from_what_was_sold_less_what_was_redeemed(folder: Path) -> None:
    with house(folder) as ready:
        (cards,) = [each for each in tied(ready) if each.role == "gift_card"]
    assert (cards.opening, cards.increased, cards.decreased, cards.closing) == (0, -5000, 2500, -2500)
    assert (cards.by_source, cards.missing, cards.accounts) == (-2500, 0, ("Square Gift Cards",))


def test_the_worksheet_tells_for_each_tax_of_each_place_what_was_taxed_and_what_was_not(folder: Path) -> None:
    with house(folder) as ready:
        with ready.database.transaction() as tx:
            found = feed(tx, "square-quickbooks")
        rows = tax_worksheet(ready, found, FIRST, LAST)
    assert {row.place for row in rows} == {"Main St"}
    told = [(row.name, row.gross, row.exempt, row.taxable, row.tax, row.booked_tax, row.accounts) for row in rows]
    assert told == [
        ("", 505_72, 468_46, 37_26, 0, 0, ()),
        ("Sales Tax 8%", 505_72, 37_26, 468_46, 37_48, 37_48, ("Square Sales Tax Collected",)),
    ]
    assert all(row.is_tied for row in rows)


def test_what_is_not_in_the_books_is_missing_and_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with town(tmp_path) as here, house(tmp_path) as ready:
        connected(ready, here, "quickbooks")
        walked(ready, accounts=False)
        assert any(each.missing == each.by_source + each.restated != 0 for each in tied(ready))
    monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path / "data"))
    words = ("reconcile", "ties", "square-quickbooks", "--from", "2026-03-01", "--to", "2026-03-31")
    answer: Any = run(*words)
    assert answer.status == 3 and "tax" in answer.out
    assert run(*words[:-1], "soon").status == 2
    sheet: Any = run("reconcile", "taxes", *words[2:])
    assert sheet.status == 3 and "rows are not in the books as a whole" in sheet.out
