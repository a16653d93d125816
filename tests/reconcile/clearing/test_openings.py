"""The proof starts from the opening items of the cut-over, and payouts take them out of the account by name."""

from __future__ import annotations

from datetime import date

from connector.reconcile.clearing.openings import Brought, settled_openings
from connector.reconcile.clearing.proof import prove
from connector.reconcile.clearing.values import Account, OpenItem, Payout, Posting

FIRST = date(2026, 4, 1)


def item(text: str, amount: int) -> Posting:
    return Posting(day=FIRST, amount=amount, of="opening|clearing.card|USD", mark="OPEN", text=text)


def shop(opening: list[Posting], *payouts: tuple[str, int]) -> Account:
    """Payouts of the 2nd, 3rd … of April, which bring only what was taken before, booked on their day."""
    brought = [Brought(payout=f"payout|{name}", title=name, amount=amount) for name, amount in payouts]
    made = settled_openings(opening, brought)
    days = {each.payout: date(2026, 4, 2 + number) for number, each in enumerate(brought)}
    return Account(
        name="Square Balance",
        currency="USD",
        opening=made.items,
        payouts=[
            Payout(name=name, sent=FIRST, day=day, settles=made.settles[name], title=name.replace("|", " "))
            for name, day in days.items()
        ],
        postings=[Posting(day=days[each.payout], amount=-each.amount, of=each.payout, mark="PO") for each in brought],
    )


def left(account: Account, day: int) -> list[tuple[str, str, int]]:
    proof = prove(account, date(2026, 4, day))
    assert sum(each.amount for each in proof.items) == proof.by_documents
    assert proof.opening == 51160
    return [said(each) for each in proof.items]


def said(each: OpenItem) -> tuple[str, str, int]:
    return each.cause, each.text, each.amount


def test_an_opening_item_is_in_transit_until_the_payout_that_it_names() -> None:
    account = shop(
        [item("po_19: taken before 2026-04-01", 41260), item("po_20", 9900)], ("po_20", 9900), ("po_19", 41260)
    )
    assert [cause for cause, _, _ in left(account, 1)] == ["in transit", "in transit"]
    assert [(cause, amount) for cause, _, amount in left(account, 2)] == [("in transit", 41260)]
    assert left(account, 3) == []


def test_an_opening_item_that_names_nothing_is_taken_by_the_payout_of_its_amount() -> None:
    account = shop([item("March", 41260), item("February", 9900)], ("po_20", 9900))
    assert left(account, 9) == [("in transit", "March", 41260)]


def test_openings_that_fit_no_payout_are_taken_oldest_first_in_pieces() -> None:
    account = shop([item("February", 9900), item("March", 41260)], ("po_1", 10000), ("po_2", 41100))
    assert left(account, 2) == [
        ("in transit", "March (2), in payout po_2, due 2026-04-03", 41100),
        ("in transit", "March (3)", 60),
    ]
    assert left(account, 3) == [("in transit", "March (3)", 60)]


def test_what_a_payout_brings_from_before_and_no_opening_lists_is_missing() -> None:
    account = shop([item("po_1", 51160)], ("po_1", 51160), ("po_2", 700))
    ((cause, text, amount),) = left(account, 9)
    assert (cause, amount) == ("missing posting", -700)
    assert text.startswith("what was taken before the first day, paid by payout po_2")


def test_a_payout_that_brings_another_amount_than_its_opening_item_says_so() -> None:
    account = shop([item("po_1", 51160)], ("po_1", 51000))
    assert left(account, 9) == [("tender mismatch", "po_1 is 511.60 USD; payout po_1 paid 510.00 USD", 160)]
