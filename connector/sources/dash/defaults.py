"""What express set-up proposes for Dash; the tables are in data/: kinds of movement, and accounts behind slots."""

from __future__ import annotations

from connector.domain.defaults import SourceDefaults, load_defaults

DEFAULTS: SourceDefaults = load_defaults("connector.sources.dash", source="dash", title="Dash", prefix="DA")
