"""The commands in the order of a first day: connect, feed, pull, journalize, post, status, explain; then all again."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from connector.sandbox.quickbooks import app as quickbooks
from connector.sandbox.square import CLIENT_ID, CLIENT_SECRET
from connector.sandbox.square_weekend import fill
from connector.sandbox.town import Town, open_town
from connector.sandbox.visitor import agree
from connector.sandbox.xero import app as xero
from tests.cli.running import SETTLEMENT, done, environment, run
from tests.opened import prepare
from tests.sources.amazon.reports import report, row
from tests.sync.walking import REALM, balances_in, documents_in

MAP = "slots: {bank: Checking, service_charge: Square Service Charge Income}\n"
CLIENTS = {
    "square": (CLIENT_ID, CLIENT_SECRET),
    "quickbooks": (quickbooks.CLIENT_ID, quickbooks.CLIENT_SECRET),
    "xero": (xero.CLIENT_ID, xero.CLIENT_SECRET),
}
Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Stand-ins that run, and the data folder of a connector that knows them."""

    town: Town
    home: Path

    def environment(self) -> dict[str, str]:
        told = {"CONNECTOR_HOME": str(self.home), "CONNECTOR_SETTLE_SECONDS": "0"}
        for name, (client_id, secret) in CLIENTS.items():
            told[f"CONNECTOR_URL_{name.upper()}"] = getattr(self.town, name).base_url
            told[f"CONNECTOR_CLIENT_{name.upper()}"] = client_id
            told[f"CONNECTOR_SECRET_{name.upper()}"] = secret
        return told


@contextmanager
def dawn(folder: Path) -> Iterator[Day]:
    """Stand-ins with empty books and a weekend in the shop; the environment names them."""
    (folder / "sandbox").mkdir()
    with open_town(folder / "sandbox", clock=lambda: datetime.now(UTC)) as town, pytest.MonkeyPatch.context() as patch:
        fill(town.square.shelf)
        day = Day(town=town, home=prepare(folder / "home"))
        for name, value in day.environment().items():
            patch.setenv(name, value)
        yield day


@pytest.fixture(scope="module")
def shared_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with dawn(tmp_path_factory.mktemp("town")) as day:
        yield day.town


