"""Records → facts, one file a subject; pure."""
