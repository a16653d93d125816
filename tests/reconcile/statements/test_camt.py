"""CAMT statements of any version; money in is positive."""

from __future__ import annotations

import pytest

from connector.domain.money import Money
from connector.errors import Unreadable
from tests.reconcile.statements.reading_files import amounts, codes, days, one, only, read


def balance(code: str, amount: str, day: str, side: str = "CRDT") -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(amount: str = "100.00", side: str = "CRDT", more: str = "", currency: str = "EUR", details: str = "") -> str:
    return (
        f'<Ntry><NtryRef>1</NtryRef><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}'
        "<Sts>BOOK</Sts><BookgDt><Dt>2026-03-14</Dt></BookgDt><ValDt><DtTm>2026-03-15T00:00:00+01:00</DtTm></ValDt>"
        "<AcctSvcrRef>B-77</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly>"
        f"</Domn></BkTxCd>{details}<AddtlNtryInf>Credit transfer</AddtlNtryInf></Ntry>"
    )


def detail(amount: str, name: str, reference: str, more: str = "") -> str:
    return (
        f'<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs><Amt Ccy="EUR">{amount}</Amt>{more}<RltdPties><Dbtr>'
        f"<Nm>{name}</Nm></Dbtr><Cdtr><Nm>US</Nm></Cdtr></RltdPties><RmtInf><Ustrd>for {name}</Ustrd></RmtInf></TxDtls>"
    )


def statement_of(
    entries: str, opening: str = "1000.00", closing: str = "1100.00", iban: str = "NL91ABNA0417164300"
) -> str:
    return (
        f"<Stmt><Id>S1</Id><ElctrncSeqNb>12</ElctrncSeqNb><Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy>"
        f"<Svcr><FinInstnId><BIC>ABNANL2A</BIC></FinInstnId></Svcr></Acct>{balance('OPBD', opening, '2026-03-13')}"
        f"{balance('CLBD', closing, '2026-03-14')}{entries}</Stmt>"
    )


def camt(statements: str, version: int = 2) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02}">'
        f"<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>{statements}</BkToCstmrStmt></Document>"
    )


@pytest.mark.parametrize("version", [2, 3, 4, 6, 8, 10, 12, 13])
def test_every_version_of_a_statement_is_read(version: int) -> None:
    statement = one(camt(statement_of(entry()), version))
    assert (statement.account, statement.institution, statement.number) == ("NL91ABNA0417164300", "ABNANL2A", "12")
    assert (statement.opening, statement.closing, statement.booked) == (100000, 110000, 10000)
    line = only(statement)
    assert (days(statement), str(line.value_date)) == (["2026-03-14"], "2026-03-15")
    assert (line.bank_id, line.kind, line.text) == ("B-77", "PMNT/RCDT/ESCT", "Credit transfer")
    assert codes(statement) == []


def test_a_namespace_may_have_a_prefix_or_be_missing() -> None:
    plain = camt(statement_of(entry()))
    prefixed = (
        plain.replace("</", "</ns2:").replace("<", "<ns2:").replace("<ns2:/ns2:", "</ns2:").replace("<ns2:?", "<?")
    )
    assert "<ns2:Ntry>" in prefixed
    assert one(prefixed.replace("xmlns=", "xmlns:ns2=")) == one(plain)
    assert one(prefixed) == one(plain)


def test_a_debit_is_money_out_and_a_reversed_credit_too() -> None:
    """The indicator tells the way the money goes now: a reversal of a credit is a debit."""
    entries = entry("30.00", "DBIT") + entry("20.00", "DBIT", more="<RvslInd>true</RvslInd>")
    statement = one(camt(statement_of(entries, closing="950.00")))
    assert amounts(statement) == [-3000, -2000]
    assert [line.is_reversal for line in statement.lines] == [False, True]
    assert codes(statement) == []


def test_a_batch_is_one_line_with_its_payments_as_parts() -> None:
    details = f"<NtryDtls>{detail('60.00', 'ANN', 'E-1')}{detail('40.00', 'BEN', 'NOTPROVIDED')}</NtryDtls>"
    statement = one(camt(statement_of(entry(details=details))))
    line = only(statement)
    assert line.amount == 10000
    assert [(part.amount, part.counterparty, part.reference) for part in line.parts] == [
        (6000, "ANN", "E-1"),
        (4000, "BEN", ""),
    ]
    assert codes(statement) == []


def test_a_batch_whose_payments_do_not_make_its_amount_has_a_warning_unless_charges_explain_it() -> None:
    details = f"<NtryDtls>{detail('60.00', 'ANN', 'E-1')}{detail('41.50', 'BEN', 'E-2')}</NtryDtls>"
    charges = '<Chrgs><Rcrd><Amt Ccy="EUR">1.50</Amt></Rcrd></Chrgs>'
    assert codes(one(camt(statement_of(entry(details=details))))) == ["parts"]
    netted = one(camt(statement_of(entry(details=details, more=charges))))
    assert (codes(netted), only(netted).charges) == ([], 150)


def test_a_single_payment_gives_the_line_its_words() -> None:
    line = only(one(camt(statement_of(entry(details=f"<NtryDtls>{detail('100.00', 'ANN', 'E-1')}</NtryDtls>")))))
    assert (line.counterparty, line.reference, line.text, line.parts) == ("ANN", "E-1", "for ANN Credit transfer", ())


def test_newer_versions_put_the_name_of_a_party_one_deeper() -> None:
    details = f"<NtryDtls>{detail('100.00', 'ANN', 'E-1')}</NtryDtls>".replace("<Nm>", "<Pty><Nm>").replace(
        "</Nm>", "</Nm></Pty>"
    )
    assert only(one(camt(statement_of(entry(details=details)), 8))).counterparty == "ANN"


