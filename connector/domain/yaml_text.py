"""YAML that a person wrote: read as plain values, or refused in one sentence that names the line."""

from __future__ import annotations

from collections.abc import Hashable

import yaml

from connector.errors import Unreadable


def loaded(text: str, what: str, most: int) -> object:
    """What a YAML text holds. `what` begins the sentence in which it is refused, such as "The account map is": longer
    than `most` characters, no YAML, a name that stands twice, a value that cannot be, or nested without end."""
    if len(text) > most:
        raise Unreadable(f"{what} longer than {most:,} characters.")
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader that refuses more)
    except _Twice as error:
        thing = what.rpartition(" ")[0]
        place = f"in line {error.problem_mark.line + 1} and below" if error.problem_mark else "in it"
        raise Unreadable(f"In {thing[:1].lower()}{thing[1:]}, {error.problem!r} stands twice {place}.") from None
    except yaml.MarkedYAMLError as error:
        where = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Unreadable(f"{what} not YAML{where}: {error.problem or 'unreadable'}.") from None
    except yaml.YAMLError as error:
        raise Unreadable(f"{what} not YAML: {getattr(error, 'reason', '') or 'unreadable'}.") from None
    except RecursionError:
        raise Unreadable(f"{what} not YAML that can be read: it is nested too deeply.") from None


class _Twice(yaml.constructor.ConstructorError):
    """A name stands twice; `problem` is the name."""


class _Loader(yaml.SafeLoader):
    """The safe loader, but a name that stands twice in one place is a mistake, not the later one's victory; and a day
    or number that cannot be has its line told."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[Hashable] = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if isinstance(name, Hashable) and name in seen:
                raise _Twice(problem=str(name), problem_mark=node.start_mark)
            if isinstance(name, Hashable):
                seen.add(name)
        return super().construct_mapping(node, deep=deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError:
            told = f"{str(node.value)[:40]!r} is no day or number that there is"
            raise yaml.constructor.ConstructorError(None, None, told, node.start_mark) from None
