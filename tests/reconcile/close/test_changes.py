"""What changed since a pack was signed off: each late edit once, with what it moved on which account."""

from __future__ import annotations

import copy
from typing import Any

from connector.reconcile.close.changes import changes
from connector.reconcile.pack.verified import unpacked
from tests.reconcile.pack.given import small_pack, told

BEFORE = unpacked(small_pack())


def later() -> Any:
    return copy.deepcopy(told())


def correction(number: int) -> dict[str, Any]:
    cents = f"{number}.00"
    return {
        "id": f"SQ-late-{number}", "feed": "square-books", "currency": "USD", "map_version": 1, "in_books": True,
        "date": "2026-04-02",
        "lines": [{"id": "0", "account": "Sales", "amount": f"-{cents}"},
                  {"id": "1", "account": "Square Balance", "amount": cents}],
        "postings": [],
    }  # fmt: skip


def test_nothing_changed_is_nothing() -> None:
    assert changes(BEFORE, later()) == ()


def test_five_late_edits_are_five_changes_with_amounts_by_account() -> None:
    now = later()
    now["documents.json"]["rows"] += [correction(number) for number in range(1, 6)]
    found = changes(BEFORE, now)
    assert [(each.kind, each.name, each.told) for each in found] == [
        ("document", f"SQ-late-{number}", "new, dated 2026-04-02") for number in range(1, 6)
    ]
    assert [each.amounts for each in found] == [
        (("Sales", -number * 100), ("Square Balance", number * 100)) for number in range(1, 6)
    ]


def test_a_document_that_somebody_edited_or_took_out_is_told() -> None:
    now = later()
    first, second = now["documents.json"]["rows"]
    first["postings"][0]["read_back"] = "amount: 96.60 is 90.00 there"
    second["in_books"] = False
    assert [(each.name, each.told) for each in changes(BEFORE, now)] == [
        ("SQ-1", "in the books: amount: 96.60 is 90.00 there"), ("SQ-2", "is in the books no more"),
    ]  # fmt: skip
    assert dict(changes(BEFORE, now)[1].amounts) == {"Checking": -80_00, "Fee": -2_90, "Square Balance": 82_90}


def test_a_document_that_was_only_read_back_did_not_change() -> None:
    now = later()
    now["documents.json"]["rows"][0]["postings"][0]["read_back"] = "as it was sent"
    assert changes(BEFORE, now) == ()


def test_records_that_are_new_or_of_another_version_are_told_with_what_they_moved() -> None:
    now = later()
    rows = now["records.json"]["rows"]
    rows[0] |= {"sha256": "ee", "version": 2, "currency": "USD", "sums": {"sale": "90.00"}}
    rows.append({"id": "square orders 2", "sha256": "ff", "currency": "USD", "sums": {"sale": "5.00"}})
    found = changes(BEFORE, now)
    assert [(each.told, each.amounts) for each in found] == [
        ("changed, version 2", (("sale", -10_00),)), ("new", (("sale", 5_00),)),
    ]  # fmt: skip


def test_a_new_version_of_a_map_tells_who_decided_it_and_why() -> None:
    now = later()
    now["maps.json"]["rows"].append({"id": "square-books 2", "sha256": "", "author": "Ada", "reason": "tea"})
    (change,) = changes(BEFORE, now)
    assert (change.kind, change.told) == ("map", "new version by Ada: tea")


def test_a_match_that_was_undone_is_told() -> None:
    now = later()
    matches = next(table for table in now["report.json"]["tables"] if table["id"] == "matches")
    matches["rows"][0]["cells"]["state"] = "undone"
    (change,) = changes(BEFORE, now)
    assert (change.kind, change.told, change.amounts) == ("match", "accepted → undone (Ada)", (("bank", 80_00),))
