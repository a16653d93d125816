"""Runs every measurement: `python -m bench`."""

from __future__ import annotations

from bench import receipts, settlement

settlement.main()
receipts.main()
