"""An organisation that leaves is gone from every table and from the file; its neighbour stays whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from connector.errors import Unreadable
from connector.store.backup import TABLES
from connector.store.credentials import keep_grant
from connector.store.feeds import NewConnection, connections, keep_connection
from connector.sync.erase import erase
from connector.sync.house import House
from connector.transport.oauth import Client, Grant
from tests.sync.walking import NOW, connected, documents_in, house, town, walked


def counts(ready: House) -> dict[str, int]:
    with ready.database.engine.connect() as asking:
        found = {table.name: asking.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}
    return {name: count for name, count in found.items() if count}


def house_with_clients(ready: House) -> House:
    return replace(ready, client=lambda provider: Client(client_id="id", client_secret="secret"))


def neighbour(ready: House) -> None:
    new = NewConnection(organisation="Harbour", name="harbour", side="source", provider="square", external_id="H1")
    with ready.database.transaction() as tx:
        keep_connection(tx, new)


def test_what_belongs_to_an_organisation_is_deleted_everywhere_and_its_journals_are_handed_over(tmp_path: Path) -> None:
    with town(tmp_path) as providers, house(tmp_path) as ready:
        neighbour(ready)
        before = counts(ready)
        connected(ready, providers, "quickbooks")
        walked(ready)
        in_books = documents_in(providers.quickbooks.base_url)
        erased = erase(ready, "Main Street", tmp_path / "main-street.journal")
        assert {"document", "line", "posting", "page", "fact", "organisation"} <= set(erased.rows)
        left = counts(ready)
        left.pop("budget", None)  # how far a limit on calls is used up: a number, of nobody
        assert left == before
        with ready.database.transaction() as tx:
            assert [each.organisation for each in connections(tx)] == ["Harbour"]
        assert documents_in(providers.quickbooks.base_url) == in_books, "the books are the merchant's own"
    handed_over = (tmp_path / "main-street.journal").read_text(encoding="utf-8")
    assert all(mark in handed_over for _, mark, _ in in_books if "[" not in mark)
    stored = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir() if file.is_file())
    assert b"Harbour" in stored
    assert [word for word in ("Main Street", "Main St", "SQ-20260314") if word.encode() in stored] == []


def test_an_erasure_that_cannot_hand_over_the_journals_deletes_nothing(tmp_path: Path) -> None:
    with house(tmp_path) as ready:
        neighbour(ready)
        before = counts(ready)
        there = tmp_path / "there"
        there.touch()
        for organisation, keep, said in (
            ("Harbour", there, "exists already"),
            ("Harbour", tmp_path / "no" / "folder", "cannot be written"),
            ("Habrour", None, "there are: Harbour"),
        ):
            with pytest.raises(Unreadable, match=said):
                erase(ready, organisation, keep)
        assert counts(ready) == before


def test_a_provider_that_cannot_be_reached_is_told_of_and_hinders_no_erasure(tmp_path: Path) -> None:
    with town(tmp_path) as providers, house(tmp_path) as ready:
        connected(ready, providers, "quickbooks")
        with ready.database.transaction() as tx:
            keep_grant(tx, ready.vault, 1, Grant(access_token="a", refresh_token="r"), NOW)
        providers.square.faults.answer_with(503, times=100)
        erased = erase(house_with_clients(ready), "Main Street", None)
        said = next(each for each in erased.not_revoked if "square" in each)
        assert said.startswith("square: ") and "End it at the provider by hand." in said
        assert "connection" in erased.rows
        assert counts(ready) == {}
