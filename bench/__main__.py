"""Runs every measurement: `python -m bench`, or some by name: `python -m bench receipts backfill`."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = (
    "settlement", "receipts", "receipts_loyverse", "receipts_lightspeed", "receipts_lightspeed_x", "matching",
    "allocation", "audit", "backfill", "idle",
)  # fmt: skip

for name in sys.argv[1:] or NAMES:
    if name not in NAMES:
        sys.exit(f"There is no measurement {name!r}; there are: {', '.join(NAMES)}.")
    import_module(f"bench.{name}").main()
