"""Saved answers: which file holds what, and that nothing is passed over in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connector.domain.facts import Fact
from connector.domain.sales import DayTotals, NoSale, Receipt
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.sources import saved as saved_answers
from connector.sources.lightspeed.files import saved
from tests.sources.lightspeed.building import Json, line, sale, sums

SAMPLES = Path(__file__).resolve().parents[3] / ".." / "shared" / "samples" / "lightspeed"
ZONE = "US/Eastern"


def _write(folder: Path, name: str, content: object) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def _read(path: Path, zone: str = ZONE) -> tuple[list[Fact], list[str]]:
    found = list(saved([path], Shop(zone=zone)))
    facts = [each for each in found if isinstance(each, Fact)]
    return facts, [str(each) for each in found if isinstance(each, Unreadable)]


def test_a_folder_of_answers_becomes_facts_in_the_zone_and_currency_of_its_account(tmp_path: Path) -> None:
    _write(tmp_path, "account.json", {"name": "Books", "defaultCurrency": {"code": "GBP"}})
    _write(tmp_path, "shops.json", {"@attributes": {"next": ""}, "Shop": {"shopID": "1", "timeZone": "Asia/Tokyo"}})
    _write(tmp_path, "more/sales.json", {"Sale": sale(line("18"))})
    facts, wrong = _read(tmp_path, zone="")
    assert wrong == []
    assert [(fact.stream, fact.currency, fact.business_day.isoformat()) for fact in facts] == [
        ("sales", "GBP", "2026-03-16")
    ]


@pytest.mark.parametrize(
    ("zone", "currency"), [("US/Pacific", "USD"), ("America/Toronto", "CAD"), ("Asia/Tokyo", "JPY")]
)
def test_without_the_account_the_currency_is_that_of_the_zones_country(
    tmp_path: Path, zone: str, currency: str
) -> None:
    facts, wrong = _read(_write(tmp_path, "sales.json", {"Sale": sale(line("18"))}), zone)
    assert ([fact.currency for fact in facts], wrong) == ([currency], [])


def test_a_zone_of_a_country_that_nobody_named_is_asked_for(tmp_path: Path) -> None:
    facts, wrong = _read(_write(tmp_path, "sales.json", {"Sale": sale(line("18"))}), "Asia/Kathmandu")
    assert facts == []
    assert len(wrong) == 1
    assert "Account.json" in wrong[0]


def test_one_many_none_a_list_of_pages_and_bare_records_are_all_read(tmp_path: Path) -> None:
    first, second, third, fourth = (sale(line("18")) | {"saleID": key} for key in "1234")
    _write(tmp_path, "pages.json", [{"Sale": [first, second]}, {"Sale": third}, {"Sale": ""}, {"@attributes": {}}])
    _write(tmp_path, "anything.json", [fourth])
    facts, wrong = _read(tmp_path)
    assert wrong == []
    assert [fact.source_id for fact in facts] == ["1", "2", "3", "4"]


def test_names_in_another_case_and_json_numbers_are_the_same_sale(tmp_path: Path) -> None:
    body = sale(line("18"))
    drifted: Json = {
        name[0].lower() + name[1:].upper() if name != "saleID" else name: value for name, value in body.items()
    }
    facts, wrong = _read(_write(tmp_path, "sales.json", {"Sale": drifted | {"COMPLETED": True, "TOTAL": 18.00}}))
    assert wrong == []
    assert sums(facts[0]) == {("sale", "Uncategorized"): 1800, ("tender", "cash"): 1800}


def test_of_the_same_sale_twice_the_newest_counts_once(tmp_path: Path) -> None:
    old, new = sale(line("18")), sale(line("20"), updatetime="2026-03-16T16:00:00+00:00")
    _write(tmp_path, "b.json", {"Sale": old})
    _write(tmp_path, "a.json", {"Sale": new})
    facts, _ = _read(tmp_path)
    assert [sums(fact)["tender", "cash"] for fact in facts] == [2000]


def test_the_rows_of_a_report_are_put_together_by_shop_and_day(tmp_path: Path) -> None:
    rows = [{"date": "03/15/2026", "shopID": "1", "paymentTypeID": n, "amount": "5.00"} for n in ("1", "3")]
    _write(tmp_path, "payments.json", [{"Payments": rows[0]}, {"Payments": [rows[1]]}])
    (found,), wrong = _read(tmp_path)
    assert wrong == []
    assert isinstance(found.about, DayTotals)
    assert [(code, amount) for _, code, amount in found.about.totals] == [("cash", 500), ("credit card", 500)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("{", "not JSON"),
        ("3", "no answer"),
        ('{"httpCode":"401"}', "an error that Lightspeed answered"),
        ('{"data":[]}', "X-Series"),
        ('{"status":200,"headers":{}}', "headers"),
        ('{"registerID":"1"}', "name the file after its kind"),
        ('{"Sale":{"total":"1"}}', "without its saleID"),
        ('{"Sale":{"saleID":"1","updatetime":"yesterday"}}', "no moment"),
        ('{"Taxes":{"date":"the ides of March","tax":"1"}}', "no date"),
        ('{"Sale":{"saleID":"1","completed":"true"}}', "when it happened"),
        ('{"Sale":{"saleID":"1","completed":"true","createTime":"in spring"}}', "when it happened"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_sentence(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "thing.json"
    file.write_text(content)
    facts, wrong = _read(file)
    assert facts == []
    assert len(wrong) == 1
    assert words in wrong[0]
    assert "thing.json" in wrong[0]


def test_a_file_too_large_to_read_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_answers, "FILE_BYTES", 1024 * 1024)
    file = tmp_path / "sales.json"
    file.write_bytes(b" " * (1024 * 1024 + 1))
    assert _read(file)[1] == [f"{file}: it is larger than 1 MB."]


def test_a_zone_that_there_is_not_is_said_at_once(tmp_path: Path) -> None:
    assert _read(tmp_path, "Mars/Olympus")[1] == [
        "There is no time zone 'Mars/Olympus': name one as in America/New_York."
    ]


def test_every_r_series_sample_goes_through(tmp_path: Path) -> None:
    if not SAMPLES.exists():
        pytest.skip("the samples do not lie beside the project")
    found = [each for file in sorted(SAMPLES.glob("rseries-*.json")) for each in saved([file], Shop(zone=ZONE))]
    facts = [each for each in found if isinstance(each, Fact)]
    assert [fact.problems for fact in facts if fact.problems] == []
    assert sum(isinstance(fact.about, Receipt) for fact in facts) == 10
    assert {fact.about.reason for fact in facts if isinstance(fact.about, NoSale)} == {
        "not completed",
        "a line alone: it counts with its sale",
    }
    wrong = [str(each) for each in found if isinstance(each, Unreadable)]
    assert [sentence.rpartition(": ")[2] for sentence in wrong] == [
        "it holds an error that Lightspeed answered, and no records.",
        "it holds the headers of an answer, and no records.",
    ]


def test_x_series_samples_are_named_as_such() -> None:
    if not SAMPLES.exists():
        pytest.skip("the samples do not lie beside the project")
    found = list(saved(sorted(SAMPLES.glob("xseries-*.json")), Shop(zone=ZONE)))
    assert found
    assert all(isinstance(each, Unreadable) and "X-Series is a source of its own" in str(each) for each in found)
