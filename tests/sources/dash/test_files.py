"""Saved answers and exports: which file holds what, revisions, and that nothing is passed over in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connector.domain.facts import Fact, sum_buckets
from connector.domain.sales import NoSale, Receipt
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.sources import saved as saved_answers
from connector.sources.dash.exports import COLUMNS
from connector.sources.dash.files import saved
from tests.sources.dash.building import Json, fact, payment, plain, product, summary, sums, tax

SAMPLES = Path(__file__).resolve().parents[3] / ".." / "shared" / "samples" / "dash"
HEADER = ",".join(COLUMNS)
ROWS = """
product,f,Food,Food,1,100.00,0.00,100.00,
tax,hst,HST,,,13.00,100.00,,0.13
payment,cash,Cash,,1,113.00,,,
total,gift_card_sold,,,,0.00,,,
total,paid_out,,,,0.00,,,
"""


def _export(rows: str = ROWS, *, day: str = "2026-03-30", place: str = "L1", revision: int = 1) -> str:
    start = f"dash-daily-export/1,{place},{day},CAD,{revision},"
    return "\n".join(start + row for row in rows.strip().splitlines()) + "\n"


def _write(folder: Path, name: str, content: object) -> Path:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def _read(*paths: Path) -> tuple[list[Fact], list[str]]:
    found = list(saved(paths, Shop()))
    facts = [each for each in found if isinstance(each, Fact)]
    return facts, [str(each) for each in found if isinstance(each, Unreadable)]


@pytest.mark.parametrize(
    "content",
    [
        plain(),
        [plain()],
        {"data": [plain()], "next_cursor": None},
        [{"data": [plain()], "next_cursor": "x"}, {"data": []}],
        HEADER + "\n" + _export(),
        "\ufeff" + HEADER + "\r\n" + _export().replace("\n", "\r\n"),
    ],
)
def test_a_day_may_come_as_answer_pages_bare_or_as_an_export(tmp_path: Path, content: object) -> None:
    facts, wrong = _read(_write(tmp_path, "day.txt", content))
    assert wrong == []
    assert [sum_buckets(found.buckets) for found in facts] == [sum_buckets(fact(plain()).buckets)]


def test_an_export_holds_many_days_and_locations(tmp_path: Path) -> None:
    text = HEADER + "\n" + _export(place="L2") + _export(day="2026-03-31") + _export()
    facts, wrong = _read(_write(tmp_path, "days.csv", text))
    assert wrong == []
    assert [found.source_id for found in facts] == ["L1/2026-03-30", "L1/2026-03-31", "L2/2026-03-30"]


def test_the_export_tells_all_that_the_answer_tells(tmp_path: Path) -> None:
    rows = """
