"""CSV exports: headers, signs, marks and days, each decided by the whole column."""

from __future__ import annotations

import pytest

from connector.errors import Unreadable
from tests.reconcile.statements.reading_files import amounts, codes, days, one, read, texts

PLAIN = (
    "Date,Description,Amount,Currency,Account\n"
    "2026-03-14,SQUARE PAYOUT,412.60,USD,987\n2026-03-15,RENT,-1000.00,USD,987\n"
)
SIDES = "Date,Description,Debit,Credit,Currency\n"


def test_a_table_with_a_header_is_a_statement() -> None:
    statement = one(PLAIN)
    assert (statement.form, statement.account, statement.currency) == ("CSV", "987", "USD")
    assert amounts(statement) == [41260, -100000]
    assert days(statement) == ["2026-03-14", "2026-03-15"]
    assert texts(statement) == ["SQUARE PAYOUT", "RENT"]
    assert codes(statement) == []


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_any_mark_may_stand_between_the_columns(mark: str) -> None:
    assert one(PLAIN.replace(",", mark)) == one(PLAIN)
    assert one(f"sep={mark}\n" + PLAIN.replace(",", mark)) == one(PLAIN)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_any_encoding_of_a_bank_is_read(encoding: str) -> None:
    text = PLAIN.replace("RENT", "CAFÉ MÜLLER").replace("\n", "\r\n")
    assert texts(one(text.encode(encoding)))[1] == "CAFÉ MÜLLER"


def test_lines_above_the_header_and_totals_below_are_no_lines() -> None:
    text = f"Example Bank\n\nAccount: 12345678;Checking\nFrom 2026-03-01,to 2026-03-31\n\n{PLAIN}\nTotal,,,,\n"
    statement = one(text.replace(",987", ",").replace(",Account", ","))
    assert (statement.account, amounts(statement)) == ("12345678", [41260, -100000])


def test_debit_and_credit_columns_make_one_amount() -> None:
    text = SIDES + "2026-03-14,IN,,10.00,USD\n2026-03-14,OUT,4.00,,USD\n2026-03-15,NONE,0.00,3.00,USD\n"
    assert amounts(one(text)) == [1000, -400, 300]


def test_a_debit_column_that_is_negative_throughout_carries_its_sign() -> None:
    text = SIDES + "2026-03-14,OUT,-4.00,,USD\n2026-03-14,IN,,10.00,USD\n"
    assert amounts(one(text)) == [-400, 1000]
    assert amounts(one(text + "2026-03-16,TAKEN BACK,5.00,,USD\n")) == [400, 1000, -500]


def test_a_credit_column_that_is_negative_throughout_is_money_in() -> None:
    text = SIDES + "2026-03-14,OUT,4.00,,USD\n2026-03-14,PAID,,-10.00,USD\n"
    assert amounts(one(text)) == [-400, 1000]


def test_a_row_with_both_sides_has_no_amount() -> None:
    text = SIDES + "2026-03-14,BOTH,4.00,5.00,USD\n"
    assert (amounts(one(text)), codes(one(text))[0]) == ([None], "amount")


def test_a_column_may_say_which_way_the_money_goes() -> None:
    text = (
        "Datum;Naam / Omschrijving;Rekening;Af Bij;Bedrag (EUR)\n"
        "20260314;ACME;NL1;Bij;1.234,56\n20260315;SHOP;NL1;Af;5,00\n"
    )
    statement = one(text)
    assert (amounts(statement), statement.currency, statement.account) == ([123456, -500], "EUR", "NL1")
    assert amounts(one(text.replace(";Af;5", ";Hm;5"))) == [123456, None]


def test_a_card_whose_purchases_are_positive_is_turned_round_by_its_profile() -> None:
    text = "Date,Description,Amount,Currency\n2026-03-14,LUNCH,12.00,USD\n2026-03-15,DINNER,30.00,USD\n"
    assert codes(one(text, account="card")) == ["sign"]
    turned = one(text, profile="card", account="card")
    assert (amounts(turned), codes(turned)) == ([-1200, -3000], [])


