"""Whether this process can do its work now."""

from __future__ import annotations

from connector.errors import Unreadable
from connector.store.figures import is_reachable
from connector.store.schema import require_current
from connector.sync.house import House


def problems(house: House) -> tuple[str, ...]:
    """What keeps it from working, in plain words; nothing when it is ready."""
    if not is_reachable(house.database):
        return ("The database does not answer.",)
    try:
        require_current(house.database)
    except Unreadable as error:
        return (str(error),)
    return ()
