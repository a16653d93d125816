"""MT940 and MT942 as banks write them."""

from __future__ import annotations

from datetime import date

import pytest

from connector.errors import Unreadable
from tests.reconcile.statements.reading_files import amounts, codes, days, one, only, read, texts


def message(
    fields: str, opening: str = "60F:C260313EUR1000,00", closing: str = "62F:C260314EUR1100,00", number: str = "5/1"
) -> str:
    return f":20:STARTUMS\n:25:50880050/0194774600\n:28C:{number}\n:{opening}\n{fields}\n:{closing}\n-\n"


def test_a_message_is_a_statement() -> None:
    statement = one(message(":61:2603140315C100,00NTRFNONREF//B-77\nmore\n:86:Thank you"))
    assert (statement.account, statement.number, statement.currency) == ("50880050/0194774600", "5/1", "EUR")
    assert (statement.opening, statement.closing) == (100000, 110000)
    assert (statement.opening_on, statement.closing_on) == (date(2026, 3, 13), date(2026, 3, 14))
    line = only(statement)
    assert (line.date, line.value_date) == (date(2026, 3, 15), date(2026, 3, 14))
    assert (line.amount, line.kind, line.bank_id, line.reference, line.text) == (
        10000,
        "NTRF",
        "B-77",
        "",
        "more Thank you",
    )
    assert codes(statement) == []


def test_the_four_marks_tell_money_in_from_money_out() -> None:
    marks = "".join(f":61:260314{mark}10,00NTRFREF{mark}\n" for mark in ("C", "D", "RC", "RD"))
    statement = one(message(marks.rstrip(), closing="62F:C260314EUR1000,00"))
    assert amounts(statement) == [1000, -1000, -1000, 1000]
    assert [line.is_reversal for line in statement.lines] == [False, False, True, True]
    assert codes(statement) == []


def test_the_thirtieth_of_february_is_no_day_and_the_booking_day_counts() -> None:
    statement = one(message(":61:2602300302D6,00NMSCNONREF\n:61:260230C106,NMSCNONREF"))
    assert days(statement) == ["2026-03-02", ""]
    assert [line.value_date for line in statement.lines] == [None, None]
    assert [(warning.code, warning.line) for warning in statement.warnings] == [("date", 1), ("date", 2)]
    assert "260230" in statement.lines[1].raw


def test_a_booking_day_after_new_year_is_in_the_year_nearest_to_the_value_day() -> None:
    lines = ":61:2512310102C1,NTRFX\n:61:2601021231D1,NTRFX"
    assert days(one(message(lines, closing="62F:C260102EUR1000,"))) == ["2026-01-02", "2025-12-31"]


def test_a_statement_over_several_messages_is_joined() -> None:
    first = message(":61:260314C60,00NTRFA", closing="62M:C260314EUR1060,00")
    second = message(":61:260314C40,00NTRFB", opening="60M:C260314EUR1060,00", number="5/2")
    statement = one(first + second)
    assert (statement.opening, statement.closing, amounts(statement)) == (100000, 110000, [6000, 4000])
    assert [line.number for line in statement.lines] == [1, 2]
    assert codes(statement) == []


def test_pages_that_do_not_meet_have_a_warning_and_so_has_a_missing_page() -> None:
    first = message(":61:260314C60,00NTRFA", closing="62M:C260314EUR1060,00")
    second = message(":61:260314C40,00NTRFB", opening="60M:C260314EUR1050,00", number="5/2")
    assert codes(one(first + second)) == ["page"]
    assert codes(one(first)) == ["page"]


def test_a_numbered_description_gives_name_purpose_and_reference() -> None:
    words = ":86:166?00GUTSCHRIFT?20EREF+E-55?21SVWZ+RECHNUNG 7?30DEUTDEFF?31DE89370400440532013000?32ANNA\n?33 MUSTER"
    line = only(one(message(f":61:260314C100,00NTRFNONREF\n{words}")))
    assert (line.counterparty, line.reference) == ("ANNA MUSTER", "E-55")
    assert "RECHNUNG 7" in line.text and "GUTSCHRIFT" in line.text


