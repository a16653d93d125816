"""What the QuickBooks stand-in books, refuses and remembers, over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connector.sandbox.faults import Faults
from connector.sandbox.quickbooks.app import desk_for, quickbooks_app
from connector.sandbox.quickbooks.company import REALM
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf

Line = dict[str, object]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 16, 18, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Books:
    """A company on 127.0.0.1 and the calls a bookkeeper's connector makes to it."""

    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url
        self.http = httpx.Client(
            base_url=f"{base_url}/v3/company/{REALM}",
            headers={"authorization": f"Bearer {token}", "accept": "application/json"},
            trust_env=False,
            verify=False,
        )

    def create(self, kind: str, body: object, **query: str) -> httpx.Response:
        return self.http.post(f"/{kind}", json=body, params=query)

    def query(self, statement: str) -> dict[str, list[dict[str, str]]]:
        answer = self.http.get("/query", params={"query": statement})
        assert answer.status_code == 200, answer.text
        found: dict[str, list[dict[str, str]]] = answer.json()["QueryResponse"]
        return found

    def account(self, name: str) -> str:
        return self.query(f"select * from Account where FullyQualifiedName = '{name}'")["Account"][0]["Id"]

    def debit(self, name: str, amount: object, **detail: object) -> Line:
        return self._line("Debit", name, amount, detail)

    def credit(self, name: str, amount: object, **detail: object) -> Line:
        return self._line("Credit", name, amount, detail)

    def _line(self, side: str, name: str, amount: object, detail: dict[str, object]) -> Line:
        return {
            "DetailType": "JournalEntryLineDetail",
            "Amount": amount,
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": self.account(name)}, **detail},
        }

    def journal(self, *lines: Line, **fields: object) -> httpx.Response:
        query = {"requestid": str(fields.pop("requestid"))} if "requestid" in fields else {}
        return self.create("journalentry", {"TxnDate": "2026-03-14", "Line": list(lines), **fields}, **query)

    def day_of_sales(self, **fields: object) -> httpx.Response:
        return self.journal(
            self.debit("Undeposited Funds", 108.25), self.credit("Sales of Product Income", 108.25), **fields
        )

    def set(self, **settings: object) -> None:
        answer = self.http.post(f"{self.base_url}/_sandbox/settings", json=settings)
        assert answer.status_code == 200, answer.text

    def control(self, name: str) -> object:
        return self.http.get(f"{self.base_url}/_sandbox/{name}").json()


