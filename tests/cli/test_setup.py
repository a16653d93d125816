"""The way of a newcomer: connect, join, set up, look, activate, post; each command says what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.town import Town
from tests.cli.running import done, run
from tests.cli.test_commands import dawn
from tests.sync.walking import REALM


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[Town]:
    with dawn(tmp_path) as day:
        done("connect", "square", "--token", given=day.town.personal_token("square") + "\n")
        token = day.town.personal_token("quickbooks") + "\n"
        done("connect", "quickbooks", "--token", "--account", REALM, given=token)
        done("pull", "square")
        told = done("feed", "add", "shop", "--from", "square", "--to", "quickbooks").out
        assert "It posts once it is set up: connector setup express shop" in told
        yield day.town


def test_a_newcomer_is_led_from_the_feed_to_the_first_posting(joined: Town) -> None:
    refused = run("setup", "express", "shop", "--bank", "Checking", given="n\n")
    assert "Nothing was changed." in refused.err
    assert "Square Balance" in refused.out
    assert done("map", "history", "shop", "--json").json() == []
    express = ("setup", "express", "shop", "--yes", "--bank", "Checking")
    done("person", "add", "Ana", "--organisation", "My business", "--role", "accountant")
    assert "connector setup show shop" in done("--as", "Ana", *express).out
    assert [(each["version"], each["author"]) for each in history()] == [(1, "Ana")]
    shown = done("setup", "advanced", "shop", "--slot", "service_charge").out
    assert "– not decided" in shown
    assert done("setup", "advanced", "shop", "--set", "service_charge=Square Sales").out.startswith("service_charge: ")
    done("journalize", "shop")
    waiting = done("post", "shop")
    assert "shop is not active yet, and nothing of it was sent" in waiting.err
    stopped = run("setup", "activate", "shop")
    assert stopped.status == 2
    assert "The cut-over is not decided" in stopped.err
    assert "usually" not in done("setup", "answers", "shop", "--usual").out
    assert "a fresh start" in done("setup", "cutover", "shop", "--previous", "nothing").out
    assert "Nothing stands against it" in done("setup", "show", "shop").out
    assert "shop is active" in done("setup", "activate", "shop").out
    assert "6 posted" in done("post", "shop").out
    rows = done("map", "show", "shop", "--kind", "tender", "--json").json()
    assert isinstance(rows, list)
    assert {row["why"] for row in rows if row["code"] == "CASH"} == {"the map decides the slot clearing.cash"}


def history() -> list[dict[str, object]]:
    """The versions of the map, newest first."""
    versions = done("map", "history", "shop", "--json").json()
    assert isinstance(versions, list)
    return versions


def test_who_booked_deposits_as_income_is_told_where_sales_of_before_are(joined_once: Town) -> None:
    words = ("setup", "cutover", "shop", "--previous", "income", "--last-day", "2026-03-13", "--against", "Services")
    told = done(*words, "--open-item", "gift_cards 120.00 sold before").out
    assert "! Sales of before are in Services, with their tax" in told
    refused = run("setup", "cutover", "shop", "--previous", "equity")  # income is no equity
    assert refused.status == 2
    assert "Services is of type income; after 'equity' the other side is equity." in refused.err
    assert "Sales of before" not in done("setup", "cutover", "shop", "--open-item", "gift_cards 0 sold before").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("express", "shop", "--bank", "Chekking", "--yes"),
            "The books have no account 'Chekking'. For bank they have",
        ),
        (("advanced", "shop", "--set", "bank"), "'bank' is no choice; write it as SLOT=ACCOUNT"),
        (("advanced", "shop", "--set", "gift_cards=Checking"), "Checking is of type bank; gift_cards takes"),
        (("advanced", "shop", "--slot", "bnak"), "Square has no slot 'bnak'; it has"),
        (("cutover", "shop", "--previous", "magic"), "The previous method is nothing or connector"),
        (("cutover", "shop", "--last-day", "yesterday"), "'yesterday' is not a day; write it as 2026-03-31."),
        (("cutover", "shop", "--against", "Nope"), "The books have no account 'Nope'"),
        (
            ("cutover", "shop", "--previous", "income", "--against", "Checking"),
            "Checking is of type bank; after 'income' the other side is income or other income. The books have:",
        ),
        (("cutover", "shop", "--open-item", "sales 1.00 x"), "'sales' cannot be open at a cut-over"),
        (("cutover", "shop", "--open-item", "tips 1.00"), "'tips 1.00' has no name"),
        (("cutover", "shop", "--open-item", "tips 1.001 x"), "has more decimals than USD knows"),
        (("answers", "shop", "--basis", "both"), "tax basis is 'accrual' or 'cash', not 'both'."),
        (("express", "shpo"), "There is no feed 'shpo'; there are: shop."),
    ],
    ids=[
        "bank",
        "pair",
        "type",
        "slot",
        "method",
        "day",
        "against",
        "type of against",
        "item slot",
        "item name",
        "decimals",
        "basis",
        "feed",
    ],
)
def test_a_wrong_word_is_one_sentence_and_changes_nothing(joined_once: Town, words: tuple[str, ...], told: str) -> None:
    ran = run("setup", *words)
    assert ran.status == 2
    assert len(ran.sentences) == 1
    assert told in ran.err


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, dict[str, str]]]:
    with dawn(tmp_path_factory.mktemp("set up")) as day:
        done("connect", "square", "--token", given=day.town.personal_token("square") + "\n")
        token = day.town.personal_token("quickbooks") + "\n"
        done("connect", "quickbooks", "--token", "--account", REALM, given=token)
        done("feed", "add", "shop", "--from", "square", "--to", "quickbooks")
        yield day.town, day.environment()


@pytest.fixture
def joined_once(shared: tuple[Town, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Town:
    for name, value in shared[1].items():
        monkeypatch.setenv(name, value)
    return shared[0]
