"""Bytes as received: the same bytes once, a large body in pieces, all of it back."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

from sqlalchemy import func
from sqlmodel import select

from connector.store.facts import keep_page
from connector.store.pages import CHUNK, PageWriter, open_page, page_with
from connector.store.tables import PageChunkRow, PageRow
from tests.store.given import NOW, database, feed_in

PIECE = random.Random(30).randbytes(CHUNK)


def test_a_body_of_30_megabytes_comes_back_from_pieces_of_at_most_two(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        connection = feed_in(opened).target_connection_id
        whole = hashlib.sha256()
        with opened.transaction() as tx:
            writer = PageWriter(tx, connection, "settlements", NOW)
            for number in range(30):
                piece = bytes([number]) + PIECE[1:]
                whole.update(piece)
                writer.write(piece)
            page_id, digest = writer.close()
        assert digest == whole.hexdigest()
        with opened.transaction() as tx:
            lengths = list(tx.exec(select(func.length(PageChunkRow.body))))
            assert len(lengths) > 10 and max(lengths) <= 2 * CHUNK + 1024
            assert tx.get_one(PageRow, page_id).size == 30 * CHUNK
            back = hashlib.sha256()
            with open_page(tx, page_id) as body:
                while piece := body.read(CHUNK):
                    back.update(piece)
        assert back.hexdigest() == digest


def test_a_page_that_packs_to_next_to_nothing_comes_back_whole(tmp_path: Path) -> None:
    body = b"0.00\t" * 4_000_000
    with database(tmp_path) as opened:
        connection = feed_in(opened).target_connection_id
        with opened.transaction() as tx:
            page_id = keep_page(tx, connection, "settlements", body, NOW)
        with opened.transaction() as tx, open_page(tx, page_id) as back:
            assert back.read() == body
            back.seek(5_000_000)
            assert back.read(10) == body[:10]


def test_the_same_bytes_are_kept_once_and_another_stream_keeps_its_own(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        connection = feed_in(opened).target_connection_id
        with opened.transaction() as tx:
            first = keep_page(tx, connection, "orders", b'{"orders": []}', NOW)
            assert keep_page(tx, connection, "orders", b'{"orders": []}', NOW) == first
            assert keep_page(tx, connection, "payments", b'{"orders": []}', NOW) != first
            assert keep_page(tx, connection, "orders", b'{"orders":  []}', NOW) != first
            assert tx.exec(select(func.count()).select_from(PageRow)).one() == 3
            assert page_with(tx, connection, "orders", hashlib.sha256(b"other").hexdigest()) is None


def test_two_pages_can_be_written_side_by_side(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        connection = feed_in(opened).target_connection_id
        with opened.transaction() as tx:
            writers = [PageWriter(tx, connection, "orders", NOW) for _ in range(2)]
            for number, writer in enumerate(writers):
                writer.write(b"%d" % number)
            pages = [writer.close()[0] for writer in writers]
        with opened.transaction() as tx:
            bodies = []
            for page in pages:
                with open_page(tx, page) as body:
                    bodies.append(body.read())
        assert bodies == [b"0", b"1"]


def test_an_empty_body_is_a_page_too(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        connection = feed_in(opened).target_connection_id
        with opened.transaction() as tx:
            page_id = keep_page(tx, connection, "orders", b"", NOW)
            with open_page(tx, page_id) as body:
                assert body.read() == b""
