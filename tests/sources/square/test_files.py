"""Saved answers: which file holds what, and that nothing is passed over in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connector.domain.facts import Fact
from connector.domain.sales import NoSale, Sale
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.sources import saved as saved_answers
from connector.sources.square.files import saved
from tests.sources.square.building import NOON, Json, entry, line, order, payment, payout, refund, sums_of

SAMPLES = Path(__file__).resolve().parents[3] / ".." / "shared" / "samples" / "square"
LOCATION: Json = {"id": "MAIN", "name": "Main St", "timezone": "America/New_York", "currency": "USD"}
ZONE = "America/New_York"


def _write(folder: Path, name: str, content: object) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def _read(path: Path, zone: str = ZONE) -> tuple[list[Fact], list[str]]:
    found = list(saved([path], Shop(zone=zone)))
    facts = [each for each in found if isinstance(each, Fact)]
    return facts, [str(each) for each in found if isinstance(each, Unreadable)]


def test_a_folder_of_answers_becomes_facts_in_the_zone_of_its_locations(tmp_path: Path) -> None:
    _write(tmp_path, "locations.json", {"locations": [LOCATION]})
    _write(tmp_path, "sales/orders.json", {"orders": [order(line("Mug", 1800))]})
    _write(tmp_path, "payments.json", {"payments": [payment(1800)]})
    _write(tmp_path, "refunds.json", {"refunds": [refund(300)]})
    _write(tmp_path, "payouts.json", {"payouts": [payout(1500)]})
    _write(tmp_path, "payout-entries.json", {"payout_entries": [entry("CHARGE", 1800)]})
    facts, wrong = _read(tmp_path, zone="")
    assert wrong == []
    assert [found.stream for found in facts] == ["orders", "payments", "payout_entries", "payouts", "refunds"]
    assert {found.business_day.isoformat() for found in facts} == {"2026-03-15", "2026-03-17"}


def test_the_catalogue_among_the_files_names_the_categories(tmp_path: Path) -> None:
    item = {"categories": [{"id": "C1"}], "reporting_category": {"id": "C2"}, "variations": [{"id": "V1"}]}
    objects = [
        {"type": "ITEM", "id": "I1", "item_data": item},
        {"type": "ITEM_VARIATION", "id": "V2", "item_variation_data": {"item_id": "I1"}},
        {"type": "CATEGORY", "id": "C1", "category_data": {"name": "All"}},
        {"type": "CATEGORY", "id": "C2", "category_data": {"name": "Kitchen"}},
    ]
    _write(tmp_path, "catalog.json", {"objects": objects})
    lines = [line("Soup", 900, catalog_object_id="V1"), line("Pie", 700, catalog_object_id="V2")]
    _write(tmp_path, "orders.json", {"orders": [order(*lines)]})
    facts, _ = _read(tmp_path)
    assert sums_of(facts) == {("sale", "Kitchen"): 1600}


def test_a_file_may_hold_a_list_of_answers_one_record_or_bare_records(tmp_path: Path) -> None:
    first, second, third = (order(line("Mug", 1800)) | {"id": key} for key in "ABC")
    _write(tmp_path, "pages.json", [{"orders": [first], "cursor": "next"}, {"orders": [second]}, {}])
    _write(tmp_path, "RetrieveOrderResponse.json", {"order": third})
    _write(tmp_path, "my-orders.json", [order(line("Mug", 1800)) | {"id": "D", "refunds": [{"id": "R"}]}])
    _write(tmp_path, "ListPaymentRefundsResponse.json", [refund(300)])
    facts, wrong = _read(tmp_path)
    assert wrong == []
    assert [(found.stream, found.source_id) for found in facts] == [
        ("orders", "A"),
        ("orders", "B"),
        ("orders", "C"),
        ("orders", "D"),
        ("refunds", "REFUND"),
    ]


def test_of_the_same_record_twice_the_newest_version_counts_once(tmp_path: Path) -> None:
    old = order(line("Mug", 1800)) | {"version": 9, "updated_at": NOON}
    new = order(line("Grinder", 2500)) | {"version": 10, "updated_at": NOON}
    _write(tmp_path, "a.json", {"orders": [new, old]})
    _write(tmp_path, "b.json", {"orders": [old]})
    facts, _ = _read(tmp_path)
    assert sums_of(facts) == {("sale", "Grinder"): 2500}


def test_of_the_same_payment_twice_the_last_change_counts_whatever_the_precision_of_its_time(tmp_path: Path) -> None:
    old = payment(1800, updated_at="2026-03-15T16:00:00.9Z", status="APPROVED")
    new = payment(1800, updated_at="2026-03-15T16:00:01Z")
    _write(tmp_path, "payments.json", {"payments": [new, old]})
    facts, _ = _read(tmp_path)
    assert sums_of(facts) == {("tender", "CARD"): 1800}


def test_drawers_disputes_and_gift_card_activities_are_told_by_their_own_keys(tmp_path: Path) -> None:
    amount = {"amount": 2500, "currency": "USD"}
    dispute = {"id": "D", "created_at": NOON, "location_id": "MAIN", "amount_money": amount, "state": "LOST"}
    activity = {"id": "G", "type": "IMPORT", "created_at": NOON, "import_activity_details": {"amount_money": amount}}
    drawer = {"id": "S", "state": "OPEN", "opened_at": NOON, "opened_cash_money": amount}
    _write(tmp_path, "disputes.json", {"disputes": [dispute]})
    _write(tmp_path, "drawer.json", {"cash_drawer_shift": drawer})
    _write(tmp_path, "cards.json", {"gift_card_activities": [activity]})
    facts, wrong = _read(tmp_path)
    assert wrong == []
    names = [(found.stream, type(found.about).__name__) for found in facts]
    assert names == [("cash_drawers", "NoSale"), ("disputes", "NoSale"), ("gift_card_activities", "Charge")]


def test_the_events_of_a_drawer_are_shown_with_their_reason(tmp_path: Path) -> None:
    event = {"id": "E", "created_at": NOON, "event_type": "PAID_IN"}
    _write(tmp_path, "events.json", {"cash_drawer_shift_events": [event]})
    facts, wrong = _read(tmp_path)
    assert wrong == []
    assert [found.about for found in facts] == [
        NoSale(record_id="E", reason="its cash drawer has the sums of its events")
    ]


def test_a_drawer_itself_counts_more_than_its_summary(tmp_path: Path) -> None:
    def money(amount: int) -> Json:
        return {"amount": amount, "currency": "USD"}

    summary: Json = {"id": "S", "state": "CLOSED", "closed_at": NOON, "updated_at": NOON, "location_id": "MAIN"}
    summary |= {"opened_cash_money": money(100), "expected_cash_money": money(60), "closed_cash_money": money(60)}
    whole = summary | {"cash_paid_out_money": money(-40), "cash_paid_in_money": money(0)}
    _write(tmp_path, "a.json", {"cash_drawer_shift": whole})
    _write(tmp_path, "b.json", {"cash_drawer_shifts": [summary]})
    facts, _ = _read(tmp_path)
    assert sums_of(facts) == {("paid_out", "Cash drawer"): -40}


def test_a_cleared_gift_card_says_how_much_through_the_activity_before_it(tmp_path: Path) -> None:
    card: Json = {"gift_card_id": "C", "location_id": "MAIN"}
    before = card | {"id": "1", "type": "LOAD", "created_at": "2026-03-14T16:00:00Z"}
    before |= {"gift_card_balance_money": {"amount": 800, "currency": "USD"}}
    before |= {"load_activity_details": {"order_id": "ORDER"}}
    cleared = card | {"id": "2", "type": "CLEAR_BALANCE", "created_at": NOON}
    _write(tmp_path, "cards.json", {"gift_card_activities": [cleared, before]})
    facts, wrong = _read(tmp_path)
    assert wrong == []
    assert sums_of(facts) == {("gift_card_cleared", "CLEAR_BALANCE"): 800}


def test_a_location_without_a_zone_asks_for_one_once_a_file(tmp_path: Path) -> None:
    bodies = [order(line("Mug", 1800)) | {"id": key} for key in "ABC"]
    _write(tmp_path, "orders.json", {"orders": bodies})
    facts, wrong = _read(tmp_path, zone="")
    assert facts == []
    assert len(wrong) == 1
    assert "orders.json: orders A and 2 more" in wrong[0]
    assert "--zone" in wrong[0]


def test_a_record_that_cannot_be_read_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    bad = order(line("Mug", 1800)) | {"id": "BAD", "tenders": [], "created_at": None, "closed_at": 7}
    _write(tmp_path, "orders.json", {"orders": [bad, {"state": "OPEN"}, order(line("Mug", 1800))]})
    _write(tmp_path, "locations.json", {"locations": [LOCATION, {"id": "X", "timezone": 7}]})
    facts, wrong = _read(tmp_path)
    assert [type(found.about) for found in facts] == [Sale]
    assert len(wrong) == 3
    assert any("orders.json: orders BAD" in message for message in wrong)
    assert any("locations.json: locations X" in message for message in wrong)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("orders.json", b"", "empty"),
        ("orders.json", b"{", "not an answer"),
        ("orders.json", b"\xff\xfe\x00", "not JSON"),
        ("settlement.txt", b"settlement-id\tamount", "not JSON"),
        ("orders.json", b'{"orders": ' + b"[" * 100_000, "not an "),
        ("orders.json", b'{"menu": []}', "none of its parts"),
        ("orders.json", b'{"errors": [{"code": "UNAUTHORIZED"}]}', "error that Square answered"),
        ("stuff.json", b'[{"id": "A"}]', "name the file after its kind"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_reason(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    facts, wrong = _read(tmp_path / name)
    assert facts == []
    assert len(wrong) == 1
    assert name in wrong[0]
    assert sentence in wrong[0]


def test_a_file_that_is_not_there_and_one_too_large_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_answers, "FILE_BYTES", 10)
    large = _write(tmp_path, "orders.json", {"orders": [order(line("Mug", 1800))]})
    assert "cannot be opened" in _read(tmp_path / "gone.json")[1][0]
    assert "larger than" in _read(large)[1][0]


def test_a_folder_without_an_answer_is_named(tmp_path: Path) -> None:
    facts, wrong = _read(tmp_path)
    assert (facts, wrong) == ([], [f"The folder {tmp_path} holds no saved answer (.json)."])


def test_an_unknown_zone_is_said_at_once(tmp_path: Path) -> None:
    assert _read(tmp_path, zone="Mars/Olympus") == (
        [],
        ["There is no time zone 'Mars/Olympus': name one as in America/New_York."],
    )


def test_an_answer_without_records_is_no_mistake(tmp_path: Path) -> None:
    _write(tmp_path, "orders.json", {})
    _write(tmp_path, "payouts.json", {"payouts": None, "cursor": "more"})
    assert _read(tmp_path) == ([], [])


def test_every_published_sample_becomes_facts() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the published samples are not beside the repository")
    facts, wrong = _read(SAMPLES)
    assert wrong == []
    assert [problem for found in facts for problem in found.problems] == []
    sales = {found.source_id: found.about.total for found in facts if isinstance(found.about, Sale)}
    assert sales["BxCc4Y2KBt10BUWQheazcgRUR7bZY"] == 11385
    assert sales["ORD_A"] == 2735
    assert {found.stream for found in facts} >= {"orders", "payments", "refunds", "payouts", "payout_entries"}
