"""What express set-up proposes for Loyverse; the tables are in data/: kinds of movement, and accounts behind slots."""

from __future__ import annotations

from connector.domain.defaults import SourceDefaults, load_defaults

DEFAULTS: SourceDefaults = load_defaults("connector.sources.loyverse", source="loyverse", title="Loyverse", prefix="LV")