day,closed,yes,,,,,,
day,location,Main St,,,,,,
product,f,Burger,Food,1,120.00,5.00,100.00,
product_tax,f,hst,,,,,,
product_refund,f,,,,15.00,,,
product,g,Milk,Food,1,9.00,,9.00,
product_tax,g,,,,,,,
product,f@s,Burger,Food,1,50.00,,50.00,
product_provider,f@s,Swift Bites,,,,,,
tax,hst,HST,,,13.00,100.00,,0.13
tax_refund,hst,,,,1.95,,,
payment,credit_card,,,1,127.00,,,
payment_refund,credit_card,,,,16.95,,,
payment,gift_card,,,1,5.00,,,
payment,delivery_provider,,Swift Bites,1,56.50,,,
fee,1,Terminal,yes,,3.00,,,
paid_out,2,Milkman,no,,4.00,,,
delivery,Swift Bites,hst,merchant,,50.00,4.50,2.00
commission,Swift Bites,,,,10.00,,,
total,tips,,,,2.00,,,
total,service_charges,,,,1.00,,,
total,rounding,,,,0.00,,,
total,gift_card_sold,,,,12.00,,,
total,gift_card_redeemed,,,,5.00,,,
total,paid_out,,,,4.00,,,
"""
    rows = "".join(f"{row + ',' * (8 - row.count(','))}\n" for row in rows.strip().splitlines())
    sold: Json = {"category": "Food", "gross": "120.00", "discount": "5.00", "refunded": "15.00", "tax_ids": ["hst"]}
    answer = summary(
        [
            product("Burger", "100.00", **sold),
            product("Milk", "9.00", category="Food", tax_ids=[]),
            product("Burger", "50.00", category="Food", provider="Swift Bites"),
        ],
        [tax("13.00", refunded="1.95")],
        [
            payment("credit_card", "127.00", refunded="16.95"),
            payment("gift_card", "5.00"),
            payment("delivery_provider", "56.50", provider="Swift Bites"),
        ],
        fees=[{"name": "Terminal", "amount": "3.00", "deducted": True}],
        paid_outs=[{"name": "Milkman", "amount": "4.00", "deducted": False}],
        delivery_providers=[
            {"provider": "Swift Bites", "net_sales": "50.00", "tax": "4.50", "tax_remitted_by": "merchant"}
            | {"tax_id": "hst", "tips": "2.00", "commission": "10.00"}
        ],
        tips="2.00",
        service_charges="1.00",
        gift_cards={"sold": "12.00", "redeemed": "5.00"},
    )
    facts, wrong = _read(_write(tmp_path, "day.csv", HEADER + "\n" + _export(rows)))
    assert wrong == []
    assert [found.problems for found in facts] == [()]
    assert sum_buckets(facts[0].buckets) == sum_buckets(fact(answer).buckets)


def test_of_a_days_revisions_the_highest_counts_and_the_others_say_so(tmp_path: Path) -> None:
    newer = plain(revision=3) | {"payments": [payment("credit_card", "113.00")]}
    _write(tmp_path, "a.json", [newer, plain(), plain(revision=2)])
    _write(tmp_path, "b.csv", HEADER + "\n" + _export())
    facts, wrong = _read(tmp_path)
    assert wrong == []
    assert [(found.source_id, type(found.about)) for found in facts] == [
        ("L1/2026-03-30#1", NoSale),
        ("L1/2026-03-30#2", NoSale),
        ("L1/2026-03-30", Receipt),
    ]
    assert ("tender", "credit_card") in sums(facts[-1])


def test_the_same_revision_with_other_money_is_held(tmp_path: Path) -> None:
    _write(tmp_path, "a.json", [plain(), plain() | {"payments": [payment("check", "113.00")]}])
    facts, wrong = _read(tmp_path)
    assert wrong == []
    assert [[problem.code for problem in found.problems] for found in facts] == [["same_revision"]]


def test_a_day_that_was_open_and_is_closed_counts_once(tmp_path: Path) -> None:
    _write(tmp_path, "a.json", [plain(closed=False), plain()])
    facts, _ = _read(tmp_path)
    assert [type(found.about) for found in facts] == [Receipt]


def test_what_a_record_says_of_being_superseded_is_no_proof(tmp_path: Path) -> None:
    facts, _ = _read(_write(tmp_path, "a.json", plain(superseded_by=9)))
    assert [type(found.about) for found in facts] == [Receipt]


def test_locations_among_the_files_name_the_delivery_providers(tmp_path: Path) -> None:
    _write(tmp_path, "places.json", {"data": [{"id": "L1", "name": "Main", "delivery_providers": ["A", "B"]}]})
    paid = payment("delivery_provider", "9.00", provider="A")
    _write(tmp_path, "day.json", summary([product("Pie", "9.00")], [], [paid]))
    facts, wrong = _read(tmp_path)
    assert wrong == []
    assert sums(facts[0])["provider_tender", "A"] == 900


def test_a_record_that_cannot_be_read_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    file = _write(tmp_path, "days.json", [plain(tips=5), {"id": 7}, plain()])
    facts, wrong = _read(file)
    assert [found.source_id for found in facts] == ["L1/2026-03-30"]
    assert len(wrong) == 2
    assert all("days.json: a record cannot be read" in sentence for sentence in wrong)


def test_a_day_with_a_fraction_of_a_cent_is_named(tmp_path: Path) -> None:
    facts, wrong = _read(_write(tmp_path, "day.json", plain(tips="1.005")))
    assert facts == []
    assert wrong == ["The day L1/2026-03-30: '1.005' has more decimals than CAD knows"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("wine,1,,,,1.00,,,", "line 2: the section 'wine' is not known"),
        ("total,sparkle,,,,1.00,,,", "line 2: the total 'sparkle' is not known"),
        ("total,tips,,,,1.00,,,\ntotal,tips,,,,1.00,,,", "line 3: tips stands there twice"),
        ("payment,cash,,,,1.00,,,\npayment,cash,,,,1.00,,,", "line 3: payment cash  stands there twice"),
        ("product_refund,f,,,,1.00,,,", "line 2: there is no product f above it"),
        ("day,closed,maybe,,,,,,", "line 2: 'maybe' is neither yes nor no"),
        ("day,weather,sunny,,,,,,", "line 2: 'weather' is not known of a day"),
        ("payment,cash,,,,1.00", "line 2: 11 cells, not 14"),
        ("payment,cash,,,,1 00,,,", "the day 2026-03-30 of location L1"),
        ("product,f,Pie,,1,1.00,,,", "the day 2026-03-30 of location L1"),
        ('payment,"cash,,,,1.00,,,', "no sound CSV"),
    ],
)
def test_an_export_that_is_not_understood_is_refused_with_its_line(tmp_path: Path, rows: str, sentence: str) -> None:
    facts, wrong = _read(_write(tmp_path, "day.csv", HEADER + "\n" + _export(rows)))
    assert facts == []
    assert len(wrong) == 1
    assert sentence in wrong[0]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"{", "not a "),
        (b"\xff\xfe,", "not UTF-8"),
        (b"a,b\n", "its header differs"),
        (b'{"error": {"message": "no"}}', "which this project defines"),
        (b"[" * 100_000, "not a "),
        (HEADER.encode() + b"\ndash-daily-export/2" + b",L1,2026-03-30,CAD,1,day,closed,yes,,,,,,", "contract is"),
        (HEADER.encode() + b"\n" + _export(revision=0).encode(), "of location L1"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_reason(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "day.json").write_bytes(content)
    facts, wrong = _read(tmp_path)
    assert facts == []
    assert len(wrong) == 1
    assert "day.json" in wrong[0]
    assert sentence in wrong[0]


def test_a_day_in_two_currencies_is_refused(tmp_path: Path) -> None:
    text = HEADER + "\n" + _export() + _export("total,tips,,,,1.00,,,").replace("CAD", "USD")
    assert "in CAD and in USD" in _read(_write(tmp_path, "day.csv", text))[1][0]


def test_a_file_that_is_not_there_and_one_too_large_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_answers, "FILE_BYTES", 10)
    large = _write(tmp_path, "day.json", plain())
    assert "cannot be opened" in _read(tmp_path / "gone.json")[1][0]
    assert "larger than" in _read(large)[1][0]


def test_the_samples_answer_and_export_are_one_day_that_balances() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the samples are not beside the repository")
    facts, wrong = _read(SAMPLES)
    assert wrong == []
    assert [(found.source_id, found.problems) for found in facts] == [("L1/2026-03-30", ())]
    assert sums(facts[0]) == {
        ("sale", "Food"): 10000, ("sale", "Drinks"): 3000, ("discount", "Drinks"): -500, ("tax", "HST 13%"): 1625,
        ("tender", "cash"): 6125, ("tender", "credit_card"): 8000,
    }  # fmt: skip
