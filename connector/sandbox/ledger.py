"""The true ledger of a stand-in company: what every account stands at, whatever the documents say."""

from collections.abc import Mapping

from connector.sandbox.body import Body, child
from connector.sandbox.shelf import Shelf

Legs = Mapping[str, int]


class Ledger:
    """Minor units of the home currency by account id, debit positive. Every entry sums to zero."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def enter(self, document_id: str, legs: Legs) -> None:
        """Let `legs` be what the document does to the accounts, in place of what it did before; {} undoes it.

        Raises ValueError when the legs do not sum to zero.
        """
        if sum(legs.values()) != 0:
            raise ValueError(f"the entry of {document_id} does not balance")
        with self._shelf.transaction():
            before = self._legs_of(document_id)
            for account in before.keys() | legs.keys():
                change = legs.get(account, 0) - before.get(account, 0)
                balance: Body = {"account": account, "minor": self.balance(account) + change}
                self._shelf.put("balance", account, balance)
            self._shelf.put("legs", document_id, {"legs": dict(legs)})

    def balance(self, account: str) -> int:
        """What the account stands at; 0 when nothing was ever entered."""
        kept = self._shelf.get("balance", account)
        return _whole(kept["minor"]) if kept else 0

    def _legs_of(self, document_id: str) -> dict[str, int]:
        kept = self._shelf.get("legs", document_id)
        return {account: _whole(minor) for account, minor in child(kept, "legs").items()} if kept else {}


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a ledger amount is whole minor units, not {value!r}")
    return value
