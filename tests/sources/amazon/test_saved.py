"""Files and folders of reports for a preview; code pages; Amazon's sample reports where they are at hand."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.sources.amazon.previews import saved
from connector.sources.amazon.source import SOURCE
from tests.sources.amazon.reports import fact_of, report, row, settlement_of

SAMPLES = Path(__file__).resolve().parents[3] / ".." / "shared" / "samples" / "amazon"
CONTENT = report([row("Order/ItemPrice/Principal", "20.00")])


def test_the_source_introduces_itself() -> None:
    assert (SOURCE.name, SOURCE.title, SOURCE.prefix) == ("amazon", "Amazon", "AM")
    assert SOURCE.file and SOURCE.file.stream == "settlements"
    assert (SOURCE.defaults.source, SOURCE.defaults.prefix) == ("amazon", "AM")


def test_a_folder_gives_its_reports_in_order_and_names_those_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "c.TXT").write_bytes(CONTENT)
    (tmp_path / "a.gz").write_bytes(gzip.compress(CONTENT))
    (tmp_path / "b.csv").write_bytes(b"")
    (tmp_path / "notes.md").write_bytes(b"not a report")
    first, second, third = saved([tmp_path], Shop(zone="UTC"))
    assert first == third == fact_of(CONTENT)
    assert isinstance(second, Unreadable) and str(second) == "b.csv cannot be read: it is empty."


def test_a_file_that_is_named_is_read_whatever_its_ending(tmp_path: Path) -> None:
    (tmp_path / "report.dat").write_bytes(CONTENT)
    assert list(saved([tmp_path / "report.dat"], Shop(zone="UTC"))) == [fact_of(CONTENT)]


def test_a_file_that_is_not_there_and_an_empty_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    lost, empty = saved([tmp_path / "lost.txt", tmp_path / "empty"], Shop(zone="UTC"))
    assert str(lost) == "lost.txt cannot be read: No such file or directory."
    assert "The folder empty holds no settlement report" in str(empty)


@pytest.mark.parametrize(
    ("encoding", "currency", "text"),
    [
        ("utf-8", "EUR", "Gebühr"),
        ("utf-8-sig", "EUR", "Gebühr"),
        ("cp1252", "EUR", "Gebühr"),
        ("cp932", "JPY", "手数料"),
    ],
)
def test_words_are_read_in_the_code_page_of_the_marketplace(encoding: str, currency: str, text: str) -> None:
    content = report([row(f"Order/ItemFees/{text}", "-5")], total="-5", currency=currency).decode().encode(encoding)
    (bucket,) = fact_of(content).buckets
    assert bucket.key.code == f"Order|ItemFees|{text}"


def test_each_movement_of_the_sample_reports_is_counted_and_adds_up_to_the_total() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the sample reports are not at hand")
    facts = list(saved([SAMPLES], Shop()))
    assert len(facts) == 5
    for path, fact in zip(sorted(SAMPLES.glob("*.txt")), facts, strict=True):
        assert isinstance(fact, Fact)
        assert fact.problems == ()
        assert sum(bucket.amount for bucket in fact.buckets) == settlement_of(fact).total
        if path.name.startswith("v2"):
            assert fact.movement_count == len(path.read_text().splitlines()) - 2


def test_the_two_layouts_of_the_sample_reports_have_the_same_families() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the sample reports are not at hand")
    facts = [fact for fact in saved([SAMPLES], Shop()) if isinstance(fact, Fact)]
    sums = [{(bucket.key, bucket.amount) for bucket in fact.buckets} for fact in facts]
    assert sums[0] == sums[2]
    assert sums[1] == sums[3]