def test_a_known_card_is_recognised_by_its_header() -> None:
    text = (
        "Trans. Date,Post Date,Description,Amount,Category\n"
        "03/13/2026,03/14/2026,LUNCH,12.00,Restaurants\n03/15/2026,03/16/2026,THANK YOU,-50.00,Payments\n"
    )
    statement = one(text, currency="USD", account="card")
    assert (amounts(statement), days(statement)) == ([-1200, 5000], ["2026-03-14", "2026-03-16"])
    assert [str(line.value_date) for line in statement.lines] == ["2026-03-13", "2026-03-15"]
    assert amounts(one(text, currency="USD", profile="bank")) == [1200, -5000]


@pytest.mark.parametrize(
    ("written", "minor"),
    [("1,234.56", 123456), ("(1,234.56)", -123456), ("$1,234.56", 123456), ("-$5.00", -500), ("1 234,56", 123456),
     ("1'234.56", 123456), ("12.00-", -1200), ("12.00 DR", -1200), ("USD 7.10", 710), ("1,23,456.78", 12345678),
     ("1.234.567,89", 123456789), ("+8.00", 800), ("−9.00", -900), (".50", 50)],
)  # fmt: skip
def test_amounts_are_read_however_they_are_written(written: str, minor: int) -> None:
    assert amounts(one(f"Date;Text;Amount;Currency\n2026-03-14;X;{written};USD\n")) == [minor]


@pytest.mark.parametrize("written", ["", "n/a", "1.2.3,4,5", "--5", "1e5", "NaN", "12,34,5.00", "9" * 50])
def test_what_is_no_amount_is_left_out_with_a_warning(written: str) -> None:
    statement = one(f"Date;Text;Amount;Currency\n2026-03-14;X;{written};USD\n2026-03-14;Y;-1.00;USD\n")
    assert (amounts(statement), codes(statement)[0]) == ([None, -100], "amount")


def test_one_amount_with_cents_tells_what_the_others_mean() -> None:
    rows = "Date;Text;Amount;Currency\n2026-03-14;A;1.234;USD\n2026-03-14;B;-5,5;USD\n"
    assert (amounts(one(rows)), codes(one(rows, account="x"))) == ([123400, -550], [])


def test_amounts_that_may_be_thousands_or_decimals_are_a_doubt_that_an_option_ends() -> None:
    rows = "Date;Text;Amount;Currency\n2026-03-14;A;-1.234;USD\n"
    assert (amounts(one(rows)), codes(one(rows, account="x"))) == ([-123400], ["sign"])
    told = one(rows, decimals=".", account="x")
    assert (amounts(told), codes(told)) == ([-123], ["decimals"])
    assert amounts(one(rows.replace("USD", "KWD"), decimals=".")) == [-1234]


def test_one_day_beyond_twelve_decides_the_whole_column() -> None:
    rows = "Date,Text,Amount\n{},A,-1.00\n05/03/2026,B,-2.00\n"
    assert days(one(rows.format("13/03/2026"))) == ["2026-03-13", "2026-03-05"]
    assert days(one(rows.format("03/13/2026"))) == ["2026-03-13", "2026-05-03"]


def test_days_that_may_be_either_are_asked_for() -> None:
    rows = "Date,Text,Amount\n05/03/2026,A,-1.00\n06/03/26,B,-2.00\n"
    with pytest.raises(Unreadable, match=r"march\.txt cannot be read: 05/03/2026 .* --dates dmy or mdy\.$"):
        read(rows)
    assert days(one(rows, dates="dmy")) == ["2026-03-05", "2026-03-06"]
    assert days(one(rows, dates="mdy")) == ["2026-05-03", "2026-06-03"]


def test_days_that_are_the_same_either_way_are_not_asked_for() -> None:
    assert days(one("Date,Text,Amount\n05/05/2026,A,-1.00\n")) == ["2026-05-05"]


