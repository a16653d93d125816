"""The marks of an OFX file, SGML or XML, whatever is missing of them: statements as flat fields and transactions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from connector.errors import Unreadable

_TOKEN = re.compile(r"<(/?)([A-Za-z][\w.+-]*)\s*(/?)>((?:[^<]|<(?![/A-Za-z!?]))*)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
_LAST = 0x10FFFF

_STATEMENTS = {"STMTRS", "CCSTMTRS", "INVSTMTRS"}
_TRANSACTIONS = {
    "STMTTRN", "STMTTRNP", "BUYDEBT", "BUYMF", "BUYOPT", "BUYOTHER", "BUYSTOCK", "SELLDEBT", "SELLMF", "SELLOPT",
    "SELLOTHER", "SELLSTOCK", "INCOME", "INVEXPENSE", "MARGININTEREST", "RETOFCAP", "REINVEST", "TRANSFER", "SPLIT",
    "JRNLSEC", "JRNLFUND", "CLOSUREOPT",
}  # fmt: skip
_SMALL = {  # what may stand in a small aggregate: anything else shows that its end tag is missing
    "LEDGERBAL": {"BALAMT", "DTASOF"},
    "AVAILBAL": {"BALAMT", "DTASOF"},
    "CURRENCY": {"CURRATE", "CURSYM"},
    "ORIGCURRENCY": {"CURRATE", "CURSYM"},
    "PAYEE": {"NAME", "ADDR1", "ADDR2", "ADDR3", "CITY", "STATE", "POSTALCODE", "COUNTRY", "PHONE"},
    "BANKACCTTO": {"BANKID", "BRANCHID", "ACCTID", "ACCTTYPE", "ACCTKEY"},
    "CCACCTTO": {"ACCTID", "ACCTKEY"},
    "INV401KBAL": {"TOTAL"},
    "BAL": {"NAME", "DESC", "BALTYPE", "VALUE", "DTASOF"},
}
_AFTER = {"BANKTRANLIST", "INVTRANLIST", "LEDGERBAL", "AVAILBAL", "INVBAL", "INVPOSLIST"}  # never in a transaction


@dataclass(slots=True)
class Group:
    """A statement's own fields, and those of its transactions with the transaction's mark under "@kind"."""

    fields: dict[str, str] = field(default_factory=dict)
    transactions: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Walk:
    groups: list[Group] = field(default_factory=list)
    transaction: dict[str, str] | None = None
    small: str = ""
    is_inside: bool = False
    severity: str = ""
    answer: str = ""


def groups(text: str) -> tuple[list[Group], str]:
    """The statements of a file and, where the bank answers with an error, its message.

    Raises Unreadable where the file brings definitions of its own (a DTD)."""
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise Unreadable("it brings a DTD, which no bank's file needs; it may be an attack")
    walk = _Walk()
    for is_end, name, value in _tokens(text):
        if is_end:
            _close(walk, name)
        elif value and name not in _STATEMENTS | _TRANSACTIONS:
            _keep(walk, name, value)
        else:
            _open(walk, name)
    return [group for group in walk.groups if group.fields or group.transactions], walk.answer


def _tokens(text: str) -> Iterator[tuple[bool, str, str]]:
    text = _CDATA.sub(lambda found: found[1].replace("&", "&amp;").replace("<", "&lt;"), text)
    for found in _TOKEN.finditer(text):
        if not found[3]:
            yield bool(found[1]), found[2].upper(), _ENTITY.sub(_character, found[4]).strip()


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return _ENTITIES[found[1]]
    code = int(found[2]) if found[2] else int(found[3], 16)
    return chr(code) if code <= _LAST else ""


def _open(walk: _Walk, name: str) -> None:
    """A mark without a value: an aggregate begins, or an empty field, which says nothing."""
    if name in _STATEMENTS:
        walk.groups.append(Group())
        walk.transaction, walk.small, walk.is_inside = None, "", True
    elif name in _TRANSACTIONS:
        _begin(walk, name)
    elif name in _AFTER:
        walk.transaction, walk.small = None, name if name in _SMALL else ""
    elif name in _SMALL:
        walk.small = name


def _begin(walk: _Walk, name: str) -> None:
    if not walk.is_inside:
        walk.groups.append(Group())
        walk.is_inside = True
    walk.transaction, walk.small = {"@kind": name}, ""
    walk.groups[-1].transactions.append(walk.transaction)


def _keep(walk: _Walk, name: str, value: str) -> None:
    if walk.small and name not in _SMALL[walk.small]:
        walk.small = ""
    if name == "SEVERITY":
        walk.severity = value.upper()
    elif name == "MESSAGE" and walk.severity == "ERROR":
        walk.answer = walk.answer or value
    if walk.is_inside:
        into = walk.groups[-1].fields if walk.transaction is None else walk.transaction
        into.setdefault(f"{walk.small}.{name}" if walk.small else name, value)


def _close(walk: _Walk, name: str) -> None:
    if name == walk.small:
        walk.small = ""
    elif walk.transaction is not None and name in (walk.transaction["@kind"], "BANKTRANLIST", "INVTRANLIST"):
        walk.transaction, walk.small = None, ""
    elif name in _STATEMENTS:
        walk.transaction, walk.small, walk.is_inside = None, "", False