@pytest.fixture
def town(shared_town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Stand-ins into which nobody posts, and a data folder with nothing in its tables."""
    for name, value in Day(town=shared_town, home=prepare(tmp_path / "home")).environment().items():
        monkeypatch.setenv(name, value)
    return shared_town


@pytest.fixture
def connected(tmp_path: Path) -> Iterator[Town]:
    """Stand-ins with empty books; everything is connected, nothing is pulled."""
    with dawn(tmp_path) as day:
        connect_all(day.town, tmp_path)
        yield day.town


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("evening")
    with dawn(folder) as day:
        connect_all(day.town, folder)
        walked()
        yield day


@pytest.fixture
def posted(evening: Day, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Stand-ins whose books hold everything; tests that share it only look."""
    for name, value in evening.environment().items():
        monkeypatch.setenv(name, value)
    return evening.town


def connect_all(town: Town, folder: Path) -> None:
    """Both sources, both targets, a feed from each source into QuickBooks and from Square into Xero."""
    map_file = folder / "map.yaml"
    map_file.write_text(MAP)
    done("connect", "square", "--token", given=town.personal_token("square") + "\n")
    done("connect", "quickbooks", "--token", "--account", REALM, given=town.personal_token("quickbooks") + "\n")
    done("connect", "xero", "--token", given=town.personal_token("xero") + "\n")
    done("connect", "amazon", "--files")
    for source, target in (("square", "quickbooks"), ("square", "xero"), ("amazon", "quickbooks")):
        done("feed", "add", f"{source}-{target}", "--from", source, "--to", target, "--map", map_file, "--fresh-start")


def walked() -> dict[str, dict[str, int]]:
    """Everything of a first day after connecting; gives what was posted, by target."""
    done("pull", "square")
    done("pull", "amazon", SETTLEMENT)
    for name in ("square-quickbooks", "square-xero", "amazon-quickbooks"):
        done("feed", "accounts", name, "--create")
    done("journalize")
    return cast(dict[str, dict[str, int]], done("post", "--json").json())


def rows(*words: str) -> list[Row]:
    """The list that a command prints as JSON, whatever its status."""
    return cast(list[Row], run(*words, "--json").json())


def inner(row: Row, name: str) -> list[Row]:
    return cast(list[Row], row[name])


def document_of(mark: str) -> Row:
    return cast(Row, done("explain", mark, "--json").json())


def consented(cache: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`connector connect` as a process of its own; the page it prints is visited and agreed to."""
    command = [sys.executable, "-m", "connector", "connect", *words]
    with subprocess.Popen(
        command, env=environment(cache), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None and process.stdout is not None
        said = ""
        for line in process.stderr:
            said += line
            if page := re.search(r"http://\S+", line):
                agree(page.group())
                break
        out, rest = process.communicate(timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, out, said + rest)


@pytest.mark.parametrize(
    ("provider", "title"),
    [("square", "Main Street Coffee"), ("quickbooks", "Harbour Coffee"), ("xero", "Harbour Coffee")],
)
def test_connect_by_a_pasted_token_says_whose_books_these_are(provider: str, title: str, town: Town) -> None:
    account = ["--account", REALM] if provider == "quickbooks" else []
    token = town.personal_token(provider)
    ran = done("connect", provider, "--token", *account, "--json", given=f"  {token}\n")
    told = cast(Row, ran.json())
    assert (told["name"], told["provider"], told["title"]) == (provider, provider, title)
    assert told["account"]
    assert token not in ran.out + ran.err


@pytest.mark.parametrize("provider", ["quickbooks", "xero"])
def test_connect_by_consent_at_the_providers_page(provider: str, town: Town, bytecode: Path) -> None:
    ran = consented(bytecode, provider, "--json")
    told = cast(Row, json.loads(ran.stdout))
    assert ran.returncode == 0
    assert told["provider"] == provider and told["account"] and told["title"]
    again = run("connect", provider, "--token", given=town.personal_token(provider) + "\n")
    assert again.status == (1 if provider == "quickbooks" else 0), "a token alone does not tell a QuickBooks company"


def test_connecting_again_keeps_everything_there_was(connected: Town) -> None:
    done("pull", "square")
    done("connect", "square", "--token", given=connected.personal_token("square") + "\n")
    again = cast(Row, done("pull", "square", "--json").json())
    assert (again["seen"], again["new"]) != (0, 0) and again["new"] == 0
    assert [row["name"] for row in rows("feed", "list")] == ["square-quickbooks", "square-xero", "amazon-quickbooks"]


@pytest.mark.parametrize(
    ("words", "given", "status", "sentence"),
    [
        (("connect", "etsy", "--token"), "x\n", 2, "There is no provider 'etsy'"),
        (("connect", "square", "--token"), "\n", 2, "No token was given."),
        (("connect", "paper", "--token"), "x\n", 2, "Paper needs no connection"),
        (("connect", "quickbooks", "--token"), "x\n", 1, "say it with --account ID"),
        (("connect", "square", "--token"), "wrong\n", 1, "Square"),
        (("pull", "till"), "", 2, "There is no connection 'till'; there are: none yet."),
        (("journalize", "feed"), "", 2, "There is no feed 'feed'; there are: none yet."),
        (("post", "feed"), "", 2, "There is no feed 'feed'; there are: none yet."),
        (("explain", "SQ-1"), "", 2, "No document has the mark, key or id 'SQ-1'"),
        (("explain", "orders/1"), "", 2, "No record 'orders/1' with money was journalized"),
        (("feed", "accounts", "feed"), "", 2, "There is no feed 'feed'"),
        (("feed", "add", "f", "--from", "square", "--to", "xero"), "", 2, "There is no connection 'square'"),
    ],
)
def test_a_wish_that_cannot_be_met_is_answered_with_one_sentence(
    words: tuple[str, ...], given: str, status: int, sentence: str, town: Town
) -> None:
    ran = run(*words, given=given)
    assert (ran.status, ran.out) == (status, "")
    assert len(ran.sentences) == 1 and sentence in ran.err


def test_an_address_that_is_not_https_is_refused(town: Town) -> None:
    ran = run("connect", "square", "--token", "--url", "http://till.example", given="x\n")
    assert ran.status != 0 and ran.out == ""
    assert len(ran.sentences) == 1


def test_the_whole_way_in_five_commands_and_the_second_run_posts_nothing(connected: Town) -> None:
    first = walked()
    in_quickbooks = documents_in(connected.quickbooks.base_url)
    in_xero = documents_in(connected.xero.base_url)
    assert (first["quickbooks"]["posted"], len(in_quickbooks)) == (9, 9)
    assert first["xero"]["posted"] > 0 and len(in_xero) == len(set(in_xero))
    assert {name: done["verified"] for name, done in first.items()} == {
        name: done["posted"] for name, done in first.items()
    }
    again = walked()
    assert {number for posted in again.values() for number in posted.values()} == {0}
    assert documents_in(connected.quickbooks.base_url) == in_quickbooks
    assert documents_in(connected.xero.base_url) == in_xero
    assert balances_in(connected.quickbooks.base_url)["Square Balance"] == 6200


def test_feed_add_creates_the_missing_accounts_on_request(connected: Town) -> None:
    done("pull", "square")
    missing = rows("feed", "accounts", "square-quickbooks")
    assert {"Square Balance", "Square Sales"} <= {row["name"] for row in missing}
    assert {frozenset(row) for row in missing} == {frozenset({"number", "name", "type"})}
    ends = ("--from", "square", "--to", "quickbooks")
    ran = done("feed", "add", "square-quickbooks", *ends, "--create-accounts", "--fresh-start")
    assert ran.out.startswith("Feed square-quickbooks: Main Street Coffee → Harbour Coffee, style clearing.\n")
    assert "created SQ-6000  Square Balance" in ran.out
    assert rows("feed", "accounts", "square-quickbooks") == []


def test_feed_list_shows_every_feed(posted: Town) -> None:
    ends = {"name": "square-quickbooks", "source": "square", "target": "quickbooks"}
    assert rows("feed", "list")[0] == {**ends, "style": "clearing", "state": "active"}
    assert done("feed", "list").out.splitlines()[2] == "amazon-quickbooks: amazon → quickbooks, style clearing, active"


def test_a_feed_of_one_name_joins_two_connections_only(posted: Town) -> None:
    ran = run("feed", "add", "square-xero", "--from", "amazon", "--to", "xero")
    assert (ran.status, ran.out) == (2, "")
    assert ran.sentences == ["The feed 'square-xero' already joins two other connections; choose another name."]


def test_status_ends_with_0_when_all_is_in_the_books(posted: Town) -> None:
    ran = done("status")
    assert "square-quickbooks: Main Street Coffee → Harbour Coffee: 6 verified\n" in ran.out
    assert "3 records without money are ignored" in ran.out
    found = {each["feed"]: each for each in rows("status")}
    assert found["amazon-quickbooks"]["postings"] == {"verified": 3}
    assert {tuple(inner(each, "lost")) for each in found.values()} == {()}


def test_status_ends_with_3_while_something_is_held_and_says_why(connected: Town, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_bytes(report([row("Order/ItemPrice/Principal", "12.00")], total="13.50"))
    done("pull", "amazon", wrong)
    told = done("journalize", "amazon-quickbooks").out
    assert told == "amazon-quickbooks: 1 periods written, 0 documents, 1 held.\n"
    held = run("status")
    assert (held.status, held.err) == (3, "")
    assert "[A1]" in held.out and "a difference of -1.50 USD" in held.out
    (waiting,) = [each for feed in rows("status") for each in inner(feed, "waiting")]
    assert (waiting["state"], waiting["code"], waiting["movements"]) == ("held", "A1", 1)
    assert sum(cast(dict[str, dict[str, int]], done("post", "--json").json())["quickbooks"].values()) == 0


def test_explain_follows_a_mark_to_the_rows_it_came_from(posted: Town) -> None:
    (mark,) = {mark for _, mark, _ in documents_in(posted.quickbooks.base_url) if mark.startswith("AM-20260430")}
    found = document_of(mark)
    assert (found["feed"], cast(Row, found["document"])["mark"]) == ("amazon-quickbooks", mark)
    (posting,) = inner(found, "postings")
    assert (posting["state"], len(inner(posting, "attempts"))) == ("verified", 1)
    behind = {cast(str, line["account"]): inner(line, "rows") for line in inner(found, "behind")}
    (returned,) = behind["Amazon Returns"]
    assert cast(str, returned["record"]).startswith("settlements/18273645546 movement ")
    assert "Refund" in cast(str, returned["row"]) and "1850.00" in cast(str, returned["row"])
    shown = done("explain", mark)
    assert shown.out.startswith(f"2026-04-30  Amazon.com · settlement 18273645546 · 2026-04  [{mark}]")
    assert "balances the lines above" in shown.out


def test_explain_finds_a_document_by_its_key_and_by_its_id_in_the_books(posted: Town) -> None:
    of_day = {mark for _, mark, _ in documents_in(posted.xero.base_url) if mark.startswith("SQ-20260315")}
    by_mark = document_of(sorted(of_day)[0])
    key = cast(str, cast(Row, by_mark["document"])["key"])
    ids = [cast(str, each["id"]) for each in inner(by_mark, "postings")]
    assert all(ids)
    assert document_of(ids[0]) == by_mark
    assert cast(Row, document_of(key)["document"])["key"] == key


def test_explain_follows_a_record_to_the_lines_that_hold_it(posted: Town) -> None:
    homes = cast(list[Row], done("explain", "payments/MAINP000009", "--json").json())
    assert {frozenset(home) for home in homes} == {frozenset({"feed", "kind", "code", "amount", "currency", "place"})}
    assert {home["feed"] for home in homes} == {"square-quickbooks", "square-xero"}
    assert any(home["amount"] == 6200 and cast(str, home["place"]).endswith("Square Balance") for home in homes)
    assert "62.00 USD" in done("explain", "payments/MAINP000009").out


def test_json_is_all_that_stands_on_stdout(connected: Town) -> None:
    commands = [
        ("pull", "square"), ("pull", "amazon", str(SETTLEMENT)), ("feed", "list"), ("feed", "accounts", "square-xero"),
        ("journalize",), ("post",), ("status",), ("explain", "payments/MAINP000009"), ("connect", "amazon", "--files"),
    ]  # fmt: skip
    for command in commands:
        ran = run(*command, "--json")
        assert ran.json() is not None and ran.err == "", command


def test_no_token_is_ever_shown_logged_or_kept_readable(
    town: Town, tmp_path: Path, bytecode: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = {provider: town.personal_token(provider) for provider in CLIENTS}
    said = ""
    for provider, token in tokens.items():
        account = ["--account", REALM] if provider == "quickbooks" else []
        ran = done("connect", provider, "--token", *account, given=token + "\n")
        said += ran.out + ran.err
    for target in ("quickbooks", "xero"):
        done("feed", "add", target, "--from", "square", "--to", target, "--fresh-start")
    for words in (("pull", "square"), ("journalize",), ("status",), ("status", "--json")):
        ran = run(*words)
        said += ran.out + ran.err
    said += "".join(map(str, consented(bytecode, "square", "--name", "second", "--json").__dict__.values()))
    files = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
    kept = b"".join(file.read_bytes() for file in files)
    assert {"connector.db", "sealing.key"} <= {file.name for file in files}
    secrets = [*tokens.values(), *(secret for _, secret in CLIENTS.values())]
    for secret in secrets:
        assert len(secret) > 8
        assert secret not in said and secret not in caplog.text and secret.encode() not in kept


def test_a_disconnected_source_keeps_its_records_and_asks_to_be_connected_again(connected: Town) -> None:
    done("pull", "square")
    ran = done("disconnect", "square")
    assert ran.out == "Disconnected square. Connect it again and everything goes on where it stopped.\n"
    refused = run("pull", "square")
    assert (refused.status, refused.out) == (1, "")
    assert len(refused.sentences) == 1 and "Connect again" in refused.err
    done("connect", "square", "--token", given=connected.personal_token("square") + "\n")
    assert cast(Row, done("pull", "square", "--json").json())["new"] == 0


def test_location_shows_and_changes_the_hour_at_which_a_place_closes(connected: Town) -> None:
    place = {"id": "LMAINST0000001", "name": "Main St", "zone": "America/New_York", "closes_at": 0}
    assert rows("location", "square") == [place]
    done("location", "square", "LMAINST0000001", "--closes-at", "4")
    assert rows("location", "square") == [place | {"closes_at": 4}]
    for words, sentence in (
        (("location", "square", "LNOWHERE"), "There is no location 'LNOWHERE'; there are: LMAINST0000001."),
        (("location", "square", "LMAINST0000001", "--zone", "Mars/Base"), "'Mars/Base' is not a time zone"),
    ):
        ran = run(*words)
        assert (ran.status, ran.out, len(ran.sentences)) == (2, "", 1)
        assert sentence in ran.err
    assert rows("location", "square") == [place | {"closes_at": 4}]


def test_who_connects_a_source_is_told_what_it_cannot_tell(town: Town) -> None:
    said = done("connect", "dash", "--files").out
    assert "defined by this project, not by Dash" in said
    assert "no payouts" in said
    assert done("connect", "amazon", "--files").out.count("\n") == 1
