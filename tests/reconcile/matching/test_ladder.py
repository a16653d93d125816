"""The evidence ladder, rung by rung, and what is never matched."""

from __future__ import annotations

from connector.reconcile.matching.ladder import match
from connector.reconcile.matching.rules import ChannelRule, Rate, Rules, WriteOff
from connector.reconcile.matching.sentences import sentence
from connector.reconcile.matching.values import Evidence
from tests.reconcile.matching.books import entry, line, links, only

APPROVED = Rules(channels=[ChannelRule(name="Square", descriptors=("SQ *",), latest=4, grain="one", is_approved=True)])
WRITE_OFF = WriteOff(currency="USD", cap=100, share=100, account="Bank Charges", tax_code="NONE")


def test_a_payout_id_in_the_bank_text_and_the_exact_amount_are_certain() -> None:
    found = only(
        [line("b1", "2026-03-16", "400.22", "SQUARE po_19AB77 DEPOSIT")], [entry("po_19AB77", "2026-03-14", "400.22")]
    )
    assert (found.rung, found.confidence) == (1, "certain")
    assert found.evidence[0] == Evidence(fact="id", value="PO19AB77", detail="in the bank text")
    assert sentence(found) == "PO19AB77 is in the bank text; the amount is exact (1 to 1); 2 days later"


def test_four_digits_are_evidence_only_together_with_the_channel() -> None:
    books = [entry("4711", "2026-03-14", "20.00", "Square"), entry("9", "2026-03-14", "9.00", "Dash")]
    with_channel = match([line("b1", "2026-03-15", "20.00", "Square 4711")], books)
    without = match([line("b1", "2026-03-15", "20.00", "HARDWARE 4711")], books)
    assert with_channel.proposals[0].confidence == "certain"
    assert [each.rung for each in without.proposals] == [3]


def test_an_approved_channel_with_the_exact_amount_in_its_window_is_certain() -> None:
    found = only(
        [line("b1", "2026-03-16", "400.22", "SQ *MAIN ST")], [entry("e1", "2026-03-14", "400.22", "Square")], APPROVED
    )
    assert (found.rung, found.confidence) == (2, "certain")


def test_an_amount_outside_the_channels_window_is_not_matched_and_says_so() -> None:
    found = match(
        [line("b1", "2026-03-19", "400.22", "SQ *")], [entry("e1", "2026-03-14", "400.22", "Square")], APPROVED
    )
    assert found.proposals == []
    assert found.waiting[0].misses[0].detail == "it is 5 days before the line, outside 0 to 4"


def test_an_exact_amount_alone_is_only_likely() -> None:
    found = only([line("b1", "2026-03-16", "400.22", "DEPOSIT")], [entry("e1", "2026-03-14", "400.22", "Square")])
    assert (found.rung, found.confidence) == (3, "likely")


def test_a_tie_is_nobodys_match_and_lists_all_explanations() -> None:
    entries = [entry("e1", "2026-03-14", "50.00", "Invoices"), entry("e2", "2026-03-15", "50.00", "Invoices")]
    found = match([line("b1", "2026-03-16", "50.00", "TRANSFER")], entries)
    assert found.proposals == []
    assert [each.entries for each in found.waiting[0].possible] == [("e1",), ("e2",)]
    assert list(found.open_entries) == ["e1", "e2"]


def test_an_earlier_line_does_not_take_a_later_lines_exact_partner() -> None:
    """Both lines could pay the second entry, but only one way gives everyone a partner."""
    entries = [entry("e1", "2026-03-01", "50.00", "Square"), entry("e2", "2026-03-05", "50.00", "Square")]
    lines = [line("b2", "2026-03-07", "50.00", "SQ *"), line("b1", "2026-03-05", "50.00", "SQ *")]
    rules = Rules(channels=[ChannelRule(name="Square", descriptors=("SQ *",), latest=4, grain="one")])
    assert links(match(lines, entries, rules)) == {("b1",): ("e1",), ("b2",): ("e2",)}


def test_a_known_batch_is_certain_with_its_id_and_likely_by_its_sum() -> None:
    entries = [
        entry("t1", "2026-03-14", "30.00", batch="PAY-2210"),
        entry("t2", "2026-03-14", "12.50", batch="PAY-2210"),
    ]
    named = only([line("b1", "2026-03-16", "42.50", "CARDS PAY-2210")], entries)
    summed = only([line("b1", "2026-03-16", "42.50", "CARDS")], entries)
    assert (named.rung, named.confidence, named.entries) == (4, "certain", ("t1", "t2"))
    assert (summed.rung, summed.confidence, summed.entries) == (4, "likely", ("t1", "t2"))