def test_a_description_in_slashes_gives_name_purpose_and_reference() -> None:
    words = (
        ":86:/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/SQUARE EUROPE/REMI/PAYO\nUT 19/EREF/E-9"
    )
    line = only(one(message(f":61:260314C100,00NTRFNONREF\n{words}")))
    assert (line.counterparty, line.reference, line.text) == ("SQUARE EUROPE", "E-9", "SEPA OVERBOEKING PAYOUT 19")


def test_a_description_may_wrap_into_what_looks_like_a_field() -> None:
    line = only(one(message(":61:260314C100,00NTRFNONREF\n:86:paid at 2026-03-14T16\n:26:37 at the till\n\nthanks")))
    assert line.text == "paid at 2026-03-14T16 :26:37 at the till thanks"


def test_what_a_bank_says_about_the_whole_statement_is_no_line() -> None:
    assert texts(one(message(":61:260314C100,00NTRFR1") + ":86:Interest rate now 2 %\n")) == [""]


def test_a_long_reference_of_one_bank_and_an_account_in_it_of_another_are_read() -> None:
    long = ":61:260314C60,00NTRFABCDEFGHIJKLMNOPQRSTUVWXYZ0123//BANK1"
    account = ":61:2603140314C40,00NOVBNL47INGB9999999999\nmr a paulissen"
    statement = one(message(f"{long}\n{account}"))
    assert amounts(statement) == [6000, 4000]
    assert [line.bank_id for line in statement.lines] == ["BANK1", ""]
    assert statement.lines[0].reference == "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123"


def test_free_fields_of_a_bank_are_the_words_of_the_line() -> None:
    assert texts(one(message(":61:260314C100,00S   X\n:NS:01526715\n15ERGO\n16lep"))) == ["526715 ERGO lep"]


def test_a_line_that_is_none_stays_with_a_warning_and_the_rest_is_read() -> None:
    statement = one(message(":61:not a line\n:61:260314C100,00NTRFR1"))
    assert amounts(statement) == [None, 10000]
    assert (codes(statement), statement.lines[0].raw) == (["line"], "not a line")


def test_a_message_without_sense_leaves_the_others_readable() -> None:
    bad = message(":61:x", opening="60F:garbage", closing="62F:C269999EUR1,00")
    good, worse = read(message(":61:260314C100,00NTRFR1") + bad)
    assert codes(good) == []
    assert "balance" in codes(worse)


def test_swift_envelopes_and_banks_preambles_are_no_words_of_a_line() -> None:
    body = message(":61:260314C100,00NTRFR1\n:86:words", closing="62F:C260314EUR1100,00").rstrip("-\n")
    text = (
        "ABNANL2A\n940\nABNANL2A\n" + "{1:F01BANK0000000000}{2:O940BANKN}{3:}{4:\n" + body + "\n-}{5:}\nABNANL2A\n940\n"
    )
    statement = one(text.replace("\n", "\r\n"))
    assert (texts(statement), statement.closing) == (["words"], 110000)


def test_an_interim_report_has_no_balances_and_says_so() -> None:
    head = ":20:X\n:25:123456\n:28C:1\n:34F:EURD0,\n:13D:2603141200+0100\n"
    text = head + ":61:260314D12,50NTRFR\n:86:words\n:90D:1EUR12,50\n-"
    statement = one(text)
    assert (statement.currency, amounts(statement), statement.opening, statement.closing) == (
        "EUR",
        [-1250],
        None,
        None,
    )
    assert codes(statement) == ["interim"]


def test_kuwaiti_dinars_have_three_decimals() -> None:
    statement = one(message(":61:260314C1,234NTRFR", "60F:C260313KWD0,", "62F:C260314KWD1,234"))
    assert (amounts(statement), codes(statement)) == ([1234], [])


def test_a_file_of_an_envelope_without_a_message_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"no :20: field"):
        read("{1:F01BANK0000000000}{2:O940BANKN}{4:\n-}")
