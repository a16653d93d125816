"""Stories of deposits as a bookkeeper meets them."""

from __future__ import annotations

from connector.reconcile.matching.ladder import match
from connector.reconcile.matching.rules import ChannelRule, Rules
from connector.reconcile.matching.sentences import sentence
from tests.reconcile.matching.books import entry, line, links, only


def test_split_settlement_both_month_parts_match_the_one_deposit() -> None:
    parts = [
        entry("s-1of2", "2026-04-30", "42358.18", "Amazon", batch="11775533991"),
        entry("s-2of2", "2026-05-02", "5204.84", "Amazon", batch="11775533991"),
    ]
    found = only([line("b1", "2026-05-04", "47563.02", "AMAZON 11775533991")], parts)
    assert (found.entries, found.confidence) == (("s-1of2", "s-2of2"), "certain")


def test_split_settlement_in_bank_style_has_one_entry_to_match() -> None:
    """The carry account takes the April part, so only the last part stands against the bank."""
    found = only(
        [line("b1", "2026-05-04", "47563.02", "AMAZON 11775533991")],
        [entry("s-2of2", "2026-05-02", "47563.02", "Amazon", batch="11775533991")],
    )
    assert (found.entries, found.confidence) == (("s-2of2",), "certain")


def test_foreign_deposit_is_proposed_with_the_implied_rate() -> None:
    found = only(
        [line("b1", "2026-05-06", "968.56", "AMAZON.COM", "CAD")], [entry("s", "2026-05-04", "748.97", "Amazon")]
    )
    assert found.confidence == "possible"
    assert "the implied rate is 1.293189, no rate is known to compare it with" in sentence(found)


def test_foreign_deposit_with_a_known_rate_tells_the_exchange_difference() -> None:
    from connector.reconcile.matching.rules import Rate

    rules = Rules(rates={("USD", "CAD"): Rate(numerator=129, denominator=100, text="1.2900")})
    found = only(
        [line("b1", "2026-05-06", "968.56", "AMAZON.COM", "CAD")], [entry("s", "2026-05-04", "748.97", "Amazon")], rules
    )
    assert "the implied rate is 1.293189, within 2.50 % of 1.2900" in sentence(found)
    assert "the exchange difference is 2.39 CAD at 1.2900" in sentence(found)


def test_failed_payout_sent_again_each_attempt_is_its_own_item() -> None:
    entries = [
        entry("po_1", "2026-03-02", "310.00", "Square", batch="PO5512AC"),
        entry("po_1-failed", "2026-03-05", "-310.00", "Square", batch="PO5512AC"),
        entry("po_1-again", "2026-03-06", "310.00", "Square", batch="PO5512AC"),
    ]
    lines = [
        line("b1", "2026-03-04", "310.00", "SQUARE PO5512AC"),
        line("b2", "2026-03-05", "-310.00", "SQUARE RETURN PO5512AC"),
        line("b3", "2026-03-09", "310.00", "SQUARE PO5512AC"),
    ]
    found = match(lines, entries)
    assert links(found) == {("b1",): ("po_1",), ("b2",): ("po_1-failed",), ("b3",): ("po_1-again",)}
    assert {each.confidence for each in found.proposals} == {"certain"}


def test_weekend_merge_three_payouts_arrive_as_one_deposit() -> None:
    payouts = [
        entry(f"po{day}", f"2026-03-{day:02}", amount, "Square")
        for day, amount in ((5, "210.10"), (6, "480.35"), (7, "512.00"), (8, "377.41"), (9, "298.77"))
    ]
    lines = [
        line("b1", "2026-03-06", "210.10", "SQUARE"),
        line("b2", "2026-03-09", "1369.76", "SQUARE"),
        line("b3", "2026-03-10", "298.77", "SQUARE"),
    ]
    rules = Rules(channels=[ChannelRule(name="Square", grain="one", latest=4, is_approved=True)])
    found = {each.lines: each for each in match(lines, payouts, rules).proposals}
    assert found["b2",].entries == ("po6", "po7", "po8")
    assert (found["b2",].rung, found["b2",].confidence) == (5, "likely")
    assert found["b1",].confidence == found["b3",].confidence == "certain"


def test_a_run_is_certain_only_after_three_confirmations() -> None:
    payouts = [entry(f"po{day}", f"2026-03-0{day}", f"{day}17.35", "Square") for day in (6, 7, 8)]
    lines = [line("b1", "2026-03-09", "2152.05", "SQUARE")]
    for confirmed, confidence in ((2, "likely"), (3, "certain")):
        rules = Rules(channels=[ChannelRule(name="Square", grain="one", latest=4, confirmed_runs=confirmed)])
        assert only(lines, payouts, rules).confidence == confidence


def test_fee_netted_the_bank_gets_the_sale_less_the_fee_of_the_source() -> None:
    sale = [entry("e1", "2026-03-14", "100.00", "Card", fee="2.90")]
    found = only([line("b1", "2026-03-16", "97.10", "CARD TERMINAL")], sale)
    assert (found.rung, found.confidence) == (7, "likely")
    assert "less the fee of 2.90 USD, known from the source" in sentence(found)


def test_fee_netted_with_the_reference_is_certain() -> None:
    sale = [entry("TX99871A", "2026-03-14", "100.00", "Card", fee="2.90")]
    found = only([line("b1", "2026-03-16", "97.10", "CARD TX99871A")], sale)
    assert (found.rung, found.confidence) == (1, "certain")


def test_an_entry_held_back_is_named_and_paid_with_a_later_payout() -> None:
    """Three payouts of one channel: one ticket of the first comes with the third."""
    days = {1: ("31.40", "18.25", "77.77", "12.10"), 2: ("45.05", "23.90", "61.15"), 3: ("19.99", "84.20", "37.60")}
    entries = [
        entry(f"t{day}{number}", f"2026-03-0{day}", amount, "Till")
        for day, amounts in days.items()
        for number, amount in enumerate(amounts)
    ]
    lines = [
        line("b1", "2026-03-02", "121.27", "TILL"),
        line("b2", "2026-03-03", "130.10", "TILL"),
        line("b3", "2026-03-04", "160.04", "TILL"),
    ]
    rules = Rules(channels=[ChannelRule(name="Till", grain="run", earliest=1, latest=1)])
    found = {each.lines: each for each in match(lines, entries, rules).proposals}
    assert found["b1",].entries == ("t10", "t12", "t13")
    assert "t11 (18.25 USD) is held back" in sentence(found["b1",])
    assert found["b3",].entries == ("t11", "t30", "t31", "t32")
    assert "t11 (18.25 USD) was held back before" in sentence(found["b3",])
