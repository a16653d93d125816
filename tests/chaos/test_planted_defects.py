"""Defects planted on purpose, one by one: each must be seen by a check of the suite. A check that sees one of them is a
row or a test that passes on the sound code."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from connector.domain.keys import posting_key
from connector.domain.shop import Calendar
from connector.errors import ConnectorError, Rejected
from connector.faults import fault_point
from connector.sources.contract import PullOrder
from connector.sources.square import positions
from connector.store import facts, outbox
from connector.store.connection_tables import CredentialRow
from connector.store.credentials import StoredTokens
from connector.store.tables import PostingRow
from connector.sync import planning
from connector.sync import post as posting
from connector.sync import pull as pulling
from connector.sync.retry import Decision, after_attempt
from connector.sync.shops import shop_of
from connector.targets.xero.client import _Wire
from connector.transport import sessions
from tests.chaos import test_fetching_rows as fetching
from tests.chaos import test_posting_rows as rows
from tests.chaos.world import Books, Stage, World, world
from tests.domain import test_money as money
from tests.store import test_outbox
from tests.store.given import database, feed_in
from tests.transport import test_token_contract as tokens
from tests.transport.token_stand import Stand, stand_of

Patch = pytest.MonkeyPatch
Check = Callable[[Path], object]


def without_fence(monkeypatch: Patch) -> None:
    def move(tx: Any, of: outbox.Posting, **values: object) -> bool:
        wanted = update(PostingRow).where(col(PostingRow.id) == of.id)
        return bool(tx.exec(wanted.values(**values)).rowcount)

    monkeypatch.setattr(outbox, "_move", move)


def later_than_the_watermark(monkeypatch: Patch) -> None:
    monkeypatch.setattr(positions, "OVERLAP", timedelta(milliseconds=-1))


def key_without_digest(monkeypatch: Patch) -> None:
    monkeypatch.setattr(planning, "posting_key", lambda **named: posting_key(**{**named, "digest": ""}))


def post_for_create(monkeypatch: Patch) -> None:
    def put(self: _Wire, url: str, *, body: bytes, **request: object) -> object:
        return self._send("POST", url, body, request)

    monkeypatch.setattr(_Wire, "PUT", put)


def cursor_before_rows(monkeypatch: Patch) -> None:
    def pull_stream(house: Any, connection: Any, stream: Any, location: str, known: Any = None) -> pulling.Pulled:
        source, whole = house.source(connection), pulling.Pulled()
        with house.database.transaction() as tx:
            position = facts.position(tx, connection.id, location, stream.name)
            shop = shop_of(tx, source, connection)
        order = PullOrder(stream=stream.name, location=location, position=position, now=house.now())
        for page in source.pull(house.access(connection, source.consent), order):
            with house.database.transaction() as tx:
                facts.move_cursor(tx, connection.id, location, stream.name, page.position)
            fault_point("fetch.page_received")
            with house.database.transaction() as tx:
                whole += pulling._keep(tx, house, connection, stream, page, shop)
        return whole

    monkeypatch.setattr(pulling, "_pull_stream", pull_stream)


def refresh_without_lock(monkeypatch: Patch) -> None:
    @contextmanager
    def lock(self: StoredTokens, connection: str) -> Iterator[object]:
        with self._database.transaction() as tx:
            self._held.fence = tx.get_one(CredentialRow, int(connection)).fence
        yield self

    monkeypatch.setattr(StoredTokens, "lock", lock)


def look_up_once(monkeypatch: Patch) -> None:
    monkeypatch.setattr(posting, "LOOK_UPS", 1)


def no_settle(monkeypatch: Patch) -> None:
    monkeypatch.setattr(posting, "_may_be_looked_up", lambda house, of: of.last_sent_at)


def float_sum(monkeypatch: Patch) -> None:
    monkeypatch.setattr(money, "parse_minor", lambda text, currency: int(float(text) * 100))


def local_day(monkeypatch: Patch) -> None:
    def day(self: Calendar, moment: datetime) -> date:
        return moment.astimezone(UTC).date()

    monkeypatch.setattr(Calendar, "day", day)


def retry_on_4xx(monkeypatch: Patch) -> None:
    def stubborn(error: ConnectorError, attempts: int, now: datetime) -> Decision:
        decided = after_attempt(error, attempts, now)
        return Decision(state="planned", reason="again", not_before=now) if isinstance(error, Rejected) else decided

    monkeypatch.setattr(posting, "after_attempt", stubborn)
    monkeypatch.setattr(posting, "MAX_ROUNDS", 20)


def log_of_authorization(monkeypatch: Patch) -> None:
    real = sessions._Session.send

    def send(self: Any, request: Any, **kwargs: Any) -> Any:
        logging.getLogger("planted").warning("%s %s", request.headers, request.body)
        return real(self, request, **kwargs)

    monkeypatch.setattr(sessions._Session, "send", send)


def in_world(row: Callable[[World], object], books: Books, stage: Stage = "journalized") -> Check:
    def check(folder: Path) -> None:
        with world(books, folder, stage) as made:
            row(made)

    return check


def in_stand(row: Callable[[Stand], object]) -> Check:
    def check(folder: Path) -> None:
        with stand_of("quickbooks", folder) as stand:
            row(stand)

    return check


def in_database(folder: Path) -> None:
    with database(folder) as opened:
        test_outbox.test_who_lost_the_lease_can_confirm_nothing(opened, feed_in(opened))


def page_lost(made: World) -> None:
    for nth in (5, 7, 9):
        with world(made.books, made.folder / str(nth), "connected") as other:
            fetching.test_row_1_a_page_received_and_not_kept_is_fetched_again(nth, other)


DEFECTS: dict[str, tuple[Callable[[Patch], None], Check]] = {
    "confirm without fence": (without_fence, in_database),
    "later than the watermark": (
        later_than_the_watermark,
        in_world(fetching.test_row_14_what_changed_at_the_very_watermark_is_pulled, "quickbooks", "connected"),
    ),
    "key without digest": (
        key_without_digest,
        in_world(rows.test_row_49_an_old_answer_is_never_given_to_a_new_body, "quickbooks", "connected"),
    ),
    "POST for create": (post_for_create, rows.test_row_48_an_invoice_of_another_hand_is_not_overwritten_in_xero),
    "cursor before rows": (cursor_before_rows, in_world(page_lost, "quickbooks", "connected")),
    "refresh without lock": (
        refresh_without_lock,
        in_stand(tokens.test_twenty_workers_that_meet_an_expired_token_make_one_refresh),
    ),
    "look-up once": (
        look_up_once,
        in_world(rows.test_row_47_one_look_at_an_index_that_lags_behind_is_not_enough, "quickbooks"),
    ),
    "no settle": (
        no_settle,
        in_world(rows.test_row_46_a_late_request_is_one_document_though_the_books_ignore_keys, "quickbooks"),
    ),
    "float sum": (float_sum, lambda folder: money.test_an_amount_written_and_read_again_is_the_same()),
    "local-time day": (
        local_day,
        in_world(fetching.test_row_31_an_evening_sale_belongs_to_the_day_of_the_shop, "quickbooks", "connected"),
    ),
    "retry on 4xx": (
        retry_on_4xx,
        rows.test_row_50_of_a_batch_the_good_are_posted_and_the_bad_refused_one_by_one,
    ),
}


@pytest.mark.parametrize("defect", list(DEFECTS))
def test_a_planted_defect_is_caught(defect: str, tmp_path: Path, monkeypatch: Patch) -> None:
    plant, check = DEFECTS[defect]
    plant(monkeypatch)
    assert is_caught(lambda: check(tmp_path)), defect


def test_a_planted_log_of_authorization_is_caught(
    tmp_path: Path, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    log_of_authorization(monkeypatch)
    check = tokens.test_no_token_and_no_secret_shows_in_any_file_log_or_error
    assert is_caught(lambda: in_stand(lambda stand: check(stand, caplog))(tmp_path))


def is_caught(check: Callable[[], object]) -> bool:
    """Whether the check fails, as a check does: by what it asserts, or because the house refused to go on."""
    try:
        check()
    except (AssertionError, ConnectorError):
        return True
    return False