def codes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 400, answer.text
    return [error["code"] for error in answer.json()["Fault"]["Error"]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def faults() -> Faults:
    return Faults()


def opened(folder: Path, clock: Clock, faults: Faults, country: str = "US", currency: str = "USD") -> Iterator[Books]:
    with Shelf(folder / "quickbooks.books") as shelf:
        app = quickbooks_app(shelf, faults=faults, clock=clock, country=country, currency=currency)
        with serve(app) as served:
            books = Books(served.base_url, desk_for(shelf, clock, "").issue_personal_token())
            with books.http:
                books.set(calls_per_second=0, calls_per_minute=0)
                yield books


@pytest.fixture
def books(tmp_path: Path, clock: Clock, faults: Faults) -> Iterator[Books]:
    yield from opened(tmp_path, clock, faults)


@pytest.fixture
def british(tmp_path: Path, clock: Clock, faults: Faults) -> Iterator[Books]:
    yield from opened(tmp_path, clock, faults, "GB", "GBP")


def test_day_of_sales_is_booked_and_moves_the_balances(books: Books) -> None:
    entry = books.day_of_sales(DocNumber="SQ-20260314-7F3K2Q").json()["JournalEntry"]
    assert entry["DocNumber"] == "SQ-20260314-7F3K2Q"
    assert entry["TotalAmt"] == 0
    assert [line["Id"] for line in entry["Line"]] == ["0", "1"]
    assert books.control("trial-balance") == {"Undeposited Funds": "10825", "Sales of Product Income": "-10825"}
    account = books.http.get(f"/account/{books.account('Undeposited Funds')}").json()["Account"]
    assert account["CurrentBalance"] == 108.25
    assert books.control("documents") == [
        {"id": entry["Id"], "kind": "JournalEntry", "mark": "SQ-20260314-7F3K2Q", "date": "2026-03-14", "total": 108.25}
    ]


def test_same_request_id_brings_the_old_answer_whatever_the_body(books: Books) -> None:
    first = books.day_of_sales(requestid="p1aa")
    again = books.journal(books.debit("Checking", 5), books.credit("Savings", 5), requestid="p1aa")
    assert again.json() == first.json()
    assert books.control("trial-balance") == {"Undeposited Funds": "10825", "Sales of Product Income": "-10825"}


def test_refusal_is_remembered_under_its_request_id_too(books: Books) -> None:
    refused = books.journal(books.debit("Checking", 5), books.credit("Savings", 4), requestid="p1bb")
    assert codes(refused) == ["2300"]
    assert books.day_of_sales(requestid="p1bb").json() == refused.json()


def test_answer_lost_after_the_commit_is_found_again_by_its_number(books: Books, faults: Faults) -> None:
    line_pair = books.debit("Checking", 40), books.credit("Savings", 40)
    faults.lose_answer(when="after", path_contains="journalentry")
    with pytest.raises(httpx.TransportError):
        books.journal(*line_pair, DocNumber="SQ-1", requestid="p1cc")
    found = books.query("select * from JournalEntry where DocNumber = 'SQ-1' and TxnDate = '2026-03-14'")
    repeated = books.journal(*line_pair, DocNumber="SQ-1", requestid="p1cc").json()["JournalEntry"]
    assert [entry["Id"] for entry in found["JournalEntry"]] == [repeated["Id"]]
    assert books.control("trial-balance") == {"Checking": "4000", "Savings": "-4000"}


def test_books_are_met_again_by_a_later_process(tmp_path: Path, clock: Clock, faults: Faults) -> None:
    for books in opened(tmp_path, clock, faults):
        books.day_of_sales(DocNumber="SQ-2")
    for books in opened(tmp_path, clock, faults):
        assert len(books.query("select * from JournalEntry where DocNumber = 'SQ-2'")["JournalEntry"]) == 1
        assert books.control("trial-balance") == {"Undeposited Funds": "10825", "Sales of Product Income": "-10825"}


def test_each_bad_line_has_its_own_error(books: Books) -> None:
    lines = [books.debit("Checking", 5), books.credit("Savings", 5)]
    for line in lines:
        detail = line["JournalEntryLineDetail"]
        assert isinstance(detail, dict)
        del detail["AccountRef"]
    assert codes(books.journal(*lines)) == ["2020", "2020"]


@pytest.mark.parametrize(("amount", "code"), [(-5, "2290"), ("5.00", "2080"), (5.001, "2080"), (True, "2080")], ids=str)
def test_amount_of_the_wrong_kind_is_refused(books: Books, amount: object, code: str) -> None:
    assert code in codes(books.journal(books.debit("Checking", amount), books.credit("Savings", 5)))


def test_entry_needs_two_lines(books: Books) -> None:
    assert codes(books.journal(books.debit("Checking", 0))) == ["6000"]


def test_line_says_debit_or_credit(books: Books) -> None:
    assert codes(books.journal(books.debit("Checking", 5, PostingType="debit"), books.credit("Savings", 5))) == ["2260"]


def test_unknown_account_is_an_invalid_reference(books: Books) -> None:
    line = books.debit("Checking", 5, AccountRef={"value": "999"})
    assert codes(books.journal(line, books.credit("Savings", 5))) == ["2500"]


def test_archived_account_is_refused_until_it_is_restored(books: Books) -> None:
    lines = books.debit("Checking", 5), books.credit("Savings", 5)
    books.set(archive_account="Savings")
    assert codes(books.journal(*lines)) == ["610"]
    books.set(restore_account="Savings")
    assert books.journal(*lines).status_code == 200


def test_receivable_line_needs_a_customer(books: Books) -> None:
    credit = books.credit("Sales of Product Income", 5)
    assert codes(books.journal(books.debit("Accounts Receivable (A/R)", 5), credit)) == ["6000"]
    customer = books.create("customer", {"DisplayName": "Walk-in"}).json()["Customer"]["Id"]
    entity = {"Type": "Customer", "EntityRef": {"value": customer}}
    assert books.journal(books.debit("Accounts Receivable (A/R)", 5, Entity=entity), credit).status_code == 200


def test_number_longer_than_21_characters_is_refused(books: Books) -> None:
    assert codes(books.day_of_sales(DocNumber="S" * 22)) == ["2050"]
    assert books.day_of_sales(DocNumber="S" * 21).status_code == 200


def test_number_in_use_is_refused_only_where_the_company_asks_for_it(books: Books) -> None:
    first = books.day_of_sales(DocNumber="SQ-3").json()["JournalEntry"]["Id"]
    assert books.day_of_sales(DocNumber="SQ-3").status_code == 200
    books.set(warn_duplicate_journal_number=True)
    refused = books.day_of_sales(DocNumber="SQ-3")
    assert codes(refused) == ["6140"]
    detail = refused.json()["Fault"]["Error"][0]["Detail"]
    assert f"DocNumber=SQ-3 is assigned to TxnType=Journal Entry with TxnId={first}" in detail


def test_closed_books_take_nothing_on_or_before_the_closing_date(books: Books) -> None:
    books.set(book_close_date="2026-03-14")
    assert codes(books.day_of_sales()) == ["6200"]
    assert books.day_of_sales(TxnDate="2026-03-15").status_code == 200
    prefs = books.http.get("/preferences").json()["Preferences"]
    assert prefs["AccountingInfoPrefs"]["BookCloseDate"] == "2026-03-14"


def test_entry_without_a_date_gets_the_date_in_california(books: Books, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 17, 3, 0, tzinfo=UTC)
    lines = [books.debit("Checking", 5), books.credit("Savings", 5)]
    answer = books.create("journalentry", {"Line": lines})
    assert answer.json()["JournalEntry"]["TxnDate"] == "2026-03-16"


def test_changed_entry_cannot_be_changed_with_the_old_token(books: Books) -> None:
    entry = books.day_of_sales().json()["JournalEntry"]
    changed = {**entry, "Line": [books.debit("Checking", 7), books.credit("Savings", 7)]}
    assert books.create("journalentry", changed).json()["JournalEntry"]["SyncToken"] == "1"
    assert books.control("trial-balance") == {"Checking": "700", "Savings": "-700"}
    assert codes(books.create("journalentry", changed)) == ["5010"]


def test_deleted_entry_is_gone_and_its_balances_with_it(books: Books) -> None:
    entry = books.day_of_sales().json()["JournalEntry"]
    wish = {"Id": entry["Id"], "SyncToken": "0"}
    assert books.create("journalentry", wish, operation="delete").json()["JournalEntry"]["status"] == "Deleted"
    assert books.control("trial-balance") == {}
    assert codes(books.create("journalentry", wish, operation="delete")) == ["610"]


def test_transfer_moves_money_between_balance_sheet_accounts_only(books: Books) -> None:
    wish = {
        "FromAccountRef": {"value": books.account("Undeposited Funds")},
        "ToAccountRef": {"value": books.account("Checking")},
        "Amount": 400.22,
        "TxnDate": "2026-03-16",
    }
    assert books.create("transfer", wish).status_code == 200
    assert books.control("trial-balance") == {"Undeposited Funds": "-40022", "Checking": "40022"}
    to_income = {**wish, "ToAccountRef": {"value": books.account("Services")}}
    assert codes(books.create("transfer", to_income)) == ["6430"]


def test_american_journal_carries_no_tax_code(books: Books) -> None:
    code = books.query("select * from TaxCode")["TaxCode"][0]["Id"]
    credit = books.credit("Services", 5, TaxCodeRef={"value": code}, TaxApplicableOn="Sales", TaxAmount=0)
    assert codes(books.journal(books.debit("Checking", 5), credit)) == ["6160"]


def test_british_journal_balances_on_net_and_tax(british: Books) -> None:
    code = british.query("select * from TaxCode where Name = '20.0% S'")["TaxCode"][0]["Id"]
    taxed = {"TaxCodeRef": {"value": code}, "TaxApplicableOn": "Sales", "TaxAmount": 20.00}
    lines = british.debit("Checking", 120), british.credit("Services", 100, **taxed)
    assert sorted(codes(british.journal(*lines))) == ["2020", "6160"]
    assert british.journal(*lines, GlobalTaxCalculation="TaxExcluded").status_code == 200
    assert british.control("trial-balance") == {"Checking": "12000", "Services": "-10000", "VAT Control": "-2000"}


@pytest.mark.parametrize(("left_out", "code"), [("TaxApplicableOn", "2270"), ("TaxAmount", "2280")])
def test_british_tax_line_needs_its_side_and_its_amount(british: Books, left_out: str, code: str) -> None:
    tax_code = british.query("select * from TaxCode where Name = '20.0% S'")["TaxCode"][0]["Id"]
    taxed: dict[str, object] = {"TaxCodeRef": {"value": tax_code}, "TaxApplicableOn": "Sales", "TaxAmount": 20.00}
    del taxed[left_out]
    lines = british.debit("Checking", 120), british.credit("Services", 100, **taxed)
    assert codes(british.journal(*lines, GlobalTaxCalculation="TaxExcluded")) == [code]


def test_new_account_must_have_a_name_of_its_own(books: Books) -> None:
    wish = {"Name": "Square Balance", "AccountType": "Other Current Asset"}
    assert books.create("account", wish).json()["Account"]["Classification"] == "Asset"
    assert codes(books.create("account", {**wish, "Name": "SQUARE BALANCE"})) == ["6240"]


def test_sub_account_is_named_after_its_parent(books: Books) -> None:
    wish = {"Name": "Square", "AccountType": "Bank", "ParentRef": {"value": books.account("Checking")}}
    assert books.create("account", wish).json()["Account"]["FullyQualifiedName"] == "Checking:Square"


def test_customers_and_vendors_share_their_names(books: Books) -> None:
    assert books.create("customer", {"DisplayName": "Square"}).status_code == 200
    assert codes(books.create("vendor", {"DisplayName": "square"})) == ["6240"]


def test_query_reads_pages_counts_and_quoted_names(books: Books) -> None:
    for name in ("O'Neill Deposits", "Pier", "Quay"):
        books.create("department", {"Name": name})
    assert books.query(r"select * from Department where Name = 'O\'Neill Deposits'")["Department"][0]["Id"] == "1"
    page = books.query("SELECT * FROM Department ORDERBY Name DESC STARTPOSITION 2 MAXRESULTS 1")
    assert [place["Name"] for place in page["Department"]] == ["Pier"]
    counted: object = books.query("select count(*) from Department")
    assert counted == {"totalCount": 3}
    assert books.query("select * from Department where Name like 'Q%'")["Department"][0]["Name"] == "Quay"
    assert len(books.query("select * from Department where Id in ('1', '3')")["Department"]) == 2
    posted = books.http.post("/query", content="select * from Department where Name = 'Pier'")
    assert posted.json()["QueryResponse"]["maxResults"] == 1


def test_query_that_finds_nothing_answers_an_empty_response(books: Books) -> None:
    assert books.query("select * from JournalEntry where DocNumber = 'SQ-0'") == {}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select * from JournalEntry where PrivateNote = 'x'", "4001"),
        ("select * from Account startposition 0", "4001"),
        ("select * from Account maxresults 1001", "4001"),
        ("select * from Nothing", "4001"),
        ("select * Account", "4000"),
        ("select * from Account where Id > '3'", "4001"),
        ("select * from Account where Name = 'a' or Name = 'b'", "4000"),
    ],
)
def test_query_the_service_does_not_offer_is_refused(books: Books, statement: str, code: str) -> None:
    assert codes(books.http.get("/query", params={"query": statement})) == [code]


