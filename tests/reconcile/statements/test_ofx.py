"""OFX as banks write it, not as it is defined."""

from __future__ import annotations

from datetime import date

import pytest

from connector.errors import Unreadable
from tests.reconcile.statements.reading_files import amounts, codes, days, one, only, read, texts

HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"


def line(amount: str = "12.50", fitid: str = "A1", posted: str = "20260314", more: str = "") -> str:
    named = f"<FITID>{fitid}<NAME>SQUARE INC<MEMO>PAYOUT{more}"
    return f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{posted}<TRNAMT>{amount}{named}</STMTTRN>"


def bank(
    lines: str, balance: str = "<LEDGERBAL><BALAMT>100.00<DTASOF>20260331</LEDGERBAL>", currency: str = "USD"
) -> str:
    return (
        f"<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>{currency}<BANKACCTFROM><BANKID>123<ACCTID>987654<ACCTTYPE>CHECKING"
        f"</BANKACCTFROM><BANKTRANLIST><DTSTART>20260301<DTEND>20260331{lines}</BANKTRANLIST>{balance}"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )


def test_a_sgml_file_without_end_tags_is_read() -> None:
    statement = one(HEADER + bank(line("1,234.56") + line("-8.00", "A2", "20260315120000.000[-5:EST]")))
    assert (statement.form, statement.account, statement.institution, statement.currency) == (
        "OFX",
        "987654",
        "123",
        "USD",
    )
    assert (statement.closing, statement.closing_on, statement.opening) == (10000, date(2026, 3, 31), None)
    assert amounts(statement) == [123456, -800]
    assert days(statement) == ["2026-03-14", "2026-03-15"]
    assert texts(statement) == ["SQUARE INC PAYOUT"] * 2
    assert [each.bank_id for each in statement.lines] == ["A1", "A2"]
    assert codes(statement) == []


def test_an_xml_file_says_the_same_as_a_sgml_file() -> None:
    xml = '<?xml version="1.0"?><?OFX OFXHEADER="200" VERSION="211"?>' + bank(
        "<STMTTRN><TRNTYPE>OTHER</TRNTYPE><DTPOSTED>20260314</DTPOSTED><TRNAMT>12.50</TRNAMT><FITID>A1</FITID>"
        "<NAME>SQUARE INC</NAME><MEMO>PAYOUT</MEMO></STMTTRN>"
    )
    assert one(xml).lines == one(HEADER + bank(line())).lines


def test_a_header_on_one_line_and_charset_none_are_read() -> None:
    header = "OFXHEADER:100DATA:OFXSGMLVERSION:102SECURITY:NONEENCODING:USASCIICHARSET:NONECOMPRESSION:NONE"
    assert amounts(one(header + bank(line()))) == [1250]


def test_end_tags_of_transactions_may_be_missing() -> None:
    lines = (line() + line("-3", "A2")).replace("</STMTTRN>", "\n")
    statement = one((HEADER + bank(lines)).replace("</BANKTRANLIST>", ""))
    assert amounts(statement) == [1250, -300]
    assert statement.closing == 10000


def test_a_comma_may_stand_before_the_cents() -> None:
    assert amounts(one(HEADER + bank(line("-1234,56") + line("1.234,50", "A2") + line("+7,5", "A3")))) == [
        -123456,
        123450,
        750,
    ]


def test_a_day_of_zeros_is_no_day_and_has_a_warning() -> None:
    statement = one(HEADER + bank(line(posted="00000000") + line(fitid="A2", posted="")))
    assert days(statement) == ["", ""]
    assert codes(statement) == ["date", "date"]
    assert "00000000" in statement.lines[0].raw


def test_an_amount_that_is_none_is_left_out_with_a_warning_and_the_line_stays() -> None:
    statement = one(HEADER + bank(line("twelve") + line("5", "A2")))
    assert amounts(statement) == [None, 500]
    assert codes(statement) == ["amount"]
    assert not statement.lines[0].is_complete
    assert "TRNAMT=twelve" in statement.lines[0].raw


def test_elements_may_stand_in_any_order() -> None:
    lines = "<STMTTRN><MEMO>PAYOUT<NAME>SQUARE INC<FITID>A1<TRNAMT>12.50<DTPOSTED>20260314<TRNTYPE>OTHER</STMTTRN>"
    assert one(HEADER + bank(lines)).lines == one(HEADER + bank(line())).lines


def test_a_balance_before_the_lines_does_not_swallow_them() -> None:
    text = HEADER + bank(line(), balance="").replace(
        "<BANKTRANLIST>", "<LEDGERBAL><BALAMT>7<DTASOF>20260331<BANKTRANLIST>"
    )
    assert amounts(one(text)) == [1250]
    assert one(text).closing == 700


