"""BAI2: records, continuations and types of funds."""

from __future__ import annotations

from datetime import date

import pytest

from connector.errors import Unreadable
from tests.reconcile.statements.reading_files import amounts, codes, one, only, read, texts


def bai(
    records: str, account: str = "03,0004321,USD,010,50000,,,015,60000,,/", control: int = 120000, currency: str = ""
) -> str:
    return (
        "01,BANK,US,260315,0600,1,80,,2/\n"
        f"02,US,BANK,1,260314,2359,{currency},2/\n"
        f"{account}\n{records}\n49,{control},4/\n98,{control},1,6/\n99,{control},1,8/\n"
    )


def test_credits_are_money_in_and_debits_money_out() -> None:
    statement = one(
        bai("16,165,15000,0,BANK1,CUST1,SQUARE PAYOUT/\n16,475,5000,0,BANK2,1001,CHECK PAID/", control=130000)
    )
    assert (statement.account, statement.currency, statement.institution) == ("0004321", "USD", "BANK")
    assert (statement.opening, statement.closing, statement.closing_on) == (50000, 60000, date(2026, 3, 14))
    assert amounts(statement) == [15000, -5000]
    assert [(line.bank_id, line.reference, line.kind) for line in statement.lines] == [
        ("BANK1", "CUST1", "165"),
        ("BANK2", "1001", "475"),
    ]
    assert texts(statement) == ["SQUARE PAYOUT", "CHECK PAID"]
    assert codes(statement) == []


def test_continuations_belong_to_the_record_before_them() -> None:
    statement = one(bai("16,165,10000,0,BANK1,CUST1,SQUARE\n88,PAYOUT OF MARCH\n88,AND MORE/"))
    assert texts(statement) == ["SQUARE PAYOUT OF MARCH AND MORE"]
    split = "03,0004321,USD,010,50000,,/\n88,015,60000,,/"
    assert one(bai("16,165,10000,0,B,C,T/", split)).closing == 60000


def test_types_of_funds_with_more_fields_do_not_shift_the_references() -> None:
    lines = (
        "16,165,3000,S,1000,1000,1000,REF-S,C,shared/\n16,165,3000,V,260320,0900,REF-V,C,valued/\n"
        "16,165,3000,D,2,0,1000,1,2000,REF-D,C,distributed/\n16,165,1000,Z,REF-Z,C,any/"
    )
    statement = one(bai(lines))
    assert [line.bank_id for line in statement.lines] == ["REF-S", "REF-V", "REF-D", "REF-Z"]
    assert texts(statement) == ["shared", "valued", "distributed", "any"]
    assert statement.lines[1].value_date == date(2026, 3, 20)
    account = "03,0004321,USD,010,50000,,S,1,2,3,015,60000,,V,260314,,/"
    assert one(bai("16,165,10000,0,B,C,T/", account)).closing == 60000


def test_commas_are_part_of_a_text() -> None:
    assert texts(one(bai("16,165,10000,0,B,C,ONE, TWO, THREE/"))) == ["ONE,TWO,THREE"]


def test_a_code_of_a_banks_own_counts_by_its_range_and_an_impossible_one_is_held() -> None:
    lines = "16,930,10000,0,B,C,own credit/\n16,970,1000,0,B,C,own debit/\n16,XYZ,500,0,B,C,what/"
    statement = one(bai(lines, control=121500))
    assert amounts(statement) == [10000, -1000, None]
    assert (codes(statement)[0], "XYZ" in statement.lines[2].raw) == ("kind", True)


def test_the_group_or_the_definition_names_the_currency_that_the_account_does_not() -> None:
    account = "03,0004321,,010,50000,,,015,60000,,/"
    assert one(bai("16,165,10000,0,B,C,T/", account)).currency == "USD"
    assert one(bai("16,165,10000,0,B,C,T/", account, currency="CAD")).currency == "CAD"


def test_yen_are_whole_units() -> None:
    assert amounts(one(bai("16,165,10000,0,B,C,T/", "03,1,JPY,010,50000,,,015,60000,,/"))) == [10000]


def test_bad_fields_are_left_out_with_a_warning() -> None:
    statement = one(bai("16,165,abc,0,B,C,T/\n16,165,10.00,0,B,C,T/", "03,1,USD,010,x,,,015,60000,,/"))
    assert (amounts(statement), statement.opening) == ([None, 1000], None)
    assert codes(statement)[:3] == ["balance", "amount", "amount"]


def test_records_that_do_not_make_the_control_total_have_a_warning() -> None:
    assert codes(one(bai("16,165,10000,0,B,C,T/", control=5))) == ["totals"]


def test_a_day_for_each_group_and_a_withdrawn_group_says_so() -> None:
    day = bai("16,165,10000,0,B,C,T/")
    second = (
        day[day.index("02,") : day.index("98,")].replace("260314", "260315").replace("02,US,BANK,1", "02,US,BANK,2")
    )
    both = read(day[: day.index("98,")] + second + day[day.index("98,") :])
    assert [only(each).date for each in both] == [date(2026, 3, 14), date(2026, 3, 15)]
    assert [codes(each) for each in both] == [[], ["status"]]


def test_a_text_without_an_amount_is_no_line() -> None:
    statement = one(bai("16,165,10000,0,B,C,T/\n16,890,,,B,C,office closed/"))
    assert (amounts(statement), codes(statement)) == ([10000], ["text"])


def test_a_file_without_an_account_is_refused() -> None:
    with pytest.raises(Unreadable, match="no account"):
        read("01,BANK,US,260315,0600,1,80,,2/\n02,US,BANK,1,260314,2359,,2/\n98,0,0,2/\n99,0,1,4/\n")
