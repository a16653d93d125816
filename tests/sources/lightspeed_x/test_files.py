"""Saved answers: which file holds what, what counts once, and one sentence for what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connector.domain.facts import Fact
from connector.domain.sales import NoSale, Receipt
from connector.domain.shop import Location, Shop
from connector.errors import Unreadable
from connector.sources import saved as saved_answers
from connector.sources.lightspeed_x.files import saved
from tests.sources.lightspeed_x.building import (
    GST,
    OUTLET,
    PAYMENT_TYPES,
    PRODUCTS,
    Json,
    line,
    old_sale,
    pay,
    sale,
    sums,
)

SOLD = sale(line("MUG", 200, 30), price=200, tax=30, pays=[pay(230)])
SAMPLES = Path(__file__).resolve().parents[3] / ".." / "shared" / "samples" / "lightspeed"


def _write(folder: Path, name: str, content: object) -> Path:
    file = folder / name
    file.write_text(json.dumps(content))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _write(tmp_path, "a.json", {"data": [OUTLET], "version": {"min": 1, "max": 1}})
    _write(tmp_path, "b.json", [{"data": [GST]}, {"data": list(PAYMENT_TYPES)}])
    _write(tmp_path, "products.json", list(PRODUCTS))
    return tmp_path


def _facts(folder: Path, zone: str = "") -> list[Fact]:
    found = list(saved([folder], Shop(zone=zone)))
    assert not [each for each in found if isinstance(each, Unreadable)]
    return [each for each in found if isinstance(each, Fact)]


def _wrong(folder: Path, zone: str = "") -> list[str]:
    return [str(each) for each in saved([folder], Shop(zone=zone)) if isinstance(each, Unreadable)]


def test_one_answer_a_list_of_answers_one_record_and_bare_records_are_read_alike(folder: Path) -> None:
    wanted = None
    for content in ({"data": [SOLD]}, {"data": SOLD}, [{"data": [SOLD]}, {"data": []}], SOLD, [SOLD]):
        _write(folder, "anything.json", content)
        (found,) = _facts(folder)
        wanted = wanted or found
        assert found == wanted
    assert wanted is not None
    assert sums(wanted)["sale", "Homeware"] == 20000


def test_the_outlets_are_named_for_whoever_reads_the_preview(folder: Path) -> None:
    assert [(each.source_id, each.name) for each in saved([folder], Shop()) if isinstance(each, Location)] == [
        ("AKL", "Auckland")
    ]


def test_both_versions_of_a_sale_are_read(folder: Path) -> None:
    _write(folder, "sales.json", {"data": [SOLD, old_sale()]})
    assert [found.problems for found in _facts(folder)] == [(), ()]


def test_of_two_versions_of_a_sale_the_newer_one_counts_wherever_it_lies(folder: Path) -> None:
    voided = SOLD | {"state": "voided", "_metadata": {"version": 501}}
    for names in (("1.json", "2.json"), ("2.json", "1.json")):
        for name, body in zip(names, (SOLD, voided), strict=True):
            _write(folder, name, {"data": [body]})
        (found,) = _facts(folder)
        assert isinstance(found.about, NoSale)


def test_an_open_register_session_is_shown_with_what_is_expected(folder: Path) -> None:
    session: Json = {
        "register_closure_id": "SESSION", "register_closure_sequence_number": 5, "register_id": "REG",
        "outlet_id": "AKL", "register_open_time": "2026-03-14T20:00:00+00:00",
        "payments": [{"payment_type_id": "P-CASH", "payment_type_name": "Cash", "total": "255.00"}],
    }  # fmt: skip
    _write(folder, "payments_summary.json", {"data": session})
    _write(folder, "register.json", {"data": [{"id": "REG", "name": "Main", "is_open": True}]})
    (found,) = _facts(folder)
    assert isinstance(found.about, NoSale)
    assert found.about.reason == "register Main, session 5, open when last looked at: expected Cash 255.00"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "it is empty"),
        ("{", "not a"),
        ('{"orders": []}', "no answer of the X-Series API"),
        ('{"data": [{"id": "X", "confetti": 1}]}', "name the file after its kind"),
        ('{"data": [{"line_items": []}]}', "without an id"),
        ('{"data": [{"id": "X", "line_items": 7}]}', "does not say when"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_one_sentence(folder: Path, content: str, sentence: str) -> None:
    (folder / "odd.json").write_text(content)
    (wrong,) = _wrong(folder)
    assert "odd.json" in wrong
    assert sentence in wrong


def test_an_unknown_zone_a_missing_file_and_a_huge_one_are_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no time zone" in _wrong(folder, "Mars/Olympus")[0]
    assert "cannot be opened" in _wrong(folder / "none.json")[0]
    monkeypatch.setattr(saved_answers, "FILE_BYTES", 10)
    assert all("larger than" in wrong for wrong in _wrong(folder))


def test_sales_without_a_zone_are_named_once_a_file(tmp_path: Path) -> None:
    _write(tmp_path, "sales.json", {"data": [SOLD, SOLD | {"id": "SECOND"}]})
    (wrong,) = _wrong(tmp_path)
    assert "and 1 more" in wrong
    assert "--zone" in wrong
    assert [found.problems[0].code for found in _facts(tmp_path, "Pacific/Auckland")] == ["tax_unknown"] * 2


def test_the_published_examples_become_sales_that_add_up(tmp_path: Path) -> None:
    if not SAMPLES.exists():
        pytest.skip("the published examples do not lie beside the project")
    place = {"id": "b1e04bd8-f019-11e3-a0f5-b8ca3a64f8f4", "time_zone": "Pacific/Auckland", "currency": "NZD"}
    _write(tmp_path, "outlets.json", {"data": [place]})
    found = list(saved([tmp_path, *sorted(SAMPLES.glob("xseries-*.json"))], Shop()))
    receipts = [each for each in found if isinstance(each, Fact) and isinstance(each.about, Receipt)]
    assert not [each for each in found if isinstance(each, Unreadable)]
    assert len(receipts) == 3
    assert [each.problems for each in receipts] == [()] * 3
    assert sorted(sums(each)["tender", "CASH"] for each in receipts) == [1485, 23000, 23000]


def test_the_published_examples_without_their_outlet_are_held_and_not_refused() -> None:
    if not SAMPLES.exists():
        pytest.skip("the published examples do not lie beside the project")
    found = list(saved(sorted(SAMPLES.glob("xseries-*.json")), Shop(zone="Pacific/Auckland")))
    assert [each.problems[0].code for each in found if isinstance(each, Fact)] == ["currency_unknown"] * 3
