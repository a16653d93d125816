"""The switches of a stand-in company, kept on its shelf: lock dates, preferences, limits."""

from collections.abc import Mapping
from datetime import date

from connector.sandbox.body import Body
from connector.sandbox.shelf import Shelf

Value = str | int | bool


class Settings:
    """Named switches with their defaults; every value has the type of its default. Dates are YYYY-MM-DD or ""."""

    def __init__(self, shelf: Shelf, defaults: Mapping[str, Value]) -> None:
        self._shelf = shelf
        self._defaults = defaults

    def word(self, name: str) -> str:
        """A setting that is text."""
        return str(self.all()[name])

    def flag(self, name: str) -> bool:
        """Whether the switch is on."""
        return self._value(name) is True

    def count(self, name: str) -> int:
        """The whole number under `name`."""
        value = self._value(name)
        return value if isinstance(value, int) else 0

    def day(self, name: str) -> date | None:
        """The date under `name`; None when it is empty."""
        value = self._value(name)
        return date.fromisoformat(value) if isinstance(value, str) and value else None

    def all(self) -> Body:
        """Every switch with its present value."""
        return {**self._defaults, **(self._shelf.get("settings", "company") or {})}

    def change(self, wish: Mapping[str, object]) -> None:
        """Set the named switches. Raises ValueError for an unknown name or a value of another type."""
        for name, value in wish.items():
            if name not in self._defaults:
                raise ValueError(f"there is no setting {name}; there are {', '.join(sorted(self._defaults))}")
            if type(value) is not type(self._defaults[name]):
                raise ValueError(f"{name} takes a value like {self._defaults[name]!r}, not {value!r}")
            if name.endswith("_date") and value:
                date.fromisoformat(str(value))
        self._shelf.put("settings", "company", {**self.all(), **wish})

    def _value(self, name: str) -> object:
        return self.all()[name]
