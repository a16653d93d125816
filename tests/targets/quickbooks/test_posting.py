"""Documents on their way into a QuickBooks company and back, over real HTTP."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest

from connector.domain.defaults import SlotAccount
from connector.domain.document import Document
from connector.domain.drift import texts
from connector.errors import AlreadyThere, NeedsMapping, OutcomeUnknown, Rejected, RetryLater, TokenRefused, Unsent
from connector.sandbox.quickbooks.company import REALM
from connector.targets.contract import Receipt, Rendered
from tests.targets.quickbooks.given import MARK, NOW, Company, company, document, line, opened, outgoing


def takings(amount: int = 10825, mark: str = MARK) -> Document:
    return document(
        line("clearing", "Undeposited Funds", amount),
        line("sales", "Sales of Product Income", -amount, text="Sales, food"),
        mark=mark,
    )


def deposit() -> Document:
    return document(
        line("bank", "Checking", 26993), line("clearing", "Undeposited Funds", -26993), kind="transfer", mark=MARK
    )


def test_balanced_journal_is_posted_and_reads_back_without_a_difference(american: Company) -> None:
    rendered = american.render(takings())
    receipt = american.post(rendered)
    assert receipt.trace_id.startswith("1-")
    assert american.documents() == [
        {"id": receipt.target_id, "kind": "JournalEntry", "mark": MARK, "date": "2026-11-19", "total": 108.25}
    ]
    assert american.open.read_back(rendered, receipt) == []
    assert american.open.find(rendered) == [Receipt(target_id=receipt.target_id, version="0")]
    assert american.control("trial-balance") == {"Undeposited Funds": "10825", "Sales of Product Income": "-10825"}


def test_balance_of_a_clearing_account_is_debit_positive_and_sales_are_not_told(american: Company) -> None:
    american.post(american.render(takings()))
    american.post(american.render(document(
        line("clearing", "Undeposited Funds", 5000), line("loan", "Loan Payable", -5000), mark="SQ-20261119-AAAAAA"
    )))  # fmt: skip
    balances = american.open.balances()
    assert (balances["Undeposited Funds"], balances["Loan Payable"], balances["Checking"]) == (15825, -5000, 0)
    assert "Sales of Product Income" not in balances


def test_repeat_with_the_same_key_brings_the_same_record(american: Company) -> None:
    rendered = american.render(takings())
    assert american.post(rendered).target_id == american.post(rendered).target_id
    assert len(american.documents()) == 1


def test_replayed_answer_for_a_changed_body_is_seen_when_read_back(american: Company) -> None:
    """QuickBooks answers an old key with its old answer: only a key that changes with the body posts the body."""
    first, second = american.render(takings(10825)), american.render(takings(20000))
    american.post(first)
    (replayed,) = american.open.post([replace(outgoing(first), rendered=second)])
    assert isinstance(replayed, Receipt)
    assert texts(american.open.read_back(second, replayed)) == [
        "missing: Credit 200.00 on account 10",
        "missing: Debit 200.00 on account 4",
        "not ours: Credit 108.25 on account 10",
        "not ours: Debit 108.25 on account 4",
    ]
    assert outgoing(first).key != outgoing(second).key


def test_lost_answer_is_an_unknown_outcome_and_the_look_up_finds_the_record(american: Company) -> None:
    rendered = american.render(takings())
    american.faults.lose_answer(when="after", path_contains="journalentry")
    (outcome,) = american.open.post([outgoing(rendered)])
    assert isinstance(outcome, OutcomeUnknown)
    (found,) = american.open.find(rendered)
    assert american.open.read_back(rendered, found) == []
    assert american.post(rendered).target_id == found.target_id
    assert len(american.documents()) == 1


def test_answer_lost_before_the_work_is_unknown_too_and_the_look_up_finds_nothing(american: Company) -> None:
    rendered = american.render(takings())
    american.faults.lose_answer(when="before", path_contains="journalentry")
    (outcome,) = american.open.post([outgoing(rendered)])
    assert isinstance(outcome, OutcomeUnknown)
    assert american.open.find(rendered) == []
    assert american.documents() == []


def test_number_that_is_taken_is_already_there(american: Company) -> None:
    american.set(warn_duplicate_journal_number=True)
    rendered = american.render(takings())
    receipt = american.post(rendered)
    (outcome,) = american.open.post([outgoing(rendered, epoch=1)])
    assert isinstance(outcome, AlreadyThere)
    assert outcome.code == "6140"
    assert MARK in str(outcome)
    assert american.open.find(rendered) == [Receipt(target_id=receipt.target_id, version="0")]


def test_closed_books_are_told_before_anything_is_sent(american: Company) -> None:
    american.set(book_close_date="2026-11-19")
    with pytest.raises(Rejected, match="closed until 2026-11-19") as refused:
        american.render(takings())
    assert refused.value.code == "closed_period"
    assert american.render(replace(takings(), date=date(2026, 11, 20))).day == "2026-11-20"


@pytest.mark.parametrize("password", [False, True])
def test_books_closed_after_planning_refuse_the_document(american: Company, password: bool) -> None:
    rendered = american.render(takings())
    american.set(book_close_date="2026-11-30", book_close_password=password)
    (outcome,) = american.open.post([outgoing(rendered)])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "closed_period"


def test_account_that_does_not_exist_is_refused_with_every_reason(american: Company) -> None:
    rendered = american.render(takings())
    body = [
        {**wrong, "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": "99999"}}}
        for wrong, side in zip(_lines(rendered), ("Debit", "Credit"), strict=True)
    ]
    (outcome,) = american.open.post([outgoing(replace(rendered, payload={**rendered.payload, "Line": body}))])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "2500"
    assert str(outcome).count("2500") == 2
    assert "intuit_tid 1-" in str(outcome)


def test_account_archived_after_planning_is_refused(american: Company) -> None:
    rendered = american.render(takings())
    american.set(archive_account="Undeposited Funds")
    (outcome,) = american.open.post([outgoing(rendered)])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "610"
    with pytest.raises(NeedsMapping, match="'Undeposited Funds' is inactive in the books"):
        american.render(takings())


def test_transfer_is_posted_found_by_its_mark_and_read_back(american: Company) -> None:
    rendered = american.render(deposit())
    assert rendered.kind == "Transfer"
    receipt = american.post(rendered)
    assert american.open.find(rendered) == [Receipt(target_id=receipt.target_id, version="0")]
    assert american.open.find(replace(rendered, mark="SQ-20261119-OTHERS")) == []
    assert american.open.read_back(rendered, receipt) == []
    assert american.control("trial-balance") == {"Checking": "26993", "Undeposited Funds": "-26993"}
    other = replace(rendered, payload={**rendered.payload, "Amount": 100, "ToAccountRef": {"value": "2"}})
    assert texts(american.open.read_back(other, receipt)) == [
        "the account it goes to is 1, sent was 2",
        "the amount is 269.93, sent was 1.00",
    ]


def test_record_that_a_person_edited_or_deleted_is_described(american: Company) -> None:
    rendered = american.render(takings())
    receipt = american.post(rendered)
    entry = {"Id": receipt.target_id, "SyncToken": receipt.version}
    edited = {**entry, "sparse": True, "TxnDate": "2026-11-20", "DocNumber": "42"}
    _by_hand(american, edited)
    assert texts(american.open.read_back(rendered, receipt)) == [
        f"the number is 42, sent was {MARK}",
        "the date is 2026-11-20, sent was 2026-11-19",
    ]
    _by_hand(american, {**entry, "SyncToken": "1"}, operation="delete")
    assert texts(american.open.read_back(rendered, receipt)) == [
        f"QuickBooks has no JournalEntry {receipt.target_id} any more"
    ]


def test_journal_moved_to_another_day_by_hand_is_still_found_by_its_mark(american: Company) -> None:
    rendered = american.render(takings())
    receipt = american.post(rendered)
    _by_hand(american, {"Id": receipt.target_id, "SyncToken": "0", "sparse": True, "TxnDate": "2026-12-24"})
    assert american.open.find(rendered) == [Receipt(target_id=receipt.target_id, version="1")]


def test_transfer_moved_to_another_day_by_hand_is_still_found_by_its_mark(american: Company) -> None:
    rendered = american.render(deposit())
    receipt = american.post(rendered)
    moved = {**_transfer(american, receipt), "TxnDate": "2026-12-20"}
    _by_hand(american, moved, kind="transfer")
    assert american.open.find(rendered) == [Receipt(target_id=receipt.target_id, version="1")]


def test_british_sales_carry_their_vat_beside_the_net_amount(british: Company) -> None:
    rendered = british.render(
        document(
            line("clearing", "Undeposited Funds", 12000),
            line("sales", "Sales of Product Income", -12000, tax=-2000, tax_code="20.0% S"),
            currency="GBP",
        )
    )
    receipt = british.post(rendered)
    assert british.open.read_back(rendered, receipt) == []
    assert british.control("trial-balance") == {
        "Undeposited Funds": "12000",
        "Sales of Product Income": "-10000",
        "VAT Control": "-2000",
    }


def test_foreign_sales_are_booked_at_the_rate_of_the_document(american: Company) -> None:
    american.set(multi_currency=True)
    foreign = replace(takings(10000), currency="CAD", rate="0.7250")
    rendered = american.render(foreign)
    receipt = american.post(rendered)
    assert american.open.read_back(rendered, receipt) == []
    assert american.control("trial-balance") == {"Undeposited Funds": "7250", "Sales of Product Income": "-7250"}


def test_every_one_of_1001_accounts_is_read(tmp_path: Path) -> None:
    with company(tmp_path) as small:
        first_chart = len(small.open.books().accounts)
    (tmp_path / "large").mkdir()
    with company(tmp_path / "large", tills=1001 - first_chart) as large:
        accounts = large.open.books().accounts
    assert len({account.account_id for account in accounts}) == len(accounts) == 1001


def test_books_tell_country_currency_taxes_locations_and_classes(british: Company) -> None:
    _by_hand(british, {"Name": "Main St"}, kind="department")
    _by_hand(british, {"Name": "Retail"}, kind="class")
    books = british.open.books()
    assert (books.name, books.country, books.currency, books.locked_until) == ("Harbour Coffee", "GB", "GBP", None)
    assert [(place, name) for place, name, _ in books.tracking] == [("Location", "Main St"), ("Class", "Retail")]
    assert "20.0% S" in {rate.name for rate in books.tax_rates}
    british.set(track_departments=False, class_tracking_per_line=False, book_close_date="2026-03-31")
    assert british.open.books().tracking == ()
    assert british.open.books().locked_until == date(2026, 3, 31)


def test_location_of_a_line_reaches_the_books(american: Company) -> None:
    _by_hand(american, {"Name": "Main St"}, kind="department")
    at_main = (("Location", "Main St"),)
    rendered = american.render(
        document(
            line("clearing", "Undeposited Funds", 500, tracking=at_main),
            line("sales", "Services", -500, tracking=at_main),
        )
    )
    receipt = american.post(rendered)
    with _calls(american) as calls:
        entry = calls.get(f"/journalentry/{receipt.target_id}").json()["JournalEntry"]
    places = [part["JournalEntryLineDetail"]["DepartmentRef"]["name"] for part in entry["Line"]]
    assert places == ["Main St", "Main St"]


def test_organisation_is_the_company_of_the_realm(american: Company) -> None:
    found = american.open.organisation()
    assert (found.external_id, found.name, found.country, found.currency) == (REALM, "Harbour Coffee", "US", "USD")


def test_account_is_opened_once_and_then_found_by_its_name(american: Company) -> None:
    wanted = SlotAccount(slot="clearing", name="O'Brien\\' or 1=1", number="SQ-6000", type="current_asset")
    opened_account = american.open.open_account(wanted)
    assert (opened_account.kind, opened_account.number) == ("Other Current Asset", "SQ-6000")
    assert opened_account.takes_payments
    assert american.open.open_account(wanted) == opened_account
    assert american.open.books().account(wanted.name) == opened_account


def test_account_whose_answer_was_lost_is_found_when_asked_for_again(american: Company) -> None:
    wanted = SlotAccount(slot="fees", name="Square Fees", number="SQ-3000", type="expense")
    american.faults.lose_answer(when="after", path_contains="account")
    with pytest.raises(OutcomeUnknown):
        american.open.open_account(wanted)
    assert american.open.open_account(wanted).number == "SQ-3000"
    assert [account.name for account in american.open.books().accounts].count("Square Fees") == 1


def test_journals_need_no_contact_and_none_is_made(american: Company) -> None:
    assert american.open.open_contact("Square") == ""
    with _calls(american) as calls:
        people = [calls.post("/query", content=f"select * from {kind}").json() for kind in ("Customer", "Vendor")]
    assert [answer["QueryResponse"] for answer in people] == [{}, {}]


def test_account_name_that_another_type_holds_is_refused(american: Company) -> None:
    with pytest.raises(Rejected, match="'Checking' of another type"):
        american.open.open_account(SlotAccount(slot="fees", name="Checking", number="", type="expense"))


def test_token_that_ended_asks_for_a_new_consent_and_stops_the_rest(american: Company) -> None:
    rendered = american.render(takings())
    tokens: list[str] = []

    def ended() -> str:
        tokens.append("ended")
        return "ended"

    outcomes = opened(american.base_url, ended).post([outgoing(rendered), outgoing(rendered, epoch=1)])
    assert [type(outcome) for outcome in outcomes] == [TokenRefused, Unsent]
    assert len(tokens) == 1
    assert american.documents() == []


def test_throttled_write_names_the_moment_to_come_back(american: Company) -> None:
    rendered = american.render(takings())
    american.faults.answer_with(429, b"", {"Retry-After": "7"}, path_contains="journalentry")
    (outcome,) = american.open.post([outgoing(rendered)])
    assert isinstance(outcome, RetryLater)
    assert outcome.after is not None
    assert (outcome.after - NOW).total_seconds() == 7
    assert american.post(rendered).version == "0"


def _transfer(company: Company, receipt: Receipt) -> dict[str, object]:
    with _calls(company) as calls:
        found: dict[str, object] = calls.get(f"/transfer/{receipt.target_id}").json()["Transfer"]
        return found


def _lines(rendered: Rendered) -> list[dict[str, object]]:
    lines = rendered.payload["Line"]
    assert isinstance(lines, list)
    return lines


def _calls(company: Company) -> httpx.Client:
    """Plain calls, as somebody else's programme or the web pages would make them."""
    assert hasattr(company.open, "access")
    headers = {"authorization": f"Bearer {company.open.access.token()}", "accept": "application/json"}
    return httpx.Client(base_url=f"{company.base_url}/v3/company/{REALM}", headers=headers, trust_env=False)


def _by_hand(company: Company, body: dict[str, object], kind: str = "journalentry", **query: str) -> None:
    with _calls(company) as calls:
        answer = calls.post(f"/{kind}", json=body, params=query)
        assert answer.status_code == 200, answer.text
