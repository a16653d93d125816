"""The rules of the house that are not imports: sizes, the six files, names, settings, and what no file may hold."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from connector.domain.books import AccountType
from connector.domain.document import ROLES
from connector.settings import Settings
from connector.sources.registry import names as source_names
from connector.sources.registry import source
from connector.targets.registry import names as target_names
from connector.targets.registry import target

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "connector"
SOURCES, TARGETS = HOUSE / "sources", HOUSE / "targets"
MODULES = sorted(HOUSE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FUNCTION, USUAL_FILE, LONGEST_FILE = 60, 300, 400
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
MONEY_ROOMS = ("domain", "mapping")
TEXT = {".py", ".md", ".toml", ".csv", ".json", ".yaml", ".yml", ".txt", ".sh", ".lock", ".journal", ""}
OUTERMOST = {HOUSE / "bootstrap.py", *(HOUSE / "cli").glob("*.py")}


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The functions of a file by name, with their length in lines."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{short(path)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def project_files() -> Iterator[Path]:
    """Every text file of the project, without what tools and demos leave in folders of their own."""
    for path in [*ROOT.rglob("*"), *(ROOT / ".ci").glob("*")]:
        hidden = any(part.startswith(".") and part != ".ci" for part in path.relative_to(ROOT).parts)
        if path.is_file() and not hidden and path.suffix in TEXT and "__pycache__" not in path.parts:
            yield path


def test_no_function_is_longer_than_a_page() -> None:
    found = [(name, length) for path in (*MODULES, *TESTS) for name, length in functions(path)]
    assert len(found) > 1000
    assert [each for each in found if each[1] > LONGEST_FUNCTION] == []


def test_files_are_short() -> None:
    lengths = {short(path): lines_of(path) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}
    long = [name for name, length in lengths.items() if length > USUAL_FILE]
    assert len(long) * 20 <= len(lengths), f"more than one file in twenty is long: {long}"


def test_no_room_is_a_drawer() -> None:
    assert [short(path) for path in MODULES if DRAWERS & {path.stem, path.parent.name}] == []


def test_an_init_file_holds_a_docstring_or_nothing() -> None:
    inits = [path for path in MODULES if path.name == "__init__.py"]
    assert len(inits) > 5
    for path in inits:
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert not body or (len(body) == 1 and ast.get_docstring(ast.parse(path.read_text()))), short(path)


def test_every_file_says_first_what_it_is() -> None:
    silent = [short(path) for path in MODULES if path.stat().st_size and not documented(path)]
    assert silent == []


def documented(path: Path) -> bool:
    return bool(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", source_names())
def test_a_source_has_its_six_files(name: str) -> None:
    found = source(name)
    wanted = ["source.py", "records.py", "defaults.py", "README.md", "data/kinds.csv", "data/accounts.csv"]
    wanted += ["client.py"] if found.pull is not None else []
    wanted += ["files.py"] if found.file is not None else []
    assert [file for file in wanted if not (SOURCES / name / file).is_file()] == []
    assert has_translate(SOURCES / name)


@pytest.mark.parametrize("name", target_names())
def test_a_target_has_its_files(name: str) -> None:
    wanted = ["target.py", "README.md"]
    wanted += ["client.py", "records.py"] if target(name).open is not None else []
    assert [file for file in wanted if not (TARGETS / name / file).is_file()] == []
    assert target(name).open is None or has_translate(TARGETS / name)


def has_translate(folder: Path) -> bool:
    return (folder / "translate.py").is_file() or any((folder / "translate").glob("*.py"))


def test_every_folder_beside_a_registry_is_found_by_it() -> None:
    assert {path.parent.name for path in SOURCES.glob("*/source.py")} == set(source_names())
    assert {path.parent.name for path in TARGETS.glob("*/target.py")} == set(target_names())


@pytest.mark.parametrize("name", source_names())
def test_every_kind_of_a_source_has_a_role_and_an_account(name: str) -> None:
    """The bank account alone is never proposed."""
    defaults = source(name).defaults
    assert defaults.kinds and defaults.accounts
    for rule in defaults.kinds.values():
        assert rule.role in ROLES, rule
        assert rule.side in ("credit", "debit"), rule
        assert rule.text, rule
        for slot in filter(None, (rule.slot, rule.counter)):
            assert slot == "bank" or defaults.account(slot) is not None, rule
    types = set(get_args(AccountType))
    assert {account.slot for account in defaults.accounts.values() if account.type not in types} == set()
    assert defaults.account("bank") is None


def test_every_role_in_a_table_is_a_role_of_the_house() -> None:
    tables = list((HOUSE / "sources").rglob("data/*.csv"))
    assert len(tables) > 3
    for path in tables:
        with path.open(encoding="utf-8", newline="") as file:
            roles = {row["role"] for row in csv.DictReader(file) if "role" in row}
        assert roles <= ROLES, short(path)


def test_every_variable_that_is_read_is_in_the_readme_and_in_the_settings() -> None:
    named = {name for path in MODULES for name in re.findall(r"CONNECTOR_[A-Z_]+", path.read_text(encoding="utf-8"))}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {"CONNECTOR_HOME", "CONNECTOR_KEY", "CONNECTOR_URL_"} <= named
    assert [name for name in sorted(named) if name not in readme] == []
    settings = set(re.findall(r"CONNECTOR_[A-Z_]+", (HOUSE / "settings.py").read_text(encoding="utf-8")))
    assert [name for name in sorted(settings) if name not in (Settings.__doc__ or "")] == []


def test_the_lock_names_no_host_and_pins_every_package_by_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pinned = re.findall(r"^[a-zA-Z0-9_.-]+==", lock, flags=re.MULTILINE)
    assert len(pinned) > 40
    assert lock.count("--hash=sha256:") >= len(pinned)


def test_every_row_of_the_fault_matrix_is_a_test_or_says_why_it_cannot_be_one() -> None:
    chaos = (ROOT / "tests" / "chaos" / "README.md").read_text(encoding="utf-8")
    rows = {number for text in map(Path.read_text, TESTS) for number in played(text)}
    excused = {int(number) for number in re.findall(r"^\| (\d+) \| \w", chaos, re.MULTILINE)}
    assert sorted(rows | excused) == list(range(1, 101))
    assert rows & excused == set()


def played(text: str) -> list[int]:
    """The rows that are in the names of a file's tests."""
    named = re.findall(r"^def test_rows?_((?:\d+_|and_)+)", text, re.MULTILINE)
    return [int(number) for name in named for number in re.findall(r"\d+", name)]


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    roots = ("work", "root", "Users", "home/[a-z]")
    pattern = re.compile(rf"(?<![\w.~>/]){'/'}(?:{'|'.join(roots)})/")
    files = list(project_files())
    assert len(files) > 200
    found = {short(path) for path in files if pattern.search(path.read_text(encoding="utf-8", errors="replace"))}
    assert found == set()


def test_only_the_outermost_floors_ask_for_the_time() -> None:
    asking = [path for path in MODULES if path not in OUTERMOST and "sandbox" not in path.parts and asks_the_time(path)]
    assert [short(path) for path in asking] == []
    assert asks_the_time(HOUSE / "cli" / "opened.py")


def asks_the_time(path: Path) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in {("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}
        for node in nodes(path)
    )


def test_no_room_that_counts_money_knows_binary_fractions() -> None:
    rooms = [path for room in MONEY_ROOMS for path in (HOUSE / room).rglob("*.py")]
    rooms += [path for path in SOURCES.rglob("*.py") if "translate" in path.as_posix() or path.stem == "records"]
    assert len(rooms) > 30
    assert [short(path) for path in rooms if has_float(path)] == []


def has_float(path: Path) -> bool:
    return any(
        (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        for node in nodes(path)
    )