def test_every_answer_carries_its_trace_number(books: Books) -> None:
    assert books.day_of_sales().headers["intuit_tid"] != books.day_of_sales().headers["intuit_tid"]


def test_wrong_token_is_told_in_lower_case_json_or_in_xml(books: Books) -> None:
    wrong = {"authorization": "Bearer nonsense"}
    answer = books.http.get("/companyinfo/1", headers=wrong)
    assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (401, "3200")
    xml = books.http.get("/companyinfo/1", headers={**wrong, "accept": "*/*"})
    assert xml.status_code == 401
    assert xml.text.startswith("<?xml")


def test_another_company_is_out_of_reach(books: Books) -> None:
    answer = books.http.get(f"{books.base_url}/v3/company/1/companyinfo/1")
    assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (403, "3100")


def test_eleventh_call_of_a_second_is_throttled_with_an_empty_answer(books: Books, clock: Clock) -> None:
    books.set(calls_per_second=10)
    for _ in range(10):
        assert books.http.get("/companyinfo/1").status_code == 200
    throttled = books.http.get("/companyinfo/1")
    assert (throttled.status_code, throttled.content) == (429, b"")
    clock.now += timedelta(seconds=1)
    assert books.http.get("/companyinfo/1").status_code == 200


def test_company_tells_its_country_and_its_preferences(books: Books) -> None:
    assert books.http.get("/companyinfo/1").json()["CompanyInfo"]["Country"] == "US"
    prefs = books.http.get("/preferences").json()["Preferences"]
    assert "BookCloseDate" not in prefs["AccountingInfoPrefs"]
    assert prefs["CurrencyPrefs"]["HomeCurrency"] == {"value": "USD"}


def test_setting_nobody_knows_is_refused(books: Books) -> None:
    answer = books.http.post(f"{books.base_url}/_sandbox/settings", json={"book_closed": True})
    assert answer.status_code == 400
    assert "book_close_date" in answer.json()["error"]
