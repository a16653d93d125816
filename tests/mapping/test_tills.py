"""What a till summed up by itself, against its receipts: what holds, what warns, what cannot be compared."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec import structs

from connector.domain.facts import Fact
from connector.domain.sales import NoSale, Receipt, Refund, RegisterClosure, Tender, TillCount
from connector.mapping.checks.tills import till_checks
from connector.mapping.documents import documents
from tests.mapping.given import DAY, fact, rules, sale

Total = tuple[str, str, int]
NET = "tender+refund_tender"
EITHER = f"tender or {NET}"


def at(hour: int, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def receipt(name: str, amount: int, when: datetime, register: str = "T1", code: str = "CARD") -> Fact:
    about = Receipt(receipt_id=name, register=register, is_refund=amount < 0)
    kinds = ("refund", "refund_tender") if amount < 0 else ("sale", "tender")
    made = fact("receipts", name, about, (kinds[0], "Food", amount), (kinds[1], code, amount), day=when.date())
    return structs.replace(made, occurred_at=when)


def closure(name: str, opened: datetime | None, closed: datetime, *totals: Total, **told: object) -> Fact:
    till = TillCount(report="shift", register=str(told.pop("register", "T1")), opened_at=opened, closed_at=closed,
                     totals=totals, holds=bool(told.pop("holds", True)))  # fmt: skip
    about = RegisterClosure(closure_id=name, expected=0, counted=0, till=till)
    return structs.replace(fact("shifts", name, about, day=closed.date()), occurred_at=closed)


def codes(*facts: Fact) -> list[tuple[str, str, int]]:
    """What is held (code, key, difference) and what is only said (code, severity, 0)."""
    made = documents(facts, rules("loyverse"))
    said = [(each.code, each.severity, 0) for each in made.findings if each.severity != "blocking"]
    return [*((held.code, held.key.rpartition("|")[2], held.difference) for held in made.held), *said]


MORNING = receipt("R0", 100, at(6))


def test_a_till_that_agrees_with_its_receipts_says_nothing() -> None:
    shift = closure("S1", at(8), at(20), (NET, "CARD", 700))
    assert codes(MORNING, receipt("R1", 1000, at(9)), receipt("R2", -300, at(10)), shift) == []


def test_a_receipt_that_the_till_counted_and_we_lack_holds_its_day_to_the_cent_and_no_other() -> None:
    before = receipt("B1", 100, at(9, date(2026, 3, 13)))
    made = documents(
        [before, receipt("R1", 1000, at(9)), closure("S1", at(8), at(20), (NET, "CARD", 1250))], rules("loyverse")
    )
    (held,) = made.held
    assert (held.code, held.key, held.difference) == ("till_total", "loyverse|M1|L1|sales|2026-03-14", -250)
    assert "shift S1 (2026-03-14 08:00 to 2026-03-14 20:00 UTC) differ: CARD by -2.50 USD" in held.reason
    assert [document.date for document in made.documents] == [date(2026, 3, 13)]


def test_a_shift_over_midnight_that_differs_holds_both_of_its_days() -> None:
    night = closure("S1", at(20), at(2, date(2026, 3, 15)), (NET, "CARD", 900))
    late = receipt("R2", 500, at(1, date(2026, 3, 15)))
    found = codes(MORNING, receipt("R1", 500, at(22)), late, night)
    assert found == [("till_total", "2026-03-14", 100), ("till_total", "2026-03-15", 100)]


def test_tills_open_at_the_same_time_are_compared_each_with_its_own_receipts() -> None:
    facts = [
        MORNING,
        receipt("R1", 1000, at(9)), receipt("R2", 400, at(9), "T2"),
        closure("S1", at(8), at(20), (NET, "CARD", 1000)),
        closure("S2", at(8), at(20), (NET, "CARD", 400), register="T2"),
    ]  # fmt: skip
    assert codes(*facts) == []


def test_where_receipts_do_not_tell_their_till_those_open_together_are_compared_as_one() -> None:
    facts = [
        receipt("R0", 100, at(6), ""),
        receipt("R1", 1000, at(9), ""), receipt("R2", 400, at(21), ""),
        closure("S1", at(8), at(20), (NET, "CARD", 600)),
        closure("S2", at(9), at(22), (NET, "CARD", 800), register="T2"),
    ]  # fmt: skip
    assert codes(*facts) == []
    assert codes(*facts[:-1]) == [("till_total", "2026-03-14", 400)]


def test_a_receipt_made_without_a_till_is_in_no_shift() -> None:
    facts = [MORNING, receipt("R1", 1000, at(9)), receipt("API", 70, at(10), "")]
    assert codes(*facts, closure("S1", at(8), at(20), (NET, "CARD", 1000))) == []


def test_where_it_is_not_told_whether_a_total_is_before_refunds_both_readings_are_sound() -> None:
    facts = [MORNING, receipt("R1", 1000, at(9)), receipt("R2", -300, at(10))]
    assert codes(*facts, closure("S1", at(8), at(20), (EITHER, "CARD", 1000))) == []
    assert codes(*facts, closure("S1", at(8), at(20), (EITHER, "CARD", 700))) == []
    assert codes(*facts, closure("S1", at(8), at(20), (EITHER, "CARD", 900)))[0][2] == 100


def test_ways_to_pay_that_the_till_does_not_name_are_compared_as_one_sum() -> None:
    facts = [
        MORNING,
        receipt("R1", 1000, at(9)),
        receipt("R2", 250, at(9), code="Meal"),
        receipt("R3", 50, at(9), code="X"),
    ]
    assert codes(*facts, closure("S1", at(8), at(20), (NET, "CARD", 1000), (NET, "*", 300))) == []
    made = documents([*facts, closure("S1", at(8), at(20), (NET, "CARD", 1000), (NET, "*", 310))], rules("loyverse"))
    assert "all others by -0.10 USD" in made.held[0].reason


def test_a_way_to_pay_that_was_renamed_since_holds_nothing() -> None:
    shift = closure("S1", at(8), at(20), (NET, "CARD", 0), (NET, "*", 1000))
    assert codes(MORNING, receipt("R1", 1000, at(9)), shift) == [("till_not_compared", "info", 0)]


def test_a_receipt_voided_since_makes_the_two_incomparable_and_that_is_said() -> None:
    void = structs.replace(fact("receipts", "R9", NoSale(record_id="R9", reason="cancelled")), occurred_at=at(11))
    facts = [MORNING, receipt("R1", 1000, at(9)), void]
    assert codes(*facts, closure("S1", at(8), at(20), (NET, "CARD", 1500))) == [("till_not_compared", "info", 0)]
    assert codes(*facts, closure("S1", at(8), at(20), (NET, "CARD", 1000))) == []


def test_a_till_that_was_open_before_our_receipts_begin_is_not_compared() -> None:
    shift = closure("S1", at(8), at(20), (NET, "CARD", 1500))
    assert codes(receipt("R1", 1000, at(9)), shift) == [("till_not_compared", "info", 0)]


def test_a_till_that_does_not_tell_its_opening_was_opened_when_it_was_closed_before() -> None:
    first, second = closure("S1", None, at(8), (NET, "CARD", 100)), closure("S2", None, at(20), (NET, "CARD", 950))
    found = codes(MORNING, receipt("R1", 1000, at(9)), first, second)
    assert found == [("till_total", "2026-03-14", 50), ("till_not_compared", "info", 0)]


def test_a_difference_of_a_total_that_is_not_certain_warns_and_holds_nothing() -> None:
    shift = closure("S1", at(8), at(20), (NET, "CARD", 1500), holds=False)
    made = documents([MORNING, receipt("R1", 1000, at(9)), shift], rules("loyverse"))
    assert made.held == ()
    assert [(each.code, each.severity) for each in made.findings] == [("till_total", "warning")]


def test_what_an_open_till_had_summed_up_is_compared_with_the_receipts_until_then() -> None:
    till = TillCount(report="session", register="T1", opened_at=at(8), closed_at=at(12), totals=((NET, "CARD", 1000),))
    session = fact("sessions", "S1", NoSale(record_id="S1", reason="open", till=till))
    facts = [MORNING, receipt("R1", 1000, at(9)), session]
    assert till_checks([*facts, receipt("R2", 400, at(13))]).findings == ()
    (found,) = till_checks([*facts, receipt("R2", 400, at(10))]).findings
    assert "CARD by 4.00 USD" in found.message


def test_a_drawer_is_compared_with_payments_and_refunds_where_they_are_records_of_their_own() -> None:
    cash = sale("O1", 1000)
    paid = fact("payments", "PO1", Tender(tender_id="PO1", sale_id="O1", amount=1000), ("tender", "CASH", 1000))
    back = fact("refunds", "R1", Refund(refund_id="R1", sale_id="X1", tender_id="", amount=200),
                ("refund_tender", "CASH", -200))  # fmt: skip
    early = structs.replace(paid, source_id="P0", occurred_at=at(6))
    drawer = closure("D1", at(8), at(20), ("tender", "CASH", 1000), ("refund_tender", "CASH", -150), holds=False)
    (found,) = till_checks([cash[0], early, paid, back, drawer]).findings
    assert "CASH by -0.50 USD" in found.message
