"""The checklist: what blocks, what warns, what is done; each with the next step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.reconcile.close.checklist import Item, Looked, blocking, checklist
from connector.reconcile.report.build import built
from connector.reconcile.report.gathered import Gathered
from tests.reconcile.report.given import ITEM, month


def clean() -> Gathered:
    """The month with nothing left to do."""
    of = month()
    resolved = tuple(each for each in of.discrepancies if each.state == "resolved")
    return replace(of, paid_out=of.paid_out[:1], waiting=(), unreconciled=(), discrepancies=resolved)


def items(gathered: Gathered, **known: Any) -> dict[str, Item]:
    looked = Looked(organisation="Main Street", report=built(gathered), is_over=True, **known)
    return {item.name: item for item in checklist(looked)}


def test_a_month_with_nothing_left_to_do_is_done() -> None:
    found = items(clean())
    assert {item.state for item in found.values()} == {"done"}
    assert len(found) == 12


def test_whatever_is_not_done_has_a_next_step() -> None:
    found = items(month(), missing=["Main St, day of 2026-03-20"], warnings=["a tip"], not_locked=["Books"])
    assert {item.name for item in found.values() if item.state != "done" and not item.next_step} == set()
    assert {name: item.state for name, item in found.items() if item.state != "done"} == {
        "pulled": "blocking", "held": "blocking", "matched": "blocking", "findings": "warning", "payments": "warning",
        "locked": "warning",
    }  # fmt: skip


of = clean()
UNEXPLAINED = replace(of.balances[0], items=(replace(ITEM, cause="unknown"),))
DRIFT = replace(month().discrepancies[0], what="changed in the books", about="SQ-1")
BLOCKS: dict[str, tuple[Gathered, dict[str, Any]]] = {
    "over": (of, {"is_over": False}),
    "pulled": (of, {"missing": ["Main St, day of 2026-03-20"]}),
    "held": (replace(of, waiting=month().waiting), {}),
    "posted": (replace(of, waiting=(replace(month().waiting[0], state="to be posted"),)), {}),
    "matched": (replace(of, paid_out=month().paid_out), {}),
    "clearing": (replace(of, balances=(UNEXPLAINED,)), {}),
    "findings": (of, {"blocking": ["square: Tea has no account."]}),
    "tax": (replace(of, ties=(replace(of.ties[0], by_source=-7_61, missing=-1),)), {}),
    "drift": (replace(of, discrepancies=(DRIFT,)), {}),
    "adds": (replace(of, lines=of.lines[1:]), {}),
}


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_each_thing_that_must_not_be_blocks_by_its_own_item(name: str) -> None:
    gathered, known = BLOCKS[name]
    looked = {"organisation": "Main Street", "report": built(gathered), "is_over": True, **known}
    assert [item.name for item in blocking(checklist(Looked(**looked)))] == [name]


def test_what_blocks_stands_before_what_only_warns() -> None:
    bank = tuple(replace(each, state="open") for each in of.bank[:1])
    told = items(replace(of, paid_out=month().paid_out, bank=bank))["matched"].told
    assert told == "po_2 (6.00 USD); also: bank line 1 (80.00 USD)"


def test_what_is_named_is_few_and_the_rest_is_counted() -> None:
    waiting = tuple(replace(month().waiting[0], of=f"day {number}") for number in range(10))
    told = items(replace(of, waiting=waiting))["held"].told
    assert told.endswith("and 7 more") and "day 0 (12.00 USD)" in told
