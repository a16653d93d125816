"""The report: every figure is the sum of its rows, the bridge foots, and nothing that was gathered is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.document import ROLES
from connector.errors import Unreadable
from connector.reconcile.report import bridge
from connector.reconcile.report.build import built
from connector.reconcile.report.footing import unfooted
from connector.reconcile.report.gathered import Gathered
from connector.reconcile.report.values import Report
from connector.reconcile.report.written import body_of, canonical, read_report
from tests.reconcile.report.given import FEED, ITEM, MADE, line, month

BASE = f"bridge/{FEED}/USD"


def figures(report: Report) -> dict[str, int]:
    return {figure.id: figure.amount for figure in report.figures}


def test_the_bridge_leads_from_sales_to_the_bank_and_foots() -> None:
    found = figures(built(month()))
    assert [found[f"{BASE}/{name}"] for name in ("sales", "discount", "refund", "net")] == [
        100_00,
        -10_00,
        -5_00,
        85_00,
    ]
    assert [found[f"{BASE}/{name}"] for name in ("tax", "tip", "taken")] == [7_60, 4_00, 96_60]
    assert [found[f"{BASE}/{name}"] for name in ("fee", "due", "clearing", "out")] == [-2_90, 93_70, -13_70, 80_00]
    assert [found[f"{BASE}/{name}"] for name in ("seen", "unseen", "off")] == [80_00, 0, 0]


def test_everything_that_was_gathered_is_a_row() -> None:
    report, of = built(month()), month()
    counted = {table.id: len(table.rows) for table in report.tables}
    assert counted == {
        "lines": len(of.lines), "payouts": 2, "bank": 2, "matches": 1, "clearing": 1, "items": 1, "ties": 1,
        "discrepancies": 2, "waiting": 1, "unreconciled": 1, "decisions": 1,
    }  # fmt: skip
    shown = {name for section in report.sections for name in section.tables}
    assert shown == set(counted)


def test_every_figure_leads_to_rows_that_are_there_and_stands_in_a_statement() -> None:
    report = built(month())
    rows = {(table.id, row.id) for table in report.tables for row in table.rows}
    stated = {step.figure for section in report.sections for each in section.statements for step in each.steps}
    for figure in report.figures:
        assert {(figure.table, name) for name in figure.rows} <= rows
        assert figure.id in stated, figure
        assert figure.rows or figure.parts or not figure.amount, figure
    assert list(unfooted(report)) == []


def test_every_role_of_a_line_has_its_place_in_the_bridge() -> None:
    told = [role for part in (bridge.SALES, bridge.TAKEN, bridge.KEPT) for role, _ in part] + list(bridge.MONEY)
    assert sorted(told) == sorted(ROLES)


def test_tax_that_is_contained_in_a_line_stands_as_tax() -> None:
    lines = (line("sales", -120_00, tax=-20_00), line("clearing", 120_00))
    found = figures(built(replace(month(), lines=lines)))
    assert (found[f"{BASE}/sales"], found[f"{BASE}/tax"], found[f"{BASE}/off"]) == (100_00, 20_00, 0)


def test_a_line_that_is_missing_is_a_difference_and_is_told() -> None:
    made = month()
    report = built(replace(made, lines=made.lines[1:]))
    (told,) = unfooted(report)
    assert told == f"figure {BASE}/off: -100.00 USD, and must be nothing"


def test_a_balance_that_is_not_the_sum_of_its_items_is_told() -> None:
    made = month()
    report = built(replace(made, balances=(replace(made.balances[0], items=(replace(ITEM, amount=13_00),)),)))
    assert [each.split(":")[0] for each in unfooted(report)] == [f"figure clearing/{FEED}/Square Balance/USD/off"]


def test_what_is_open_is_summed_and_what_is_resolved_is_not() -> None:
    found = figures(built(month()))
    assert found["open/found/USD/total"] == 6_00
    assert found["open/waiting/USD/total"] == 12_00
    assert found["unreconciled/USD/total"] == 25_00


def test_a_report_of_nothing_is_a_report() -> None:
    empty = Gathered(organisation="Nobody", first=date(2026, 3, 1), last=date(2026, 3, 31), made_at=MADE)
    report = built(empty)
    assert (report.figures, list(unfooted(report))) == ((), [])


def test_written_and_read_it_is_the_same_report_and_the_same_bytes() -> None:
    report = built(month())
    written = canonical(body_of(report))
    assert read_report(written) == report
    assert canonical(body_of(read_report(written))) == written


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"form": "connector-report/9"}', '{"form": "connector-report/1"}'])
def test_what_is_no_report_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable, match="no report"):
        read_report(text.encode())


amounts = st.integers(-(10**9), 10**9)
sold = st.lists(st.tuples(st.sampled_from(sorted(ROLES - set(bridge.MONEY))), amounts), max_size=12)


@settings(max_examples=40, deadline=None)
@given(sold, st.sampled_from(["USD", "JPY", "KWD"]))
def test_whatever_a_document_holds_the_bridge_foots(lines: list[tuple[str, int]], currency: str) -> None:
    made = [line(role, amount) for role, amount in lines]
    made += [line("bank", -sum(amount for _, amount in lines))]
    report = built(replace(month(), lines=tuple(replace(each, currency=currency) for each in made)))
    assert list(unfooted(report)) == []
    assert read_report(canonical(body_of(report))) == report


def test_a_figure_that_was_changed_no_longer_follows_from_its_rows() -> None:
    report = built(month())
    for number, figure in enumerate(report.figures):
        changed = msgspec.structs.replace(figure, amount=figure.amount + 1)
        others = [*report.figures[:number], changed, *report.figures[number + 1 :]]
        told = list(unfooted(msgspec.structs.replace(report, figures=tuple(others))))
        assert any(each.startswith(f"figure {figure.id}:") for each in told), figure
