"""`connector preview` keeps its form: its JSON, its exit status, its sentences."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import TypedDict, cast

import pytest

from tests.cli.running import RESTAURANT, RESTAURANT_MAP, SETTLEMENT, SETTLEMENT_MAP, Ran, run
from tests.sources.amazon.reports import report, row, summary, table


class LineBody(TypedDict):
    """A line of the stable JSON."""

    account: str
    number: str
    role: str
    debit: str
    credit: str
    tax_code: str
    tax: str
    tracking: dict[str, str]
    movements: int


class DocumentBody(TypedDict):
    """A document of the stable JSON."""

    key: str
    mark: str
    date: str
    currency: str
    kind: str
    narration: str
    source_ref: str
    lines: list[LineBody]


class HeldBody(TypedDict):
    """What is held, in the stable JSON."""

    key: str
    code: str
    reason: str
    difference: str
    movements: int


class IgnoredBody(TypedDict):
    """What is ignored, in the stable JSON."""

    key: str
    reason: str
    movements: int
    sum: dict[str, str]


class FindingBody(TypedDict):
    """A finding of the stable JSON."""

    code: str
    severity: str
    subject: str
    message: str
    fix: str


class MovementsBody(TypedDict):
    """The proof that nothing is lost, in the stable JSON."""

    count: int
    sum: dict[str, str]
    in_documents: int
    in_held: int
    ignored: int


class Body(TypedDict):
    """The stable JSON of a preview."""

    documents: list[DocumentBody]
    held: list[HeldBody]
    ignored: list[IgnoredBody]
    findings: list[FindingBody]
    movements: MovementsBody


def amazon(*words: str | Path, form: str = "json") -> Ran:
    return run("preview", "--source", "amazon", "--map", SETTLEMENT_MAP, "--format", form, *words)


def square(*words: str | Path, form: str = "json") -> Ran:
    return run("preview", "--source", "square", "--map", RESTAURANT_MAP, "--format", form, *words)


def body(ran: Ran) -> Body:
    return cast(Body, ran.json())


def written(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def wrong_total(folder: Path) -> Path:
    return written(folder, "wrong.txt", report([row("Order/ItemPrice/Principal", "12.00")], total="13.50"))


def check_conserved(found: Body) -> None:
    """The lines sum to in_documents, and every movement is in exactly one of the three places."""
    counts = found["movements"]
    lines = [line for document in found["documents"] for line in document["lines"]]
    assert sum(line["movements"] for line in lines) == counts["in_documents"]
    assert sum(held["movements"] for held in found["held"]) == counts["in_held"]
    assert sum(ignored["movements"] for ignored in found["ignored"]) == counts["ignored"]
    assert counts["count"] == counts["in_documents"] + counts["in_held"] + counts["ignored"] > 0


def test_the_json_has_exactly_the_promised_names(tmp_path: Path) -> None:
    found = body(amazon(SETTLEMENT, wrong_total(tmp_path)))
    keys = {"documents", "held", "ignored", "findings", "movements"}
    assert set(found) == keys
    assert {frozenset(each) for each in found["documents"]} == {frozenset(DocumentBody.__annotations__)}
    lines = [line for document in found["documents"] for line in document["lines"]]
    assert {frozenset(each) for each in lines} == {frozenset(LineBody.__annotations__)}
    assert {frozenset(each) for each in found["held"]} == {frozenset(HeldBody.__annotations__)}
    assert {frozenset(each) for each in found["findings"]} == {frozenset(FindingBody.__annotations__)}
    assert set(found["movements"]) == set(MovementsBody.__annotations__)


def test_a_sale_without_money_is_ignored_with_its_reason_and_the_promised_names(tmp_path: Path) -> None:
    money = {"amount": 900, "currency": "USD"}
    order = {"id": "O1", "location_id": "L1", "state": "OPEN", "created_at": "2026-03-14T12:00:00Z"}
    file = written(tmp_path, "orders.json", json.dumps({"orders": [order | {"total_money": money}]}).encode())
    ran = square(file, "--zone", "America/New_York")
    (ignored,) = body(ran)["ignored"]
    assert set(ignored) == set(IgnoredBody.__annotations__)
    assert ignored["reason"]
    assert ignored["movements"] == 0 and ignored["sum"] == {}
    assert ran.status == 0


@pytest.mark.parametrize("given", ["amazon", "square"])
def test_amounts_are_decimal_text_and_of_debit_and_credit_one_is_empty(given: str) -> None:
    found = body(amazon(SETTLEMENT) if given == "amazon" else square(RESTAURANT))
    for document in found["documents"]:
        off = Decimal(0)
        for line in document["lines"]:
            assert (line["debit"] == "") != (line["credit"] == "")
            amount = line["debit"] or line["credit"]
            assert Decimal(amount) >= 0 and amount == f"{Decimal(amount):.2f}"
            off += Decimal(line["debit"] or "0") - Decimal(line["credit"] or "0")
        assert off == 0


def test_every_movement_is_in_exactly_one_place(tmp_path: Path) -> None:
    for ran in (amazon(SETTLEMENT, wrong_total(tmp_path)), square(RESTAURANT)):
        check_conserved(body(ran))


def test_without_a_map_what_waits_for_a_decision_is_held_and_still_counted() -> None:
    ran = run("preview", "--source", "square", RESTAURANT, "--format", "json")
    found = body(ran)
    assert ran.status == 3
    assert "unmapped_bank" in {held["code"] for held in found["held"]}
    check_conserved(found)


def test_the_sum_is_in_the_sign_of_the_source(tmp_path: Path) -> None:
    rows = [row("Order/ItemPrice/Principal", "30.00"), row("Order/ItemFees/Commission", "-4.50")]
    found = body(amazon(written(tmp_path, "one.txt", report(rows))))
    assert found["movements"] == {"count": 2, "sum": {"USD": "25.50"}, "in_documents": 2, "in_held": 0, "ignored": 0}


def test_all_in_documents_ends_with_0_and_says_nothing_on_stderr() -> None:
    ran = amazon(SETTLEMENT)
    assert (ran.status, ran.err) == (0, "")
    assert [document["kind"] for document in body(ran)["documents"]] == ["settlement", "settlement", "transfer"]


def test_something_held_ends_with_3_and_shows_the_difference(tmp_path: Path) -> None:
    ran = amazon(wrong_total(tmp_path))
    (held,) = body(ran)["held"]
    assert ran.status == 3
    assert (held["code"], held["difference"], held["movements"]) == ("A1", "-1.50", 1)
    assert "1.50" in held["reason"]


def test_one_bad_file_of_several_is_named_and_the_good_ones_are_printed(tmp_path: Path) -> None:
    bad = written(tmp_path, "empty.txt", b"")
    ran = amazon(bad, SETTLEMENT)
    assert (ran.status, len(body(ran)["documents"])) == (2, 3)
    assert ran.sentences == ["empty.txt cannot be read: it is empty."]


def test_the_worst_status_of_several_files_wins(tmp_path: Path) -> None:
    bad = written(tmp_path, "empty.txt", b"")
    assert amazon(SETTLEMENT, wrong_total(tmp_path)).status == 3
    assert amazon(wrong_total(tmp_path), bad).status == 2
    assert amazon(bad, wrong_total(tmp_path), SETTLEMENT).status == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--source", "etsy", SETTLEMENT], "There is no source 'etsy'; there are: amazon, "),
        (["--source", "amazon", "--zone", "Mars/Base", SETTLEMENT], "'Mars/Base' is not a time zone"),
        (["--source", "square", "--zone", "../etc", RESTAURANT], "'../etc' is not a time zone"),
        (["--source", "amazon", "--map", "none.yaml", SETTLEMENT], "The account map none.yaml cannot be read: No such"),
        (
            ["--source", "square", "--shop", "no.yaml", RESTAURANT],
            "The file of the shop no.yaml cannot be read",
        ),
    ],
)
def test_a_wrong_wish_is_answered_with_one_sentence(words: list[str | Path], sentence: str) -> None:
    ran = run("preview", *words)
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.sentences) == 1 and sentence in ran.err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("slots: {bank: [", "The account map is not YAML in line 1"),
        ("slot: {bank: Checking}", "the account map does not know 'slot'"),
        ("slots: {bank: {role: money}}", "slots.bank.role is 'money'"),
        ("- bank", "the account map should hold names with values"),
        ("slots: {bank: 1.5}", "slots.bank"),
    ],
)
def test_a_wrong_account_map_is_answered_with_one_sentence_that_names_the_place(
    text: str, sentence: str, tmp_path: Path
) -> None:
    ran = run("preview", "--source", "amazon", SETTLEMENT, "--map", written(tmp_path, "map.yaml", text.encode()))
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.sentences) == 1 and sentence in ran.err


def test_an_account_map_that_is_no_text_is_answered_with_one_sentence(tmp_path: Path) -> None:
    ran = run("preview", "--source", "amazon", SETTLEMENT, "--map", written(tmp_path, "map.yaml", b"\xff\xfe\x00"))
    assert (ran.status, ran.sentences) == (2, ["The account map map.yaml cannot be read: it is not UTF-8 text."])


@pytest.mark.parametrize(("source", "name"), [("amazon", "gone.txt"), ("square", "gone.json")])
def test_a_missing_file_is_named(source: str, name: str, tmp_path: Path) -> None:
    ran = run("preview", "--source", source, tmp_path / name, "--format", "json")
    assert ran.status == 2
    assert len(ran.sentences) == 1 and name in ran.err and "No such file" in ran.err
    assert body(ran)["movements"]["count"] == 0


def test_the_journal_ends_with_where_every_movement_is(tmp_path: Path) -> None:
    ran = amazon(SETTLEMENT, wrong_total(tmp_path), form="journal")
    heading = "2026-04-30  Amazon.com · settlement 18273645546 · 2026-04"
    assert ran.out.startswith(heading)
    assert "\nHELD  amazon|file|Amazon.com|settlement|55500011122" in ran.out
    counts = body(amazon(SETTLEMENT, wrong_total(tmp_path)))["movements"]
    last = ran.out.splitlines()[-1]
    assert (
        last == f"{counts['count']} movements: {counts['in_documents']} in 3 documents, 1 held in 1 place, 0 ignored."
    )


def test_the_csv_has_a_row_for_each_line_and_the_amounts_of_the_json() -> None:
    rows = list(csv.DictReader(io.StringIO(square(RESTAURANT, form="csv").out)))
    documents = body(square(RESTAURANT))["documents"]
    lines = [line for document in documents for line in document["lines"]]
    assert [(r["account"], r["debit"], r["credit"]) for r in rows] == [
        (line["account"], line["debit"], line["credit"]) for line in lines
    ]
    assert sum(Decimal(r["debit"] or "0") for r in rows) == sum(Decimal(r["credit"] or "0") for r in rows)


def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_quoted(tmp_path: Path) -> None:
    mapped = written(tmp_path, "map.yaml", b"slots: {bank: '=HYPERLINK(1)', sales: '@Sales', referral_fees: '+Fees'}")
    ran = run("preview", "--source", "amazon", SETTLEMENT, "--map", mapped, "--format", "csv")
    accounts = {cells["account"] for cells in csv.DictReader(io.StringIO(ran.out))}
    assert {"'=HYPERLINK(1)", "'@Sales", "'+Fees"} <= accounts
    assert not [cell for cells in csv.reader(io.StringIO(ran.out)) for cell in cells if cell[:1] in tuple("=+-@")]


def test_a_folder_of_saved_answers_says_the_same_as_its_files_in_any_order() -> None:
    files = sorted(RESTAURANT.glob("*.json"))
    whole = square(RESTAURANT)
    assert square(*files).out == whole.out
    assert square(*reversed(files)).out == whole.out
    assert whole.status == 0


def test_a_document_of_sales_says_of_which_place_and_day_it_is() -> None:
    (sales,) = [document for document in body(square(RESTAURANT))["documents"] if document["kind"] == "sales"]
    assert sales["key"] == "square|file|LMAINST0000001|sales|2026-03-15"
    assert sales["narration"].startswith("Square · ") and sales["narration"].endswith(" · sales")
    assert sales["date"] == "2026-03-15"


def test_without_the_locations_the_zone_of_the_command_line_cuts_the_day() -> None:
    files = [file for file in sorted(RESTAURANT.glob("*.json")) if file.stem != "locations"]
    late, early = (body(square(*files, "--zone", zone)) for zone in ("America/New_York", "Pacific/Kiritimati"))
    assert [d["date"] for d in late["documents"] if d["kind"] == "sales"] == ["2026-03-15"]
    assert "2026-03-16" in {d["date"] for d in early["documents"] if d["kind"] == "sales"} | {
        held["key"].rpartition("|")[2] for held in early["held"]
    }
    check_conserved(late)
    check_conserved(early)


def test_without_any_zone_the_records_that_need_one_are_named() -> None:
    files = [file for file in sorted(RESTAURANT.glob("*.json")) if file.stem != "locations"]
    ran = square(*files)
    assert ran.status == 2
    assert "orders.json" in ran.err and "payments.json" in ran.err


def test_the_style_decides_where_a_part_of_a_settlement_waits() -> None:
    clearing, bank = (body(amazon(SETTLEMENT, "--style", style)) for style in ("clearing", "bank"))
    roles = [{line["role"] for line in document["lines"]} for document in clearing["documents"]]
    assert "carry" not in set.union(*roles)
    assert "carry" in {line["role"] for document in bank["documents"] for line in document["lines"]}
    assert clearing["movements"] == bank["movements"]


def test_rows_of_an_unknown_kind_hold_their_settlement_and_are_named(tmp_path: Path) -> None:
    rows = [row("Order/ItemPrice/Principal", "30.00"), row("Order/ItemPrice/MoonDust", "1.00")]
    ran = amazon(written(tmp_path, "moon.txt", table([summary("31.00"), *rows])))
    found = body(ran)
    assert ran.status == 3
    assert found["documents"] == [] and found["movements"]["in_held"] == 2
    assert any("MoonDust" in finding["message"] + finding["subject"] for finding in found["findings"])


def test_write_leaves_the_journal_and_the_tables_in_a_folder(tmp_path: Path) -> None:
    ran = amazon(SETTLEMENT, "--write", tmp_path / "out")
    assert ran.status == 0 and len(body(ran)["documents"]) == 3
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert all(name in ran.err for name in names) and len(names) == 3
    in_the_way = amazon(SETTLEMENT, "--write", written(tmp_path, "taken", b"a file"))
    assert in_the_way.status == 2
    assert in_the_way.sentences[-1].endswith("taken cannot be written: File exists.")
