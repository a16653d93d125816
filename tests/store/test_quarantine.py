"""A restored database sends nothing and asks nobody until it is released."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import NeedsReconnect
from connector.store.credentials import keep_grant
from connector.store.feeds import connections
from connector.store.quarantine import quarantine_all, quarantined, release
from connector.transport.oauth import Grant
from tests.store.given import NOW, feed_in
from tests.sync.walking import house as open_house


def test_row_91_nothing_is_asked_of_or_sent_to_a_connection_in_quarantine_until_it_is_released(tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        opened = house.database
        feed_in(opened)
        with opened.transaction() as tx:
            keep_grant(tx, house.vault, 1, Grant(access_token="given", expires_at=None), NOW)
            assert quarantine_all(tx, "It was restored.", NOW) == 2
            waiting = quarantined(tx)
            known = connections(tx)
        for connection in known:
            with pytest.raises(NeedsReconnect, match="is in quarantine: It was restored"):
                house.access(connection, None).token()
        with opened.transaction() as tx:
            release(tx, waiting[0], NOW)
            assert quarantined(tx) == waiting[1:]
        assert house.access(known[0], None).token() == "given"