def test_days_of_both_kinds_are_asked_for_and_what_does_not_fit_is_left_out() -> None:
    rows = "Date,Text,Amount\n13/03/2026,A,-1.00\n03/14/2026,B,-2.00\n"
    with pytest.raises(Unreadable, match="partly written day first"):
        read(rows)
    statement = one(rows, dates="dmy")
    assert (days(statement), codes(statement)[1]) == (["2026-03-13", ""], "date")


@pytest.mark.parametrize(
    "written",
    ["2026-03-14", "20260314", "14.03.2026", "14 Mar 2026", "14-Mar-26", "March 14, 2026", "2026/03/14 09:15"],
)
def test_days_are_read_however_they_are_written(written: str) -> None:
    assert days(one(f"Date;Text;Amount\n{written};A;-1.00\n")) == ["2026-03-14"]


def test_a_running_balance_tells_opening_and_closing_either_way_up() -> None:
    rows = ["2026-03-14,A,10.00,110.00,USD,1", "2026-03-14,B,-4.00,106.00,USD,1", "2026-03-15,C,1.00,107.00,USD,1"]
    header = "Date,Description,Amount,Balance,Currency,Account\n"
    for order in (rows, rows[::-1]):
        statement = one(header + "\n".join(order))
        assert (statement.opening, statement.closing, codes(statement)) == (10000, 10700, [])
    wrong = one(header + "\n".join(rows).replace("106.00", "105.00"))
    assert (wrong.opening, wrong.closing, codes(wrong)) == (None, None, ["balance"])


def test_a_line_that_is_only_announced_is_not_booked() -> None:
    rows = "Date,Description,Amount,Status\n2026-03-14,A,-1.00,Posted\n2026-03-15,B,-2.00,Pending\n"
    assert [line.is_booked for line in one(rows).lines] == [True, False]


def test_accounts_and_currencies_in_one_table_are_statements_of_their_own() -> None:
    rows = (
        "Date,Description,Amount,Currency,Account\n2026-03-14,A,-1,USD,1\n2026-03-14,B,2,EUR,1\n2026-03-14,C,3,JPY,2\n"
    )
    assert [(each.account, each.currency, amounts(each)) for each in read(rows)] == [
        ("1", "USD", [-100]), ("1", "EUR", [200]), ("2", "JPY", [3])
    ]  # fmt: skip


def test_columns_may_be_named_or_numbered_by_hand() -> None:
    named = "Wann,Was,Wieviel\n2026-03-14,A,-1.00\n"
    assert amounts(one(named, profile="date=Wann,amount=Wieviel,text=Was")) == [-100]
    bare = '"03/14/2026","-12.00","*","","COFFEE"\n"03/15/2026","5.00","*","","CREDIT"\n'
    statement = one(bare, profile="date=1,amount=2,text=5,sign=inverse")
    assert (amounts(statement), texts(statement)) == ([1200, -500], ["COFFEE", "CREDIT"])


@pytest.mark.parametrize("profile", ["nonsense", "date=1,colour=2", "date=1,amount=2,sign=odd"])
def test_a_profile_that_does_not_exist_is_a_sentence(profile: str) -> None:
    with pytest.raises(Unreadable, match="profile"):
        read(PLAIN, profile=profile)


def test_a_table_without_day_and_amount_is_refused_with_the_way_out() -> None:
    for text in ("a,b\n1,2\n", "just words", "Date,Description\n2026-03-14,A\n"):
        with pytest.raises(Unreadable, match=r'--profile "date=…,amount=…'):
            read(text)


def test_a_row_that_is_too_short_or_has_no_day_stays_with_a_warning() -> None:
    statement = one("Date,Description,Amount\n2026-03-14\n,B,-2.00\n2026-02-30,C,-3.00\n")
    assert (amounts(statement), days(statement)) == ([None, -200, -300], ["2026-03-14", "", ""])
    assert [line.is_complete for line in statement.lines] == [False] * 3


def test_a_file_that_says_no_account_takes_the_given_one() -> None:
    rows = "Date,Description,Amount,Currency\n2026-03-14,A,-1.00,USD\n"
    assert codes(one(rows)) == ["account"]
    assert (one(rows, account="Checking").account, codes(one(rows, account="Checking"))) == ("Checking", [])
