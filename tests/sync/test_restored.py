"""A restored database finds in the books what it forgot: nothing is there twice, nothing is missing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import NeedsReconnect
from connector.sandbox.square_weekend import fill
from connector.sandbox.town import open_town
from connector.settings import Settings
from connector.store.feeds import connections
from connector.sync.post import post
from connector.sync.restored import release, restore, write_backup
from tests.opened import house as open_house
from tests.sync.walking import NOW, connected, documents_in, house, walked

ROUNDS = 4  # a document of several records is found record by record


@pytest.mark.parametrize("target", ["quickbooks", "xero"])
def test_row_91_what_was_posted_after_the_backup_is_found_in_the_books_and_posted_no_second_time(
    tmp_path: Path, target: str
) -> None:
    moment = [NOW]
    (tmp_path / "sandbox").mkdir()
    with open_town(tmp_path / "sandbox", clock=lambda: moment[0]) as providers:
        fill(providers.square.shelf)
        books = getattr(providers, target).base_url
        with house(tmp_path) as before:
            connected(before, providers, target)
            write_backup(before, tmp_path / "backup")
            posted = walked(before)[target].posted
        there = documents_in(books)
        assert posted == len(there) > 0

        moment[0] += timedelta(days=1)  # longer than Xero remembers a key
        key = (tmp_path / "data" / "sealing.key").read_text().strip()
        settings = Settings(home=tmp_path / "restored", key=key, settle_seconds=0)
        with open_house(settings, lambda: moment[0]) as after:
            restore(after, tmp_path / "backup")
            with pytest.raises(NeedsReconnect, match="connector db release"):
                walked(after)
            assert documents_in(books) == there
            assert {each.name for each in release(after)} >= {"square", target}
            walked(after)
            with after.database.transaction() as tx:
                connection = next(each for each in connections(tx) if each.name == target)
            for _ in range(ROUNDS):
                found = post(after, connection)
                assert (found.posted, found.rejected) == (0, 0)
            assert found.waiting == 0
        assert documents_in(books) == there