def test_the_amount_before_the_exchange_is_kept() -> None:
    foreign = '<AmtDtls><InstdAmt><Amt Ccy="USD">108.20</Amt></InstdAmt></AmtDtls>'
    line = only(one(camt(statement_of(entry(more=foreign)))))
    assert line.original == Money(minor=10820, currency="USD")


def test_more_decimals_than_the_currency_are_rounded_half_up_with_a_warning() -> None:
    entries = entry("10.005") + entry("10.004", "DBIT") + entry("0.00500", "DBIT") + entry("1.000")
    statement = one(camt(statement_of(entries, closing="1001.00")))
    assert amounts(statement) == [1001, -1000, -1, 100]
    assert codes(statement) == ["decimals"] * 3


def test_dinars_have_three_decimals_and_yen_none() -> None:
    assert amounts(one(camt(statement_of(entry("1.234", currency="KWD"))))) == [1234]
    assert amounts(one(camt(statement_of(entry("1500", currency="JPY"))))) == [1500]


def test_several_statements_stay_apart() -> None:
    two = statement_of(entry()) + statement_of(entry("5.00"), "0.00", "5.00", iban="NL02ABNA0123456789")
    assert [(each.account, amounts(each)) for each in read(camt(two))] == [
        ("NL91ABNA0417164300", [10000]),
        ("NL02ABNA0123456789", [500]),
    ]


def test_a_statement_that_does_not_add_up_has_a_warning_that_says_by_how_much() -> None:
    (warning,) = one(camt(statement_of(entry("99.00")))).warnings
    assert (warning.code, "differ by -1.00" in warning.text) == ("sum", True)


def test_an_overdraft_is_below_nothing() -> None:
    text = camt(statement_of(entry())).replace(
        balance("OPBD", "1000.00", "2026-03-13"), balance("OPBD", "50.00", "2026-03-13", "DBIT")
    )
    assert one(text).opening == -5000


def test_entries_that_are_only_expected_are_in_no_balance() -> None:
    statement = one(camt(statement_of(entry() + entry("7.00").replace("BOOK", "<Cd>PDNG</Cd>"))))
    assert [line.is_booked for line in statement.lines] == [True, False]
    assert codes(statement) == []


def test_an_entry_without_side_amount_or_day_keeps_what_it_has() -> None:
    broken = [
        entry().replace("<CdtDbtInd>CRDT</CdtDbtInd>", ""),
        entry("a lot"),
        entry().replace("<BookgDt><Dt>2026-03-14</Dt></BookgDt>", "<BookgDt><Dt>2026-02-30</Dt></BookgDt>"),
    ]
    statement = one(camt(statement_of("".join(broken))))
    assert amounts(statement) == [None, None, 10000]
    assert codes(statement) == ["amount", "amount", "date"]
    assert statement.lines[1].raw == "a lot CRDT"


def test_a_file_that_breaks_off_keeps_its_whole_entries_and_says_so() -> None:
    text = camt(statement_of(entry() + entry("9.00")))
    statement = one(text[: text.rindex("<BookgDt>")])
    assert amounts(statement) == [10000]
    assert codes(statement) == ["cut"]


def test_a_loose_ampersand_is_text() -> None:
    line = only(
        one(camt(statement_of(entry(details=f"<NtryDtls>{detail('100.00', 'A & B &nbsp; &amp; C', 'E')}</NtryDtls>"))))
    )
    assert line.counterparty == "A & B &nbsp; & C"


def test_a_notification_is_read_and_says_what_it_is() -> None:
    text = camt(statement_of(entry())).replace("Stmt>", "Ntfctn>").replace("camt.053", "camt.054")
    without = text.replace(balance("OPBD", "1000.00", "2026-03-13"), "").replace(
        balance("CLBD", "1100.00", "2026-03-14"), ""
    )
    statement = one(without)
    assert (amounts(statement), statement.opening, codes(statement)) == ([10000], None, ["notification"])


def test_a_page_begins_and_ends_with_the_balance_between_pages() -> None:
    first = statement_of(entry()).replace("CLBD", "ITBD")
    last = statement_of(entry("5.00"), "1100.00", "1105.00").replace("OPBD", "ITBD")
    assert [(each.opening, each.closing) for each in read(camt(first + last))] == [(100000, 110000), (110000, 110500)]


def test_a_dtd_is_refused_whatever_its_encoding() -> None:
    bomb = camt(statement_of(entry())).replace("<Document", '<!DOCTYPE Document [<!ENTITY a "b">]><Document', 1)
    for data in (bomb.encode(), bomb.encode("utf-16"), bomb.encode("utf-16-le")):
        with pytest.raises(Unreadable, match="DTD"):
            read(data)


def test_elements_nested_without_end_are_refused() -> None:
    deep = camt(statement_of("<Ntry>" + "<a>" * 1_000_000))
    with pytest.raises(Unreadable, match="nested"):
        read(deep)
    many = "".join(f' a{number}="1"' for number in range(100_000))
    with pytest.raises(Unreadable, match="nested or described"):
        read(camt(statement_of(f"<Ntry{many}></Ntry>")))


def test_xml_without_a_statement_is_refused() -> None:
    with pytest.raises(Unreadable, match="neither CAMT nor OFX"):
        read("<html><body>Sign in</body></html>")
    with pytest.raises(Unreadable, match="holds no statement"):
        read(camt(""))
    with pytest.raises(Unreadable, match="it is no XML"):
        read("<Document camt.053 <<")
