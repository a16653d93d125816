"""XML of strangers: no DTD, no entities, no depth, and one branch in memory at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from connector.errors import Unreadable

DEPTH = 64
ATTRIBUTES = 64
CHILDREN = 1_000_000  # of one branch
TEXT = 100_000  # characters of one element

_LOOSE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")


@dataclass(slots=True)
class Node:
    """An element by its local name, whatever its namespace; `text` is what stands directly in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: dict[str, list[Node]] = field(default_factory=dict)

    def all(self, path: str) -> list[Node]:
        """Every element at the end of the path: "Refs/EndToEndId"."""
        name, _, rest = path.partition("/")
        found = self.children.get(name, [])
        return [node for child in found for node in child.all(rest)] if rest and found else found

    def first(self, *paths: str) -> Node | None:
        """The first element that is there, looking along each path in turn."""
        return next((found[0] for path in paths if (found := self.all(path))), None)

    def text_of(self, *paths: str) -> str:
        """The first text that is not empty, looking along each path in turn."""
        return next((text for path in paths for node in self.all(path) if (text := node.text.strip())), "")


def read_branches(text: str, outer: frozenset[str], inner: frozenset[str], took: Callable[[Node], None]) -> str:
    """Hands over each element of one of the names when it ends, and forgets it: an outer one without its inner ones.

    Answers with the reason where the file breaks off or stops being XML, else with "". The inner element in which it
    breaks off is not handed over, the outer one is. Raises Unreadable for a DTD, and for elements or attributes
    beyond what any bank writes."""
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    reader = _Reader(outer=outer, names=outer | inner, took=took)
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    try:
        parser.Parse(_LOOSE_AMPERSAND.sub("&amp;", text).encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        reader.leave()
        return f"line {error.lineno}: {expat.ErrorString(error.code)}"
    return ""


@dataclass(slots=True)
class _Reader:
    outer: frozenset[str]
    names: frozenset[str]
    took: Callable[[Node], None]
    open: list[Node] = field(default_factory=list)
    count: int = 0

    def doctype(self, *_: object) -> None:
        raise Unreadable("it brings a DTD, which no bank's file needs; it may be an attack")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= DEPTH or len(attributes) > ATTRIBUTES:
            raise Unreadable("its elements are nested or described beyond what any bank writes")
        self.open.append(Node(name=name.rpartition(":")[2], attributes=attributes))

    def characters(self, text: str) -> None:
        if self.open and len(self.open[-1].text) < TEXT:
            self.open[-1].text += text

    def end(self, _: str) -> None:
        node = self.open.pop()
        if node.name in self.names:
            self.took(node)
            self.count = 0
        elif self.open:
            self._keep(node)

    def _keep(self, node: Node) -> None:
        self.count += 1
        if self.count > CHILDREN:
            raise Unreadable("one of its entries has more details than any bank writes")
        self.open[-1].children.setdefault(node.name, []).append(node)

    def leave(self) -> None:
        """Hands over what is open at the place where the file breaks off, but for the entry that is cut."""
        for node in reversed(self.open):
            if node.name in self.outer:
                self.took(node)
