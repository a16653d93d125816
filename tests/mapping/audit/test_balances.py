"""Balances that do not move as they should, sales taken twice, and payouts that somebody coded elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.domain.document import Role
from connector.mapping.auditor import audit
from connector.mapping.checks.values import Deposit, Neighbour, PaidOut, Posted, Taking
from tests.mapping.audit.given import FIRST, TODAY, account, books, only, posted, world
from tests.mapping.given import rules

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def paid_out(until: int) -> tuple[Posted, ...]:
    """Card sales on 50 days, each paid out two days later, up to the payout of one day."""
    sales = [posted("Square Balance", "clearing", FIRST + days(n), debit=100_00) for n in range(50)]
    payouts = [posted("Square Balance", "clearing", FIRST + days(n + 2), credit=100_00) for n in range(until)]
    return (*sales, *payouts)


def test_clearing_that_is_paid_out_in_its_usual_time_is_quiet() -> None:
    assert audit(world(posted=paid_out(50))) == ()


def test_clearing_that_is_not_emptied_in_its_usual_time_names_the_oldest_day() -> None:
    finding = only(world(posted=paid_out(48)), "clearing_not_emptied")
    assert finding.message == (
        "Square Balance has 200.00 USD open since 2026-11-09; it usually comes to zero in 2 days."
    )
    assert finding.amount == 200_00
    assert audit(world(posted=paid_out(48), today=FIRST + days(50))) == ()


def test_what_the_books_say_of_an_account_goes_before_what_we_wrote() -> None:
    cash = tuple(posted("Square Cash Clearing", "clearing", FIRST + days(n), debit=10_00) for n in range(40))
    assert audit(world(posted=cash)) == ()  # the bookkeeper codes the bank line; without balances nobody can tell
    assert audit(world(posted=cash, balances={"Square Cash Clearing": 0})) == ()
    finding = only(world(posted=cash, balances={"Square Cash Clearing": 400_00}), "clearing_not_emptied")
    assert "it usually comes to zero in 10 days" in finding.message


def test_clearing_that_is_overdrawn_says_so() -> None:
    early = (posted("Square Balance", "clearing", FIRST, credit=70_00),)
    finding = only(world(posted=early), "clearing_not_emptied")
    assert finding.message.startswith("Square Balance is overdrawn by 70.00 USD open since 2026-09-22;")


def liability(role: Role, name: str, *, paid: int = -1) -> tuple[Posted, ...]:
    lines = [posted(name, role, FIRST + days(n), credit=3_00) for n in range(60)]
    return (*lines, posted(name, role, FIRST + days(paid), debit=2_00)) if paid >= 0 else tuple(lines)


def test_tips_that_are_never_paid_out_are_shown_after_45_days() -> None:
    finding = only(world(posted=liability("tip", "Square Tips")), "liability_without_debit")
    assert finding.message == "Tips: Square Tips owes 180.00 USD and has had no debit for 60 days."
    assert audit(world(posted=liability("tip", "Square Tips", paid=30))) == ()
    assert audit(world(posted=liability("tip", "Square Tips"), balances={"Square Tips": -20_00})) == ()


def test_gift_cards_in_debit_are_shown() -> None:
    redeemed = (posted("Square Gift Cards", "gift_card", TODAY - days(3), debit=25_00),)
    finding = only(world(posted=redeemed), "liability_in_debit")
    assert finding.message.startswith("Square Gift Cards stands in debit by 25.00 USD")
    opening = posted("Square Gift Cards", "opening", FIRST, credit=40_00)
    assert audit(world(posted=(*redeemed, opening))) == ()


def takings(count: int, seconds: int = 0, step: int = 100) -> tuple[Taking, ...]:
    return tuple(
        Taking(NOON + timedelta(minutes=20 * n, seconds=seconds), 10_00 + n * step, "USD") for n in range(count)
    )


def test_the_same_sales_in_two_feeds_are_told_before_they_are_posted_twice() -> None:
    other = Neighbour(name="loyverse", role="sales and payouts", takings=takings(6, seconds=90))
    finding = only(world(takings=takings(6), neighbours=(other,)), "same_sales_in_two_feeds")
    assert finding.severity == "blocking"
    assert (finding.amount, finding.movements, finding.blocked) == (75_00, 6, ("2026-11-20",))
    assert "took the same amounts within minutes, 6 times" in finding.message
    payouts_only = rules(account_map=world().rules.account_map, role="payouts only")
    assert audit(world(takings=takings(6), neighbours=(other,), rules=payouts_only)) == ()


def test_the_same_amounts_an_hour_apart_or_other_amounts_are_two_shops() -> None:
    later = Neighbour(name="loyverse", role="sales only", takings=takings(6, seconds=480))
    others = Neighbour(name="loyverse", role="sales only", takings=takings(6, seconds=90, step=137))
    for each in (later, others):
        assert audit(world(takings=takings(6), neighbours=(each,))) == ()


def test_two_feeds_are_told_of_once() -> None:
    other = Neighbour(name="zettle", role="sales and payouts", takings=takings(6))
    assert audit(world(takings=takings(6), neighbours=(other,))) == ()  # it is told at zettle


def test_a_payout_that_somebody_coded_to_income_is_found() -> None:
    payout = PaidOut("po_1", TODAY - days(3), 563_00, "USD")
    coded = Deposit(TODAY - days(2), 563_00, "USD", "Other Sales")
    chart = books(account("Other Sales"))
    finding = only(world(books=chart, payouts=(payout,), deposits=(coded,)), "deposit_coded_elsewhere")
    assert finding.message == (
        "Payout po_1 of 563.00 USD stands on Other Sales since 2026-11-19: the same money twice, once as a sale and "
        "once as a deposit."
    )
    for right in (coded._replace(account="Square Balance"), coded._replace(amount=1), coded._replace(day=FIRST)):
        assert audit(world(books=chart, payouts=(payout,), deposits=(right,))) == ()


def test_a_payout_put_aside_to_ask_about_is_found_as_well() -> None:
    coded = Deposit(TODAY, 563_00, "USD", "Ask My Accountant")
    asked = books(account("Ask My Accountant", "expense"))
    assert only(world(books=asked, deposits=(coded,)), "deposit_coded_elsewhere").subject == "po_1"
