"""A process of its own that asks for a token in several threads: HOME PROVIDER ID SECRET MOMENT CONNECTION THREADS."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from connector.bootstrap import house as open_house
from connector.settings import Settings
from connector.store.feeds import connection as find
from connector.sync.connect import consent_of

home, provider, client_id, secret, moment, name, threads = sys.argv[1:]


def now() -> datetime:
    return datetime.fromisoformat(moment)


with open_house(Settings(home=Path(home), clients={provider: (client_id, secret)}), now) as house:
    with house.database.transaction() as tx:
        connection = find(tx, name)
    consent = consent_of(provider, "")

    def ask(_: int) -> str:
        return house.access(connection, consent).token()

    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    with ThreadPoolExecutor(int(threads)) as pool:
        for token in pool.map(ask, range(int(threads))):
            print(sha256(token.encode()).hexdigest(), flush=True)  # noqa: T201