def test_an_empty_id_and_one_given_twice_have_warnings() -> None:
    statement = one(HEADER + bank(line(fitid="") + line("1", "7") + line("2", "7")))
    assert [each.bank_id for each in statement.lines] == ["", "7", "7"]
    assert codes(statement) == ["id", "id"]


def test_an_empty_balance_is_no_balance() -> None:
    statement = one(HEADER + bank(line(), balance="<LEDGERBAL><BALAMT></BALAMT><DTASOF></DTASOF></LEDGERBAL>"))
    assert (statement.closing, codes(statement)) == (None, [])


def test_two_accounts_in_one_file_are_two_statements() -> None:
    card = (
        bank(line("-4")).replace("STMTRS>", "CCSTMTRS>").replace("BANKACCTFROM", "CCACCTFROM").replace("987654", "4111")
    )
    both = read(HEADER + bank(line()) + card)
    assert [(each.account, amounts(each)) for each in both] == [("987654", [1250]), ("4111", [-400])]


def test_an_investment_account_shows_its_cash_lines() -> None:
    """Interest of a savings account comes as INVBANKTRAN, a sale of a fund as its total; a split moves no cash."""
    text = (
        "<OFX><INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><DTASOF>20260331<CURDEF>USD<INVACCTFROM><BROKERID>broker.example"
        f"<ACCTID>55</INVACCTFROM><INVTRANLIST><INVBANKTRAN>{line()}<SUBACCTFUND>CASH</INVBANKTRAN>"
        "<SELLMF><INVSELL><INVTRAN><FITID>S1<DTTRADE>20260310<DTSETTLE>20260312<MEMO>FUND SOLD</INVTRAN><UNITS>-2"
        "<UNITPRICE>10.5<TOTAL>21.00</INVSELL><SELLTYPE>SELL</SELLMF>"
        "<SPLIT><INVTRAN><FITID>P1<DTTRADE>20260311</INVTRAN><NEWUNITS>4</SPLIT></INVTRANLIST></INVSTMTRS></OFX>"
    )
    statement = one(HEADER + text)
    assert amounts(statement) == [1250, 2100]
    assert days(statement) == ["2026-03-14", "2026-03-12"]
    assert codes(statement) == ["no cash"]
    assert (statement.account, statement.institution) == ("55", "broker.example")


def test_the_payee_and_other_currencies_of_a_line_are_its_own() -> None:
    more = "<CURRENCY><CURRATE>1.36<CURSYM>CAD<PAYEE><NAME>ACME<ADDR1>1 ROAD</PAYEE>"
    found = only(one(HEADER + bank(line(more=more).replace("<NAME>SQUARE INC", ""))))
    assert (found.currency, found.counterparty) == ("CAD", "ACME")


def test_yen_have_no_cents() -> None:
    statement = one(HEADER + bank(line("-1500") + line("12.40", "A2"), currency="JPY"))
    assert amounts(statement) == [-1500, 12]
    assert codes(statement) == ["decimals"]


def test_a_file_without_a_currency_says_so_and_takes_the_given_one() -> None:
    text = HEADER + bank(line("1500"), balance="", currency="")
    assert codes(one(text)) == ["currency"]
    assert one(text, currency="JPY").lines[0].amount == 1500


def test_texts_keep_ampersands_and_lose_what_steers_a_terminal() -> None:
    lines = line().replace("SQUARE INC", "A&amp;B &lt;C> AT&T \x1b[31m\u202eX < Y")
    assert only(one(HEADER + bank(lines))).counterparty == "A&B <C> AT&T [31mX < Y"


def test_a_debit_with_a_positive_amount_is_kept_with_a_warning() -> None:
    statement = one(HEADER + bank(line().replace("OTHER", "DEBIT")))
    assert (amounts(statement), codes(statement)) == ([1250], ["sign"])


def test_pending_lines_are_not_booked() -> None:
    pending = "<BANKTRANLISTP><STMTTRNP><TRNTYPE>POS<DTTRAN>20260331<TRNAMT>-9.99<NAME>CAFE</STMTTRNP></BANKTRANLISTP>"
    statement = one(HEADER + bank(line()).replace("<LEDGERBAL>", pending + "<LEDGERBAL>"))
    assert [each.is_booked for each in statement.lines] == [True, False]
    assert statement.booked == 1250


def test_an_answer_that_is_an_error_is_refused_with_the_banks_words() -> None:
    text = "<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>15500<SEVERITY>ERROR<MESSAGE>Signon invalid</STATUS></OFX>"
    with pytest.raises(Unreadable, match=r"^march\.txt cannot be read: the bank answers 'Signon invalid'\.$"):
        read(HEADER + text)


def test_an_ofx_file_with_a_dtd_is_refused() -> None:
    with pytest.raises(Unreadable, match="DTD"):
        read('<?xml version="1.0"?><!DOCTYPE OFX [<!ENTITY a "aaaa">]>' + bank(line()))
