"""`connector reconcile allocate` on plain tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from connector.cli.reconcile_allocate import allocate

app = typer.Typer()
app.command()(allocate)
PAYMENTS = """payment,account,date,amount,currency
P2,Ana,2026-02-01,50.00,USD
P1,Ana,2026-01-10,80.00,USD
P3,Bo,2026-01-10,5.00,EUR
"""
ITEMS = """invoice,line,account,date,amount,currency
INV-1,1,Ana,2026-01-05,60.00,USD
INV-1,2,Ana,2026-01-05,40.00,USD
"INV,2",1,Bo,2026-01-05,7.50,EUR
INV-3,1,Bo,2026-01-05,1.00,USD
"""


def run(folder: Path, *words: str, payments: str = PAYMENTS, items: str = ITEMS) -> Result:
    (folder / "payments.csv").write_text(payments, encoding="utf-8")
    (folder / "items.csv").write_text(items, encoding="utf-8")
    files = ["--payments", str(folder / "payments.csv"), "--items", str(folder / "items.csv")]
    return CliRunner().invoke(app, [*files, "--out", str(folder / "links.csv"), *words], catch_exceptions=False)


def test_the_links_are_written_and_what_stays_open_is_shown(tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "links.csv").read_text(encoding="utf-8").splitlines() == [
        "account,currency,payer,payment,payment_date,invoice,line,invoice_date,amount",
        "Ana,USD,payment,P1,2026-01-10,INV-1,1,2026-01-05,60.00",
        "Ana,USD,payment,P1,2026-01-10,INV-1,2,2026-01-05,20.00",
        "Ana,USD,payment,P2,2026-02-01,INV-1,2,2026-01-05,20.00",
        'Bo,EUR,payment,P3,2026-01-10,"INV,2",1,2026-01-05,5.00',
    ]
    assert "4 links, 5.00 EUR, 100.00 USD. 3 stay open." in ran.stdout
    assert "Ana      USD       payment  P2       2026-02-01   30.00  no open item is left on the account" in ran.stdout


def test_json_names_everything_that_stays_open_with_its_reason(tmp_path: Path) -> None:
    body = json.loads(run(tmp_path, "--json").stdout)
    assert body["linked"] == {"EUR": "5.00", "USD": "100.00"}
    assert [(each["what"], each["name"], each["amount"]) for each in body["left"]] == [
        ("payment", "P2", "30.00"),
        ("item", "INV,2/1", "2.50"),
        ("item", "INV-3/1", "1.00"),
    ]


def test_a_second_run_over_the_earlier_links_writes_the_same_file(tmp_path: Path) -> None:
    run(tmp_path)
    first = (tmp_path / "links.csv").read_bytes()
    ran = run(tmp_path, "--earlier", str(tmp_path / "links.csv"), "--json")
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "links.csv").read_bytes() == first


def test_a_link_removed_by_hand_is_open_again(tmp_path: Path) -> None:
    run(tmp_path)
    kept = (tmp_path / "links.csv").read_text(encoding="utf-8").splitlines(keepends=True)[:2]
    (tmp_path / "before.csv").write_text("".join(kept), encoding="utf-8")
    ran = run(tmp_path, "--earlier", str(tmp_path / "before.csv"), "--account", "Bo")
    assert ran.exit_code == 0, ran.output
    names = [row.split(",")[3] for row in (tmp_path / "links.csv").read_text(encoding="utf-8").splitlines()[1:]]
    assert names == ["P1", "P3"]


def test_one_account_leaves_the_others_alone(tmp_path: Path) -> None:
    body = json.loads(run(tmp_path, "--account", "Ana", "--json").stdout)
    assert body["links"] == 3
    assert [each["account"] for each in body["left"]] == ["Ana"]
    ran = run(tmp_path, "--account", "Cy")
    assert (ran.exit_code, ran.stderr) == (2, "There is no payment and no item of the account Cy.\n")


def test_a_credit_line_is_netted_first_and_named_by_invoice_and_line(tmp_path: Path) -> None:
    items = ITEMS + "INV-4,2,Ana,2026-03-01,-15.00,USD\n"
    run(tmp_path, items=items)
    first = (tmp_path / "links.csv").read_bytes()
    assert first.splitlines()[1] == b"Ana,USD,credit,INV-4/2,2026-03-01,INV-1,1,2026-01-05,15.00"
    assert run(tmp_path, "--earlier", str(tmp_path / "links.csv"), items=items).exit_code == 0
    assert (tmp_path / "links.csv").read_bytes() == first


def test_automatic_links_only_what_needs_nobody(tmp_path: Path) -> None:
    payments = (
        "payment,account,date,amount,currency,kind,invoice,reconcile\n"
        "P1,Ana,2026-01-05,100.00,USD,purchase,INV-1,\n"
        "P2,Bo,2026-01-06,1.00,EUR,client,,\n"
        "P3,Bo,2026-01-06,1.00,USD,administrator,,no\n"
    )
    body = json.loads(run(tmp_path, "--automatic", "--json", payments=payments).stdout)
    assert body["links"] == 2
    assert [each["name"] for each in body["left"]] == ["P2", "P3", "INV,2/1", "INV-3/1"]


def test_columns_may_be_called_otherwise_and_lines_are_counted(tmp_path: Path) -> None:
    payments = "\ufeffPayment ID;Customer;Payment date;Amount\nP1;Ana;2026-01-10T09:30:00Z;80\n"
    items = "Invoice No;Client;Invoice date;Balance\nINV-1;Ana;2026-01-05;50\nINV-1;Ana;2026-01-05;20.5\n"
    ran = run(tmp_path, "--currency", "usd", payments=payments, items=items)
    assert ran.exit_code == 0, ran.output
    rows = (tmp_path / "links.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[6:] for row in rows] == [["1", "2026-01-05", "50.00"], ["2", "2026-01-05", "20.50"]]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (PAYMENTS.replace("80.00", "80,00x"), "payments.csv, line 3: 6 fields where the heading has 5."),
        (PAYMENTS.replace("80.00", "eighty"), "payments.csv, line 3, column amount: 'eighty' is not a plain decimal"),
        (PAYMENTS.replace("80.00", "80.001"), "column amount: '80.001' has more decimals than USD knows."),
        (PAYMENTS.replace("80.00", "9" * 40), "is too large for an amount."),
        (PAYMENTS.replace("2026-01-10,80", "10/01/2026,80"), "line 3, column date: '10/01/2026' is not a date such as"),
        (PAYMENTS.replace("USD", "DOLLAR"), "line 2, column currency: 'DOLLAR' is not a currency code such as USD."),
        (PAYMENTS.replace("P1,", ","), "payments.csv, line 3, column payment: it is empty."),
        (PAYMENTS.replace("P1,", "P2,"), "payments.csv has payment P2 twice."),
        (PAYMENTS.replace("date", "when"), "payments.csv has no column date (or payment_date, paid_on)"),
        (PAYMENTS.replace(",currency", ",x"), "payments.csv has no column currency; add it, or say which one with"),
        ("", "payments.csv has no column payment"),
    ],
)
def test_bad_input_is_one_sentence_with_file_line_and_column(tmp_path: Path, wrong: str, sentence: str) -> None:
    ran = run(tmp_path, payments=wrong)
    assert ran.exit_code == 2
    assert sentence in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "links.csv").exists()


def test_an_earlier_link_beyond_what_is_open_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    links = (tmp_path / "links.csv").read_text(encoding="utf-8")
    for wrong, sentence in (
        (links.replace("60.00", "60.01"), "line 2, column amount: the payment or the item has not that much open."),
        (links.replace("P2", "P9"), "line 4, column payment: P9 is not in the files of this run."),
    ):
        (tmp_path / "before.csv").write_text(wrong, encoding="utf-8")
        ran = run(tmp_path, "--earlier", str(tmp_path / "before.csv"))
        assert ran.exit_code == 2
        assert sentence in ran.stderr
