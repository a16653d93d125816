"""Closing a period: what must be done before it is signed off, and what changed afterwards."""
