"""Set-up of a feed over real books: accounts on consent, answers, the cut-over, activation; nothing goes before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import delete

from connector.domain.cutover import Cutover, OpeningItem
from connector.errors import Rejected, Unreadable
from connector.reconcile.clearing.values import Proof
from connector.store.account_maps import account_map, keep_map
from connector.store.feeds import Feed, connection, feed, set_choice
from connector.store.setup import set_feed_state
from connector.store.tables import AttemptRow, PostingRow
from connector.sync.activate import activate, refusals
from connector.sync.clearing import proved
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import Posted, post
from connector.sync.pull import pull
from connector.sync.setup import accept, answer, asked, choose, decide_cutover, found_open, proposed
from tests.sync.walking import balances_in, connected, documents_in, house, town

LAST_DAY = date(2026, 3, 14)
USUAL = {"deposits": "connector", "tax basis": "accrual", "role": "sales and payouts"}


@pytest.fixture(params=["quickbooks", "xero"])
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def new(tmp_path: Path, target: str) -> Iterator[tuple[House, str]]:
    """A feed that is joined and pulled, and nothing else; and where its books are."""
    with town(tmp_path) as shops, house(tmp_path) as ready:
        connected(ready, shops, target)
        with ready.database.transaction() as tx:
            set_feed_state(tx, feed(tx, f"square-{target}").id, "set up")
            square = connection(tx, "square")
        pull(ready, square)
        yield ready, (shops.xero if target == "xero" else shops.quickbooks).base_url


def here(ready: House, target: str) -> Feed:
    with ready.database.transaction() as tx:
        return feed(tx, f"square-{target}")


def sent(ready: House, target: str) -> Posted:
    journalize(ready, here(ready, target))
    return post(ready, here(ready, target).target)


def test_express_opens_and_maps_what_occurs_and_finds_it_again(new: tuple[House, str], target: str) -> None:
    ready, _ = new
    of = here(ready, target)
    first = proposed(ready, of)
    assert {each.action for each in first} == {"create", "mapped"}
    accept(ready, of, first, author="Ana")
    again = proposed(ready, of)
    assert {each.action for each in again} == {"mapped"}
    with ready.database.transaction() as tx:
        mapped = account_map(tx, of.id)
    assert (mapped.slots["clearing.card"].account, mapped.slots["clearing.card"].number) == (
        "Square Balance",
        "SQ-6000",
    )


def test_what_one_opened_the_other_reuses(tmp_path: Path) -> None:
    with town(tmp_path) as shops, house(tmp_path) as ready:
        connected(ready, shops, "quickbooks")
        of = here(ready, "quickbooks")
        pull(ready, of.source)
        accept(ready, of, proposed(ready, of), author="Ana")
        with ready.database.transaction() as tx:
            keep_map(tx, of.id, "slots: {bank: Checking}\n")
        assert {each.action for each in proposed(ready, of)} == {"reuse", "decide", "mapped"}


def test_items_are_wrapped_where_the_books_want_them_on_their_forms(tmp_path: Path) -> None:
    with town(tmp_path) as shops, house(tmp_path) as ready:
        connected(ready, shops, "quickbooks")
        of = here(ready, "quickbooks")
        with ready.database.transaction() as tx:
            set_choice(tx, of.id, "document_kind", "receipt")
        pull(ready, of.source)
        accept(ready, here(ready, "quickbooks"), proposed(ready, of), author="Ana")
        done = sent(ready, "quickbooks")
        assert done.posted > 0
        assert done.rejected == 0
        assert "SalesReceipt" in {kind for kind, _, _ in documents_in(shops.quickbooks.base_url)}


def test_a_feed_that_is_not_active_sends_nothing_and_says_so(new: tuple[House, str], target: str) -> None:
    ready, address = new
    of = here(ready, target)
    accept(ready, of, proposed(ready, of), author="Ana")
    done = sent(ready, target)
    assert (done.posted, done.not_active) == (0, (f"square-{target}",))
    assert done.waiting > 0
    assert documents_in(address) == []
    with pytest.raises(Rejected, match=r"The cut-over is not decided.*Not answered: Who books the money"):
        activate(ready, of)


def test_answers_are_checked_kept_and_followed(new: tuple[House, str], target: str) -> None:
    ready, _ = new
    of = here(ready, target)
    with pytest.raises(Unreadable, match="tax basis is 'accrual' or 'cash', not 'both'"):
        answer(ready, of, {"tax basis": "both"}, author="Ana")
    basis = next(each for each in asked(ready, of) if each.name == "tax basis")
    assert (basis.proposal, basis.why) == (
        "accrual",
        "your books are on accrual basis; on cash basis nothing is accrued",
    )
    with pytest.raises(Unreadable, match="'tax registered' is not asked of this feed"):
        answer(ready, of, {"tax registered": "yes"}, author="Ana")
    answer(ready, of, {**USUAL, "role": "payouts only", "deposits": "bank feed"}, author="Ana")
    assert not [each for each in asked(ready, of) if each.is_open]
    assert (here(ready, target).role, here(ready, target).deposits) == ("payouts only", "bank feed")


def _other_side(target: str) -> str:
    return "Undeposited Funds" if target == "quickbooks" else "Inventory"


def opened(ready: House, target: str, *, against: str = "") -> Cutover:
    """Everything of the set-up decided, with what the records say was open."""
    of = here(ready, target)
    accept(ready, of, proposed(ready, of), author="Ana")
    answer(ready, of, USUAL, author="Ana")
    said = Cutover(previous="connector", last_day=LAST_DAY, against=against or _other_side(target))
    whole = decide_cutover(ready, of, said, author="Ana")
    assert whole.starts_on is not None
    items = (*found_open(ready, of, whole.starts_on), OpeningItem(slot="gift_cards", name="sold before", amount=12000,
                                                                  currency="USD"))  # fmt: skip
    return decide_cutover(ready, of, replace(whole, items=items), author="Ana")


def test_after_the_cut_over_clearing_comes_to_what_is_really_not_paid_out(new: tuple[House, str], target: str) -> None:
    ready, address = new
    whole = opened(ready, target)
    assert refusals(ready, here(ready, target)) == []
    activate(ready, here(ready, target))
    first = sent(ready, target)
    assert (first.rejected, first.not_active) == (0, ())
    there = documents_in(address)
    assert sent(ready, target).posted == 0
    assert documents_in(address) == there  # the openings are there once
    card = sum(item.amount for item in whole.items if item.slot == "clearing.card")
    assert card > 0
    balances = balances_in(address)
    assert balances["Square Gift Cards"] <= -12000 + 2500
    opened_items(ready, here(ready, target), card)


def opened_items(ready: House, of: Feed, card: int) -> None:
    """The clearing proof starts from what was open at the cut-over, and payouts take it out."""
    last = ready.now().date()
    told = [proof_of(ready, of, "Square Balance", day) for day in (LAST_DAY + timedelta(days=1), last)]
    assert [proof.opening for proof in told] == [card, card]
    assert [[item.text for item in proof.items if "taken before" in item.text] for proof in told] == [
        [f"po_main_00000{number}: taken before {LAST_DAY + timedelta(days=1)}" for number in (1, 2)], [],
    ]  # fmt: skip
    for number in range(1, 8):
        for proof in proved(ready, of, LAST_DAY + timedelta(days=number)).proofs:
            assert sum(item.amount for item in proof.items) == proof.by_documents, proof
            assert proof.unexplained == 0, proof
            assert not [item for item in proof.items if "in no record" in item.text]


def proof_of(ready: House, of: Feed, account: str, on: date) -> Proof:
    return next(each for each in proved(ready, of, on).proofs if each.account == account)


def test_documents_of_another_hand_stand_against_activation(new: tuple[House, str], target: str) -> None:
    ready, _ = new
    of = here(ready, target)
    accept(ready, of, proposed(ready, of), author="Ana")
    answer(ready, of, USUAL, author="Ana")
    decide_cutover(ready, of, Cutover(previous="nothing"), author="Ana")
    activate(ready, of)
    sent(ready, target)
    with ready.database.transaction() as tx:  # as if another connector had posted them: ours knows nothing of them
        tx.exec(delete(AttemptRow))
        tx.exec(delete(PostingRow))
    against = refusals(ready, of)
    assert len(against) > 0
    assert "The books hold takings of" in against[0]


def test_a_choice_of_the_wrong_type_changes_nothing(new: tuple[House, str], target: str) -> None:
    ready, _ = new
    of = here(ready, target)
    with ready.database.transaction() as tx:
        before = account_map(tx, of.id)
    with pytest.raises(Unreadable, match="tips takes current liability or liability"):
        choose(
            ready, of, [("bank", "Savings" if target == "quickbooks" else "Checking"), ("tips", "Checking")], author="A"
        )
    with ready.database.transaction() as tx:
        assert account_map(tx, of.id) == before
