"""What express set-up proposes for Lightspeed; tables in data/: kinds of movement, and accounts behind slots."""

from __future__ import annotations

from connector.domain.defaults import SourceDefaults, load_defaults

DEFAULTS: SourceDefaults = load_defaults(
    "connector.sources.lightspeed", source="lightspeed", title="Lightspeed", prefix="LS"
)
