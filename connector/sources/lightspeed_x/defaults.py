"""What express set-up proposes for Lightspeed X-Series; the tables are in data/: kinds of movement, and accounts."""

from __future__ import annotations

from connector.domain.defaults import SourceDefaults, load_defaults

DEFAULTS: SourceDefaults = load_defaults(
    "connector.sources.lightspeed_x", source="lightspeed_x", title="Lightspeed", prefix="LX"
)