def test_parts_that_name_one_invoice_are_matched_together() -> None:
    lines = [line("b1", "2026-03-16", "60.00", "INV-20417"), line("b2", "2026-03-20", "40.00", "rest INV-20417")]
    found = only(lines, [entry("INV-20417", "2026-03-10", "100.00")])
    assert (found.rung, found.lines, found.confidence) == (6, ("b1", "b2"), "certain")


def test_parts_of_one_customer_that_add_up_in_one_way_are_likely() -> None:
    lines = [line("b1", "2026-03-16", "60.00", "TRF OKONKWO"), line("b2", "2026-03-20", "40.00", "TRF OKONKWO")]
    found = only(lines, [entry("i1", "2026-03-10", "100.00", text="Okonkwo Ltd")])
    assert (found.rung, found.confidence) == (6, "likely")


def test_two_invoices_paid_at_once_by_one_customer_are_likely() -> None:
    entries = [entry("i1", "2026-03-10", "60.00", text="Okonkwo"), entry("i2", "2026-03-11", "40.00", text="Okonkwo")]
    found = only([line("b1", "2026-03-16", "100.00", "TRF OKONKWO")], entries)
    assert (found.rung, found.entries, found.confidence) == (6, ("i1", "i2"), "likely")


def test_a_reference_whose_sum_differs_is_not_given_to_another_by_chance() -> None:
    entries = [entry("PO7788AA", "2026-03-14", "100.00"), entry("other", "2026-03-14", "97.10")]
    found = match([line("b1", "2026-03-16", "97.10", "PO7788AA")], entries)
    assert found.proposals == []
    assert found.waiting[0].misses[0].detail == "its entries sum to 100.00 USD, which is -2.90 USD off"


def test_a_sum_by_arithmetic_alone_is_shown_and_never_applied() -> None:
    entries = [entry(f"e{each}", "2026-03-14", f"{each}.00", "Till") for each in (3, 5, 8, 20)]
    rules = Rules(channels=[ChannelRule(name="Till", grain="one")])
    found = match([line("b1", "2026-03-15", "11.00", "TILL CASH")], entries, rules)
    assert found.proposals == []
    assert [(each.rung, each.confidence) for each in found.waiting[0].possible] == [(9, "possible")]
    assert found.waiting[0].possible[0].evidence[1].value == "1"


def test_a_small_difference_is_written_off_only_under_the_owners_rule() -> None:
    lines, entries = [line("b1", "2026-03-16", "99.50", "PO7788AA")], [entry("PO7788AA", "2026-03-14", "100.00")]
    assert match(lines, entries).proposals == []
    found = only(lines, entries, Rules(write_offs=[WRITE_OFF]))
    assert (found.rung, found.confidence, found.residual) == (10, "certain", -50)
    assert "to Bank Charges, tax NONE" in sentence(found)


def test_a_difference_above_the_cap_or_the_percent_is_not_written_off() -> None:
    rules = Rules(write_offs=[WRITE_OFF])
    for paid, due in (("198.99", "200.00"), ("9.80", "10.00")):
        found = match([line("b1", "2026-03-16", paid, "PO7788AA")], [entry("PO7788AA", "2026-03-14", due)], rules)
        assert found.proposals == [], paid


def test_another_currency_is_likely_within_the_band_and_certain_with_the_id() -> None:
    rules = Rules(rates={("USD", "CAD"): Rate(numerator=129, denominator=100, text="1.2900")})
    deposit, settlement = "2026-05-06", [entry("28471003777", "2026-05-04", "748.97", "Amazon")]
    plain = only([line("b1", deposit, "968.56", "AMAZON", "CAD")], settlement, rules)
    named = only([line("b1", deposit, "968.56", "AMZN 28471003777", "CAD")], settlement, rules)
    assert (plain.rung, plain.confidence) == (8, "likely")
    assert (named.rung, named.confidence) == (8, "certain")


def test_another_currency_outside_the_band_is_not_proposed() -> None:
    rules = Rules(rates={("USD", "CAD"): Rate(numerator=120, denominator=100, text="1.2000")})
    found = match(
        [line("b1", "2026-05-06", "968.56", "AMAZON", "CAD")], [entry("s", "2026-05-04", "748.97", "Amazon")], rules
    )
    assert found.proposals == [] and not found.waiting[0].possible


def test_equal_digits_in_another_currency_are_no_evidence() -> None:
    rules = Rules(rates={("USD", "CAD"): Rate(numerator=129, denominator=100, text="1.2900")})
    found = match([line("b1", "2026-05-06", "50.00", "", "CAD")], [entry("s", "2026-05-04", "50.00", "Amazon")], rules)
    assert found.proposals == [] and not found.waiting[0].possible


def test_nothing_is_matched_without_entries_or_lines() -> None:
    assert match([], [entry("e", "2026-01-01", "1.00")]).open_entries == ["e"]
    assert [each.line_id for each in match([line("b", "2026-01-01", "1.00")], []).waiting] == ["b"]
