"""Saved answers: which file holds what, and that nothing is passed over in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.sources import saved as saved_answers
from connector.sources.loyverse.files import saved
from tests.sources.loyverse.building import INSIDE, Json, codes, line, receipt, shift, sides, sums, with_tax

SAMPLES = Path(__file__).resolve().parents[3] / ".." / "shared" / "samples" / "loyverse"
ZONE = "America/New_York"
MERCHANT: Json = {"id": "M", "business_name": "Kiosk", "email": "o@kiosk.example", "currency": {"code": "USD"}}


def _write(folder: Path, name: str, content: object) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def _read(path: Path, zone: str = ZONE) -> tuple[list[Fact], list[str]]:
    found = list(saved([path], Shop(zone=zone)))
    facts = [each for each in found if isinstance(each, Fact)]
    return facts, [str(each) for each in found if isinstance(each, Unreadable)]


def test_a_folder_of_answers_becomes_facts_with_currency_and_categories(tmp_path: Path) -> None:
    _write(tmp_path, "merchant.json", MERCHANT)
    _write(tmp_path, "stores.json", {"stores": [{"id": "MAIN", "name": "Main St", "zone": "Asia/Tokyo"}]})
    _write(tmp_path, "items.json", {"items": [{"id": "I-SOUP", "category_id": "C"}]})
    _write(tmp_path, "categories.json", {"categories": [{"id": "C", "name": "Kitchen"}]})
    _write(tmp_path, "sales/march.json", {"receipts": [receipt(line("Soup", 900))], "cursor": "more"})
    _write(tmp_path, "shifts.json", {"shifts": [shift(actual_cash=169.0)]})
    facts, wrong = _read(tmp_path)
    assert wrong == []
    assert [(found.stream, found.currency, found.business_day.day) for found in facts] == [
        ("receipts", "USD", 16),
        ("shifts", "USD", 16),
    ]
    assert sums(facts[0]) == {("sale", "Kitchen"): 900, ("tender", "CASH"): 900}
    assert [problem for found in facts for problem in found.problems] == []


def test_a_file_may_hold_a_list_of_answers_one_record_or_bare_records(tmp_path: Path) -> None:
    first, second, third, fourth = (receipt(line("Soup", 900), receipt_number=key) for key in "ABCD")
    _write(tmp_path, "pages.json", [{"receipts": [first], "cursor": "next"}, {"receipts": [second]}])
    _write(tmp_path, "one.json", third)
    _write(tmp_path, "hook.json", {"merchant_id": "M", "type": "receipts.update", "receipts": [fourth]})
    _write(tmp_path, "drawer.json", [shift()])
    _write(tmp_path, "my-payment-types.json", [{"id": "P-CASH", "type": "CASH", "name": "Cash"}])
    facts, wrong = _read(tmp_path)
    assert wrong == []
    assert [found.source_id for found in facts] == ["A", "B", "C", "D", "S1"]


def test_of_the_same_receipt_twice_the_newest_change_counts_once(tmp_path: Path) -> None:
    old = receipt(line("Soup", 900), updated_at="2026-03-15T16:00:00.9Z")
    new = receipt(line("Soup", 900), updated_at="2026-03-15T16:00:01Z", cancelled_at="2026-03-15T16:00:01Z")
    _write(tmp_path, "a.json", {"receipts": [new, old]})
    _write(tmp_path, "b.json", {"receipts": [old]})
    (found,) = _read(tmp_path)[0]
    assert found.buckets == ()


def test_a_store_without_a_zone_asks_for_one_once_a_file(tmp_path: Path) -> None:
    bodies = [receipt(line("Soup", 900), receipt_number=key) for key in "ABC"]
    _write(tmp_path, "receipts.json", {"receipts": bodies})
    facts, wrong = _read(tmp_path, zone="")
    assert facts == []
    assert len(wrong) == 1
    assert "receipts.json: receipts A and 2 more" in wrong[0]
    assert "--zone" in wrong[0]


def test_a_record_that_cannot_be_read_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    bad = receipt(line("Soup", 900), receipt_number="BAD") | {"receipt_date": 7}
    _write(tmp_path, "receipts.json", {"receipts": [bad, {"total_money": 1}, receipt(line("Soup", 900))]})
    _write(tmp_path, "stores.json", {"stores": [{"id": "X", "closes_at": "late"}]})
    facts, wrong = _read(tmp_path)
    assert [found.source_id for found in facts] == ["1-1001"]
    assert len(wrong) == 3
    assert any("receipts.json: receipts BAD" in message for message in wrong)
    assert any("stores.json: stores X" in message for message in wrong)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("receipts.json", b"", "empty"),
        ("receipts.json", b"{", "not a dict"),
        ("receipts.json", b'{"receipts": ' + b"[" * 100_000, "not a "),
        ("receipts.json", b'{"menu": []}', "none of its parts"),
        ("receipts.json", b'{"errors": [{"code": "UNAUTHORIZED"}]}', "error that Loyverse answered"),
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
    large = _write(tmp_path, "receipts.json", {"receipts": [receipt(line("Soup", 900))]})
    assert "cannot be opened" in _read(tmp_path / "gone.json")[1][0]
    assert "larger than" in _read(large)[1][0]


def test_an_unknown_zone_is_said_at_once(tmp_path: Path) -> None:
    sentence = "There is no time zone 'Mars/Olympus': name one as in America/New_York."
    assert _read(tmp_path, zone="Mars/Olympus") == ([], [sentence])


def test_an_answer_without_records_is_no_mistake(tmp_path: Path) -> None:
    _write(tmp_path, "receipts.json", {"receipts": [], "cursor": None})
    assert _read(tmp_path) == ([], [])


def test_every_sample_becomes_facts_that_add_up(tmp_path: Path) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the samples are not beside the repository")
    _write(tmp_path, "merchant.json", MERCHANT)
    found = list(saved([SAMPLES, tmp_path], Shop(zone="Europe/London")))
    facts = [each for each in found if isinstance(each, Fact)]
    assert len(facts) == len(found) == 2
    assert [codes(each.problems) for each in facts] == [[], []]
    assert [sides(each) for each in facts] == [(33500, 33500), (-1200, -1200)]


def test_amounts_keep_their_digits_when_a_file_writes_them_out(tmp_path: Path) -> None:
    body = receipt(with_tax(line("Soup", 1200), INSIDE, 200))
    text = json.dumps({"receipts": [body]}).replace('"total_tax": 2', '"total_tax": 2.00')
    (tmp_path / "receipts.json").write_text(text)
    _write(tmp_path, "merchant.json", MERCHANT)
    ((found,), wrong) = _read(tmp_path)
    assert (found.problems, wrong) == ((), [])
