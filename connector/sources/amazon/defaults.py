"""What is proposed for Amazon: the role and slot of each family, and the account behind each slot."""

from __future__ import annotations

from connector.domain.defaults import load_defaults

DEFAULTS = load_defaults(__package__ or "", source="amazon", title="Amazon", prefix="AM")
