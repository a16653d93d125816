"""What must hold at any time, asked of either database: each question finds what breaks it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.payouts import Payout, PayoutEntry
from connector.store.connection_findings import keep_connection_findings
from connector.store.database import Database
from connector.store.facts import keep_fact, keep_page, keep_records, move_cursor
from connector.store.feeds import feed_by_id, mark_journalized
from connector.store.invariants import QUESTIONS, breaches
from connector.store.journal import keep_period
from connector.store.plans import FeedPlace
from connector.store.probes import newest_fact
from connector.store.proofs import UNEXPLAINED, KeptProof, keep_proofs, subject
from connector.store.schedules import NewSchedule, set_schedule
from connector.store.tables import DocumentRow, PeriodRow
from tests.store.given import NOW, database, feed_in, plan, sales, share

BALANCE = KeptProof(
    account="Square Balance", currency="USD", by_documents=900, in_books=1000, explained=900, unexplained=100
)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Database]:
    with database(tmp_path) as ready:
        yield ready


@pytest.fixture
def place(opened: Database) -> FeedPlace:
    return feed_in(opened)


def broken(opened: Database, place: FeedPlace) -> dict[str, list[str]]:
    with opened.transaction() as tx:
        return breaches(tx, place.target_connection_id, NOW)


def prove(opened: Database, place: FeedPlace, proof: KeptProof) -> None:
    with opened.transaction() as tx:
        keep_proofs(tx, place.feed_id, [proof], NOW)


def test_a_clearing_account_whose_items_do_not_sum_to_it_is_broken(opened: Database, place: FeedPlace) -> None:
    proof = KeptProof(
        account="Square Balance", currency="USD", by_documents=900, in_books=None, explained=890, unexplained=0
    )
    prove(opened, place, proof)
    assert broken(opened, place) == {"I5": ["shop: Square Balance is not the sum of its items"]}


def test_what_nobody_can_name_on_a_clearing_account_breaks_nothing_once_it_is_told(
    opened: Database, place: FeedPlace
) -> None:
    prove(opened, place, BALANCE)
    assert broken(opened, place) == {"I5": ["shop: Square Balance has a part that is neither named nor told"]}
    told = Finding(
        code=UNEXPLAINED, subject=subject("shop", "Square Balance"), severity="warning", message="1.00", fix="Look."
    )
    with opened.transaction() as tx:
        keep_connection_findings(tx, place.target_connection_id, UNEXPLAINED, [told], NOW)
    assert broken(opened, place) == {}


def paid_out(opened: Database, place: FeedPlace, *nets: int, is_explained: bool = True) -> None:
    """A journalized payout of 10.00 with entries of these amounts."""
    payout = Payout(payout_id="po_1", amount=1000, arrives_on=date(2026, 11, 20), is_explained=is_explained)
    entries = [PayoutEntry(payout_id="po_1", entry_id=f"e{n}", gross=net, fee=0, net=net) for n, net in enumerate(nets)]
    with opened.transaction() as tx:
        source = feed_by_id(tx, place.feed_id).source.id
        abouts: list[Payout | PayoutEntry] = [payout, *entries]
        for n, about in enumerate(abouts):
            page = keep_page(tx, source, "payouts", f"{n}".encode(), NOW)
            (record,) = keep_records(tx, source, "payouts", page, [(f"r{n}", f"{n}".encode())])
            fact = Fact(
                stream="payouts",
                source_id=f"r{n}",
                about=about,
                location="",
                occurred_at=NOW,
                business_day=date(2026, 11, 20),
                currency="USD",
            )
            keep_fact(tx, source, record.record_id, fact)
        period = PeriodRow(feed_id=place.feed_id, name="payout|po_1")
        tx.add(period)
        tx.flush()
        tx.add(document_of(place, period.id or 0))
        mark_journalized(tx, place.feed_id, f"{newest_fact(tx, source)}/the rest")


def document_of(place: FeedPlace, period: int) -> DocumentRow:
    return DocumentRow(
        feed_id=place.feed_id,
        period_id=period,
        business_key="square|ML1||payout|po_1",
        mark="SQ-20261120-AAAAAA",
        kind="payout",
        date=date(2026, 11, 20),
        currency="USD",
        narration="payout",
        source_ref="po_1",
    )


def test_a_payout_is_the_sum_of_its_entries(opened: Database, place: FeedPlace) -> None:
    paid_out(opened, place, 700, 300)
    assert broken(opened, place) == {}


def test_a_payout_in_a_document_whose_entries_do_not_sum_to_it_is_broken(opened: Database, place: FeedPlace) -> None:
    paid_out(opened, place, 700, 299)
    assert broken(opened, place) == {"I6": ["payout po_1 is off by 0.01 USD"]}


def test_a_payout_that_explains_itself_has_no_entries_that_would_count_it_twice(
    opened: Database, place: FeedPlace
) -> None:
    paid_out(opened, place, 1000, is_explained=False)
    assert broken(opened, place) == {"I6": ["payout po_1 is off by -10.00 USD"]}


def test_a_payout_of_which_more_was_pulled_than_journalized_is_left_to_the_next_journalizing(
    opened: Database, place: FeedPlace
) -> None:
    paid_out(opened, place, 700)
    with opened.transaction() as tx:
        mark_journalized(tx, place.feed_id, "1/the rest")
    assert broken(opened, place) == {}


FUTURE = '{"since": "2027-01-01T00:00:00Z"}'
LINK = (
    "insert into match_link (group_id, item, currency, amount_minor, whole_minor, settled_minor, reference) "
    "values ({group}, 'SQ-1', 'USD', {amount}, 100, {amount}, '')"
)
GROUP = (
    "insert into match_group (id, feed_id, state, confidence, rung, evidence, currency, residual_minor, "
    "exchange_minor, fee_minor, fee_model, write_off_account, write_off_tax, period, digest, made_by, proposed_at, "
    "accepted_by, undone_by, reason) values ({group}, 1, 'accepted', 'certain', 1, '[]', 'USD', 0, 0, {fee}, '', '', "
    "'', '', 'd{group}', '', '2026-11-21 12:00:00.000000', '', '', '')"
)
BREAKS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "I1": (("update allocation set amount_minor = amount_minor + 1 where bucket_id = 1",), ["sale Food"]),
    "I3": (("update line set amount_minor = amount_minor + 1 where n = 1",), ["SQ-20261120-{hash} is off by 0.01"]),
    "I9": (("update posting set mark = 'SQ-1'",), ["SQ-1"]),
    "I10": (("update posting set state = 'posted'",), ["SQ-20261120-{hash}", "SQ-20261120-{hash}-P1"]),
    "I14": ((f"update cursor set position = '{FUTURE}'",), ["orders L1"]),
    "I16": (
        (GROUP.format(group=1, fee=101), LINK.format(group=1, amount=101)),
        ["SQ-1: 101 of 100 minor units matched"],
    ),
    "I17": (
        (GROUP.format(group=1, fee=40), GROUP.format(group=2, fee=50), LINK.format(group=1, amount=40),
         LINK.format(group=2, amount=60)),
        ["match 2 is off by -0.10 USD", "SQ-1 is in more than one match"],
    ),
    "I26": (("update schedule set enabled_at = '2026-11-01 12:00:00.000000'",), ["shop"]),
}  # fmt: skip
"""By rule: what breaks it and no other, and the names that are told. I5 and I6 have tests of their own above."""


def test_every_rule_is_asked_of_either_database_and_finds_what_breaks_it(opened: Database, place: FeedPlace) -> None:
    document = sales(share(1000))
    name = document.mark.rpartition("-")[2]
    with opened.transaction() as tx:
        keep_period(tx, place, plan(document, parts=("", "P1")), "digest")
        source = feed_by_id(tx, place.feed_id).source.id
        move_cursor(tx, source, "L1", "orders", '{"since": "2026-11-21T11:00:00Z"}')
        daily = NewSchedule(gap=timedelta(hours=25), next_run_at=NOW - timedelta(hours=1))
        set_schedule(tx, place.feed_id, daily, NOW)
    assert broken(opened, place) == {}
    assert {*BREAKS, "I5", "I6"} == set(QUESTIONS)
    for number, (statements, names) in BREAKS.items():
        found: list[dict[str, list[str]]] = []
        with pytest.raises(Mended), opened.transaction() as tx:
            for statement in statements:
                tx.connection().exec_driver_sql(statement)
            found.append(breaches(tx, place.target_connection_id, NOW))
            raise Mended
        assert found == [{number: [each.format(hash=name) for each in names]}]
    assert broken(opened, place) == {}


class Mended(Exception):
    """Takes back what was broken."""
