"""Old bytes can be let go; every figure stays, and the way back says what is no longer there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.errors import Unreadable
from connector.store.feeds import connection, feeds
from connector.store.ledger import unconserved
from connector.sync.explain import explain
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.sync.pull import pull
from connector.sync.retention import let_go
from tests.sync.walking import NOW, connected, documents_in, house, town, walked


def test_what_was_received_long_ago_can_be_let_go_and_no_figure_changes(tmp_path: Path) -> None:
    with town(tmp_path) as providers, house(tmp_path) as ready:
        connected(ready, providers, "quickbooks")
        walked(ready)
        books = documents_in(providers.quickbooks.base_url)
        later = replace(ready, now=lambda: NOW + timedelta(days=500))
        with pytest.raises(Unreadable, match="kept for 400 days at least"):
            let_go(later, (NOW + timedelta(days=200)).date())
        assert let_go(later, date(2026, 1, 1)).pages == 0
        assert let_go(later, (NOW + timedelta(days=1)).date()).pages > 2
        assert let_go(later, (NOW + timedelta(days=1)).date()).pages == 0
        with ready.database.transaction() as tx:
            all_feeds, square = feeds(tx), connection(tx, "square")
            assert [name for feed in all_feeds for name in unconserved(tx, feed.id)] == []
        pull(ready, square)
        for feed in all_feeds:
            journalize(ready, feed)
        assert post(ready, all_feeds[0].target).posted == 0
        assert documents_in(providers.quickbooks.base_url) == books
        settled = explain(ready, next(mark for _, mark, _ in books if mark.startswith("AM-")))
        said = {row.text for line in settled.lines for row in line.rows}
        assert all("was let go; its SHA-256 was" in each for each in said) and said
