"""Accruals: what a marketplace held back over a month end, by family, once; and its reversal when it is released."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

from msgspec import structs

from connector.domain.account_map import AccountMap, Placement
from connector.domain.document import Document
from connector.domain.facts import UNKNOWN, Bucket, BucketKey, Fact, Problem
from connector.domain.sales import NoSale
from connector.mapping.accruals import accruals
from connector.mapping.documents import documents
from connector.mapping.outcome import Journalized
from connector.sandbox.amazon_deferrals import deferrals
from connector.sandbox.body import encode
from connector.sources.amazon.deferrals import translate_transaction
from tests.mapping.given import BANK, rules, settlement, sums

MAY_31 = date(2026, 5, 31)
ORDER = (("sales", 1000), ("fee_referral", -150))


def held_back(name: str, posted: date, *pieces: tuple[str, int], released: str = "", until: str = "") -> Fact:
    """A transaction; `released` is the day on which it was."""
    status = "DEFERRED_RELEASED" if released else "DEFERRED"
    buckets = tuple(
        Bucket(
            key=BucketKey(
                kind=kind, code="", currency="USD", period=released or until, location="Amazon.com", channel=status
            ),
            amount=amount,
            count=1,
        )
        for kind, amount in pieces or ORDER
    )
    return Fact(
        stream="transactions",
        source_id=name,
        about=NoSale(record_id=name, reason="held back"),
        location="Amazon.com",
        occurred_at=datetime(posted.year, posted.month, posted.day, 12, tzinfo=UTC),
        business_day=posted,
        currency="USD",
        buckets=buckets,
    )


def made(*facts: Fact, through: date = MAY_31) -> Journalized:
    return accruals(facts, rules("amazon"), through=through)


def told(found: Journalized) -> list[tuple[str, dict[str, int]]]:
    return [(document.date.isoformat(), sums(document.lines)) for document in found.documents]


ACCRUED = {"Amazon Sales": -1000, "Amazon Referral Fees": 150, "Amazon Deferred Transactions": 850}
REVERSED = {name: -amount for name, amount in ACCRUED.items()}


def test_an_order_held_back_over_the_month_end_is_accrued_gross_by_family() -> None:
    found = made(held_back("T1", date(2026, 5, 20), until="2026-07-04"))
    assert told(found) == [("2026-05-31", ACCRUED)]
    (document,) = found.documents
    assert (document.kind, document.location, document.currency) == ("adjustment", "Amazon.com", "USD")
    assert {line.role for line in document.lines} == {"sales", "fee", "deferred"}


def test_its_release_reverses_it_on_the_day_of_release() -> None:
    found = made(held_back("T1", date(2026, 5, 20), released="2026-06-08"))
    assert told(found) == [("2026-05-31", ACCRUED), ("2026-06-08", REVERSED)]
    assert len({document.key for document in found.documents}) == 2


def test_an_order_released_before_the_month_end_is_never_accrued() -> None:
    assert made(held_back("T1", date(2026, 5, 20), released="2026-05-31")) == Journalized()


def test_an_order_held_over_two_month_ends_is_accrued_once() -> None:
    found = made(held_back("T1", date(2026, 4, 20), released="2026-06-03"))
    assert [day for day, _ in told(found)] == ["2026-04-30", "2026-06-03"]


def test_a_month_that_has_not_ended_is_not_accrued() -> None:
    assert made(held_back("T1", date(2026, 6, 1))) == Journalized()


def test_the_releases_of_a_day_are_one_document_and_what_is_left_stays_accrued() -> None:
    found = made(
        held_back("T1", date(2026, 5, 28), released="2026-06-08"),
        held_back("T2", date(2026, 5, 29), released="2026-06-08"),
        held_back("T3", date(2026, 5, 30)),
    )
    deferred = [lines["Amazon Deferred Transactions"] for _, lines in told(found)]
    assert deferred == [3 * 850, -2 * 850]


def test_a_month_that_a_later_settlement_books_into_waits_as_a_whole() -> None:
    later = settlement(700, ("sales", "2026-03", 700), deposits_on=date(2026, 5, 4))  # it began in April
    found = made(later, held_back("T1", date(2026, 3, 20), released="2026-04-20"))
    (held,) = found.held
    assert (held.code, found.documents) == ("accrued_in_settlement", ())
    assert "Settlement S1 of Amazon.com began after 2026-03" in held.reason


def test_a_settlement_that_began_in_the_month_itself_stops_no_accrual() -> None:
    crossing = settlement(700, ("sales", "2026-04", 300), ("sales", "2026-05", 400), deposits_on=date(2026, 5, 4))
    assert told(made(crossing, held_back("T1", date(2026, 4, 20)))) == [("2026-04-30", ACCRUED)]


def test_a_transaction_with_an_unknown_amount_waits_alone() -> None:
    found = made(held_back("T1", date(2026, 5, 20)), held_back("T2", date(2026, 5, 20), ("sales", 500), (UNKNOWN, -35)))
    assert told(found) == [("2026-05-31", ACCRUED)]
    (held,) = found.held
    assert held.key.endswith("T2")


def test_a_transaction_that_failed_its_own_total_waits_with_the_difference() -> None:
    wrong = structs.replace(
        held_back("T1", date(2026, 5, 20)), problems=(Problem(code="T1", message="off", difference=1),)
    )
    found = made(wrong)
    assert found.documents == ()
    assert [(held.code, held.difference) for held in found.held] == [("T1", 1)]


def test_a_release_without_a_day_waits() -> None:
    fact = held_back("T1", date(2026, 5, 20), released="2026-06-08")
    undated = tuple(structs.replace(bucket, key=structs.replace(bucket.key, period="")) for bucket in fact.buckets)
    found = made(structs.replace(fact, buckets=undated))
    assert ([held.code for held in found.held], found.documents) == (["release_undated"], ())


def test_accruals_carry_no_tax_into_the_return() -> None:
    account_map = AccountMap(slots=BANK | {"sales": Placement(account="Sales", tax_code="20S")})
    wanted = rules("amazon", country="GB", out_of_scope="NONE", account_map=account_map)
    found = accruals([held_back("T1", date(2026, 5, 20))], wanted, through=MAY_31)
    assert {(line.tax_code, line.tax) for document in found.documents for line in document.lines} == {("NONE", 0)}


def test_accruals_leave_every_movement_where_it_is_and_sum_to_nothing_once_all_is_released() -> None:
    facts = [held_back(f"T{n}", date(2026, 5, 20 + n), released=f"2026-06-{n + 1:02}") for n in range(5)]
    found = made(*facts)
    assert not [line.shares for document in found.documents for line in document.lines if line.shares]
    assert sum(len(ignored.shares) for ignored in documents(facts, rules("amazon")).ignored) == 10
    assert set(_totals(found.documents).values()) == {0}


def test_the_order_of_the_facts_changes_nothing() -> None:
    facts = [held_back(f"T{n}", date(2026, 5, 20 + n), released="2026-06-08" if n % 2 else "") for n in range(6)]
    wanted = made(*facts)
    Random(1).shuffle(facts)
    assert made(*facts) == wanted


def test_what_the_stand_in_held_back_at_the_end_of_may_is_accrued_and_partly_released() -> None:
    facts = [translate_transaction(f"D-{each.name}", encode(each.body), "") for each in deferrals()]
    deferred = [(day, lines["Amazon Deferred Transactions"]) for day, lines in told(made(*facts))]
    assert deferred == [
        ("2026-05-31", 15 * 3362), ("2026-06-08", -3362), ("2026-06-09", -3362), ("2026-06-10", -3362),
    ]  # fmt: skip


def _totals(found: tuple[Document, ...]) -> dict[str, int]:
    return sums(line for document in found for line in document.lines)
